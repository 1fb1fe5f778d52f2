"""Set tags in files that are there: their samples, and all else that they say, stay as they are."""
# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import io
import shutil
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import mutagen
from mutagen import id3

from restorack.errors import FileError
from restorack.io.atomic import AtomicFile
from restorack.io.formats.wave_chunks import ChunkPlace, map_wave
from restorack.io.tags.fields import Tags
from restorack.io.tags.reader import TOTALS
from restorack.io.tags.writer import id3_frame
from restorack.io.wave.bext import bext_of_tags, set_texts
from restorack.io.wave.info_chunk import edit_info, has_code
from restorack.io.wave.riff import Chunk, WaveSink, is_wave

BEXT = "bext_"
_CONTAINER = (b"JUNK", b"ds64", b"fact", b"data", b"fmt ")
_ID3 = (b"id3 ", b"ID3 ")
# Bytes that are copied at once, by hand.
_PIECE = 1 << 20


def set_tags(path: Path, values: Mapping[str, str]) -> None:
    """Set tags in a file, which is replaced in one step.

    Parameters
    ----------
    path : Path
        WAV, RF64, FLAC, Ogg, MP3 or AIFF.
    values : mapping
        Name as in Vorbis comments to text. Names with ``bext_`` before them are fields of the
        broadcast extension of WAV files, such as ``bext_originator_reference``.

    Raises
    ------
    FileError
        For a file of another format, for fields of the broadcast extension in a file that has no
        place for them, and where it cannot be written.
    """
    texts = {name: text for name, text in values.items() if not name.startswith(BEXT)}
    fields = {name[len(BEXT) :]: text for name, text in values.items() if name.startswith(BEXT)}
    wave = is_wave(path)
    if fields and not wave:
        raise FileError(
            f"has no place for {BEXT}{next(iter(fields))}",
            where=str(path),
            rule="the broadcast extension is of WAV and RF64",
        )
    with AtomicFile(path, force=True) as file:
        if wave:
            _rewrite(path, file.descriptor, texts, fields)
        else:
            shutil.copyfile(path, file.part)
            _set_by_mutagen(file.part, path, texts)


def _rewrite(
    path: Path, descriptor: int, texts: Mapping[str, str], fields: Mapping[str, str]
) -> None:
    """Write a WAV file again with other texts; every other chunk byte for byte."""
    with path.open("rb") as source, open(descriptor, "wb", closefd=False) as target:
        found = map_wave(source)
        read = {place: _content(source, place) for place in found.places if place.name != b"data"}
        layout = next((data for place, data in read.items() if place.name == b"fmt "), b"")
        if found.data is None or len(layout) < 16:
            raise FileError("has no samples", where=str(path))
        chunks = [Chunk(place.name, data) for place, data in read.items()
                  if place.name not in _CONTAINER]  # fmt: skip
        source.seek(0)
        is_long = source.read(4) != b"RIFF"
        sink = WaveSink(
            target, Chunk(b"fmt ", layout), edited_chunks(chunks, texts, fields), always_64=is_long
        )
        source.seek(found.data.offset)
        left = found.there
        while left > 0 and (piece := source.read(min(left, _PIECE))):
            sink.write(piece)
            left -= len(piece)
        sink.finish()


def _content(source: io.BufferedReader, place: ChunkPlace) -> bytes:
    source.seek(place.offset)
    return source.read(place.size)


def edited_chunks(
    chunks: Sequence[Chunk], texts: Mapping[str, str], fields: Mapping[str, str]
) -> list[Chunk]:
    """Return the chunks of a WAV file with tags set, the others byte for byte.

    Parameters
    ----------
    chunks : sequence of Chunk
    texts : mapping
        Name as in Vorbis comments to text.
    fields : mapping
        Of the broadcast extension.
    """
    edited, has = [], set()
    for chunk in chunks:
        data, name = chunk.data, chunk.name
        if name == b"bext" and fields:
            data = set_texts(data, fields)
        elif name == b"LIST" and data[:4] == b"INFO" and texts:
            data, name = edit_info(data, texts), b"INFO"
        elif name in _ID3 and texts:
            data, name = _edited_id3(data, texts), b"id3 "
        has.add(name)
        edited.append(Chunk(chunk.name, data))
    if fields and b"bext" not in has:
        edited.insert(0, Chunk(b"bext", set_texts(bext_of_tags({}), fields)))
    if any(has_code(name) for name in texts) and b"INFO" not in has:
        edited.append(Chunk(b"LIST", edit_info(b"INFO", texts)))
    if any(not has_code(name) for name in texts) and b"id3 " not in has:
        edited.append(Chunk(b"id3 ", _edited_id3(b"", texts)))
    return edited


def _edited_id3(data: bytes, texts: Mapping[str, str]) -> bytes:
    try:
        tag: Any = id3.ID3(io.BytesIO(data)) if data else id3.ID3()
    except (mutagen.MutagenError, ValueError, LookupError, struct.error):
        tag = id3.ID3()
    _set_frames(tag, texts)
    target = io.BytesIO()
    tag.save(target, v1=0, padding=lambda _: 0)
    return target.getvalue()


def _set_frames(tag: Any, texts: Mapping[str, str]) -> None:
    whole = Tags({name: (text,) for name, text in texts.items()})
    for name, text in texts.items():
        if name in TOTALS and TOTALS[name] in texts:
            continue  # the frame of the number has it, too
        frame = id3_frame(name, [text], whole)
        tag.delall(frame.HashKey)
        if name == "comment":
            tag.delall("COMM")
        tag.add(frame)


def _set_by_mutagen(part: Path, path: Path, texts: Mapping[str, str]) -> None:
    try:
        with part.open("r+b") as file:
            found: Any = mutagen.File(file)
        if found is None:
            raise FileError(
                "is of a format without tags",
                where=str(path),
                rule="tags are set in WAV, RF64, FLAC, Ogg, MP3 and AIFF",
            )
        if found.tags is None:
            found.add_tags()
        if isinstance(found.tags, id3.ID3):
            _set_frames(found.tags, texts)
        else:
            for name, text in texts.items():
                found.tags[name.upper()] = [text]
        found.save(part)
    except (mutagen.MutagenError, ValueError, KeyError) as error:
        raise FileError(f"the tags cannot be set ({error})", where=str(path)) from None

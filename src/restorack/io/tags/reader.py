"""Read ID3 tags and Vorbis comments, by mutagen."""
# mypy: disable-error-code="no-untyped-call"
# mutagen's own functions are only partly annotated.

from __future__ import annotations

import base64
import binascii
import io
import os
import struct
from pathlib import Path
from typing import Any

import mutagen
from mutagen import aiff, flac, id3, mp3

from restorack.io.marks.chapters import adapt_frames
from restorack.io.marks.time_map import TimeMap
from restorack.io.tags.fields import Picture, Tags
from restorack.io.wave.foreign_chunks import APPLICATION

# Names as in Vorbis comments, in lower case.
ID3_TEXTS = {
    "title": "TIT2", "artist": "TPE1", "album": "TALB", "albumartist": "TPE2", "date": "TDRC",
    "genre": "TCON", "isrc": "TSRC", "composer": "TCOM", "copyright": "TCOP",
    "organization": "TPUB", "conductor": "TPE3", "lyricist": "TEXT", "language": "TLAN",
    "bpm": "TBPM", "encodedby": "TENC", "originaldate": "TDOR", "subtitle": "TIT3",
    "grouping": "TIT1", "sourcemedia": "TMED", "initialkey": "TKEY", "remixer": "TPE4",
    "titlesort": "TSOT", "artistsort": "TSOP", "albumsort": "TSOA",
}  # fmt: skip
_ID3_NAMES = {code: name for name, code in ID3_TEXTS.items()}
ID3_COUNTED = {"tracknumber": ("TRCK", "tracktotal"), "discnumber": ("TPOS", "disctotal")}
# What is read of an AIFF file, and what is true only of the source's samples or its layout.
_AIFF_READ = ("COMM", "SSND", "ID3", "NAME", "AUTH", "(c)", "ANNO", "FVER", "PEAK", "FLLR", "CHAN")
FLAC_APPLICATION = 2
"""The code of application blocks, RFC 9639."""
TOTALS = {total: number for number, (_, total) in ID3_COUNTED.items()}


def read_tags(path: Path, name: str) -> Tags:
    """Read the tags of a FLAC, OGG, MP3 or AIFF file.

    Parameters
    ----------
    path : Path
    name : str
        libsndfile's name of the format.

    Returns
    -------
    Tags
        Empty for other formats; damaged tags become a warning, since the sound may be sound.
    """
    try:
        if name in ("MP3", "AIFF"):
            return _read_id3_file(path, name)
        if name in ("FLAC", "OGG"):
            return _read_vorbis_file(path, name)
    except (mutagen.MutagenError, ValueError, LookupError) as error:
        return Tags(warnings=[f"the tags cannot be read ({error})"])
    return Tags()


def parse_id3(data: bytes) -> Tags:
    """Return the tags of an ID3v2 block, such as a WAV file's ``id3`` chunk."""
    try:
        return _from_id3(id3.ID3(io.BytesIO(data)))
    except (mutagen.MutagenError, ValueError, LookupError) as error:
        return Tags(warnings=[f"the ID3 tag cannot be read ({error})"])


def adapt_id3(data: bytes, time: TimeMap) -> tuple[bytes, list[str]]:
    """Return an ID3v2 block with its chapters moved; byte for byte the same without chapters."""
    try:
        tag = id3.ID3(io.BytesIO(data))
    except (mutagen.MutagenError, ValueError, LookupError):
        return data, []  # its reader has warned of it
    frames = list(tag.values())
    moved, dropped = adapt_frames(frames, time)
    if all(one is other for one, other in zip(frames, moved, strict=False)) and not dropped:
        return data, []
    tag.clear()
    for frame in moved:
        tag.add(frame)
    target = io.BytesIO()
    tag.save(target, v1=0, padding=lambda _: 0)
    words = "1 chapter" if dropped == 1 else f"{dropped} chapters"
    told = f"{words} outside of what was rendered: left out"
    return target.getvalue(), [told] if dropped else []


def _read_id3_file(path: Path, name: str) -> Tags:
    file = (mp3.MP3 if name == "MP3" else aiff.AIFF)(path)
    tags = _from_id3(file.tags) if file.tags is not None else Tags()
    if name == "AIFF":
        lost = [chunk for chunk in _aiff_chunks(path) if chunk not in _AIFF_READ]
        tags.warnings += [f"AIFF chunk {chunk!r} is not carried" for chunk in lost]
    return tags


def _aiff_chunks(path: Path) -> list[str]:
    """Return the names of an AIFF file's chunks."""
    names = []
    with path.open("rb") as file:
        end, at = file.seek(0, os.SEEK_END), 12
        while at + 8 <= end:
            file.seek(at)
            name, size = struct.unpack(">4sI", file.read(8))
            if not name.isascii():
                break
            names.append(name.decode("ascii").strip())
            at += 8 + size + size % 2
    return list(dict.fromkeys(name for name in names if name.isprintable() and name))


def _from_id3(source: Any) -> Tags:
    tags = Tags()
    for frame in source.values():
        code = frame.FrameID
        counted = next((key for key, (own, _) in ID3_COUNTED.items() if own == code), None)
        if counted:
            number, _, total = str(frame.text[0]).partition("/")
            tags.add(counted, [number])
            tags.add(ID3_COUNTED[counted][1], [total])
        elif code == "TCON":
            tags.add("genre", frame.genres)
        elif code in _ID3_NAMES:
            tags.add(_ID3_NAMES[code], frame.text)
        elif code == "TXXX":
            tags.add(frame.desc, frame.text)
        elif code == "COMM" and not frame.desc:
            tags.add("comment", frame.text)
        elif code == "USLT" and not frame.desc:
            tags.add("lyrics", [frame.text])
        elif code == "APIC":
            # Spaces behind tell equal descriptions apart, which ID3 asks for.
            desc = frame.desc.rstrip(" ")
            tags.pictures.append(Picture(frame.data, frame.mime, int(frame.type), desc))
        else:
            tags.frames.append(frame)
    return tags


def _read_vorbis_file(path: Path, name: str) -> Tags:
    tags = Tags()
    file: Any
    if name == "FLAC":
        file = flac.FLAC(path)
        tags.pictures += [_picture(picture) for picture in file.pictures]
        tags.cue_sheet = file.cuesheet or None
        for block in file.metadata_blocks:
            if block.code == FLAC_APPLICATION and block.data[:4] == APPLICATION:
                tags.foreign.append(bytes(block.data))
            elif block.code == FLAC_APPLICATION:
                name = block.data[:4].decode("latin-1")
                tags.warnings.append(f"FLAC application block {name!r} is not carried")
    else:
        file = mutagen.File(path)
    for key, text in (file.tags or ()) if file is not None else ():
        if key.lower() == "metadata_block_picture":
            try:
                tags.pictures.append(_picture(flac.Picture(base64.b64decode(text))))
            except (binascii.Error, flac.error):
                tags.warnings.append("a damaged picture is not carried")
        else:
            tags.add(key, [text])
    return tags


def _picture(picture: Any) -> Picture:
    return Picture(picture.data, picture.mime, int(picture.type), picture.desc)

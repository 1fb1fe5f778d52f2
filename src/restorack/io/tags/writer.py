"""Write ID3 tags and Vorbis comments by mutagen, and say what a format cannot hold."""
# mypy: disable-error-code="no-untyped-call"
# mutagen's own functions are only partly annotated.

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import mutagen
from mutagen import aiff, flac, id3, oggopus, oggvorbis

from restorack.io.tags.fields import Picture, Tags
from restorack.io.tags.reader import FLAC_APPLICATION, ID3_COUNTED, ID3_TEXTS, TOTALS

LARGEST_FLAC_BLOCK = (1 << 24) - 1
"""Bytes: a block states its length in 24 bits."""

LARGEST_ID3 = (1 << 28) - 4096
"""Bytes: a tag states its length in 28 bits; the rest is for headers."""

LARGEST_OGG_PICTURES = 10 << 20
"""Bytes of all pictures in Ogg: beyond it, mutagen takes minutes to write them."""


def build_id3(tags: Tags) -> tuple[bytes, list[str]]:
    """Return tags as an ID3v2.4 block, and what it cannot hold."""
    target = io.BytesIO()
    frames, warnings = _to_id3(tags)
    frames.save(target, v1=0, padding=lambda _: 0)
    return target.getvalue(), warnings


def write_tags(
    path: Path, name: str, subtype: str, tags: Tags, blocks: Sequence[bytes] = ()
) -> list[str]:
    """Write tags into a finished FLAC, OGG, MP3 or AIFF file.

    Parameters
    ----------
    path : Path
    name, subtype : str
        libsndfile's names.
    tags : Tags
    blocks : sequence of bytes
        Contents of application blocks, for FLAC.

    Returns
    -------
    list of str
        What the format cannot hold.

    Raises
    ------
    OSError
        Where the file cannot be written.
    """
    if not (tags.values or tags.pictures or tags.frames or tags.cue_sheet or blocks):
        return []
    try:
        return _write(path, name, subtype, tags, blocks)
    except mutagen.MutagenError as error:
        cause = error.args[0] if error.args else error
        if isinstance(cause, OSError):
            raise cause from None
        return [f"the tags cannot be written as {name} ({cause}): left out"]


def _write(path: Path, name: str, subtype: str, tags: Tags, blocks: Sequence[bytes]) -> list[str]:
    if name in ("FLAC", "OGG"):
        return _write_vorbis(path, name, subtype, tags, blocks)
    warnings = ["the FLAC cue sheet has no place in " + name] if tags.cue_sheet else []
    if name in ("MP3", "AIFF"):
        frames, told = _to_id3(tags)
        if name == "MP3":
            frames.save(path, v1=0)
        else:
            _write_aiff(path, frames)
        return warnings + told
    warnings += [f"tag {key!r} has no place in {name}" for key in tags.values]
    warnings += [f"ID3 frame {frame.FrameID} has no place in {name}" for frame in tags.frames]
    return warnings + [f"{picture.words} has no place in {name}" for picture in tags.pictures]


def _write_aiff(path: Path, frames: Any) -> None:
    file: Any = aiff.AIFF(path)
    file.add_tags()
    for frame in frames.values():
        file.tags.add(frame)
    file.save()


def _write_vorbis(
    path: Path, name: str, subtype: str, tags: Tags, blocks: Sequence[bytes]
) -> list[str]:
    file: Any
    if name == "FLAC":
        file = flac.FLAC(path)
    else:
        file = (oggopus.OggOpus if subtype == "OPUS" else oggvorbis.OggVorbis)(path)
    if file.tags is None:
        file.add_tags()
    frames = [] if blocks else tags.frames  # which are in the chunk that the blocks hold
    warnings = [f"ID3 frame {frame.FrameID} has no place in {name}" for frame in frames]
    values, told = _fitting_texts(tags.values, name)
    for key, texts in values.items():
        file.tags[key.upper()] = list(texts)
    warnings += told + (_add_flac_blocks if name == "FLAC" else _add_ogg_pictures)(file, tags)
    for content in blocks:
        block: Any = flac.MetadataBlock(content)
        block.code = FLAC_APPLICATION
        file.metadata_blocks.append(block)
    file.save()
    return warnings


def _fitting_texts(
    values: dict[str, tuple[str, ...]], name: str
) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """Return the texts that Vorbis comments can hold, and what they cannot."""
    kept, warnings, room = {}, [], LARGEST_FLAC_BLOCK - 4096
    for key, texts in values.items():
        # Eight bytes of lengths and the equals sign are more than enough for each text.
        size = sum(len(key) + len(text.encode("utf-8", "replace")) + 16 for text in texts)
        if not (key and key.isascii() and key.isprintable() and "=" not in key):
            warnings.append(f"tag {key!r} has no place in {name}")
        elif size > room:
            warnings.append(f"tag {key!r} of {size} bytes is too large for {name}: left out")
        else:
            room -= size
            kept[key] = texts
    return kept, warnings


def _add_flac_blocks(file: Any, tags: Tags) -> list[str]:
    def size(picture: Picture) -> int:
        return len(_flac_picture(picture).write())

    pictures, warnings = _fitting_pictures(tags.pictures, "FLAC", size, LARGEST_FLAC_BLOCK, None)
    for picture in pictures:
        file.add_picture(_flac_picture(picture))
    if tags.cue_sheet is not None:
        file.cuesheet = tags.cue_sheet
        file.metadata_blocks.append(tags.cue_sheet)
    return warnings


def _add_ogg_pictures(file: Any, tags: Tags) -> list[str]:
    def size(picture: Picture) -> int:
        return len(picture.data)

    most = LARGEST_OGG_PICTURES
    pictures, warnings = _fitting_pictures(tags.pictures, "OGG", size, most, most)
    for picture in pictures:
        block = base64.b64encode(_flac_picture(picture).write()).decode("ascii")
        file.tags.append(("METADATA_BLOCK_PICTURE", block))
    if tags.cue_sheet is not None:
        warnings.append("the FLAC cue sheet has no place in OGG")
    return warnings


def _fitting_pictures(
    pictures: Sequence[Picture],
    name: str,
    size: Callable[[Picture], int],
    largest: int,
    in_all: int | None,
) -> tuple[list[Picture], list[str]]:
    """Return the pictures that a format takes, in order, and a warning for each other one."""
    kept, warnings, used = [], [], 0
    for picture in pictures:
        bytes_ = size(picture)
        if bytes_ > largest or (in_all is not None and used + bytes_ > in_all):
            limit = f"{(in_all or largest) / (1 << 20):.0f} MiB{' in all' if in_all else ''}"
            warnings.append(f"{picture.words} is too large for {name} (at most {limit}): left out")
            continue
        used += bytes_
        kept.append(picture)
    return kept, warnings


def _to_id3(tags: Tags) -> tuple[Any, list[str]]:
    """Return the ID3 tag, within its limit, and what it cannot hold."""
    target, warnings, room = id3.ID3(), [], LARGEST_ID3
    for name, texts in tags.values.items():
        if name in TOTALS and TOTALS[name] in tags.values:
            continue
        if name in ID3_COUNTED and len(texts) > 1:
            warnings.append(
                f"tag {name!r} holds one number in ID3: {', '.join(texts[1:])} left out"
            )
        size = sum(2 * len(text) + 64 for text in texts)
        if size > room:
            warnings.append(f"tag {name!r} of {size} bytes is too large for ID3: left out")
            continue
        room -= size
        target.add(id3_frame(name, list(texts), tags))
    for frame in tags.frames:
        size = len(getattr(frame, "data", b"")) + 4096
        if size > room:
            warnings.append(f"ID3 frame {frame.FrameID} is too large for ID3: left out")
            continue
        room -= size
        target.add(frame)
    pictures, told = _fitting_pictures(
        tags.pictures, "ID3", lambda picture: len(picture.data) + 1024, room, room
    )
    _add_pictures(target, pictures)
    return target, warnings + told


def _add_pictures(target: Any, pictures: Sequence[Picture]) -> None:
    """Add pictures; ID3 takes one of each description, so that equal ones get spaces behind."""
    taken: set[str] = set()
    for picture in pictures:
        description = picture.description.rstrip(" ")
        while description in taken:
            description += " "
        taken.add(description)
        target.add(
            id3.APIC(
                encoding=3, mime=picture.mime, type=picture.kind, desc=description,
                data=picture.data,
            )
        )  # fmt: skip


def id3_frame(name: str, texts: list[str], tags: Tags) -> Any:
    """Return the ID3 frame of one tag; ``tags`` say how many there are of what is counted."""
    if name in ID3_COUNTED:
        code, total = ID3_COUNTED[name]
        whole = "/".join([texts[0], *tags.values.get(total, ())[:1]])
        return id3.Frames[code](encoding=3, text=[whole])
    if name in ID3_TEXTS:
        return id3.Frames[ID3_TEXTS[name]](encoding=3, text=texts)
    if name == "comment":
        return id3.COMM(encoding=3, lang="XXX", desc="", text=texts)
    if name == "lyrics":
        return id3.USLT(encoding=3, lang="XXX", desc="", text="\n\n".join(texts))
    return id3.TXXX(encoding=3, desc=name.upper(), text=texts)


def _flac_picture(picture: Picture) -> Any:
    block = flac.Picture()
    block.data, block.mime = picture.data, picture.mime
    block.type, block.desc = picture.kind, picture.description
    return block

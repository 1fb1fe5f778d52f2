"""Texts in the ``LIST INFO`` chunk of WAV files."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

from restorack.io.wave.riff import Chunk, packed

# In RIFF, ISRC is the source of the recording (who supplied it), not a recording code.
_NAMES = {
    b"INAM": "title", b"IART": "artist", b"IPRD": "album", b"ICRD": "date", b"ITRK": "tracknumber",
    b"ICMT": "comment", b"IGNR": "genre", b"ICOP": "copyright", b"IENG": "engineer",
    b"IMUS": "composer", b"ITCH": "encodedby", b"ILNG": "language", b"ISBJ": "subject",
    b"IKEY": "keywords", b"IARL": "archive", b"ISRC": "source", b"IMED": "sourcemedia",
    b"ISFT": "encoder", b"IPUB": "organization",
}  # fmt: skip
_ALSO_READ = {b"IPRT": "tracknumber", b"TRCK": "tracknumber"}
_CODES = {name: code for code, name in _NAMES.items()}


def parse_info(data: bytes) -> dict[str, tuple[str, ...]]:
    """Return the tags of a ``LIST`` chunk's content; none where it is not of type INFO."""
    tags: dict[str, tuple[str, ...]] = {}
    if data[:4] != b"INFO":
        return tags
    offset = 4
    while offset + 8 <= len(data):
        code, size = struct.unpack_from("<4sI", data, offset)
        text = _decoded(data[offset + 8 : offset + 8 + size])
        name = _NAMES.get(code) or _ALSO_READ.get(code) or code.decode("latin-1").lower()
        if text:
            tags[name] = (*tags.get(name, ()), text)
        offset += 8 + size + size % 2
    return tags


def build_info(tags: Mapping[str, Sequence[str]]) -> Chunk | None:
    """Return a ``LIST INFO`` chunk of the tags that it has codes for, None where there are none."""
    parts = [
        packed(Chunk(_CODES[name], "; ".join(values).encode("utf-8") + b"\0"))
        for name, values in tags.items()
        if name in _CODES and name != "encoder"
    ]
    return Chunk(b"LIST", b"INFO" + b"".join(parts)) if parts else None


def has_code(name: str) -> bool:
    """Return whether a tag has a place in ``LIST INFO``."""
    return name in _CODES


def edit_info(data: bytes, texts: Mapping[str, str]) -> bytes:
    """Return the content of a ``LIST INFO`` chunk with some texts set, the others byte for byte."""
    wanted = {_CODES[name]: text.encode("utf-8") + b"\0" for name, text in texts.items()
              if name in _CODES}  # fmt: skip
    parts, offset = [], 4
    while offset + 8 <= len(data):
        code, size = struct.unpack_from("<4sI", data, offset)
        kept = data[offset + 8 : offset + 8 + size]
        parts.append(packed(Chunk(code, wanted.pop(code, kept))))
        offset += 8 + size + size % 2
    parts += [packed(Chunk(code, text)) for code, text in wanted.items()]
    return b"INFO" + b"".join(parts)


def _decoded(data: bytes) -> str:
    kept = data.split(b"\0", 1)[0]
    try:
        return kept.decode("utf-8").strip()
    except UnicodeDecodeError:
        return kept.decode("cp1252", "replace").strip()

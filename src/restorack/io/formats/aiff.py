"""AIFF and AIFF-C, whose header states the number of samples twice."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import BinaryIO

from restorack.io.formats.behind import warn_of
from restorack.io.formats.layout import PLACEHOLDERS, Layout, Link, Part, PlainSamples

_PLAIN = frozenset((
    b"NONE", b"twos", b"sowt", b"raw ", b"fl32", b"FL32", b"fl64", b"FL64", b"ulaw", b"ULAW",
    b"alaw", b"ALAW", b"in24", b"in32", b"42ni", b"23ni",
))  # fmt: skip
_BYTES = {
    b"fl32": 4, b"FL32": 4, b"fl64": 8, b"FL64": 8, b"ulaw": 1, b"ULAW": 1, b"alaw": 1, b"ALAW": 1,
    b"in24": 3, b"in32": 4, b"42ni": 3, b"23ni": 4,
}  # fmt: skip
# Bounds of the search in a damaged file, in bytes and chunks; far beyond any real one's chunks.
_SCANNED = 64 << 20
_MOST_CHUNKS = 1 << 16


@dataclass
class _Found:
    """The two chunks that matter, and the version of an AIFF-C."""

    common: bytes = b""
    version: bytes = b""
    sound: int = 0
    size: int = 0
    offset: int = 0


def survey(file: BinaryIO) -> Layout:
    """Return how an AIFF file is decoded."""
    end = file.seek(0, os.SEEK_END)
    file.seek(8)
    kind = file.read(4)
    found = _walk(file, end)
    if len(found.common) < 18 or not found.sound or found.sound > end:
        return Layout()
    channels, frames, bits = struct.unpack_from(">HIH", found.common)
    coding = found.common[18:22] if kind == b"AIFC" else b"NONE"
    frame = channels * _BYTES.get(coding, (bits + 7) // 8)
    rate = _extended(found.common[8:18])
    if coding not in _PLAIN or not frame or not 0 < rate < 1e9:
        return Layout()
    stated = frames * frame
    if frames in PLACEHOLDERS or (not frames and end > found.sound):
        stated = max(found.size - 8 - found.offset, 0)  # the other statement may know
    is_empty = not stated and _end_of_chunks(file, found.sound, end) == end
    samples = PlainSamples(found.sound, stated, end - found.sound, frame, rate, is_empty)
    warnings = samples.warnings()
    behind = _end_of_chunks(file, samples.end + (samples.end - found.sound) % 2, end)
    warnings += warn_of(file, behind, end - behind, frame, rate, samples.frames / rate)
    parts: tuple[Part, ...] = (_header(kind, found, samples), (found.sound, samples.there))
    return Layout((Link(parts),), tuple(warnings), frames=samples.frames, prefers_file=True)


def _walk(file: BinaryIO, end: int) -> _Found:
    found, offset = _Found(), 12
    for _ in range(_MOST_CHUNKS):
        if offset + 8 > end:
            break
        file.seek(offset)
        name, size = struct.unpack(">4sI", file.read(8))
        if name == b"SSND":
            return _sound(file, offset, size, found)
        if offset + 8 + size > end or not _is_name(name):
            break
        if name == b"COMM":
            found.common = file.read(min(size, 1 << 12))
        elif name == b"FVER":
            found.version = file.read(min(size, 4))
        offset += 8 + size + size % 2
    return _scan(file, end, found)


def _scan(file: BinaryIO, end: int, found: _Found) -> _Found:
    """Look for the chunks by their names, where one between them states a wrong length."""
    file.seek(12)
    content = file.read(max(min(_SCANNED, end - 12), 0))
    common = content.find(b"COMM")
    if not found.common and common >= 0:
        size = int.from_bytes(content[common + 4 : common + 8], "big")
        found.common = content[common + 8 : common + 8 + min(size, 1 << 12)]
    at = content.find(b"SSND")
    if at < 0 or at + 16 > len(content):
        return found
    size = int.from_bytes(content[at + 4 : at + 8], "big")
    return _sound(file, 12 + at, size, found)


def _sound(file: BinaryIO, offset: int, size: int, found: _Found) -> _Found:
    file.seek(offset + 8)
    head = file.read(8)
    found.offset = int.from_bytes(head[:4], "big")
    found.sound, found.size = offset + 16 + found.offset, size
    if not found.common:  # a common chunk behind the samples is allowed
        after = offset + 8 + size + size % 2
        file.seek(after)
        head = file.read(8)
        if head[:4] == b"COMM":
            found.common = file.read(min(int.from_bytes(head[4:], "big"), 1 << 12))
    return found


def _end_of_chunks(file: BinaryIO, offset: int, end: int) -> int:
    """Return where the chunks behind the samples end."""
    for _ in range(_MOST_CHUNKS):
        file.seek(offset)
        head = file.read(8)
        if len(head) < 8 or not _is_name(head[:4]):
            break
        size = int.from_bytes(head[4:], "big")
        if offset + 8 + size > end:
            return end if head[:4] in (b"ID3 ", b"NAME", b"AUTH", b"ANNO", b"MARK") else offset
        offset += 8 + size + size % 2
    return min(offset, end)


def _is_name(name: bytes) -> bool:
    return all(0x20 <= byte <= 0x7E for byte in name) and bool(name.strip())


def _extended(data: bytes) -> float:
    """Return the value of an 80-bit number."""
    exponent, mantissa = struct.unpack(">HQ", data)
    if exponent & 0x8000 or not 16383 - 64 < exponent < 16383 + 64:
        return 0.0
    return float(mantissa * 2.0 ** (exponent - 16383 - 63))


def _header(kind: bytes, found: _Found, samples: PlainSamples) -> bytes:
    common = found.common[:2] + struct.pack(">I", samples.frames) + found.common[6:]
    common += b"\0" * (len(common) % 2)
    chunks = b"FVER" + struct.pack(">I", 4) + found.version if found.version else b""
    chunks += b"COMM" + struct.pack(">I", len(common)) + common
    chunks += b"SSND" + struct.pack(">III", samples.there + 8, 0, 0)
    return b"FORM" + struct.pack(">I", 4 + len(chunks) + samples.there) + kind + chunks

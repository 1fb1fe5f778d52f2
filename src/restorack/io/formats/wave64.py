"""Sony's Wave64: RIFF with names of 16 bytes and sizes of 64 bits."""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

from restorack.io.formats.behind import warn_of
from restorack.io.formats.layout import Layout, Link, PlainSamples

_TAIL_OF_NAMES = bytes.fromhex("f3acd3118cd100c04f8edb8a")
MAGIC = bytes.fromhex("726966662e91cf11a5d628db04c10000")
_WAVE = b"wave" + _TAIL_OF_NAMES
_FORM, _DATA = b"fmt " + _TAIL_OF_NAMES, b"data" + _TAIL_OF_NAMES
# Bytes of the head and of a chunk's; format tags whose samples can be counted; a bound of the walk
# through a damaged file; sizes from here on are placeholders.
_HEAD, _CHUNK = 40, 24
_PLAIN = (1, 3, 6, 7, 0xFFFE)
_MOST_CHUNKS = 1 << 16
_UNKNOWN = 1 << 62


def survey(file: BinaryIO) -> Layout:
    """Return how a Wave64 file is decoded."""
    end = file.seek(0, os.SEEK_END)
    form, data, stated = _chunks(file, end)
    if not data or len(form) < 16:
        return Layout()
    tag, _, rate, _, frame = struct.unpack_from("<HHIIH", form)
    if tag not in _PLAIN or not frame or not rate:
        return Layout()
    is_empty = stated == 0 and _is_chunk(file, data, end)
    stated = 0 if stated >= _UNKNOWN else stated
    samples = PlainSamples(data, stated, end - data, frame, rate, is_empty)
    warnings = samples.warnings()
    behind = data + (samples.end - data + 7) // 8 * 8
    if not _is_chunk(file, behind, end):
        warnings += warn_of(file, behind, end - behind, frame, rate, samples.frames / rate)
    head = _header(form, samples.there)
    return Layout(
        (Link((head, (data, samples.there))),), tuple(warnings), frames=samples.frames,
        prefers_file=True,
    )  # fmt: skip


def _chunks(file: BinaryIO, end: int) -> tuple[bytes, int, int]:
    """Return the format, where the samples begin, and how many bytes of them are stated."""
    form, offset = b"", _HEAD
    for _ in range(_MOST_CHUNKS):
        if offset + _CHUNK > end:
            break
        file.seek(offset)
        name, size = struct.unpack("<16sQ", file.read(_CHUNK))
        if name == _DATA:
            return form, offset + _CHUNK, max(size - _CHUNK, 0)
        if name == _FORM:
            form = file.read(min(max(size - _CHUNK, 0), 1 << 16))
        offset += max((size + 7) // 8 * 8, _CHUNK)
    return form, 0, 0


def _is_chunk(file: BinaryIO, offset: int, end: int) -> bool:
    """Return whether a chunk begins at an offset: they all end alike, those of Sony's at least."""
    file.seek(offset)
    head = file.read(_CHUNK)
    if len(head) < _CHUNK:
        return False
    name, size = struct.unpack("<16sQ", head)
    return bool(name[8:] == _TAIL_OF_NAMES[4:] and _CHUNK <= size <= end - offset + 7)


def _header(form: bytes, there: int) -> bytes:
    chunk = _FORM + struct.pack("<Q", _CHUNK + len(form)) + form + b"\0" * (-len(form) % 8)
    total = struct.pack("<Q", _HEAD + len(chunk) + _CHUNK + there)
    return MAGIC + total + _WAVE + chunk + _DATA + struct.pack("<Q", _CHUNK + there)

"""Apple's CAF; a length of -1 is a legal way to state none."""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

from restorack.io.formats.behind import warn_of
from restorack.io.formats.layout import Layout, Link, PlainSamples

_PLAIN = (b"lpcm", b"ulaw", b"alaw")
_MOST_CHUNKS = 1 << 16
"""Bounds the walk through a damaged file."""
_EDITS = 4
"""Bytes of the edit count before the samples, and of the description, Apple's CAF."""
_DESCRIPTION = 32
"""Bytes of the audio description, Apple's CAF."""


def survey(file: BinaryIO) -> Layout:
    """Return how a CAF file of plain samples is decoded; others are the decoder's business."""
    end = file.seek(0, os.SEEK_END)
    description, data, size = _chunks(file, end)
    if len(description) < _DESCRIPTION or not data:
        return Layout()
    rate, coding, _, frame, per_packet = struct.unpack_from(">d4sIII", description)
    if coding not in _PLAIN or not frame or per_packet != 1 or not 0 < rate < 1e9:
        return Layout()
    start = data + _EDITS
    stated = None if size < 0 else max(size - _EDITS, 0)
    is_empty = stated == 0 and _end_of_chunks(file, start, end) == end
    samples = PlainSamples(start, stated, max(end - start, 0), frame, rate, is_empty)
    warnings = samples.warnings()
    behind = _end_of_chunks(file, samples.end, end)
    warnings += warn_of(file, behind, end - behind, frame, rate, samples.frames / rate)
    head = b"caff\0\1\0\0desc" + struct.pack(">q", _DESCRIPTION) + description
    head += b"data" + struct.pack(">q", _EDITS + samples.there) + bytes(_EDITS)
    link = Link((head, (start, samples.there)))
    return Layout((link,), tuple(warnings), frames=samples.frames, prefers_file=True)


def _chunks(file: BinaryIO, end: int) -> tuple[bytes, int, int]:
    """Return the description, where the data's content begins, and its stated size."""
    description, offset = b"", 8
    for _ in range(_MOST_CHUNKS):
        if offset + 12 > end:
            break
        file.seek(offset)
        name, size = struct.unpack(">4sq", file.read(12))
        if name == b"data":
            return description, offset + 12, size
        if name == b"desc":
            description = file.read(_DESCRIPTION)
        if size < 0:
            break
        offset += 12 + size
    return description, 0, 0


def _end_of_chunks(file: BinaryIO, offset: int, end: int) -> int:
    for _ in range(_MOST_CHUNKS):
        file.seek(offset)
        head = file.read(12)
        if len(head) < 12:
            break
        name, size = struct.unpack(">4sq", head)
        if not all(0x20 <= byte <= 0x7E for byte in name) or not 0 <= size <= end - offset - 12:
            break
        offset += 12 + size
    return offset

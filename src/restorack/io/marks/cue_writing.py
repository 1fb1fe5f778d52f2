"""Cue points with labels and regions, as chunks of a WAV file."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from restorack.errors import AudioError
from restorack.io.wave.riff import Chunk, packed

_POINT = struct.Struct("<II4sIII")  # name, position, chunk, chunk start, block start, offset
_REGION = struct.Struct("<II4sHHHH")  # name, length, purpose, country, language, dialect, code page
_LARGEST = 0xFFFFFFFF  # that 32 bits count, in samples


@dataclass(frozen=True)
class CuePoint:
    """A place in a file, or a region of it.

    Attributes
    ----------
    start, length : int
        In samples; a length of 0 is a point.
    label : str
    """

    start: int
    length: int
    label: str


def with_cue_points(chunks: Sequence[Chunk], points: Sequence[CuePoint]) -> list[Chunk]:
    """Return the chunks of a WAV file with cue points, behind those that it has.

    Parameters
    ----------
    chunks : sequence of Chunk
        They stay byte for byte, but for tables of cue points and their labels, which grow.
    points : sequence of CuePoint

    Raises
    ------
    AudioError
        For a place that 32 bits cannot count.
    """
    for point in points:
        if point.start + point.length > _LARGEST:
            raise AudioError(
                f"cue point at sample {point.start}", rule=f"WAV counts up to {_LARGEST}",
                remedy="write a CUE sheet or labels",
            )  # fmt: skip
    table, texts, others = b"", b"", []
    for chunk in chunks:
        if chunk.name == b"cue " and len(chunk.data) >= 4:
            table += chunk.data[4 : 4 + (len(chunk.data) - 4) // _POINT.size * _POINT.size]
        elif chunk.name == b"LIST" and chunk.data[:4] == b"adtl":
            texts += chunk.data[4:] + b"\0" * (len(chunk.data) % 2)
        else:
            others.append(chunk)
    taken = [_POINT.unpack_from(table, at)[0] for at in range(0, len(table), _POINT.size)]
    for name, point in enumerate(points, max(taken, default=0) + 1):
        table += _POINT.pack(name, point.start, b"data", 0, 0, point.start)
        label = struct.pack("<I", name) + point.label.encode("utf-8") + b"\0"
        texts += packed(Chunk(b"labl", label))
        if point.length:
            region = _REGION.pack(name, point.length, b"rgn ", 0, 0, 0, 0)
            texts += packed(Chunk(b"ltxt", region))
    count = struct.pack("<I", len(table) // _POINT.size)
    return [*others, Chunk(b"cue ", count + table), Chunk(b"LIST", b"adtl" + texts)]

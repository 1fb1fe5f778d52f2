"""A WAV file's chunks inside of a FLAC file, as ``flac --keep-foreign-metadata`` stores them.

Each chunk is one application block with the name ``riff``: first the file's header, then ``fmt ``
and the others in their order, with the header of ``data`` where the samples are.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from restorack.io.wave.riff import (
    RIFF_LIMIT,
    Chunk,
    ds64_chunk,
    format_chunk,
    mask_of_format,
    packed,
)

APPLICATION = b"riff"
"""Registered for chunks of RIFF and RF64 files."""
LARGEST_BLOCK = (1 << 24) - 1 - len(APPLICATION)
"""Bytes: a block states its length in 24 bits."""
# Bytes of a chunk's name and size; what a size says that ds64 states. From RF64, EBU Tech 3306.
_HEADER = 8
_STATED_ELSEWHERE = 0xFFFFFFFF


@dataclass(frozen=True)
class FlacForm:
    """What a FLAC file holds.

    Attributes
    ----------
    rate : int
        In Hz.
    channels, bits : int
    frames : int
        Samples per channel.
    mask : int or None
        Speakers of its channels, where the source named them.
    """

    rate: int
    channels: int
    bits: int
    frames: int
    mask: int | None = None


def foreign_blocks(chunks: Iterable[Chunk], form: FlacForm) -> tuple[list[bytes], list[str]]:
    """Return the contents of application blocks, and a warning for each chunk that is too large.

    Parameters
    ----------
    chunks : iterable of Chunk
        Beside format and samples.
    form : FlacForm
        Of the file: with it the WAV file is whole again.
    """
    kept, warnings = [], []
    for chunk in chunks:
        if len(chunk.data) + _HEADER + 1 > LARGEST_BLOCK:
            name = chunk.name.decode("latin-1").strip()
            warnings.append(
                f"chunk {name!r} of {len(chunk.data)} bytes is too large for FLAC: left out"
            )
        else:
            kept.append(packed(chunk))
    layout = packed(format_chunk(form.rate, form.channels, form.bits, False, form.mask))
    size = form.frames * form.channels * form.bits // 8
    whole = 4 + len(layout) + sum(map(len, kept)) + _HEADER + size + size % 2
    if whole <= RIFF_LIMIT:
        head = [struct.pack("<4sI4s", b"RIFF", whole, b"WAVE")]
    else:
        sizes = packed(ds64_chunk(whole + 36, size, form.frames))
        head = [struct.pack("<4sI4s", b"RF64", _STATED_ELSEWHERE, b"WAVE"), sizes]
    data = struct.pack("<4sI", b"data", min(size, _STATED_ELSEWHERE))
    blocks = [*head, layout, *kept, data]
    return [APPLICATION + block for block in blocks], warnings


def chunks_of_blocks(blocks: Sequence[bytes]) -> list[Chunk]:
    """Return the chunks in application blocks, without the file's header.

    Parameters
    ----------
    blocks : sequence of bytes
        Contents of the blocks whose name is :data:`APPLICATION`, with it.
    """
    chunks = []
    for block in blocks:
        body = block[len(APPLICATION) :]
        if len(body) < _HEADER or not is_of_chunk(block):
            continue
        name, size = struct.unpack_from("<4sI", body)
        if name == b"data" or len(body) - _HEADER >= size:
            chunks.append(Chunk(name, body[_HEADER : _HEADER + size]))
    return chunks


def is_of_chunk(block: bytes) -> bool:
    """Return whether a block is a chunk's, or what is left of one: not the file's header."""
    return block[len(APPLICATION) :][:4] not in (b"RIFF", b"RF64", b"BW64")


def mask_of_blocks(blocks: Sequence[bytes]) -> int | None:
    """Return the speakers that the stored ``fmt `` chunk names, None where it names none."""
    layouts = [chunk.data for chunk in chunks_of_blocks(blocks) if chunk.name == b"fmt "]
    return mask_of_format(layouts[0]) if layouts else None

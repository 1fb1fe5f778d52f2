"""RIFF, RF64 and the chunks between which WAV files keep their samples."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from restorack.io.formats.wave_chunks import ChunkPlace, map_wave, shown

RIFF_LIMIT = 0xFFFFFFFF
"""The largest size a RIFF header can state; beyond it the file becomes RF64 (EBU Tech 3306)."""

_STATED_ELSEWHERE = 0xFFFFFFFF
"""A size that ds64 states, EBU Tech 3306."""

FORMAT_PCM, FORMAT_FLOAT, FORMAT_EXTENSIBLE = 1, 3, 0xFFFE
"""Format tags, mmreg.h."""

_LARGEST_CHUNK = 64 << 20
"""Bytes of a chunk that is carried; bounds memory, by hand."""
_DS64 = struct.Struct("<QQQI")
_SUBFORMAT_TAIL = bytes.fromhex("000000001000800000aa00389b71")


@dataclass(frozen=True)
class Chunk:
    """One chunk, byte for byte: its four-letter name and its content without the padding."""

    name: bytes
    data: bytes


def is_wave(path: Path) -> bool:
    """Tell whether a file is RIFF/WAVE, RF64 or BW64."""
    with path.open("rb") as file:
        head = file.read(12)
    return head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:] == b"WAVE"


def chunk_places(file: BinaryIO) -> Iterator[ChunkPlace]:
    """Walk over the chunks of an open WAV file, also of RF64; what is no chunk is left out."""
    return iter(map_wave(file).places)


def read_chunks(path: Path, without: Iterable[bytes]) -> tuple[list[Chunk], list[str]]:
    """Read the chunks of a WAV file.

    Parameters
    ----------
    path : Path
    without : iterable of bytes
        Names of chunks to leave out.

    Returns
    -------
    chunks : list of Chunk
        In the file's order.
    warnings : list of str
        Chunks that are cut short, damaged, behind the end or too large to carry.
    """
    left_out = frozenset(without)
    chunks, warnings = [], []
    with path.open("rb") as file:
        found = map_wave(file)
        for place in found.places:
            if place.name in left_out:
                continue
            if place.size > _LARGEST_CHUNK:
                warnings.append(
                    f"chunk {shown(place.name)} of {place.size} bytes is too large to be carried"
                )
                continue
            file.seek(place.offset)
            data = file.read(place.size)
            if len(data) < place.size:
                warnings.append(f"chunk {shown(place.name)} is cut short and was left out")
            else:
                chunks.append(Chunk(place.name, data))
    return chunks, warnings + found.notes


def packed(chunk: Chunk) -> bytes:
    """Return a chunk as it stands in a file: name, size, content, padded to an even length."""
    head = struct.pack("<4sI", chunk.name, len(chunk.data))
    return head + chunk.data + b"\0" * (len(chunk.data) % 2)


def format_chunk(rate: int, channels: int, bits: int, is_float: bool, mask: int | None) -> Chunk:
    """Return the ``fmt `` chunk; ``mask`` names the speakers, and None writes the plain form."""
    tag = FORMAT_FLOAT if is_float else FORMAT_PCM
    frame = channels * bits // 8
    extensible = mask is not None
    fields = (FORMAT_EXTENSIBLE if extensible else tag, channels, rate, rate * frame, frame, bits)
    data = struct.pack("<HHIIHH", *fields)
    if mask is not None:
        data += struct.pack("<HHIH", 22, bits, mask, tag) + _SUBFORMAT_TAIL
    elif is_float:
        data += struct.pack("<H", 0)
    return Chunk(b"fmt ", data)


def channel_mask(path: Path) -> int | None:
    """Return which speakers an extensible WAV file names for its channels, else None."""
    with path.open("rb") as file:
        for place in chunk_places(file):
            if place.name == b"fmt ":
                file.seek(place.offset)
                return mask_of_format(file.read(min(place.size, 40)))
    return None


def mask_of_format(data: bytes) -> int | None:
    """Return the speakers that the content of an extensible ``fmt `` chunk names, else None."""
    if len(data) >= 24 and data[:2] == b"\xfe\xff":
        return int(struct.unpack_from("<I", data, 20)[0])
    return None


def ds64_chunk(riff_size: int, data_size: int, frames: int) -> Chunk:
    """Return the ``ds64`` chunk of RF64 with its sizes, EBU Tech 3306."""
    return Chunk(b"ds64", _DS64.pack(riff_size, data_size, frames, 0))


class WaveSink:
    """A WAV file in the writing, that becomes RF64 when it outgrows 4 GiB.

    Room for the 64-bit sizes is kept behind the header, as EBU Tech 3306 proposes.

    Parameters
    ----------
    file : BinaryIO
        Open for writing at its start.
    layout : Chunk
        The ``fmt `` chunk.
    chunks : iterable of Chunk
        Written before the samples, byte for byte.
    always_64 : bool
        Write RF64 whatever the size.
    """

    def __init__(
        self, file: BinaryIO, layout: Chunk, chunks: Iterable[Chunk] = (), always_64: bool = False
    ) -> None:
        self._file, self._always_64 = file, always_64
        self._frame = int(struct.unpack_from("<H", layout.data, 12)[0])
        self._is_plain_pcm = layout.data[:2] == struct.pack("<H", FORMAT_PCM)
        self._bytes = 0
        file.write(b"RIFF\0\0\0\0WAVE" + packed(Chunk(b"JUNK", bytes(_DS64.size))))
        file.write(packed(layout))
        self._fact_at = file.tell() + 8
        if not self._is_plain_pcm:
            file.write(packed(Chunk(b"fact", bytes(4))))
        self._places: dict[bytes, tuple[int, int]] = {}
        for chunk in chunks:
            self._places.setdefault(chunk.name, (file.tell() + 8, len(chunk.data)))
            file.write(packed(chunk))
        file.write(b"data\0\0\0\0")
        self._data_at = file.tell()
        self._hash = hashlib.md5(usedforsecurity=False)

    @property
    def digest(self) -> bytes:
        """The MD5 of the samples so far, in the file's own form."""
        return self._hash.digest()

    def write(self, data: bytes | memoryview) -> None:
        """Append interleaved samples in the file's own form."""
        self._file.write(data)
        self._hash.update(data)
        self._bytes += len(data)

    def replace(self, chunk: Chunk) -> None:
        """Write a chunk before the samples anew, after the last sample; it keeps its size."""
        offset, size = self._places[chunk.name]
        if len(chunk.data) != size:
            raise ValueError(f"chunk {chunk.name!r} of {size} bytes becomes {len(chunk.data)}")
        end = self._file.tell()
        self._put(offset, chunk.data)
        self._file.seek(end)

    def finish(self) -> None:
        """Write the sizes, after the last sample."""
        file, count = self._file, self._bytes
        file.write(b"\0" * (count % 2))
        riff_size = file.tell() - 8
        frames = count // self._frame
        if self._always_64 or riff_size > RIFF_LIMIT:
            self._put(0, b"RF64" + struct.pack("<I", _STATED_ELSEWHERE))
            self._put(12, packed(ds64_chunk(riff_size, count, frames)))
            count = _STATED_ELSEWHERE
        else:
            self._put(4, struct.pack("<I", riff_size))
        self._put(self._data_at - 4, struct.pack("<I", count))
        if not self._is_plain_pcm:
            self._put(self._fact_at, struct.pack("<I", min(frames, _STATED_ELSEWHERE)))
        file.flush()

    def _put(self, offset: int, data: bytes) -> None:
        self._file.seek(offset)
        self._file.write(data)

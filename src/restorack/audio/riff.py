"""RIFF, RF64 and the chunks between which WAV files keep their samples."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

RIFF_LIMIT = 0xFFFFFFFF
"""The largest size a RIFF header can state; beyond it the file becomes RF64 (EBU Tech 3306)."""

_STATED_ELSEWHERE = 0xFFFFFFFF

FORMAT_PCM, FORMAT_FLOAT, FORMAT_EXTENSIBLE = 1, 3, 0xFFFE

_LARGEST_CHUNK = 64 << 20
_DS64 = struct.Struct("<QQQI")
_SUBFORMAT_TAIL = bytes.fromhex("000000001000800000aa00389b71")


@dataclass(frozen=True)
class Chunk:
    """One chunk, byte for byte: its four-letter name and its content without the padding."""

    name: bytes
    data: bytes


@dataclass(frozen=True)
class ChunkPlace:
    """Where a chunk's content lies in a file, and how many bytes its header claims."""

    name: bytes
    offset: int
    size: int


def is_long_wave(path: Path) -> bool:
    """Tell whether a file is RF64 or BW64."""
    with path.open("rb") as file:
        head = file.read(12)
    return head[:4] in (b"RF64", b"BW64") and head[8:] == b"WAVE"


def is_wave(path: Path) -> bool:
    """Tell whether a file is RIFF/WAVE, RF64 or BW64."""
    with path.open("rb") as file:
        head = file.read(12)
    return head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:] == b"WAVE"


def chunk_places(file: BinaryIO) -> Iterator[ChunkPlace]:
    """Walk over the chunks of an open WAV file, also of RF64 with its 64-bit sizes."""
    end = file.seek(0, os.SEEK_END)
    offset, data_size, table = 12, None, dict[bytes, int]()
    while offset + 8 <= end:
        file.seek(offset)
        name, size = struct.unpack("<4sI", file.read(8))
        if name == b"ds64":
            content = file.read(min(size, 1 << 16))
            if len(content) >= _DS64.size:
                _, data_size, _, entries = _DS64.unpack_from(content)
                table = _size_table(content[_DS64.size :], entries)
        elif size == _STATED_ELSEWHERE:
            size = data_size if name == b"data" and data_size is not None else table.get(name, size)
        yield ChunkPlace(name, offset + 8, size)
        offset += 8 + size + size % 2


def _size_table(content: bytes, entries: int) -> dict[bytes, int]:
    count = min(entries, len(content) // 12)
    return dict(struct.unpack_from("<4sQ", content, 12 * index) for index in range(count))


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
        Chunks that are cut short or too large to carry, and missing samples.
    """
    left_out = frozenset(without)
    chunks, warnings = [], []
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        for place in chunk_places(file):
            there = end - place.offset
            # A stream's header states no size, which is not a loss.
            if place.name == b"data" and there < place.size != _STATED_ELSEWHERE:
                warnings.append(f"the file is cut short: {there} of {place.size} bytes of samples")
            if place.name in left_out:
                continue
            name = place.name.decode("latin-1").strip()
            if place.size > _LARGEST_CHUNK:
                warnings.append(f"chunk {name!r} of {place.size} bytes is too large to be carried")
                continue
            file.seek(place.offset)
            data = file.read(place.size)
            if len(data) < place.size:
                warnings.append(f"chunk {name!r} is cut short and was left out")
            else:
                chunks.append(Chunk(place.name, data))
    return chunks, warnings


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
                data = file.read(min(place.size, 40))
                if len(data) >= 24 and data[:2] == b"\xfe\xff":
                    return int(struct.unpack_from("<I", data, 20)[0])
                return None
    return None


class PlainWave:
    """A file-like view of an RF64 or BW64 file: header, format and samples, nothing else.

    libsndfile loses its way behind a chunk of odd length in RF64, which archives' files often
    have (iXML, bext), and does not know BW64 (ITU-R BS.2088), whose samples are kept alike.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        places = {place.name: place for place in chunk_places(self._file)}
        end = self._file.seek(0, os.SEEK_END)
        samples, layout = places.get(b"data"), places.get(b"fmt ")
        self._head, self._from, self._size, self._at = b"", 0, 0, 0
        if samples is None or layout is None:
            return
        self._file.seek(layout.offset)
        form = packed(Chunk(b"fmt ", self._file.read(min(layout.size, 1 << 16))))
        self._from, self._size = samples.offset, min(samples.size, end - samples.offset)
        riff_size = 4 + 8 + _DS64.size + len(form) + 8 + self._size
        sizes = packed(Chunk(b"ds64", _DS64.pack(riff_size, self._size, 0, 0)))
        stated = struct.pack("<I", _STATED_ELSEWHERE)
        self._head = b"RF64" + stated + b"WAVE" + sizes + form + b"data" + stated

    def read(self, count: int) -> bytes:
        """Return up to ``count`` bytes."""
        head = self._head[self._at : self._at + count]
        inside = self._at + len(head) - len(self._head)
        wanted = min(count - len(head), self._size - inside)
        rest = b""
        if wanted > 0:
            self._file.seek(self._from + inside)
            rest = self._file.read(wanted)
        self._at += len(head) + len(rest)
        return head + rest

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place, as files do."""
        base = (0, self._at, len(self._head) + self._size)[whence]
        self._at = max(base + offset, 0)
        return self._at

    def tell(self) -> int:
        """Return the place."""
        return self._at

    def close(self) -> None:
        """Close the file behind."""
        self._file.close()


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
        for chunk in chunks:
            file.write(packed(chunk))
        file.write(b"data\0\0\0\0")
        self._data_at = file.tell()

    def write(self, data: bytes | memoryview) -> None:
        """Append interleaved samples in the file's own form."""
        self._file.write(data)
        self._bytes += len(data)

    def finish(self) -> None:
        """Write the sizes, after the last sample."""
        file, count = self._file, self._bytes
        file.write(b"\0" * (count % 2))
        riff_size = file.tell() - 8
        frames = count // self._frame
        if self._always_64 or riff_size > RIFF_LIMIT:
            self._put(0, b"RF64" + struct.pack("<I", _STATED_ELSEWHERE))
            sizes = _DS64.pack(riff_size, count, frames, 0)
            self._put(12, packed(Chunk(b"ds64", sizes)))
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

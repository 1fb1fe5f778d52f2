"""Find the chunks of RIFF, RIFX, RF64 and BW64 files, also where some of them are damaged."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, field
from typing import BinaryIO

from restorack.io.formats.layout import PLACEHOLDERS

STATED_ELSEWHERE = 0xFFFFFFFF
"""A size that ds64 states, EBU Tech 3306."""
DS64 = struct.Struct("<QQQI")

# Sizes from here on are placeholders; bounds of the search in a damaged file, in bytes, bytes and
# chunks; bytes that a format chunk has at most, and at least.
_UNKNOWN_64 = 1 << 62
_SCANNED = 64 << 20
_TAIL = 1 << 16
_MOST_CHUNKS = 1 << 16
_LARGEST_FORMAT = 1 << 10
_PLAIN_FORMAT = 16
_KNOWN = frozenset((
    b"fmt ", b"data", b"fact", b"LIST", b"list", b"bext", b"iXML", b"axml", b"aXML", b"chna",
    b"id3 ", b"ID3 ", b"cue ", b"smpl", b"inst", b"plst", b"PEAK", b"JUNK", b"junk", b"PAD ",
    b"FLLR", b"levl", b"cart", b"_PMX", b"acid", b"strc", b"umid", b"DISP", b"bxml", b"ds64",
    b"afsp", b"MD5 ", b"regn", b"elm1", b"minf", b"qlty", b"link", b"slnt",
    b"wavl",
))  # fmt: skip


@dataclass(frozen=True)
class ChunkPlace:
    """Where a chunk's content lies in a file, and how many bytes its header claims."""

    name: bytes
    offset: int
    size: int


@dataclass
class WaveMap:
    """What lies where in a WAV file.

    Attributes
    ----------
    places : list of ChunkPlace
        Chunks, ``data`` among them, with their stated sizes; nothing that is no chunk.
    order : str
        Byte order, for ``struct``.
    end : int
        Of the file.
    data : ChunkPlace or None
        The samples' chunk.
    there : int
        Bytes of samples that are in the file.
    is_streamed : bool
        The header states no length.
    behind : tuple of int
        Offset and size of what lies behind the samples and is no chunk.
    notes : list of str
        Side chunks that were left out.
    second_data : int
        Bytes of further ``data`` chunks.
    """

    order: str
    end: int
    places: list[ChunkPlace] = field(default_factory=list)
    data: ChunkPlace | None = None
    there: int = 0
    is_streamed: bool = False
    behind: tuple[int, int] = (0, 0)
    notes: list[str] = field(default_factory=list)
    second_data: int = 0

    def find(self, name: bytes) -> ChunkPlace | None:
        """Return the first chunk of a name."""
        return next((place for place in self.places if place.name == name), None)


def map_wave(file: BinaryIO) -> WaveMap:
    """Return the map of an open WAV file; nothing of it is read but headers."""
    return _Walk(file).run()


class _Walk:
    """A walk over the chunks of one file."""

    def __init__(self, file: BinaryIO) -> None:
        end = file.seek(0, os.SEEK_END)
        file.seek(0)
        head = file.read(12)
        self._file = file
        self._map = WaveMap(">" if head[:4] == b"RIFX" else "<", end)
        self._is_long = head[:4] in (b"RF64", b"BW64")
        self._sizes: dict[bytes, int] = {}
        stated = struct.unpack_from(self._map.order + "I", head, 4)[0] if len(head) == 12 else 0
        self._riff_size = 0 if stated == STATED_ELSEWHERE else stated

    def run(self) -> WaveMap:
        """Walk to the samples, past them, and to the end."""
        found = self._map
        offset = 12
        while found.data is None and len(found.places) < _MOST_CHUNKS:
            place = self._place(offset)
            if place is None or (place.name != b"data" and not self._fits(place)):
                if not self._recover(place):
                    return found
                break
            self._take(place)
            offset = self._after(place)
        self._measure_data()
        self._walk_behind()
        return found

    def _place(self, offset: int) -> ChunkPlace | None:
        """Return the chunk that begins at an offset; None where what is there is no chunk."""
        if offset + 8 > self._map.end:
            return None
        self._file.seek(offset)
        name, size = struct.unpack(self._map.order + "4sI", self._file.read(8))
        if not all(0x20 <= byte <= 0x7E for byte in name) or not name.strip():
            return None
        if size == STATED_ELSEWHERE and self._is_long:
            size = self._sizes.get(name, size)
        return ChunkPlace(name, offset + 8, size)

    def _fits(self, place: ChunkPlace) -> bool:
        if place.name == b"fmt " and place.size > _LARGEST_FORMAT:
            return False
        return place.offset + place.size <= self._map.end

    def _take(self, place: ChunkPlace) -> None:
        self._map.places.append(place)
        if place.name == b"data":
            self._map.data = place
        elif place.name == b"ds64" and self._is_long:
            self._read_sizes(place)

    def _read_sizes(self, place: ChunkPlace) -> None:
        self._file.seek(place.offset)
        content = self._file.read(min(place.size, 1 << 16))
        if len(content) < DS64.size:
            return
        self._riff_size, data_size, _, entries = DS64.unpack_from(content)
        count = min(entries, (len(content) - DS64.size) // 12)
        for index in range(count):
            name, size = struct.unpack_from("<4sQ", content, DS64.size + 12 * index)
            self._sizes[name] = size
        self._sizes[b"data"] = data_size

    def _after(self, place: ChunkPlace) -> int:
        """Return where the next chunk begins: some writers forget the padding of odd ones."""
        after = place.offset + place.size
        if place.size % 2 == 0 or self._is_chunk(self._place(after + 1)):
            return after + place.size % 2
        return after if self._is_chunk(self._place(after)) else after + 1

    def _is_chunk(self, place: ChunkPlace | None) -> bool:
        return place is not None and (self._fits(place) or place.name in _KNOWN)

    def _recover(self, damaged: ChunkPlace | None) -> bool:
        """Look for the samples where the walk is lost; the chunk to blame is left out."""
        found = self._map
        blamed = damaged
        if blamed is not None and blamed.name == b"fmt ":
            found.places.append(ChunkPlace(blamed.name, blamed.offset, _PLAIN_FORMAT))
        if blamed is None and found.places and found.places[-1].name != b"fmt ":
            blamed = found.places.pop()
        layout = found.find(b"fmt ")
        place = self._scan(12 if layout is None else layout.offset + layout.size)
        if place is None:
            return False
        if blamed is not None:
            found.notes.append(f"chunk {shown(blamed.name)} states a wrong length: left out")
        found.places = [one for one in found.places if one.offset < place.offset]
        self._take(place)
        return True

    def _scan(self, start: int) -> ChunkPlace | None:
        """Return the ``data`` chunk by its name: best one that reaches the end or a chunk."""
        self._file.seek(start)
        content = self._file.read(max(min(_SCANNED, self._map.end - start), 0))
        candidates: list[ChunkPlace] = []
        at = content.find(b"data")
        while at >= 0 and len(candidates) < 64:
            place = self._place(start + at)
            if place is not None:
                candidates.append(place)
            at = content.find(b"data", at + 1)
        return min(candidates, key=self._doubt, default=None)

    def _doubt(self, place: ChunkPlace) -> int:
        after = place.offset + place.size
        if self._map.end - 1 <= after <= self._map.end or self._is_chunk(self._place(after)):
            return 0
        return 1 if after < self._map.end and place.size else 2

    def _measure_data(self) -> None:
        found, data = self._map, self._map.data
        if data is None:
            return
        room = found.end - data.offset
        is_empty = data.size == 0 and (not room or self._is_chunk(self._place(data.offset)))
        is_placeholder = data.size in PLACEHOLDERS or data.size >= _UNKNOWN_64
        is_open = data.size > room if is_placeholder else data.size == 0 and not is_empty
        found.is_streamed = is_open
        if is_open:
            found.there = self._trailing_chunks(data.offset) - data.offset
        else:
            found.there = min(data.size, room)

    def _trailing_chunks(self, start: int) -> int:
        """Return where chunks begin that reach exactly to the end of a streamed file."""
        end = self._map.end
        first = max(start, end - _TAIL)
        self._file.seek(first)
        tail = self._file.read(end - first)
        starts = {first + at for name in _KNOWN - {b"data", b"fmt "} for at in _all(tail, name)}
        for begin in sorted(starts):
            offset = begin
            while (place := self._place(offset)) is not None and self._fits(place):
                offset = self._after(place)
            if end <= offset <= end + 1:
                return begin
        return end

    def _walk_behind(self) -> None:
        found, data = self._map, self._map.data
        if data is None:
            return
        offset = data.offset + found.there
        if found.there % 2 and offset < found.end:
            offset = self._after(ChunkPlace(b"data", data.offset, found.there))
        # A size that was never filled in, or that ends inside the samples, bounds nothing.
        riff_end = 8 + self._riff_size if 8 + self._riff_size >= offset - 1 else found.end
        while offset < found.end and len(found.places) < _MOST_CHUNKS:
            place = self._place(offset)
            is_inside = offset < riff_end and self._is_chunk(place)
            if place is None or not is_inside:
                break
            if place.name == b"data":
                found.second_data += min(place.size, found.end - place.offset)
            found.places.append(place)
            offset = self._after(place)
        if offset < found.end:
            found.behind = (offset, found.end - offset)
            place = self._place(offset)
            if place is not None and self._is_chunk(place) and place.name in _KNOWN:
                found.notes.append(
                    f"chunk {shown(place.name)} lies behind the end that the header states: "
                    f"{found.end - offset} bytes left out"
                )
                found.behind = (0, 0)


def _all(content: bytes, name: bytes) -> list[int]:
    places, at = [], content.find(name)
    while at >= 0:
        places.append(at)
        at = content.find(name, at + 1)
    return places


def shown(name: bytes) -> str:
    """Return a chunk's name as messages print it."""
    return repr(name.decode("latin-1").strip())

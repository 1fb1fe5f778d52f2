"""Frames of MPEG audio (ISO 11172-3, 13818-3): their headers, and the walk from one to the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from restorack.io.formats.window import FileWindow

Buffer = FileWindow | bytes

_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_V1 = {
    1: (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    2: (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    3: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
}
_V2 = {
    1: (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_CHAIN = 3
"""Frames in a row that make a sound stream of bytes that look like one."""

_LONGEST_FREE = 1 << 13
"""Bytes within which the next frame of a free bit rate begins: more than any frame has."""
_SEARCHED = 1 << 17
"""Bytes in which the first frame is looked for."""


@dataclass(frozen=True)
class Header:
    """A frame's header.

    Attributes
    ----------
    version : int
        3 is MPEG-1, 2 MPEG-2, 0 MPEG-2.5.
    layer : int
    rate : int
        In Hz.
    channels : int
    size : int
        In bytes; 0 for the free format, whose size only the next frame tells.
    padding : int
        In bytes, among ``size``.
    samples : int
        Per channel.
    """

    version: int
    layer: int
    rate: int
    channels: int
    size: int
    padding: int
    samples: int

    @property
    def kind(self) -> tuple[int, int, int, int]:
        """What all frames of a stream have in common."""
        return self.version, self.layer, self.rate, self.channels


@lru_cache(maxsize=4096)
def parse_header(data: bytes) -> Header | None:
    """Return the header in four bytes; None where they hold none."""
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE0 != 0xE0:
        return None
    version, layer = data[1] >> 3 & 3, 4 - (data[1] >> 1 & 3)
    index, rate_index = data[2] >> 4, data[2] >> 2 & 3
    if version == 1 or layer == 4 or index == 15 or rate_index == 3 or data[3] & 3 == 2:
        return None
    rate = _RATES[version][rate_index]
    samples = {1: 384, 2: 1152, 3: 1152 if version == 3 else 576}[layer]
    padding = (data[2] >> 1 & 1) * (4 if layer == 1 else 1)
    size = 0
    if index:
        kbps = (_V1[layer] if version == 3 else _V2[min(layer, 2)])[index - 1]
        if layer == 1:
            size = 12_000 * kbps // rate * 4 + padding
        else:
            size = samples // 8 * 1000 * kbps // rate + padding
    return Header(version, layer, rate, 1 if data[3] >> 6 == 3 else 2, size, padding, samples)


@dataclass
class Run:
    """Frames without a gap between them.

    Attributes
    ----------
    start, end : int
        In bytes.
    frames : int
    header : Header
        Of the first one.
    lost : int
        Bytes before it that are no frames.
    """

    start: int
    end: int
    frames: int
    header: Header
    lost: int = 0


@dataclass
class Walk:
    """Frames of a stretch of bytes.

    Attributes
    ----------
    runs : list of Run
    partial : int
        Bytes of a last frame that is cut short.
    rest : int
        Bytes at the end that are no frames.
    """

    runs: list[Run] = field(default_factory=list)
    partial: int = 0
    rest: int = 0


def walk_frames(data: Buffer, start: int, end: int) -> Walk:
    """Find every frame between two places; also behind damage, where decoders give up."""
    return _Walker(data, end).run(start)


class _Walker:
    """The walk over one stretch."""

    def __init__(self, data: Buffer, end: int) -> None:
        self._data, self._end = data, end
        self._free: dict[tuple[int, int, int, int], int] = {}

    def run(self, at: int) -> Walk:
        """Return the frames from a place on."""
        found, lost_from, start = Walk(), at, at
        run: Run | None = None
        while at + 4 <= self._end and (found.runs or at - start < _SEARCHED):
            header = self._header(at)
            if header is None or not self._belongs(at, header, run):
                tag = tag_size(self._data[at : at + 32])
                if run is not None or (tag and lost_from == at):
                    run, lost_from = None, at + tag
                at = at + tag if tag else self._next_sync(at)
                continue
            size = self._size(at, header)
            if at + size > self._end:
                found.partial = self._end - at
                return found
            if run is None or header.kind != run.header.kind or self._begins_stream(at):
                run = Run(at, at, 0, header, at - lost_from)
                found.runs.append(run)
            run.frames += 1
            at += size
            run.end = lost_from = at
        found.rest = max(self._end - lost_from, 0)
        return found

    def _belongs(self, at: int, header: Header, run: Run | None) -> bool:
        """Return whether a header goes on with a run, or begins one that is to be believed."""
        if run is not None and header.kind == run.header.kind:
            return True
        return self._is_chain(at, header)

    def _header(self, at: int) -> Header | None:
        return parse_header(self._data[at : at + 4])

    def _next_sync(self, at: int) -> int:
        """Return where a frame or a tag may begin, behind a place."""
        found = self._data.find(b"\xff", at + 1, self._end)
        return self._end if found < 0 else found

    def _size(self, at: int, header: Header) -> int:
        if header.size:
            return header.size
        base = self._free.get(header.kind)
        if base is None:
            base = self._free[header.kind] = self._free_size(at, header)
        return base + header.padding if base else self._end - at + 1

    def _free_size(self, at: int, header: Header) -> int:
        """Return the size of a free-format frame without padding: up to the next but one."""
        place = at + 4
        while (place := self._data.find(b"\xff", place, at + _LONGEST_FREE)) >= 0:
            other, base = self._header(place), place - at - header.padding
            if other is not None and not other.size and other.kind == header.kind:
                third = self._header(place + base + other.padding)
                if third is not None and third.kind == header.kind and not third.size:
                    return base
            place += 1
        return 0

    def _is_chain(self, at: int, header: Header) -> bool:
        """Return whether frames of one kind follow each other, or reach exactly to the end."""
        kind = header.kind
        for count in range(_CHAIN):
            at += self._size(at, header)
            if at >= self._end - 3:
                return at <= self._end or count > 0
            following = self._header(at)
            if following is None or following.kind != kind:
                return False
            header = following
        return True

    def _begins_stream(self, at: int) -> bool:
        """Return whether a frame holds the statement of a length, as the first of a stream does."""
        return bool(length_mark(self._data[at : at + 40]))


def tag_size(head: bytes) -> int:
    """Return how long the tag is whose first bytes are given; 0 where they begin none."""
    if head[:3] == b"ID3" and len(head) >= 10 and all(byte < 0x80 for byte in head[6:10]):
        size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        return 10 + size + (10 if head[5] & 0x10 else 0)
    if head[:8] == b"APETAGEX" and len(head) >= 32:
        size = int.from_bytes(head[12:16], "little")
        return size + 32 if int.from_bytes(head[20:24], "little") & 0x20000000 else 32
    return 128 if head[:3] == b"TAG" else 0


def length_mark(frame: bytes) -> bytes:
    """Return ``Xing``, ``Info`` or ``VBRI`` where a frame begins with one, else nothing."""
    header = parse_header(frame[:4])
    if header is None or header.layer != 3:
        return b""
    if frame[36:40] == b"VBRI":
        return b"VBRI"
    mark = frame[side_end(header) : side_end(header) + 4]
    return mark if mark in (b"Xing", b"Info") else b""


def needs_bytes_before(frame: bytes) -> bool:
    """Return whether a frame of layer III goes on with bytes of frames before it."""
    header = parse_header(frame[:4])
    if header is None or header.layer != 3 or len(frame) < 8:
        return False
    side = frame[4:] if frame[1] & 1 else frame[6:]  # a checksum lies between
    back = side[0] << 1 | side[1] >> 7 if header.version == 3 else side[0]
    return back > 0


def side_end(header: Header) -> int:
    """Return where a frame's side information ends, counted from the header."""
    if header.version == 3:
        return 4 + (17 if header.channels == 1 else 32)
    return 4 + (9 if header.channels == 1 else 17)

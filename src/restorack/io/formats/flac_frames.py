"""Frames of FLAC (RFC 9639): which sample each begins with, and whether it is whole."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

_SIZES = {1: 192, 2: 576, 3: 1152, 4: 2304, 5: 4608, **{8 + k: 256 << k for k in range(8)}}
_RATES = {
    1: 88200, 2: 176400, 3: 192000, 4: 8000, 5: 16000, 6: 22050, 7: 24000, 8: 32000, 9: 44100,
    10: 48000, 11: 96000,
}  # fmt: skip


@dataclass(frozen=True)
class StreamInfo:
    """What a FLAC's header states.

    Attributes
    ----------
    block : int
        Samples of a frame; the largest, where they differ.
    largest : int
        Bytes of the largest frame; 0 where it does not say.
    rate : int
        In Hz.
    channels, bits : int
    total : int
        Samples per channel; 0 where it does not say.
    """

    block: int
    largest: int
    rate: int
    channels: int
    bits: int
    total: int

    @classmethod
    def parse(cls, data: bytes) -> StreamInfo:
        """Return what 34 bytes of STREAMINFO state."""
        packed = int.from_bytes(data[10:18], "big")
        return cls(
            int.from_bytes(data[2:4], "big"),
            int.from_bytes(data[7:10], "big"),
            packed >> 44,
            (packed >> 41 & 7) + 1,
            (packed >> 36 & 31) + 1,
            packed & 0xFFFFFFFFF,
        )


@dataclass(frozen=True)
class Frame:
    """A frame's header: where it lies, and which samples it holds."""

    offset: int
    first: int
    samples: int


def find_frames(content: bytes, info: StreamInfo) -> list[Frame]:
    """Return the frames whose headers are in some bytes; few bytes look like one by chance."""
    frames = []
    for sync in (b"\xff\xf8", b"\xff\xf9"):
        at = content.find(sync)
        while at >= 0:
            frame = _header(content, at, info)
            if frame is not None:
                frames.append(frame)
            at = content.find(sync, at + 1)
    return sorted(frames, key=lambda frame: frame.offset)


def _header(content: bytes, at: int, info: StreamInfo) -> Frame | None:
    head = content[at : at + 16]
    if len(head) < 6 or head[3] & 1 or head[2] >> 4 == 0 or head[2] & 15 == 15:
        return None
    channels = head[3] >> 4
    if channels > 10 or (channels + 1 if channels < 8 else 2) != info.channels:
        return None
    if _RATES.get(head[2] & 15, info.rate) != info.rate:
        return None
    number, length = _number(head[4:])
    if number is None:
        return None
    place, size_code = 4 + length, head[2] >> 4
    if size_code in (6, 7):
        extra = size_code - 5
        samples = int.from_bytes(head[place : place + extra], "big") + 1
        place += extra
    else:
        samples = _SIZES[size_code]
    place += {12: 1, 13: 2, 14: 2}.get(head[2] & 15, 0)
    if place >= len(head) or _crc8(head[:place]) != head[place]:
        return None
    return Frame(at, number if head[1] & 1 else number * info.block, samples)


def _number(data: bytes) -> tuple[int | None, int]:
    """Return the number that is coded like UTF-8, and its length in bytes."""
    first = data[0]
    if first < 0x80:
        return first, 1
    length = next((count for count in range(2, 8) if not first << count & 0x80), 8)
    if first < 0xC0 or length > 7 or len(data) < length:
        return None, 0
    value = first & (0x7F >> length)
    for byte in data[1:length]:
        if byte & 0xC0 != 0x80:
            return None, 0
        value = value << 6 | byte & 0x3F
    return value, length


def possible_ends(content: bytes, start: int, stop: int) -> list[int]:
    """Return where a frame may end: where its checksum comes out, as it does by chance, too."""
    table, value, ends = _crc16_table(), 0, []
    for place in range(start, min(stop, len(content))):
        value = (value << 8 & 0xFFFF) ^ table[value >> 8 ^ content[place]]
        if value == 0 and place >= start + 9:
            ends.append(place + 1)
    return ends


def _crc8(data: bytes) -> int:
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value << 1 ^ 0x07 if value & 0x80 else value << 1) & 0xFF
    return value


@cache
def _crc16_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        value = byte << 8
        for _ in range(8):
            value = (value << 1 ^ 0x8005 if value & 0x8000 else value << 1) & 0xFFFF
        table.append(value)
    return tuple(table)

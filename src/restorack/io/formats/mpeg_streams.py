"""Streams of MPEG frames: what their first frame states, and what a decoder will deliver."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from restorack.io.formats.mpeg import (
    Buffer,
    Header,
    Run,
    Walk,
    length_mark,
    parse_header,
    side_end,
)

_DECODER_DELAY = 529
"""Samples that every decoder of layer III is late; Info frames do not count them."""

HEAD = 400
"""Bytes of a frame that hold all that it may state."""


@dataclass(frozen=True)
class Stated:
    """What the first frame of a stream states: Xing, Info or VBRI.

    Attributes
    ----------
    frames : int
        Without itself; 0 where it does not say.
    size : int
        Bytes of the stream; 0 where it does not say.
    delay, padding : int or None
        Samples that the encoder added.
    frames_at, size_at, padding_at : int
        Where these stand in the frame; 0 where they do not.
    """

    frames: int
    size: int
    delay: int | None = None
    padding: int = 0
    frames_at: int = 0
    size_at: int = 0
    padding_at: int = 0


def read_statement(frame: bytes) -> Stated | None:
    """Return what a stream's first frame states; None where it is a frame like others."""
    mark, header = length_mark(frame), parse_header(frame[:4])
    if not mark or header is None or len(frame) < 60:
        return None
    if mark == b"VBRI":
        size, frames = struct.unpack_from(">II", frame, 46)
        return Stated(frames, size, frames_at=50, size_at=46)
    at = side_end(header)
    flags = int.from_bytes(frame[at + 4 : at + 8], "big")
    place = at + 8
    frames_at = place if flags & 1 else 0
    frames = int.from_bytes(frame[place : place + 4], "big") if flags & 1 else 0
    place += 4 * (flags & 1)
    size_at = place if flags & 2 else 0
    size = int.from_bytes(frame[place : place + 4], "big") if flags & 2 else 0
    place += 4 * (flags >> 1 & 1) + 100 * (flags >> 2 & 1) + 4 * (flags >> 3 & 1)
    lame = frame[place : place + 24]
    if len(lame) < 24 or not lame[:4].isalnum():
        return Stated(frames, size, frames_at=frames_at, size_at=size_at)
    delay, padding = lame[21] << 4 | lame[22] >> 4, (lame[22] & 15) << 8 | lame[23]
    return Stated(frames, size, delay, padding, frames_at, size_at, place + 22)


@dataclass
class Stream:
    """Runs of frames that are decoded as one."""

    runs: list[Run] = field(default_factory=list)
    stated: Stated | None = None

    @property
    def header(self) -> Header:
        """Of the first frame."""
        return self.runs[0].header

    @property
    def size(self) -> int:
        """Bytes of all frames."""
        return sum(run.end - run.start for run in self.runs)

    @property
    def frames(self) -> int:
        """Frames with sound: the one with the statement has none."""
        return sum(run.frames for run in self.runs) - (self.stated is not None)

    @property
    def skipped(self) -> int:
        """Samples that a decoder takes off the beginning."""
        if self.stated is None or self.stated.delay is None:
            return 0
        return self.stated.delay + _DECODER_DELAY

    @property
    def _trimmed(self) -> int:
        """Samples that a decoder takes off the end."""
        if self.stated is None or self.stated.delay is None:
            return 0
        return max(self.stated.padding - _DECODER_DELAY, 0)

    @property
    def _extent(self) -> int:
        return self.runs[-1].end - self.runs[0].start

    @property
    def _is_off_by_one(self) -> bool:
        """Whether one frame less is an encoder's way to count, not a loss."""
        stated = self.stated
        if stated is None or self.frames != stated.frames - 1:
            return False
        return len(self.runs) == 1 and (not stated.size or self._extent >= stated.size)

    @property
    def is_cut(self) -> bool:
        """Whether frames are missing at the end, so that its padding is, too."""
        stated = self.stated
        if stated is None or self.frames >= stated.frames or self._is_off_by_one:
            return False
        return self._extent < stated.size if stated.size else len(self.runs) == 1

    @property
    def expected(self) -> int | None:
        """Samples that the stream states, None where it states none."""
        stated = self.stated
        if stated is None or not stated.frames:
            return None
        frames = self.frames if self._is_off_by_one else max(stated.frames, self.frames)
        return max(frames * self.header.samples - self.skipped - self._trimmed, 0)

    @property
    def delivered(self) -> int:
        """Samples that a decoder makes of the frames that are there."""
        trimmed = 0 if self.is_cut else self._trimmed
        return max(self.frames * self.header.samples - self.skipped - trimmed, 0)


def split_streams(data: Buffer, walk: Walk) -> list[Stream]:
    """Return the streams that runs of frames make: each begins with a statement, or a new kind."""
    streams: list[Stream] = []
    for run in walk.runs:
        stated = read_statement(data[run.start : run.start + HEAD])
        if stated is not None or not streams or streams[-1].header.kind != run.header.kind:
            streams.append(Stream([run], stated))
        else:
            streams[-1].runs.append(run)
    return streams

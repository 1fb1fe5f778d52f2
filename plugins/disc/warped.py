"""A stream that is read along a speed curve."""

from __future__ import annotations

import math

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.dsp.sinc_reader import HALF, SincReader
from restorack.dsp.speed_curve import Floats, SpeedCurve

PIECE = 1 << 16
"""Samples that are read at a time: bounds memory."""
EXACT = float(1 << 23)
"""Positions are kept to 1 / EXACT of a sample, so that a sample on its place is that sample."""


class WarpedStream:
    """Read a stream at the speed that it should have had.

    Parameters
    ----------
    channels : int
    sample_rate : float
        In Hz.
    curve : SpeedCurve
    reach : int or None
        The most samples that anything moves, where the length stays; None: it follows the curve.
    """

    def __init__(
        self, channels: int, sample_rate: float, curve: SpeedCurve, reach: int | None = None
    ) -> None:
        self._channels, self._rate, self._curve = channels, sample_rate, curve
        self._reach = reach
        self._reader = SincReader(channels)
        self._returned = 0

    @staticmethod
    def latency(reach: int) -> int:
        """Return the most samples that are held back where the length stays."""
        return reach + HALF

    def push(self, block: Rows) -> Rows:
        """Take samples, return those that are ready."""
        self._reader.push(block)
        taken = self._reader.taken
        if self._reach is not None:
            return self._ready(taken - self.latency(self._reach))
        return self._ready(math.floor(self._place(taken - HALF)) - 1)

    def finish(self) -> Rows:
        """Return the rest; the stream has ended."""
        taken = self._reader.taken
        if self._reach is not None:
            self._reader.end(taken + self._reach + 1)
            return self._ready(taken)
        self._reader.end(taken + 2)
        return self._ready(warped_length(self._curve, taken, self._rate))

    def _place(self, position: float) -> float:
        seconds = self._curve.output_seconds(np.array([position / self._rate]))
        return float(seconds[0]) * self._rate

    def _ready(self, last: int) -> Rows:
        parts = [np.zeros((self._channels, 0), np.float32)]
        while self._returned < last:
            stop = min(last, self._returned + PIECE)
            seconds = np.arange(self._returned, stop) / self._rate
            positions = _exactly(self._curve.source_seconds(seconds) * self._rate)
            parts.append(self._reader.read(positions))
            self._reader.forget_before(float(positions[-1]) - 1.0)
            self._returned = stop
        return np.concatenate(parts, axis=1)


def warped_length(curve: SpeedCurve, samples: int, sample_rate: float) -> int:
    """Return how many samples come of a signal of so many."""
    end = curve.output_seconds(np.array([samples / sample_rate]))
    return max(0, math.floor(float(end[0]) * sample_rate + 0.5))


def _exactly(positions: Floats) -> Floats:
    whole = np.floor(positions)
    return np.asarray(whole + np.rint((positions - whole) * EXACT) / EXACT)

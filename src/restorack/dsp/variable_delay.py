"""Read a stream at moving positions between its samples, by windowed sinc interpolation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.dsp import _core
from restorack.dsp.arrays import Rows

Floats = NDArray[np.float64]

HALF = 32
"""Samples on each side of a position that take part: flat up to 0.45 of the sample rate."""
PHASES = 512
"""Kernels between two samples; between them lines, whose error lies near -106 dB."""
KAISER_BETA = 9.0


def sinc_table() -> Floats:
    """Return the kernels for positions ``i / PHASES`` between samples, shape (513, 64)."""
    offsets = np.arange(-HALF + 1, HALF + 1) - np.arange(PHASES + 1)[:, np.newaxis] / PHASES
    window = np.i0(KAISER_BETA * np.sqrt(np.maximum(0.0, 1.0 - (offsets / HALF) ** 2)))
    table = np.sinc(offsets) * window / np.i0(KAISER_BETA)
    table /= table.sum(axis=1, keepdims=True)
    table[0] = np.arange(2 * HALF) == HALF - 1  # exactly: a position on a sample is the sample
    return np.asarray(table)


class MovingReader:
    """Read every sample of a stream a little earlier or later than it stands.

    Parameters
    ----------
    channels : int
    reach : int
        The farthest that a position lies from its sample; ``reach + HALF`` samples are held back.
    """

    def __init__(self, channels: int, reach: int) -> None:
        self.lookahead = self.lookahead_for(reach)
        self._table = sinc_table()
        self._kept = np.zeros((channels, self.lookahead), np.float32)
        self._taken = self._returned = 0

    @staticmethod
    def lookahead_for(reach: int) -> int:
        """Return how many samples are held back."""
        return reach + HALF

    def ready(self, block: Rows) -> tuple[int, int]:
        """Take samples, return the first and the last but one position that can now be read."""
        self._kept = np.concatenate([self._kept, block], axis=1)
        self._taken += block.shape[1]
        return self._returned, max(self._returned, self._taken - self.lookahead)

    def read(self, shifts: Floats) -> Rows:
        """Return the samples at the next positions, each moved by its shift in samples."""
        out = np.empty((self._kept.shape[0], shifts.size), np.float32)
        for row, kept in zip(out, self._kept, strict=True):
            _core.read_moved(kept, shifts, self.lookahead, self._table, PHASES, row)
        self._kept = self._kept[:, shifts.size :].copy()
        self._returned += shifts.size
        return out

    def ending(self) -> tuple[int, int]:
        """Let silence follow, and return the positions that are still to be read."""
        silence = np.zeros((self._kept.shape[0], self.lookahead), np.float32)
        taken = self._taken
        first, _ = self.ready(silence)
        return first, taken

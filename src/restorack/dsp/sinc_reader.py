"""Read a stream at any positions between its samples, with errors below -100 dB."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from restorack.dsp import _core
from restorack.dsp.arrays import Rows

Floats = NDArray[np.float64]

HALF = 64
"""Samples on each side of a position that take part: flat up to 0.46 of the sample rate."""
PHASES = 1024
"""Kernels between two samples; between them lines, whose error lies near -118 dB."""
KAISER_BETA = 12.0
"""Side lobes of the window near -118 dB."""


@lru_cache(maxsize=1)
def sinc_table() -> Floats:
    """Return the kernels for positions ``i / PHASES`` between samples, shape (1025, 128)."""
    offsets = np.arange(-HALF + 1, HALF + 1) - np.arange(PHASES + 1)[:, np.newaxis] / PHASES
    window = np.i0(KAISER_BETA * np.sqrt(np.maximum(0.0, 1.0 - (offsets / HALF) ** 2)))
    table = np.sinc(offsets) * window / np.i0(KAISER_BETA)
    table /= table.sum(axis=1, keepdims=True)
    # Exactly: a position on a sample is the sample.
    table[0] = np.arange(2 * HALF) == HALF - 1
    table[PHASES] = np.arange(2 * HALF) == HALF
    table.flags.writeable = False
    return np.asarray(table)


class SincReader:
    """Samples of a stream, and what lies between them.

    A position counts samples of the stream from its first one; before and behind it is silence.

    Parameters
    ----------
    channels : int
    """

    def __init__(self, channels: int) -> None:
        self._kept = np.zeros((channels, HALF), np.float32)
        self._first = -HALF
        self.taken = 0

    @property
    def limit(self) -> int:
        """Positions below it can be read."""
        return self.taken - HALF

    def push(self, block: Rows) -> None:
        """Take samples."""
        self._kept = np.concatenate([self._kept, block], axis=1)
        self.taken += block.shape[1]

    def end(self, until: int) -> None:
        """Let silence follow, so that positions below ``until`` can be read."""
        missing = max(0, until + HALF + 1 - self.taken)
        silence = np.zeros((self._kept.shape[0], missing), np.float32)
        self._kept = np.concatenate([self._kept, silence], axis=1)

    def read(self, positions: Floats) -> Rows:
        """Return the samples at positions, shape (channels, positions).

        Parameters
        ----------
        positions : ndarray of float64
            Below :attr:`limit`, and not before what :meth:`forget_before` let go.
        """
        out = np.zeros((self._kept.shape[0], positions.size), np.float32)
        places = positions - self._first
        # What lies outside of the samples is silence.
        inside = (places >= HALF - 1) & (places < self._kept.shape[1] - HALF)
        shifts = places[inside] - np.arange(np.count_nonzero(inside))
        read = np.empty(shifts.size, np.float32)
        for row, kept in zip(out, self._kept, strict=True):
            _core.read_moved(kept, shifts, 0, sinc_table(), PHASES, read)
            row[inside] = read
        return out

    def forget_before(self, position: float) -> None:
        """Let go of the samples that no position from here on needs."""
        first = int(np.floor(position)) - HALF
        if first > self._first:
            self._kept = self._kept[:, first - self._first :].copy()
            self._first = first

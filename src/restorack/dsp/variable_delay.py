"""Read a stream at moving positions between its samples, by windowed sinc interpolation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from restorack.dsp import _core
from restorack.dsp.arrays import Rows
from restorack.dsp.windowed_stream import WindowedStream, latency_of_windows

Floats = NDArray[np.float64]

HALF = 32
"""Samples on each side of a position that take part: flat up to 0.45 of the sample rate."""
PHASES = 512
"""Kernels between two samples; between them lines, whose error lies near -106 dB."""
KAISER_BETA = 9.0
"""Of the window: a stop band at -90 dB, by Kaiser's formula."""
STEP = 512
"""Samples that are read at once, counted from sample 0."""


def sinc_table() -> Floats:
    """Return the kernels for positions ``i / PHASES`` between samples, shape (513, 64)."""
    offsets = np.arange(-HALF + 1, HALF + 1) - np.arange(PHASES + 1)[:, np.newaxis] / PHASES
    window = np.i0(KAISER_BETA * np.sqrt(np.maximum(0.0, 1.0 - (offsets / HALF) ** 2)))
    table = np.sinc(offsets) * window / np.i0(KAISER_BETA)
    table /= table.sum(axis=1, keepdims=True)
    table[0] = np.arange(2 * HALF) == HALF - 1  # exactly: a position on a sample is the sample
    return np.asarray(table)


class MovingReader(WindowedStream):
    """Read every sample of a stream a little earlier or later than it stands.

    Parameters
    ----------
    channels : int
    reach : int
        The farthest that a position lies from its sample.
    shifts : callable
        Returns by how many samples the positions from one to before another are moved.
    """

    def __init__(self, channels: int, reach: int, shifts: Callable[[int, int], Floats]) -> None:
        self._margin, self._shifts, self._table = reach + HALF, shifts, sinc_table()
        self._position = 0
        super().__init__(channels, STEP, overlap=2 * self._margin, before=self._margin)

    @staticmethod
    def latency(reach: int) -> int:
        """Return the most samples that are ever held back."""
        margin = reach + HALF
        return latency_of_windows(STEP, overlap=2 * margin, before=margin)

    def _process(self, window: Rows) -> Rows:
        shifts = self._shifts(self._position, self._position + STEP)
        self._position += STEP
        out = np.empty((window.shape[0], STEP), np.float32)
        for row, samples in zip(out, window, strict=True):
            _core.read_moved(samples, shifts, self._margin, self._table, PHASES, row)
        return out

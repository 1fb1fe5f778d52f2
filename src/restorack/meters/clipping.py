"""Clipping: flat tops at one level, at full scale or below it where the level was changed later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import amplitude_to_db
from restorack.dsp.fifo import SampleFifo

Floats = NDArray[np.float64]
Indices = NDArray[np.int_]

CHUNK = 16_384
"""Samples that are looked at together; runs go on across."""
FLAT = 2e-4
"""Neighbours on a flat top differ by no more than this share of their level."""

# Samples that a flat top has at least, and the level, full scale 1, below which none are looked
# for. By hand.
SHORTEST_RUN = 3
LOWEST_LEVEL = 0.05
FULL_SCALE = 0.9995
"""Runs at and above this level are at full scale."""

STEP_DB, LEVELS = 0.05, 600
"""Flat tops are counted by level, in steps of 0.05 dB down to -30 dBFS."""

# A limit below full scale: so many steps of level hold so many tops, and this share of all. By
# hand.
GATHERED_STEPS = 3
LEAST_TOPS = 8
LEAST_SHARE = 0.6
HIGHEST_DB = 1.0
"""Most flat tops at one level that nothing exceeds by more: a limit that the signal ran into."""


@dataclass(frozen=True)
class Clipping:
    """Clipped passages of a recording.

    Parameters
    ----------
    full_scale_runs : int
        Runs of three and more equal samples at full scale, over all channels.
    full_scale_samples : int
        Samples in them.
    plateau_dbfs : float or None
        A lower level at which flat tops gather: the recording was clipped before it was
        attenuated. None where there is none.
    plateau_runs : int
        Flat tops at that level.
    """

    full_scale_runs: int
    full_scale_samples: int
    plateau_dbfs: float | None
    plateau_runs: int


class ClippingMeter:
    """Find flat tops in a stream; the result is the same for every split.

    A flat top is a run of at least three samples of one value (within 2e-4 of it) that both
    neighbours stay below. Low notes have them too, by quantisation, but at levels of every
    height; clipping puts them at one level that hardly anything exceeds.

    Parameters
    ----------
    channels : int
        Rows of every block.
    """

    def __init__(self, channels: int) -> None:
        self._fifo = SampleFifo(channels)
        self._tops = np.zeros(LEVELS, np.int64)
        self._full_runs = 0
        self._full_samples = 0
        self._highest = 0.0

    def push(self, block: Rows) -> None:
        """Take samples."""
        self._fifo.push(block)
        while len(self._fifo) >= CHUNK:
            self._take(self._fifo.pop(CHUNK))

    def result(self) -> Clipping:
        """Return what was found; the stream ends here."""
        self._take(self._fifo.pop(CHUNK))
        level, count = self._gathering()
        return Clipping(self._full_runs, self._full_samples, level, count)

    def _take(self, chunk: Rows) -> None:
        for row in np.abs(chunk.astype(np.float64)):
            if len(row) > SHORTEST_RUN:
                self._highest = max(self._highest, float(row.max()))
                self._count(row, *_flat_runs(row))

    def _count(self, size: Floats, first: Indices, last: Indices) -> None:
        """Count flat runs by level; those that a chunk's border cuts only at full scale."""
        level = size[first]
        full = level >= FULL_SCALE
        self._full_runs += int(full.sum())
        self._full_samples += int((last - first)[full].sum())
        inside = (level < FULL_SCALE) & (level >= LOWEST_LEVEL)
        inside &= (first > 0) & (last < len(size))
        first, last, level = first[inside], last[inside], level[inside]
        tops = (size[first - 1] < level) & (size[last] < level)
        index = (-amplitude_to_db(level[tops]) / STEP_DB).astype(int)
        np.add.at(self._tops, np.minimum(index, LEVELS - 1), 1)

    def _gathering(self) -> tuple[float | None, int]:
        """Return the level where flat tops gather below full scale, and how many do."""
        near = np.convolve(self._tops, np.ones(GATHERED_STEPS, np.int64), "valid")
        at = int(near.argmax())
        count = int(near[at])
        if count < LEAST_TOPS or count < LEAST_SHARE * int(self._tops.sum()):
            return None, 0
        level = -STEP_DB * (at + 0.5 * GATHERED_STEPS)
        exceeded = float(amplitude_to_db(self._highest)) - level
        return (round(level, 2), count) if exceeded < HIGHEST_DB else (None, 0)


def _flat_runs(size: Floats) -> tuple[Indices, Indices]:
    """Return first and last (exclusive) samples of runs of nearly equal values."""
    flat = np.abs(np.diff(size)) <= np.maximum(FLAT * size[1:], 1e-9)
    edges = np.diff(np.concatenate([[0], flat.astype(np.int8), [0]]))
    first, last = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) + 1
    long = last - first >= SHORTEST_RUN
    return first[long], last[long]

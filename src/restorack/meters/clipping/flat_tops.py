"""Flat tops of a waveform: runs of equal samples that the signal enters and leaves at a slope."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int_]

FLAT = 2e-4
"""Samples of a flat top differ by no more than this share of their level: what dither of 16 bits
leaves of -10 dBFS."""
SHORTEST_RUN = 3
"""Samples of a flat top, at least: two are equal by chance at any crest."""
REACH = 1024
"""Samples on either side of a flat top, at least, that must not exceed it by more than
:data:`EXCEEDED`."""
EXCEEDED = 1.02
"""Times the level of a flat top. By hand."""
LONGEST_RUN = 2048
"""Samples of a flat top, at most: what is longer is a constant, and could not be restored."""

# A smooth crest that stays within some drop over a run falls by so many times as much beside it
# (a parabola); a flat top's neighbours are this many times lower again. By hand.
SLOPE = 2.0
STEEP = 0.5
"""Share of its level that the signal jumps by beside a flat top, above which it is no crest cut off
but a wave that switches between levels."""


@dataclass(frozen=True)
class FlatTops:
    """Flat tops of one polarity, in order.

    Parameters
    ----------
    first, last : ndarray of int
        First sample, and the one after the last.
    level : ndarray
        Largest sample, full scale 1.
    equal : ndarray of int
        Samples that are equal to it.
    steep : ndarray of bool
        The signal jumps there and away by more than half the level.
    """

    first: Indices
    last: Indices
    level: Floats
    equal: Indices
    steep: NDArray[np.bool_]


def find_flat_tops(signal: Floats, start: int, stop: int, lowest: float) -> FlatTops:
    """Return the flat tops above zero that begin in a part of a signal.

    Parameters
    ----------
    signal : ndarray, shape (samples,)
        With :data:`REACH` + :data:`LONGEST_RUN` samples around the part, where there are any.
    start, stop : int
        Where the tops begin.
    lowest : float
        Level from which they count.
    """
    step = _quantisation_step(signal)
    flat = np.abs(np.diff(signal)) <= FLAT * np.maximum(signal[1:], 1e-9)
    flat &= signal[1:] >= lowest
    edges = np.diff(np.concatenate([[False], flat, [False]]).astype(np.int8))
    first, last = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) + 1
    width = last - first
    fits = (width >= SHORTEST_RUN) & (width <= LONGEST_RUN) & (first >= start) & (first < stop)
    first, last = _trimmed(signal, first[fits], last[fits])
    fits = (last - first >= SHORTEST_RUN) & (first > 0) & (last < len(signal))
    first, last = first[fits], last[fits]
    if not len(first):
        return FlatTops(first, last, np.zeros(0), first, np.zeros(0, bool))
    level = np.array([signal[a:b].max() for a, b in zip(first, last, strict=True)])
    drop = level - 0.5 * (signal[first - 1] + signal[last])
    half = 0.5 * (last - first - 1)
    smooth = np.maximum(FLAT * level, step) * ((half + 1.0) / half) ** 2
    kept = (drop > SLOPE * smooth) & (_highest_around(signal, first, last) <= EXCEEDED * level)
    steep = drop > STEEP * level
    runs = zip(first, last, level, strict=True)
    equal = np.array([int(np.sum(signal[a:b] == top)) for a, b, top in runs], int)
    return FlatTops(*(part[kept] for part in (first, last, level, equal, steep)))


def _trimmed(signal: Floats, first: Indices, last: Indices) -> tuple[Indices, Indices]:
    """Return runs without what lies too far below their highest sample at either end."""
    for i, (a, b) in enumerate(zip(first, last, strict=True)):
        run = signal[a:b]
        level = np.flatnonzero(run >= run.max() * (1.0 - FLAT))
        first[i], last[i] = a + level[0], a + level[-1] + 1
    return first, last


def _highest_around(signal: Floats, first: Indices, last: Indices) -> Floats:
    """Return the highest sample near runs: of stretches that they touch, and one on each side."""
    stretches = np.maximum.reduceat(signal, np.arange(0, len(signal), REACH))
    padded = np.pad(stretches, 3, mode="edge")
    at, to = first // REACH + 3, (last - 1) // REACH + 3
    around = np.stack([padded[at - 1], padded[at], padded[to], padded[to + 1]])
    return np.asarray(around.max(axis=0))  # runs are no longer than two stretches


def _quantisation_step(signal: Floats) -> float:
    """Return the step of a signal whose neighbours differ by multiples of one; else 0."""
    steps = np.abs(np.diff(signal))
    steps = steps[steps > 0.0]
    if not len(steps):
        return 0.0
    least = float(steps.min())
    multiples = steps / least
    return least if np.mean(np.abs(multiples - np.round(multiples)) < 0.02) > 0.95 else 0.0

"""Clipping whose tops are flat no more: what dither, resampling or a codec made of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SECTION = 1 << 16
"""Samples that are judged together."""
LOWEST_LEVEL = 0.05
"""Sections whose highest sample lies below are not judged, -26 dBFS. By hand."""

# Samples are counted by level in hundredths of the highest. A level is one that they pile up at
# where so many times as many lie around it as lie below, from 0.80 to 0.92 of it. Of 24 clean
# recordings the most is 2.1, a sine has 4.1; clipped at an SDR of 15 dB and then resampled, or
# coded as MP3 of 128 kbit/s, they have 5 to 23.
BINS = 100
LOWEST_BIN = 60
PILE = 4.5
BELOW = (0.80, 0.92)

# What rises over 0.85 of the level spends more than this share of the time over 0.95 of it: crests
# of any sine 0.57, clipped ones 0.67 to 0.92. So many crests are needed; and so many samples, as a
# share of these, may exceed the level by a tenth.
FLATNESS, OVER, UNDER = 0.65, 0.95, 0.85
FEWEST_CRESTS = 20
MOST_BEYOND, BEYOND = 0.02, 1.1

# A wave that comes from below minus half the level in three samples switches between levels.
RISE_SAMPLES, STEEP, STEEP_SHARE = 3, -0.5, 0.5

# Crests of a steady note are alike, and may be flat by nature (a saxophone's: their widths vary by
# 0.05 to 0.14 of their mean); clipped music's vary by 0.2 and more.
ALIKE, WIDTH = 0.18, 0.93

EDGE = 2.0
"""A pile begins where the density is this many times that below it."""


@dataclass(frozen=True)
class Pile:
    """A level that samples pile up at.

    Parameters
    ----------
    level : float
        Full scale 1.
    lowest : float
        Where the pile begins: from there on samples are clipped.
    crests : int
        Crests at that level.
    samples : int
        Samples from `lowest` on.
    """

    level: float
    lowest: float
    crests: int
    samples: int


def find_pile(signal: Floats) -> Pile | None:
    """Return the level above zero that samples of a section pile up at, or None.

    Parameters
    ----------
    signal : ndarray, shape (samples,)
    """
    top = float(signal.max(initial=0.0))
    if top < LOWEST_LEVEL:
        return None
    high = signal[signal > 0.4 * top]
    counts = np.bincount(
        np.minimum((high / top * BINS).astype(int), BINS), minlength=BINS + 1
    ).astype(float)
    counts[BINS - 1] += counts[BINS]  # the highest sample itself
    at, below = _densest(counts[:BINS])
    if counts[at - 1 : at + 2].mean() < PILE * (below + 3.0):
        return None
    level = (at + 0.5) / BINS * top
    crests = _crests(signal, level, high)
    if crests < FEWEST_CRESTS:
        return None
    first = at
    while first > LOWEST_BIN and counts[first - 1] > EDGE * below:
        first -= 1
    lowest = max(first / BINS * top, BELOW[1] * level)
    return Pile(level, lowest, crests, int(np.sum(high >= lowest)))


def _densest(counts: Floats) -> tuple[int, float]:
    """Return the bin around which there are most samples for those below, and these."""
    total = np.concatenate([[0.0], np.cumsum(counts)])
    bins = np.arange(LOWEST_BIN, BINS - 1)
    low, high = (bins * BELOW[0]).astype(int), (bins * BELOW[1]).astype(int)
    below = (total[high] - total[low]) / (high - low)
    around = (total[bins + 2] - total[bins - 1]) / 3.0
    best = int(np.argmax(around / (below + 3.0)))
    return int(bins[best]), float(below[best])


def _crests(signal: Floats, level: float, high: Floats) -> int:
    """Return how many crests are cut off at a level: 0 where their shape is another one."""
    over, under = int(np.sum(high >= OVER * level)), int(np.sum(high >= UNDER * level))
    if over < FLATNESS * under or int(np.sum(high >= BEYOND * level)) > MOST_BEYOND * over:
        return 0
    rises = np.flatnonzero((signal[1:] >= UNDER * level) & (signal[:-1] < UNDER * level)) + 1
    before = signal[np.maximum(rises - RISE_SAMPLES, 0)]
    if np.sum(before < STEEP * level) > STEEP_SHARE * len(rises):
        return 0
    widths = _widths(signal, WIDTH * level)
    if len(widths) < FEWEST_CRESTS or widths.std() < ALIKE * widths.mean():
        return 0
    return len(widths)


def _widths(signal: Floats, level: float) -> Floats:
    """Return for how many samples each crest lies over a level, without those that graze it."""
    edges = np.diff(np.concatenate([[False], signal >= level, [False]]).astype(np.int8))
    widths = (np.flatnonzero(edges < 0) - np.flatnonzero(edges > 0)).astype(float)
    return widths[widths >= 0.25 * np.median(widths)] if len(widths) else widths

"""Which runs of noise are lead-in, gaps and run-out: the likeliest choice of all together."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.splitting.evidence import within

Floats = NDArray[np.float64]

TRACK_S, TRACK_SPREAD = 200.0, 2.0
"""Median length of tracks, and the standard deviation of its logarithm, shorter ones. By hand."""
LONG_SPREAD = 2.5
"""Of longer ones: a side may be one movement."""
BURST_S = 0.7
"""A needle drop or a pop lasts no longer; within a gap nothing longer is passed over."""
BURST_COST, BURST_COST_PER_S = 1.5, 3.0
"""What a disturbance within lead-in, gap or run-out costs in log odds. By hand."""
MOST_PARTS = 6
"""Runs that one gap may consist of, with pops between."""
OPEN_END_COST = 3.0
"""Of a side that begins or ends with music, without any noise before or after it."""
ACTIVE_SHARE = 0.2
"""Of a track, at least, that is no noise."""
MOST_GAPS = 300
"""Likeliest ones that are weighed against each other."""


@dataclass(frozen=True)
class Gap:
    """Lead-in, a gap or the run-out.

    Attributes
    ----------
    start, stop : int
        First frame, and the one after the last.
    odds : float
        Natural logarithm of the odds that it is one.
    """

    start: int
    stop: int
    odds: float


@dataclass(frozen=True)
class Choice:
    """Lead-in, gaps and run-out, in order, and what speaks for all of them together."""

    gaps: list[Gap]
    score: float


@dataclass(frozen=True)
class Side:
    """What the choice is made from: runs of noise and how likely each one is a gap.

    Attributes
    ----------
    runs : ndarray of int, shape (runs, 2)
        Frames.
    odds : ndarray, shape (runs,)
    frames : int
    hop_s : float
    """

    runs: NDArray[np.int64]
    odds: Floats
    frames: int
    hop_s: float


def choose_borders(side: Side, min_track_s: float, tracks: int | None = None) -> Choice | None:
    """Return lead-in, gaps and run-out; None where there are not as many as wanted.

    Dynamic programming over all choices: the sum of the gaps' odds and of how likely the lengths
    of the tracks between them are is largest.

    Parameters
    ----------
    side : Side
    min_track_s : float
        No track is shorter.
    tracks : int, optional
        As many tracks; by default as many as are likeliest.
    """
    gaps = _inner_gaps(side)
    firsts, lasts = _first_gaps(side), _last_gaps(side)
    nodes = sorted(firsts, key=lambda gap: gap.stop)
    best = _Paths(side, min_track_s, [*nodes, *gaps], len(nodes))
    return best.through(lasts, tracks)


class _Paths:
    """The best choices that end with each gap, for every number of tracks before it."""

    def __init__(self, side: Side, min_track_s: float, gaps: list[Gap], firsts: int) -> None:
        self._side, self._least = side, min_track_s
        order = sorted(range(len(gaps)), key=lambda at: (gaps[at].start, at))
        is_first = [at < firsts for at in order]
        self._gaps = [gaps[at] for at in order]
        self._is_first = is_first
        self._quiet = np.concatenate([[0], np.cumsum(within(side.runs, side.frames))])
        self._best: list[dict[int, tuple[float, int]]] = []

    def through(self, lasts: list[Gap], tracks: int | None) -> Choice | None:
        """Return the best choice that ends with one of the run-outs."""
        most = tracks if tracks is not None else max(1, len(self._gaps))
        for at, gap in enumerate(self._gaps):
            self._best.append(
                {0: (gap.odds, -1)}
                if self._is_first[at]
                else self._before(gap, at, most - 1, exact=tracks is not None)
            )
        ends = []
        for last in lasts:
            found = self._before(last, len(self._gaps), most, exact=tracks is not None)
            ends += [
                (total, count, before, last)
                for count, (total, before) in found.items()
                if tracks is None or count == tracks
            ]
        if not ends:
            return None
        score, count, before, last = max(ends, key=lambda end: end[0])
        chosen = self._back(before, count - 1 if tracks is not None else 0)
        return Choice([*chosen, last], score)

    def _before(
        self, gap: Gap, end: int, most: int, *, exact: bool
    ) -> dict[int, tuple[float, int]]:
        """Return for every number of tracks the best way to a gap; without a number, one way."""
        found: dict[int, tuple[float, int]] = {}
        for at in range(end):
            length = self._length_score(self._gaps[at], gap)
            if length is None:
                continue
            for count, (total, _) in self._best[at].items():
                now = count + 1 if exact else 0
                if now > most:
                    continue
                score = total + length + gap.odds
                if now not in found or score > found[now][0]:
                    found[now] = (score, at)
        return found

    def _length_score(self, before: Gap, after: Gap) -> float | None:
        first, last = before.stop, after.start
        seconds = (last - first) * self._side.hop_s
        if seconds < self._least or seconds <= 0.0:
            return None
        quiet = int(self._quiet[last] - self._quiet[first])
        if quiet > (1.0 - ACTIVE_SHARE) * (last - first):
            return None
        spread = TRACK_SPREAD if seconds < TRACK_S else LONG_SPREAD
        return -0.5 * (math.log(seconds / TRACK_S) / spread) ** 2

    def _back(self, at: int, count: int) -> list[Gap]:
        chosen = []
        while at >= 0:
            chosen.append(self._gaps[at])
            _, at = self._best[at][count]
            count = max(count - 1, 0)
        return chosen[::-1]


def _inner_gaps(side: Side) -> list[Gap]:
    gaps = []
    for first in range(len(side.runs)):
        odds = 0.0
        for last in range(first, min(first + MOST_PARTS, len(side.runs))):
            if last > first:
                burst = _burst(side, last)
                if burst > BURST_S:
                    break
                odds -= BURST_COST + BURST_COST_PER_S * burst
            odds += float(side.odds[last])
            gaps.append(Gap(int(side.runs[first, 0]), int(side.runs[last, 1]), odds))
    gaps.sort(key=lambda gap: -gap.odds)
    return gaps[:MOST_GAPS]


def _first_gaps(side: Side) -> list[Gap]:
    """Return every possible lead-in: nothing, or all up to the end of some run."""
    found, odds, before = [Gap(0, 0, -OPEN_END_COST)], 0.0, 0
    for at, (start, stop) in enumerate(side.runs):
        burst = (int(start) - before) * side.hop_s
        if burst > BURST_S:
            break
        if burst > 0.0:
            odds -= BURST_COST + BURST_COST_PER_S * burst
        odds += float(side.odds[at])
        found.append(Gap(0, int(stop), odds))
        before = int(stop)
    return found


def _last_gaps(side: Side) -> list[Gap]:
    """Return every possible run-out."""
    backwards = Side(side.frames - side.runs[::-1, ::-1], side.odds[::-1], side.frames, side.hop_s)
    return [Gap(side.frames - gap.stop, side.frames, gap.odds) for gap in _first_gaps(backwards)]


def _burst(side: Side, at: int) -> float:
    return float(side.runs[at, 0] - side.runs[at - 1, 1]) * side.hop_s

"""Where a recording's band ends, and how that changes in the course of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import numpy as np

from restorack.dsp.decibels import db_to_power
from restorack.meters.bandwidth_edge import BandEdge, Floats, LongTermSpectrum, find_edge

SPAN_S = 3.0
"""Seconds of a span; an edge is looked for in three together."""

LEAST_FRAMES = 24
"""Frames with sound that a look needs."""

SAME_EDGE = 0.93
"""Edges whose ratio is above it count as one, the highest: nothing is added below a true one."""

OWN_TOP_DB = 15.0
"""Where the level falls by less than this at the recording's edge, a span has a top of its own."""


@dataclass(frozen=True)
class EdgeSection:
    """One end of the band and when it holds.

    Parameters
    ----------
    edge_hz : float
    spans : tuple of (float, float)
        Begin and end in seconds; what touches the ends of the recording is open (infinite).
    """

    edge_hz: float
    spans: tuple[tuple[float, float], ...]


class EdgeTrack(LongTermSpectrum):
    """The long-term spectrum of a recording and of every 3 s of it: 8 kB a span are kept.

    Parameters
    ----------
    channels, sample_rate
        As of :class:`LongTermSpectrum`.
    """

    def __init__(self, channels: int, sample_rate: float) -> None:
        super().__init__(channels, sample_rate)
        self._per_span = max(1, round(SPAN_S * sample_rate / self.frame))
        self._sums: list[Floats] = []
        self._counts: list[int] = []

    def _take(self, power: Floats) -> None:
        super()._take(power)
        while len(self._sums) <= self.position // self._per_span:
            self._sums.append(np.zeros(len(power), np.float32))
            self._counts.append(0)
        self._sums[-1] += power.astype(np.float32)
        self._counts[-1] += 1

    def sections(self, highest_hz: float) -> list[EdgeSection]:
        """Return the ends of the band, each with its times, rising; one without drift.

        Where a span has no end of its own, and a top above that of the recording, nothing holds.

        Parameters
        ----------
        highest_hz : float
            A band that ends above it counts as full.
        """
        whole = find_edge(self.power, self.sample_rate)
        if whole is not None and whole.end_hz > highest_hz:
            whole = None
        looks = [self._edge_near(at, whole, highest_hz) for at in range(len(self._sums))]
        edges = _lowest_near(_steadied(looks))
        found = {edge for edge in edges if edge}
        if not found or (whole and 0.0 not in edges and min(found) > SAME_EDGE * max(found)):
            return [EdgeSection(whole.edge_hz, ((-np.inf, np.inf),))] if whole else []
        joined = _joined(found)
        return [
            EdgeSection(edge, self._times([joined.get(one) == edge for one in edges]))
            for edge in sorted(set(joined.values()))
        ]

    def _edge_near(self, at: int, whole: BandEdge | None, highest_hz: float) -> float | None:
        """Return the edge around a span, 0 for a full band, None where too little is heard."""
        around = slice(max(0, at - 1), at + 2)
        count = sum(self._counts[around])
        if count < LEAST_FRAMES:
            return None
        power = np.asarray(np.sum(self._sums[around], axis=0, dtype=np.float64)) / count
        one = find_edge(power, self.sample_rate)
        # Without a medium that falls slowly a slow fall is the music's own.
        sloping = whole is not None and not whole.is_wall
        if one is not None and one.end_hz <= highest_hz and (one.is_wall or sloping):
            return one.edge_hz
        if whole is None or self._has_own_top(power, whole.edge_hz):
            return 0.0
        return whole.edge_hz

    def _has_own_top(self, power: Floats, edge_hz: float) -> bool:
        scale = (len(power) - 1) / (self.sample_rate / 2)
        below, above = (
            float(np.median(power[int(low * edge_hz * scale) : int(high * edge_hz * scale) + 1]))
            for low, high in ((0.8, 0.95), (1.1, 1.25))
        )
        return above > below * db_to_power(-OWN_TOP_DB)

    def _times(self, holds: list[bool]) -> tuple[tuple[float, float], ...]:
        span = self._per_span * self.frame / self.sample_rate
        last, at, times = len(holds), 0, []
        for held, run in groupby(holds):
            count = len(list(run))
            if held:
                begin = -np.inf if at == 0 else at * span
                times.append((begin, np.inf if at + count == last else (at + count) * span))
            at += count
        return tuple(times)


def _steadied(edges: list[float | None]) -> list[float]:
    """Return edges without gaps, and without what holds for one span only."""
    known = [edge for edge in edges if edge is not None]
    last = known[0] if known else 0.0
    filled = [last := last if edge is None else edge for edge in edges]
    return [
        before if _differ(before, edge) and _differ(edge, after) else edge
        for before, edge, after in zip(
            [*filled[:1], *filled[:-1]], filled, [*filled[1:], *filled[-1:]], strict=True
        )
    ]


def _lowest_near(edges: list[float]) -> list[float]:
    """Return for every span the lowest edge of the looks that it was part of.

    A look hears three spans, and of two ends of the band the higher one: beside a change the
    lower one shows only in the look that lies all on its side.
    """
    open_ended = [edge or np.inf for edge in edges]
    lowest = [
        min(open_ended[max(0, at - 1) : at + 2], default=np.inf) for at in range(len(open_ended))
    ]
    return [0.0 if edge == np.inf else edge for edge in lowest]


def _differ(one: float, other: float) -> bool:
    return min(one, other) <= SAME_EDGE * max(one, other) and one != other


def _joined(edges: set[float]) -> dict[float, float]:
    """Return for every edge the highest of those that count as the same."""
    highest: dict[float, float] = {}
    top = np.inf
    for edge in sorted(edges, reverse=True):
        if edge < SAME_EDGE * top:
            top = edge
        highest[edge] = top
    return highest

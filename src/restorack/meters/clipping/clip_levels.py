"""Clipping levels of a recording: where flat tops gather, or samples pile up."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.dsp.fifo import SampleFifo
from restorack.meters.clipping.flat_tops import FLAT, LONGEST_RUN, REACH, FlatTops, find_flat_tops
from restorack.meters.clipping.soft_clipping import SECTION, find_pile

CHUNK = 16_384
"""Samples that are looked at together."""
HALO = REACH + LONGEST_RUN
"""Samples known on either side of them."""
LOWEST_LEVEL = 0.05
"""No flat tops are looked for below it. By hand."""
FULL_SCALE = 0.9995
"""Flat tops at and above this level are at full scale."""

SAME = 2.5 * FLAT
"""Levels that differ by no more than this share are one."""
DRIFT = 0.02
"""A level drifts by no more than this share from one flat top to the next ..."""
DRIFT_SAMPLES = 1 << 16
"""... where so many samples lie between them, at most. A level that stays may stay for good."""
LEAST_TOPS, LEAST_AT_FULL_SCALE = 8, 2
"""Flat tops of a level, or of one that drifts, that are clipping. By hand."""
MOST_CHAINS = 4
"""Levels that are followed at a time; the one with the fewest flat tops makes room for another."""
EXACT_SHARE = 0.8
"""Where as many samples of the flat tops are equal, what differs at all is not clipped."""
STEEP_SHARE = 0.5
"""Where more of them are steep, the wave is flat by nature."""


@dataclass
class ClipSpan:
    """A stretch of one channel and polarity that is clipped at one level.

    Parameters
    ----------
    start, stop : int
        Samples, from the first flat top to the end of the last.
    level : float
        In magnitude, full scale 1.
    tops : int
        Flat tops.
    samples : int
        Samples in them.
    equal : int
        Those of them that are equal to the largest of their top.
    steep : int
        Flat tops that the signal jumps to.
    soft_from : float or None
        Where tops are flat no more: the magnitude from which samples are clipped.
    """

    start: int
    stop: int
    level: float
    tops: int = 0
    samples: int = 0
    equal: int = 0
    steep: int = 0
    soft_from: float | None = None

    def limits(self) -> tuple[float, float]:
        """Return the lowest and highest magnitude of a clipped sample, both inclusive."""
        if self.soft_from is not None:
            return self.soft_from, np.inf
        exact = self.equal >= EXACT_SHARE * self.samples
        width = 0.0 if exact else SAME * self.level
        return self.level - width, self.level + width


_Spans = list[tuple[list[ClipSpan], list[ClipSpan]]]


class _LevelTracker:
    """Follow the flat tops of one channel and polarity, and keep the levels that they gather at."""

    def __init__(self) -> None:
        self._chains: list[list[ClipSpan]] = []
        self._kept: list[ClipSpan] = []

    def take(self, tops: FlatTops, origin: int) -> None:
        """Take flat tops; `origin` is the sample that their places count from."""
        parts = (tops.first + origin, tops.last + origin, tops.level, tops.equal, tops.steep)
        for first, last, level, equal, steep in zip(*parts, strict=True):
            span = self._span_at(int(first), float(level))
            span.stop = int(last)
            span.tops, span.samples = span.tops + 1, span.samples + int(last - first)
            span.equal, span.steep = span.equal + int(equal), span.steep + int(steep)

    def _span_at(self, first: int, level: float) -> ClipSpan:
        """Return the stretch that a flat top belongs to, which may be a new one."""
        for chain in self._chains:
            if abs(level - chain[-1].level) <= SAME * chain[-1].level:
                return chain[-1]
        made = ClipSpan(first, first, level)
        for chain in self._chains:
            near = abs(level - chain[-1].level) <= DRIFT * chain[-1].level
            if near and first - chain[-1].stop <= DRIFT_SAMPLES:
                chain.append(made)
                return made
        if len(self._chains) == MOST_CHAINS:
            least = min(self._chains, key=_count)
            self._chains.remove(least)
            self._kept += least if _is_clipping(least) else []
        self._chains.append([made])
        return made

    def spans(self) -> list[ClipSpan]:
        """Return the stretches that are clipped, of what was taken so far, by their beginning."""
        found = [span for chain in self._chains if _is_clipping(chain) for span in chain]
        return sorted(self._kept + found, key=lambda span: span.start)


def _count(chain: list[ClipSpan]) -> int:
    return sum(span.tops for span in chain)


def _is_clipping(chain: list[ClipSpan]) -> bool:
    tops = _count(chain)
    if not tops or sum(span.steep for span in chain) > STEEP_SHARE * tops:
        return False
    full = max(span.level for span in chain) >= FULL_SCALE
    return tops >= (LEAST_AT_FULL_SCALE if full else LEAST_TOPS)


class ClipLevelFinder:
    """Find the levels that a stream was clipped at; the result is the same for every split.

    A hard-clipped crest is a run of equal samples which the signal enters and leaves at a slope,
    and which nothing nearby exceeds. Crests of low notes are flat by quantisation, but not at a
    slope; those of one level, or of one that drifts, are clipping. Where there are none, clipping
    shows by samples that pile up at a level, section by section
    (:mod:`restorack.meters.clipping.soft_clipping`).

    Parameters
    ----------
    channels : int
        Rows of every block.
    """

    def __init__(self, channels: int) -> None:
        self._held = np.zeros((channels, HALO), np.float32)
        self._origin = -HALO
        self._trackers = [(_LevelTracker(), _LevelTracker()) for _ in range(channels)]
        self._sections = SampleFifo(channels)
        self._judged = 0
        self._soft: _Spans = [([], []) for _ in range(channels)]

    def push(self, block: Rows) -> None:
        """Take samples."""
        self._sections.push(block)
        while len(self._sections) >= SECTION:
            self._judge(self._sections.pop(SECTION))
        self._held = np.concatenate([self._held, block], axis=1)
        while self._held.shape[1] >= CHUNK + 2 * HALO:
            self._search(self._held[:, : CHUNK + 2 * HALO])
            self._held = self._held[:, CHUNK:].copy()
            self._origin += CHUNK

    def finish(self) -> None:
        """End the stream, as if silence followed."""
        if len(self._sections):
            self._judge(self._sections.pop(SECTION))
        self.push(np.zeros((len(self._held), CHUNK + HALO), np.float32))

    def spans(self, channel: int, polarity: int) -> list[ClipSpan]:
        """Return the clipped stretches found so far, in order.

        Parameters
        ----------
        channel : int
        polarity : {1, -1}
        """
        side = 0 if polarity > 0 else 1
        hard, soft = self._trackers[channel][side].spans(), self._soft[channel][side]
        if not hard or not soft:
            return hard or soft
        starts = [span.start for span in hard]
        return sorted(
            [*hard, *(span for span in soft if not _meets(span, hard, starts))],
            key=lambda span: span.start,
        )

    def _search(self, chunk: Rows) -> None:
        for row, trackers in zip(chunk.astype(np.float64), self._trackers, strict=True):
            if np.abs(row).max() < LOWEST_LEVEL:
                continue
            for tracker, signal in zip(trackers, (row, -row), strict=True):
                tops = find_flat_tops(signal, HALO, HALO + CHUNK, LOWEST_LEVEL)
                tracker.take(tops, self._origin)

    def _judge(self, section: Rows) -> None:
        """Look for levels that samples of a section pile up at."""
        first, stop = self._judged, self._judged + section.shape[1]
        for row, found in zip(section.astype(np.float64), self._soft, strict=True):
            for spans, signal in zip(found, (row, -row), strict=True):
                pile = find_pile(signal)
                if pile is not None:
                    counts = (pile.crests, pile.samples)
                    spans.append(ClipSpan(first, stop, pile.level, *counts, soft_from=pile.lowest))
        self._judged = stop


def _meets(span: ClipSpan, hard: list[ClipSpan], starts: list[int]) -> bool:
    """Return whether flat tops lie in a section."""
    before = bisect_right(starts, span.stop) - 1
    return before >= 0 and hard[before].stop > span.start

"""Clicks in a stream: windows counted from sample 0, detection and repair in turns."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from restorack.dsp.autoregression import Floats
from restorack.plugins.declick.candidates import Click, ClickDetector
from restorack.plugins.declick.classifier import ClickClassifier
from restorack.plugins.declick.interpolation import GapInterpolator

HOP_MS, GUARD_MS = 400.0, 46.0
SEGMENT_MS, SHADOW_MS = 23.2, 34.0
HIDES = 1.0
"""A click whose residual has this share of the energy in its shadow may hide another."""
PAD_MS = 0.045
PASSES = 2
"""What a strong click hid is found in the second pass, when that click is repaired."""
NEIGHBOURHOOD_SUPPORT, NEIGHBOURHOOD_HOPS = 2, 10
"""A doubtful click is believed where so many sure ones were heard within so many hops, 4 s."""


@dataclass(frozen=True)
class WindowLayout:
    """The windows of one rate: sizes in samples.

    A window has ``context``, a hop, a guard and ``context`` again. Clicks are looked for in hop
    and guard, so that none that is near disturbs a repair, and kept where their middle lies in
    the hop or in the last ``margin`` before it, where an earlier window may have missed them.
    """

    hop: int
    guard: int
    margin: int
    context: int
    pad: int
    segment: int
    shadow: int

    @classmethod
    def for_rate(
        cls,
        sample_rate: float,
        max_click_ms: float,
        detectors: Sequence[ClickDetector],
        interpolator: GapInterpolator,
    ) -> WindowLayout:
        """Return the windows that give detectors and repair all they reach for."""

        def samples(milliseconds: float) -> int:
            return round(milliseconds * 1e-3 * sample_rate)

        pad = max(1, samples(PAD_MS))
        margin = samples(max_click_ms) + 4 * pad + 16
        reach = max(interpolator.reach, *(detector.reach for detector in detectors))
        guard, context = samples(GUARD_MS), reach + 3 * margin
        shadow = samples(SHADOW_MS)
        return cls(samples(HOP_MS), guard, margin, context, pad, samples(SEGMENT_MS), shadow)

    @property
    def window(self) -> int:
        """Samples of a window."""
        return 2 * self.context + self.hop + self.guard

    @property
    def longest(self) -> int:
        """Most samples of a gap, however many clicks touch in it."""
        return 2 * self.margin

    @property
    def delay(self) -> int:
        """Samples from the end of where all clicks are known to the end of what was heard."""
        return self.margin + self.guard + self.context


class ClickFinder:
    """The clicks of one channel of a stream.

    Parameters
    ----------
    plan : Plan
        Windows.
    detectors : list of ClickDetector
        Asked in turns.
    judge : Judge
        Says which of their candidates are clicks.
    fix : GapInterpolator
        Fills them, for the next detector and the next pass.
    """

    def __init__(
        self,
        layout: WindowLayout,
        detectors: Sequence[ClickDetector],
        classifier: ClickClassifier,
        interpolator: GapInterpolator,
    ) -> None:
        self._layout, self._detectors, self._classifier, self._interpolator = (
            layout,
            detectors,
            classifier,
            interpolator,
        )
        self._window = np.zeros(layout.window)
        self._position = -layout.window
        self._high_confidence: deque[int] = deque(maxlen=NEIGHBOURHOOD_HOPS)

    def advance(self, fresh: Floats) -> list[Click]:
        """Take the next hop of samples.

        Parameters
        ----------
        fresh : ndarray, shape (hop,)
            Samples of the stream.

        Returns
        -------
        list of Click
            More clicks; positions in the stream, in order. After the call, all are known whose
            middle lies more than ``plan.delay`` before the end of ``fresh``.
        """
        layout, window = self._layout, self._window
        window[: -layout.hop] = window[layout.hop :].copy()
        window[-layout.hop :] = fresh
        self._position += layout.hop
        work = window.copy()
        last = layout.context + layout.hop
        gaps = [gap for gap in self.search(work) if (gap.start + gap.stop) // 2 < last]
        for gap in gaps:
            window[gap.start : gap.stop] = work[gap.start : gap.stop]
        at = self._position
        return [replace(gap, start=at + gap.start, stop=at + gap.stop) for gap in gaps]

    def search(self, work: Floats) -> list[Click]:
        """Detect and repair in the next window, in turns; return the gaps, in order."""
        layout = self._layout
        self._high_confidence.append(0)
        begin, end = layout.context - layout.margin, layout.context + layout.hop + layout.guard
        zones = [(begin, end)]
        gaps: list[Click] = []
        for _ in range(PASSES):
            before = set(gaps)
            for detector in self._detectors:
                for zone in zones:
                    gaps = self._with_those_of(detector, work, zone, gaps)
            zones = self._hidden(begin, end, [g for g in gaps if g not in before])
        hop = range(layout.context, layout.context + layout.hop)
        self._high_confidence[-1] = sum(
            (gap.start + gap.stop) // 2 in hop
            for gap in gaps
            if self._classifier.is_high_confidence(gap)
        )
        return gaps

    def _with_those_of(
        self, detector: ClickDetector, work: Floats, zone: tuple[int, int], gaps: list[Click]
    ) -> list[Click]:
        """Let one detector look at a zone; fill what is found, return all gaps."""
        (begin, end), reach, threshold = zone, detector.reach, self._classifier.threshold
        seen = work[begin - reach : end + reach]
        known, shift = set(gaps), begin - reach
        found = detector.find(seen, reach, reach + end - begin, threshold)
        found = self._accepted(work, found, shift)
        if not found:
            return gaps
        padded = [self._padded(click, shift) for click in found]
        gaps = joined(gaps + padded, self._layout.longest)
        return [
            g
            for g in gaps
            if g in known or self._interpolator.interpolate_gap(work, g.start, g.stop)
        ]

    def _accepted(self, work: Floats, found: list[Click], shift: int) -> list[Click]:
        """Return the clicks among candidates, whose positions lie ``shift`` before ``work``'s.

        Clicks come in company: of a worn record's many candidates the doubtful ones are most
        likely clicks too, of a sound recording's few they are most likely music.
        """
        kept = self._classifier.accept(found)
        high_confidence = [click for click in kept if self._classifier.is_high_confidence(click)]
        self._high_confidence[-1] += len(high_confidence)
        return kept if sum(self._high_confidence) >= NEIGHBOURHOOD_SUPPORT else high_confidence

    def _hidden(self, begin: int, end: int, fresh: list[Click]) -> list[tuple[int, int]]:
        """Return the zones around gaps that were strong enough to hide others."""
        segment, reach = self._layout.segment, self._layout.shadow
        marked = np.zeros(-(-(end - begin) // segment), bool)
        for gap in fresh:
            if gap.strength * (gap.stop - gap.start) > HIDES * reach:
                first, last = gap.start - reach - begin, gap.stop + reach - begin
                marked[max(0, first // segment) : max(0, -(-last // segment))] = True
        edges = np.flatnonzero(np.diff(np.concatenate([[False], marked, [False]]).astype(int)))
        return [
            (begin + int(a) * segment, min(end, begin + int(b) * segment))
            for a, b in zip(edges[::2], edges[1::2], strict=True)
        ]

    def _padded(self, click: Click, shift: int) -> Click:
        layout = self._layout
        start = max(layout.context - layout.margin, click.start + shift - layout.pad)
        return replace(click, start=start, stop=click.stop + shift + layout.pad, features=None)


def joined(gaps: list[Click], longest: int) -> list[Click]:
    """Join gaps that touch; of those that would become longer than ``longest``, keep the first."""
    out: list[Click] = []
    for gap in sorted(gaps, key=lambda click: (click.start, click.stop)):
        if not out or gap.start > out[-1].stop:
            out.append(gap)
            continue
        last = out[-1]
        better = last if last.confidence >= gap.confidence else gap
        stop, strength = max(last.stop, gap.stop), max(last.strength, gap.strength)
        if stop - last.start <= longest:
            revert = last.reverted and gap.reverted
            out[-1] = replace(
                better, start=last.start, stop=stop, strength=strength, reverted=revert
            )
    return out

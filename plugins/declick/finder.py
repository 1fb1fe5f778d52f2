"""Clicks in a stream: windows counted from sample 0, detection and repair in turns."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from restorack.dsp.autoregression import Floats
from restorack.plugins.declick.candidates import Click, ClickDetector
from restorack.plugins.declick.classifier import ClickClassifier, Selection
from restorack.plugins.declick.interpolation import GapInterpolator

# What a window decides, and what is looked at beyond it so that nothing near disturbs a repair;
# the segment of a model as in candidates, and how far from a click others may hide in its shadow.
# By hand.
HOP_MS, GUARD_MS = 400.0, 46.0
SEGMENT_MS, SHADOW_MS = 23.2, 34.0
HIDES = 1.0
"""A click whose residual has this share of the energy in its shadow may hide another."""
PAD_MS = 0.045
"""Added to both ends of a gap, 2 samples at 44.1 kHz: a click's edges lie in the noise. By
hand."""
PASSES = 2
"""What a strong click hid is found in the second pass, when that click is repaired."""
APART = 2
"""Samples between a deferred candidate and any other gap."""
TAIL_MS = 1.0
"""A deferred candidate that begins no later after a gap is the end of the same click."""


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
    tail: int
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
        return cls(
            hop=samples(HOP_MS),
            guard=guard,
            margin=margin,
            context=context,
            pad=pad,
            tail=samples(TAIL_MS),
            segment=samples(SEGMENT_MS),
            shadow=samples(SHADOW_MS),
        )

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
    """The candidates for clicks of one channel of a stream, good ones repaired for the others.

    Parameters
    ----------
    layout : WindowLayout
    detectors : list of ClickDetector
        Asked in turns.
    classifier : ClickClassifier
        Says which of their candidates are clicks. What it accepts is repaired for the next
        detector and the next pass; what it defers is not, so that it hides nothing better.
    interpolator : GapInterpolator
        Repairs them.
    first : int
        Number of the first sample in the stream.
    """

    def __init__(
        self,
        layout: WindowLayout,
        detectors: Sequence[ClickDetector],
        classifier: ClickClassifier,
        interpolator: GapInterpolator,
        first: int = 0,
    ) -> None:
        self._layout, self._detectors, self._classifier, self._interpolator = (
            layout,
            detectors,
            classifier,
            interpolator,
        )
        self._window = np.zeros(layout.window)
        self._position = first - layout.window
        self._deferred: list[Click] = []

    def advance(self, fresh: Floats) -> list[Click]:
        """Take the next hop of samples.

        Parameters
        ----------
        fresh : ndarray, shape (hop,)
            Samples of the stream.

        Returns
        -------
        list of Click
            More candidates; positions in the stream, in order. After the call, all are known
            whose middle lies more than ``layout.delay`` before the end of ``fresh``.
        """
        layout, window = self._layout, self._window
        window[: -layout.hop] = window[layout.hop :].copy()
        window[-layout.hop :] = fresh
        self._position += layout.hop
        work = window.copy()
        found = self.search(work, self._position)
        last = layout.context + layout.hop
        for gap in found.accepted:
            if middle(gap) < last:
                window[gap.start : gap.stop] = work[gap.start : gap.stop]
        return [
            shifted(gap, self._position)
            for gap in in_order(found.accepted + found.deferred)
            if middle(gap) < last
        ]

    def search(self, work: Floats, position: int) -> Selection:
        """Detect and repair in the next window, in turns.

        Parameters
        ----------
        work : ndarray, shape (layout.window,)
            The window; what is accepted is repaired in it.
        position : int
            Of its first sample in the stream.

        Returns
        -------
        Selection
            Positions in the window.
        """
        layout = self._layout
        begin, end = layout.context - layout.margin, layout.context + layout.hop + layout.guard
        zones = [(begin, end)]
        gaps: list[Click] = []
        deferred: list[Click] = []
        for _ in range(PASSES):
            before = set(gaps)
            for detector in self._detectors:
                for zone in zones:
                    found = self._found(detector, work, zone, position)
                    gaps = self._repaired(work, gaps, found.accepted)
                    deferred += found.deferred
            zones = self._hidden(begin, end, [g for g in gaps if g not in before])
        gaps = self._with_tails(work, gaps, deferred)
        return Selection(gaps, self._apart(deferred, gaps, position))

    def _found(
        self, detector: ClickDetector, work: Floats, zone: tuple[int, int], position: int
    ) -> Selection:
        """Let one detector look at a zone, and the classifier at what it found."""
        (begin, end), reach = zone, detector.reach
        seen = work[begin - reach : end + reach]
        found = detector.find(seen, reach, reach + end - begin, self._classifier.threshold)
        padded = [self._padded(click, begin - reach) for click in found]
        selected = self._classifier.select(padded, work, position)
        return Selection(
            [replace(click, features=None) for click in selected.accepted],
            [replace(click, features=None) for click in selected.deferred],
        )

    def _repaired(self, work: Floats, gaps: list[Click], found: list[Click]) -> list[Click]:
        """Repair what is found; return all gaps, but those of which no sound repair is known."""
        if not found:
            return gaps
        known = set(gaps)
        return [
            gap
            for gap in joined(gaps + found, self._layout.longest)
            if gap in known or self._interpolator.interpolate_gap(work, gap.start, gap.stop)
        ]

    def _with_tails(self, work: Floats, gaps: list[Click], deferred: list[Click]) -> list[Click]:
        """Extend gaps by the deferred candidates that end the same clicks.

        Of a wide pulse the sharp half is found first; its slow half is doubtful alone.
        """
        layout, out = self._layout, list(gaps)
        tails = in_order(deferred)
        starts = [tail.start for tail in tails]
        for i, gap in enumerate(gaps):
            following = gaps[i + 1].start - 1 if i + 1 < len(gaps) else len(work)
            most = min(following, gap.start + layout.longest)
            first = bisect_left(starts, gap.start)
            last = bisect_right(starts, gap.stop + layout.tail)
            ends = [tail.stop for tail in tails[first:last] if tail.stop <= most]
            stop = max(ends, default=gap.stop)
            if stop > gap.stop and self._interpolator.interpolate_gap(work, gap.start, stop):
                out[i] = replace(gap, stop=stop)
        return out

    def _apart(self, deferred: list[Click], gaps: list[Click], position: int) -> list[Click]:
        """Return the deferred candidates that touch nothing better, here or returned before."""
        taken = np.zeros(self._layout.window, bool)
        for gap in gaps + [shifted(click, -position) for click in self._deferred]:
            taken[max(0, gap.start - APART) : max(0, gap.stop + APART)] = True
        apart = []
        for click in sorted(deferred, key=lambda each: -each.confidence):
            if not taken[click.start : click.stop].any():
                apart.append(click)
                taken[click.start - APART : click.stop + APART] = True
        end = self._layout.context + self._layout.hop
        self._deferred = [shifted(click, position) for click in apart if middle(click) < end]
        return apart

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
        return click.moved(start, click.stop + shift + layout.pad)


def middle(gap: Click) -> int:
    """Return the sample that says which hop a gap belongs to."""
    return (gap.start + gap.stop) // 2


def shifted(gap: Click, samples: int) -> Click:
    """Return a gap as many samples later."""
    return gap.moved(gap.start + samples, gap.stop + samples)


def in_order(gaps: list[Click]) -> list[Click]:
    """Return gaps in order of time."""
    return sorted(gaps, key=lambda gap: (gap.start, gap.stop))


def joined(gaps: list[Click], longest: int) -> list[Click]:
    """Join gaps that touch; of those that would become longer than ``longest``, keep the first."""
    out: list[Click] = []
    for gap in in_order(gaps):
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

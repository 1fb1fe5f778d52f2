"""Clicks out of a stream: windows counted from sample 0, detection and repair in turns."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from restorack.plugins.autoregression import Floats
from restorack.plugins.click_detection import Click, ClickDetector
from restorack.plugins.click_repair import GapRepair

HOP_MS, GUARD_MS = 256.0, 46.0
PAD_MS = 0.045
PASSES = 2
"""What a strong click hid is found in the second pass, when that click is repaired."""


@dataclass(frozen=True)
class Repair:
    """A repaired run of a stream, and the largest change made in it."""

    start: int
    stop: int
    strength: float
    peak: float


@dataclass(frozen=True)
class Plan:
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

    @classmethod
    def for_rate(
        cls, sample_rate: float, max_click_ms: float, detectors: list[ClickDetector], fix: GapRepair
    ) -> Plan:
        """Return the windows that give detectors and repair all they reach for."""

        def samples(milliseconds: float) -> int:
            return round(milliseconds * 1e-3 * sample_rate)

        pad = max(1, samples(PAD_MS))
        margin = samples(max_click_ms) + 4 * pad + 16
        reach = max(fix.reach, *(detector.reach for detector in detectors))
        return cls(samples(HOP_MS), samples(GUARD_MS), margin, reach + 3 * margin, pad)

    @property
    def window(self) -> int:
        """Samples of a window."""
        return 2 * self.context + self.hop + self.guard

    @property
    def delay(self) -> int:
        """Samples from the end of what is done to the end of what is known."""
        return self.margin + self.guard + self.context

    @property
    def latency(self) -> int:
        """The most samples that are ever withheld."""
        return self.delay + self.hop - 1


class ClickRemover:
    """One channel of a stream.

    Parameters
    ----------
    plan : Plan
        Windows.
    detectors : list of ClickDetector
        Asked in turns.
    fix : GapRepair
        Fills what they find.
    threshold : float
        Least strength of a click.
    """

    def __init__(
        self, plan: Plan, detectors: list[ClickDetector], fix: GapRepair, threshold: float
    ) -> None:
        self._plan, self._detectors, self._fix = plan, detectors, fix
        self._threshold = threshold
        self._window = np.zeros(plan.window)
        self._position = -plan.window

    def advance(self, fresh: Floats) -> tuple[Floats, list[Repair]]:
        """Take the next samples, work on one hop.

        Parameters
        ----------
        fresh : ndarray, shape (hop,)
            Samples of the stream.

        Returns
        -------
        done : ndarray, shape (hop,)
            Samples that no later window changes; they end ``delay`` before ``fresh`` does.
        repairs : list of Repair
            What was repaired; positions in the stream, in order.
        """
        plan, window = self._plan, self._window
        window[: -plan.hop] = window[plan.hop :].copy()
        window[-plan.hop :] = fresh
        self._position += plan.hop
        work = window.copy()
        last = plan.context + plan.hop
        gaps = [gap for gap in self._repaired(work) if (gap.start + gap.stop) // 2 < last]
        kept = [self._keep(work, gap) for gap in gaps]
        return window[plan.context - plan.margin :][: plan.hop].copy(), kept

    def _repaired(self, work: Floats) -> list[Click]:
        """Detect and repair in turns; return the gaps, in order."""
        plan = self._plan
        begin = plan.context - plan.margin
        end = plan.context + plan.hop + plan.guard
        gaps: list[Click] = []
        for _ in range(PASSES):
            before = gaps
            for detector in self._detectors:
                found = detector.find(work, begin, end, self._threshold)
                if not found:
                    continue
                known = set(gaps)
                gaps = _joined(gaps + [self._padded(click, begin) for click in found])
                gaps = [g for g in gaps if g in known or self._fix.fill(work, g.start, g.stop)]
            if gaps == before:  # another pass would see the same
                break
        for gap in gaps:
            self._fix.refine(work, gap.start, gap.stop)
        return gaps

    def _padded(self, click: Click, begin: int) -> Click:
        pad = self._plan.pad
        return replace(click, start=max(begin, click.start - pad), stop=click.stop + pad)

    def _keep(self, work: Floats, gap: Click) -> Repair:
        """Take a gap's repair over into the window that goes on."""
        within = slice(gap.start, gap.stop)
        peak = float(np.abs(self._window[within] - work[within]).max())
        self._window[within] = work[within]
        start = self._position + gap.start
        return Repair(start, start + gap.stop - gap.start, gap.strength, peak)


def _joined(gaps: list[Click]) -> list[Click]:
    """Join gaps that touch."""
    out: list[Click] = []
    for gap in sorted(gaps, key=lambda click: (click.start, click.stop)):
        if out and gap.start <= out[-1].stop:
            last = out[-1]
            stop, strength = max(last.stop, gap.stop), max(last.strength, gap.strength)
            out[-1] = Click(last.start, stop, strength)
        else:
            out.append(gap)
    return out

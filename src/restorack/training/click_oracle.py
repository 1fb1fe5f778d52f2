"""What a click judge is taught: which candidates' repair brings a damaged signal nearer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.plugins.declick.candidates import Click, ClickDetector, residual_detectors
from restorack.plugins.declick.classifier import ResidualJudge
from restorack.plugins.declick.features import Portrait
from restorack.plugins.declick.finder import ClickFinder, Plan
from restorack.plugins.declick.interpolation import GapRepair

Floats = NDArray[np.float64]

WEAKEST = 10.0**0.4
LONGEST_MS = 3.5
EDGE = 8
HELPS, UNSURE = 0.8, (0.6, 1.1)
"""What is left of the error by a repair that helps; between, nobody can say."""


@dataclass(frozen=True)
class Lesson:
    """A candidate, and whether repairing it helps.

    Attributes
    ----------
    portrait : Portrait
    scale : int
        0 for the full rate, 1 for the decimated one.
    strength : float
        The classical evidence.
    left : float
        Energy of the error after repair over that before it.
    change_db : float
        The error's energy over the signal's there.
    """

    portrait: Portrait
    scale: int
    strength: float
    left: float
    change_db: float

    @property
    def helps(self) -> bool:
        """Whether the repair helps."""
        return self.left < HELPS

    @property
    def weight(self) -> float:
        """How much this lesson counts: loud mistakes and misleading evidence more."""
        weight = 0.15 if UNSURE[0] < self.left < UNSURE[1] else 1.0
        weight *= float(np.clip((self.change_db + 40.0) / 30.0, 0.2, 1.5))
        return weight * (2.5 if self.strength > 15.0 and not self.helps else 1.0)


def lessons(damaged: Floats, target: Floats, rate: float) -> Iterator[Lesson]:
    """Yield a lesson for every candidate in a damaged signal.

    Parameters
    ----------
    damaged, target : ndarray, shape (samples,)
        With clicks, and without them (but with the hiss, which is not the judge's matter).
    rate : float
        In Hz.
    """
    detectors = residual_detectors(rate, LONGEST_MS, True)
    fix = GapRepair.for_rate(rate, thorough=False)
    plan = Plan.for_rate(rate, LONGEST_MS, detectors, fix)
    teacher = _Teacher(plan, detectors, fix, target)
    padded = np.append(damaged, np.zeros(plan.delay + plan.hop))
    for start in range(0, len(padded) - plan.hop + 1, plan.hop):
        teacher.advance(padded[start : start + plan.hop])
        yield from teacher.given()


class _Teacher(ClickFinder):
    """A finder that knows the truth: it repairs what helps, and notes all it was asked."""

    def __init__(
        self, plan: Plan, detectors: list[ClickDetector], fix: GapRepair, target: Floats
    ) -> None:
        super().__init__(plan, detectors, ResidualJudge(WEAKEST), fix)
        self._target = np.concatenate([np.zeros(plan.window), target, np.zeros(plan.window)])
        self._lessons: list[Lesson] = []

    def given(self) -> list[Lesson]:
        """Return the lessons since the last call."""
        out, self._lessons = self._lessons, []
        return out

    def _judged(self, work: Floats, found: list[Click], shift: int) -> list[Click]:
        start = self._position + self._plan.window
        target = self._target[start : start + len(work)]
        target = np.pad(target, (0, len(work) - len(target)))
        return [click for click in found if self._helps(work, target, click, shift)]

    def _helps(self, work: Floats, target: Floats, click: Click, shift: int) -> bool:
        gap = self._padded(click, shift)
        tried = work.copy()
        if click.portrait is None or not self._fix.fill(tried, gap.start, gap.stop):
            return False
        around = slice(gap.start - EDGE, gap.stop + EDGE)
        before = float(np.sum((work - target)[around] ** 2))
        after = float(np.sum((tried - target)[around] ** 2))
        near = target[max(0, gap.start - 200) : gap.stop + 200]
        music = float(np.mean(near**2)) * (gap.stop - gap.start)
        change = 10.0 * np.log10(max(before, after) / max(music, 1e-20) + 1e-9)
        left = after / max(before, 1e-30)
        if (gap.start + gap.stop) // 2 < self._plan.context + self._plan.hop:
            lesson = Lesson(click.portrait, click.scale, click.strength, left, float(change))
            self._lessons.append(lesson)
        return left < HELPS

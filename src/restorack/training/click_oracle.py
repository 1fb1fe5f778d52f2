"""What a click classifier is taught: which candidates' repair brings a damaged signal nearer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.decibels import db_to_power, power_to_db
from restorack.plugins.declick.candidates import Click, residual_detectors
from restorack.plugins.declick.classifier import Selection
from restorack.plugins.declick.features import CandidateFeatures
from restorack.plugins.declick.finder import ClickFinder, WindowLayout, middle
from restorack.plugins.declick.interpolation import GapInterpolator

Floats = NDArray[np.float64]

# 4 dB, as thresholds.THRESHOLD_DB. By hand.
WEAKEST = db_to_power(4.0)
"""Strength from which candidates are asked about."""
LONGEST_MS = 3.5
"""Longest click of the presets."""
EDGE = 8
"""Samples beside a gap whose error is compared too. By hand."""
HELPS, UNSURE = 0.8, (0.6, 1.1)
"""What is left of the error by a repair that helps; between, nobody can say."""


@dataclass(frozen=True)
class LabelledExample:
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

    features: CandidateFeatures
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
        """How much this example counts: loud mistakes and misleading evidence more."""
        weight = 0.15 if UNSURE[0] < self.left < UNSURE[1] else 1.0
        weight *= float(np.clip((self.change_db + 40.0) / 30.0, 0.2, 1.5))
        return weight * (2.5 if self.strength > 15.0 and not self.helps else 1.0)


def labelled_examples(damaged: Floats, target: Floats, rate: float) -> Iterator[LabelledExample]:
    """Yield an example for every candidate in a damaged signal.

    Parameters
    ----------
    damaged, target : ndarray, shape (samples,)
        With clicks, and without them (but with the hiss, which is not the judge's matter).
    rate : float
        In Hz.
    """
    detectors = residual_detectors(rate, LONGEST_MS, True)
    interpolator = GapInterpolator.for_rate(rate, thorough=False)
    layout = WindowLayout.for_rate(rate, LONGEST_MS, detectors, interpolator)
    oracle = _Oracle(layout, interpolator, target)
    finder = ClickFinder(layout, detectors, oracle, interpolator)
    padded = np.append(damaged, np.zeros(layout.delay + layout.hop))
    for start in range(0, len(padded) - layout.hop + 1, layout.hop):
        finder.advance(padded[start : start + layout.hop])
        yield from oracle.given()


class _Oracle:
    """A classifier that knows the truth: it accepts what helps, and notes all it was asked."""

    threshold = WEAKEST

    def __init__(self, layout: WindowLayout, interpolator: GapInterpolator, target: Floats) -> None:
        self._layout, self._interpolator = layout, interpolator
        self._target = np.concatenate([np.zeros(layout.window), target, np.zeros(layout.window)])
        self._examples: list[LabelledExample] = []

    def given(self) -> list[LabelledExample]:
        """Return the examples since the last call."""
        out, self._examples = self._examples, []
        return out

    def select(self, candidates: list[Click], work: Floats, position: int) -> Selection:
        """Accept what helps; defer nothing."""
        start = position + self._layout.window
        target = self._target[start : start + len(work)]
        target = np.pad(target, (0, len(work) - len(target)))
        return Selection([gap for gap in candidates if self._helps(work, target, gap)], [])

    def _helps(self, work: Floats, target: Floats, gap: Click) -> bool:
        tried = work.copy()
        if gap.features is None or not self._interpolator.interpolate_gap(
            tried, gap.start, gap.stop
        ):
            return False
        around = slice(gap.start - EDGE, gap.stop + EDGE)
        before = float(np.sum((work - target)[around] ** 2))
        after = float(np.sum((tried - target)[around] ** 2))
        near = target[max(0, gap.start - 200) : gap.stop + 200]
        music = float(np.mean(near**2)) * (gap.stop - gap.start)
        change = power_to_db(max(before, after) / max(music, 1e-20) + 1e-9)
        left = after / max(before, 1e-30)
        if middle(gap) < self._layout.context + self._layout.hop:
            self._examples.append(
                LabelledExample(gap.features, gap.scale, gap.strength, left, float(change))
            )
        return left < HELPS

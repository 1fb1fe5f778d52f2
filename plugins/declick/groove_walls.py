"""A mono disc played in stereo: two walls of one groove, the same music, each with its own damage.

In the difference of the walls the music cancels, and clicks far below it stand out; and what a
click destroyed on one wall, the other wall still has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from restorack.core.crew import together
from restorack.dsp.autoregression import (
    Floats,
    apply_inverse_covariance,
    estimate_models,
    inverse_correlation,
)
from restorack.plugins.declick.candidates import Click
from restorack.plugins.declick.finder import (
    ClickFinder,
    WindowLayout,
    in_order,
    joined,
    middle,
    shifted,
)
from restorack.plugins.declick.interpolation import GapInterpolator

REACH = 4
"""Samples to both sides that one wall is predicted from by the other: azimuth, and tone."""
RIDGE = 1e-6
"""Share of the power added to the diagonal, -60 dB, so that silence and tones can be solved
for."""
EXPLAINS = 0.1
"""Power of the difference, over that of a wall, up to which the other wall is the same music."""
CLEAR, UNSURE = 1.0 / 3.0, 0.5
"""From which share of the click on it a wall is at fault; largest error of that share."""


def predicted(own: Floats, other: Floats, sound: Floats) -> Floats:
    """Return one wall as the other one tells it: through the short filter that fits best.

    Parameters
    ----------
    own, other : ndarray, shape (samples,)
    sound : ndarray, shape (samples,)
        1 where both are undamaged, else 0.
    """
    shifted = np.stack([np.roll(other, shift) for shift in range(-REACH, REACH + 1)])
    weighted = shifted * sound
    covariance = weighted @ shifted.T
    covariance += RIDGE * (covariance[REACH, REACH] + 1e-12) * np.eye(len(covariance))
    aim = weighted @ own
    aim[REACH] += RIDGE * (covariance[REACH, REACH] + 1e-12)
    told: Floats = np.linalg.solve(covariance, aim) @ shifted
    return told


@dataclass(frozen=True)
class GrooveWallInterpolation:
    """Gaps of one wall, filled with what the other has and the difference around them."""

    interpolator: GapInterpolator

    @property
    def reach(self) -> int:
        """Samples that must be there before and after a gap."""
        return self.interpolator.reach

    def interpolate_gap(
        self, rows: Floats, channel: int, start: int, stop: int, free: bool
    ) -> bool:
        """Fill a gap from the other wall if that is sound there, else from its own sides."""
        if free and self._from_other(rows, channel, start, stop):
            return True
        return self.interpolator.interpolate_gap(rows[channel], start, stop)

    def refine(self, rows: Floats, channel: int, start: int, stop: int, free: bool) -> bool:
        """Fill a gap again, from better surroundings; as :meth:`interpolate_gap`."""
        if free and self._from_other(rows, channel, start, stop):
            return True
        return self.interpolator.refine(rows[channel], start, stop)

    def _from_other(self, rows: Floats, channel: int, start: int, stop: int) -> bool:
        low, high = start - self.interpolator.reach, stop + self.interpolator.reach
        own, other = rows[channel, low:high], rows[1 - channel, low:high]
        sound = np.ones(high - low)
        sound[: 2 * REACH] = sound[-2 * REACH :] = 0.0
        sound[start - low - REACH : stop - low + REACH] = 0.0
        told = predicted(own, other, sound)
        difference = (own - told) * (sound > 0.0)
        if np.mean(difference**2) > EXPLAINS * np.mean((own * sound) ** 2):
            return False
        difference = own - told
        if not self.interpolator.interpolate_gap(difference, start - low, stop - low):
            return False
        rows[channel, start:stop] = (told + difference)[start - low : stop - low]
        return True


class GrooveWallFinder:
    """The clicks of both walls: first those of their difference, then those of each.

    Parameters
    ----------
    layout : WindowLayout
    finders : sequence of ClickFinder
        For the two walls, and for their difference.
    order : int
        Of the model that weighs a click in the sum of the walls.
    first : int
        Number of the first sample in the stream.
    """

    def __init__(
        self, layout: WindowLayout, finders: Sequence[ClickFinder], order: int, first: int = 0
    ) -> None:
        self._layout, self._order = layout, order
        *self._walls, self._difference = finders
        self._window = np.zeros((2, layout.window))
        self._position = first - layout.window

    def advance(self, fresh: Floats) -> list[list[Click]]:
        """Take the next hop of both walls; return more candidates of each, in order."""
        layout, window = self._layout, self._window
        window[:, : -layout.hop] = window[:, layout.hop :].copy()
        window[:, -layout.hop :] = fresh
        self._position += layout.hop
        work = window.copy()
        of_difference = self._of_difference(work)
        return together(
            [
                partial(self._of_wall, channel, work[channel], of_difference[channel])
                for channel in (0, 1)
            ]
        )

    def _of_wall(self, channel: int, work: Floats, known: list[Click]) -> list[Click]:
        """Search one wall; return its candidates beside those that the difference showed."""
        layout, window = self._layout, self._window[channel]
        found = self._walls[channel].search(work, self._position)
        gaps = joined(known + found.accepted, layout.longest)
        deferred = [
            click
            for click in found.deferred
            if all(click.stop <= gap.start or gap.stop <= click.start for gap in known)
        ]
        last = layout.context + layout.hop
        for gap in gaps:
            if middle(gap) < last:
                window[gap.start : gap.stop] = work[gap.start : gap.stop]
        return [
            shifted(gap, self._position) for gap in in_order(gaps + deferred) if middle(gap) < last
        ]

    def _of_difference(self, work: Floats) -> list[list[Click]]:
        """Take the clicks of the difference off the walls that have them; return their gaps."""
        gaps: list[list[Click]] = [[], []]
        difference = work[0] - predicted(work[0], work[1], np.ones(work.shape[1]))
        repaired = difference.copy()
        for gap in self._difference.search(repaired, self._position).accepted:
            span = slice(gap.start, gap.stop)
            change = difference[span] - repaired[span]
            share, error = self._share(work.mean(axis=0), gap, change)
            if error > UNSURE and abs(share) < CLEAR + error:
                continue  # too faint to say whose it is
            for channel, at_fault in enumerate((share > -CLEAR, share < CLEAR)):
                if at_fault:
                    gaps[channel].append(gap)
            if abs(share) > CLEAR:
                work[int(share < 0.0), span] -= np.sign(share) * change
        return gaps

    def _share(self, mono: Floats, gap: Click, change: Floats) -> tuple[float, float]:
        """Return how much of the click is in the sum of the walls, 1: left, -1: right; its error.

        The sum is music; the click in it is weighed by generalised least squares under the
        music's autoregressive model, so that it may lie far below the music.
        """
        half, order = self._layout.segment * 2, self._order
        middle = (gap.start + gap.stop) // 2
        frame = mono[np.newaxis, middle - half : middle + half]
        b = inverse_correlation(estimate_models(frame, order)[0])
        seen = apply_inverse_covariance(mono, b, gap.start, gap.stop)
        padded = np.pad(change, order)
        weight = (
            float(change @ apply_inverse_covariance(padded, b, order, order + len(change))) + 1e-30
        )
        around = apply_inverse_covariance(mono, b, gap.start - half // 2, gap.start)
        spread = float(np.sqrt(np.mean(around**2) / b[0]))
        return 2.0 * float(change @ seen) / weight, 2.0 * spread / weight**0.5

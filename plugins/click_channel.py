"""Who finds the gaps of a stream, and one channel of it that is held back and mended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from restorack.plugins.autoregression import Floats
from restorack.plugins.click_detection import Click
from restorack.plugins.click_finding import ClickFinder, Plan
from restorack.plugins.click_mending import Mended, Mender, delay_of, middle
from restorack.plugins.click_repair import GapRepair


class GapSource(Protocol):
    """Says where the gaps are, hop by hop."""

    def advance(self, fresh: Floats) -> list[list[Click]]:
        """Take the next hop of all channels; return more gaps of each, none later than planned."""


class SeparateFinders:
    """Each channel is a signal of its own."""

    def __init__(self, finders: Sequence[ClickFinder]) -> None:
        self._finders = finders

    def advance(self, fresh: Floats) -> list[list[Click]]:
        """Return what each finder finds in its row."""
        return [finder.advance(row) for finder, row in zip(self._finders, fresh, strict=True)]


class GapList:
    """Gaps that are known beforehand, a list per channel."""

    def __init__(self, gaps: Sequence[list[Click]]) -> None:
        self._gaps = gaps
        self._heard = 0

    def advance(self, fresh: Floats) -> list[list[Click]]:
        """Return the gaps that end in this hop."""
        start, self._heard = self._heard, self._heard + fresh.shape[1]
        return [
            [gap for gap in of_channel if start < gap.stop <= self._heard]
            for of_channel in self._gaps
        ]


class ClickChannel:
    """Holds one channel back until its gaps are known, and mends it.

    Parameters
    ----------
    plan : Plan
        Windows.
    fix : GapRepair
        Fills gaps.
    """

    def __init__(self, plan: Plan, fix: GapRepair) -> None:
        self._mender = Mender(plan.hop, plan.longest, fix, plan.delay)
        self._late = np.zeros(plan.delay)
        self._heard = -plan.delay
        self._waiting: list[Click] = []

    @staticmethod
    def delay(plan: Plan, fix: GapRepair) -> int:
        """Return the samples from the end of what is done to the end of what was heard."""
        return plan.delay + delay_of(fix, plan.longest)

    def advance(self, fresh: Floats, found: list[Click]) -> tuple[Floats, list[Mended]]:
        """Take a hop, and gaps found so far; return a hop that is done, and what was mended."""
        self._late = np.concatenate([self._late, fresh])
        given, self._late = self._late[: len(fresh)], self._late[len(fresh) :]
        self._heard += len(fresh)
        gaps = sorted(self._waiting + found, key=lambda gap: (gap.start, gap.stop))
        self._waiting = [gap for gap in gaps if middle(gap) >= self._heard]
        return self._mender.advance(given, [gap for gap in gaps if middle(gap) < self._heard])

"""Who finds the gaps of a stream, and the stream that is held back and mended."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from functools import partial
from typing import Protocol

import numpy as np

from restorack.core.crew import together
from restorack.dsp.autoregression import Floats
from restorack.plugins.declick.after_repair import RepairBypass, ThumpRemover, Wanted
from restorack.plugins.declick.candidates import Click
from restorack.plugins.declick.finder import ClickFinder, WindowLayout, in_order, middle
from restorack.plugins.declick.interpolator import (
    Interpolation,
    Interpolator,
    RepairedGap,
    delay_of,
)
from restorack.plugins.declick.thump import ThumpFinder


class GapSource(Protocol):
    """Says where the gaps are, hop by hop.

    After each call all are known whose middle lies more than :attr:`WindowLayout.delay` before the
    end of what was heard.
    """

    def advance(self, fresh: Floats) -> list[list[Click]]:
        """Take the next hop of all channels; return more gaps of each, in order."""


class SeparateFinders:
    """Each channel is a signal of its own."""

    def __init__(self, finders: Sequence[ClickFinder]) -> None:
        self._finders = finders

    def advance(self, fresh: Floats) -> list[list[Click]]:
        """Return what each finder finds in its row."""
        pairs = zip(self._finders, fresh, strict=True)
        return together([partial(finder.advance, row) for finder, row in pairs])


class GapList:
    """Gaps that are known beforehand, a list per channel."""

    def __init__(self, gaps: Sequence[list[Click]]) -> None:
        self._left = [deque(sorted(of_channel, key=_end)) for of_channel in gaps]
        self._heard = 0

    def advance(self, fresh: Floats) -> list[list[Click]]:
        """Return the gaps that end in this hop."""
        self._heard += fresh.shape[1]
        return [self._ended(left) for left in self._left]

    def _ended(self, left: deque[Click]) -> list[Click]:
        """Take the gaps of a channel that have ended by now."""
        ended = []
        while left and left[0].stop <= self._heard:
            ended.append(left.popleft())
        return ended


class ClickLine:
    """Holds the channels of a stream back until their gaps are known, and mends them.

    Parameters
    ----------
    channels : int
    plan : Plan
        Windows.
    filling : Filling
        Fills gaps.
    swings : ThumpFinder or None
        Finds the swings after them; None: they are left.
    wanted : callable
        Says after which gaps a swing is looked for.
    """

    def __init__(
        self,
        channels: int,
        layout: WindowLayout,
        interpolation: Interpolation,
        swings: ThumpFinder | None,
        wanted: Wanted,
    ) -> None:
        self._mender = Interpolator(
            channels, layout.hop, layout.longest, interpolation, layout.delay
        )
        late = layout.delay + delay_of(interpolation, layout.longest)
        self._settler = ThumpRemover(channels, layout.hop, swings, wanted, late) if swings else None
        self._reverter = RepairBypass(
            channels, layout.hop, self.delay(layout, interpolation, swings)
        )
        self._late = np.zeros((channels, layout.delay))
        self._heard = -layout.delay
        self._waiting: list[list[Click]] = [[] for _ in range(channels)]

    @staticmethod
    def delay(
        layout: WindowLayout, interpolation: Interpolation, swings: ThumpFinder | None
    ) -> int:
        """Return the samples from the end of what is done to the end of what was heard."""
        repaired = layout.delay + delay_of(interpolation, layout.longest)
        return repaired + (swings.after if swings else 0)

    def advance(
        self, fresh: Floats, found: Sequence[list[Click]]
    ) -> tuple[Floats, list[RepairedGap]]:
        """Take a hop, and gaps found so far; return a hop that is done, and what was mended."""
        count = fresh.shape[1]
        self._late = np.concatenate([self._late, fresh], axis=1)
        given, self._late = self._late[:, :count], self._late[:, count:]
        self._heard += count
        gaps = [in_order(a + b) for a, b in zip(self._waiting, found, strict=True)]
        self._waiting = [[gap for gap in each if middle(gap) >= self._heard] for each in gaps]
        ready = [[gap for gap in each if middle(gap) < self._heard] for each in gaps]
        done, repaired = self._mender.advance(given, ready)
        if self._settler is not None:
            done, repaired = self._settler.advance(done, repaired)
        return self._reverter.advance(fresh, done, repaired), repaired


def _end(gap: Click) -> int:
    return gap.stop

"""After the gaps: slow swings taken off a stream, and reverted repairs put back into it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from restorack.dsp.autoregression import Floats
from restorack.plugins.declick.interpolator import RepairedGap
from restorack.plugins.declick.thump import ThumpFinder

Wanted = Callable[[RepairedGap], bool]
"""Whether a swing is looked for after a mended gap."""


class ThumpRemover:
    """Takes the swings off that begin with mended gaps, hop by hop.

    Parameters
    ----------
    channels, hop : int
    finder : ThumpFinder
    wanted : callable
        Says after which gaps a swing is looked for.
    late : int
        Samples that the stream it gets lies behind the one that positions count in.
    """

    def __init__(
        self, channels: int, hop: int, finder: ThumpFinder, wanted: Wanted, late: int
    ) -> None:
        self._hop, self._finder, self._wanted = hop, finder, wanted
        self._window = np.zeros((channels, finder.before + hop + finder.after))
        self._position = -self._window.shape[1] - late
        self._waiting: list[RepairedGap] = []

    def advance(
        self, fresh: Floats, repaired: list[RepairedGap]
    ) -> tuple[Floats, list[RepairedGap]]:
        """Take a hop, and what was mended in it or soon after; return a hop that is done.

        The hop that is returned ends :attr:`ThumpFinder.after` before ``fresh`` does. With it
        come the gaps that begin in it, and how far their tails go.
        """
        hop, window, begin = self._hop, self._window, self._finder.before
        window[:, :-hop] = window[:, hop:].copy()
        window[:, -hop:] = fresh
        self._position += hop
        self._waiting += repaired
        end = self._position + begin + hop
        now = [each for each in self._waiting if each.gap.start < end]
        self._waiting = [each for each in self._waiting if each.gap.start >= end]
        removed = [self._settle(each) for each in sorted(now, key=_order)]
        return window[:, begin : begin + hop].copy(), removed

    def _settle(self, repaired: RepairedGap) -> RepairedGap:
        if not self._wanted(repaired):
            return repaired
        row, anchor = self._window[repaired.channel], repaired.gap.start - self._position
        thump = self._finder.find(row, anchor, repaired.gap.start)
        width = repaired.gap.stop - repaired.gap.start
        if thump is None or len(thump) <= width:
            return repaired
        row[anchor : anchor + len(thump)] -= thump
        return replace(repaired, tail=len(thump) - width)


class RepairBypass:
    """Puts the input back where a list of repairs says so.

    A repair that is reverted was made all the same, so that its neighbours come out as if it had
    been kept. What no kept repair has touched comes out as the input.

    Parameters
    ----------
    channels, hop : int
    delay : int
        Samples that what is done lies behind what is given.
    """

    def __init__(self, channels: int, hop: int, delay: int) -> None:
        self._hop = hop
        self._given = np.zeros((channels, delay + hop))
        self._position = -delay - hop
        self._repairs: list[RepairedGap] = []

    def advance(self, fresh: Floats, done: Floats, repaired: list[RepairedGap]) -> Floats:
        """Take a hop of the input, and of what is done; return it as it goes out."""
        hop, given = self._hop, self._given
        given[:, :-hop] = given[:, hop:].copy()
        given[:, -hop:] = fresh
        self._position += hop
        self._repairs = [r for r in self._repairs + repaired if _stop(r) > self._position]
        reverted = self._touched(keep=False)
        if not reverted.any():
            return done
        back = reverted & ~self._touched(keep=True)
        return np.where(back, given[:, :hop], done)

    def _touched(self, keep: bool) -> np.ndarray:
        """Return which samples of the hop the kept, or the reverted, repairs changed."""
        out = np.zeros((len(self._given), self._hop), bool)
        for repair in self._repairs:
            if repair.gap.reverted != keep:
                first = max(0, repair.gap.start - self._position)
                out[repair.channel, first : max(0, _stop(repair) - self._position)] = True
        return out


def _order(repaired: RepairedGap) -> tuple[int, int]:
    return repaired.gap.start, repaired.channel


def _stop(repaired: RepairedGap) -> int:
    return repaired.gap.stop + repaired.tail

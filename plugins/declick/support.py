"""How many clicks are near: what a doubtful candidate needs to be believed.

The network's odds hold for the examples it was trained on. On a worn record they are too low, on
undamaged music the few candidates that come near the threshold are most likely attacks. So clear
clicks are counted, in the file and around each candidate, and the threshold moves with their
density.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from restorack.dsp.autoregression import Floats
from restorack.plugins.declick.candidates import Click
from restorack.plugins.declick.channel import GapSource
from restorack.plugins.declick.finder import middle

CLEAR_FROM, CLEAR_AT = 2.5, 4.0
"""Log odds from which on a candidate is counted in part, and as a whole click."""
BIN_SECONDS = 0.1
"""What falls together, in whichever channels, is counted once: the best of it."""
REACH_SECONDS = 4.0
"""How far to both sides clicks are near."""
FILE_SECONDS = 4.0
"""Time that the density of the whole file stands for beside what is near."""
DENSITIES = (0.1, 0.25, 1.3)
"""Clear clicks a second ..."""
SHIFTS = ((-3.3, 0.0, 1.5), (-4.0, -1.0, 1.0))
"""... and what is added to log odds there, at the fine and the coarse scale; between, in straight
lines over the logarithm."""
STRENGTH_DB, PER_10_DB, SPAN_DB = 13.0, 1.5, 15.0
"""Strength that adds nothing; log odds for 10 dB more or less; span beyond which none is added."""
ALONE = 0.4
"""Part of what strength adds where there are few clicks: strokes are strong too."""
MOST_SUPPORT = 2.5
"""The most that is added to log odds in all."""
WIDE_MS, WIDE_DENSITY = 2.0, 0.5
"""Fine runs beyond it, such as strokes of mallets and drums, are no evidence, need twice the
density, and gain nothing from more."""
END_SECONDS = 0.093
"""At the ends of a file, where music is cut off, few clicks near are not enough."""


@dataclass(frozen=True)
class SupportRule:
    """Which candidates are clicks, given how many clear ones are near.

    Attributes
    ----------
    min_odds : tuple of float
        Least log odds at the fine and at the coarse scale.
    sample_rate : float
        In Hz.
    pad : int
        Samples that runs were widened by, on each side.
    """

    min_odds: tuple[float, float]
    sample_rate: float
    pad: int

    def vote(self, click: Click) -> float:
        """Return how far a candidate is a clear click, from 0 to 1."""
        if self._is_wide(click):
            return 0.0
        return min(1.0, max(0.0, (log_odds(click) - CLEAR_FROM) / (CLEAR_AT - CLEAR_FROM)))

    def accepts(self, click: Click, per_second: float, samples: int | None) -> bool:
        """Return whether a candidate is a click.

        Parameters
        ----------
        click : Click
        per_second : float
            Clear clicks a second around it.
        samples : int or None
            Length of the stream, where it is known.
        """
        if per_second < DENSITIES[1] and self._is_at_end(click, samples):
            return False
        return log_odds(click) + self._support(click, per_second) > self.min_odds[click.scale]

    def _support(self, click: Click, per_second: float) -> float:
        """Return what is added to a candidate's log odds."""
        is_wide = self._is_wide(click)
        if is_wide:
            per_second *= WIDE_DENSITY
        shift = _between(per_second, SHIFTS[click.scale])
        if is_wide:
            shift = min(shift, 0.0)
        over_db = 10.0 * math.log10(max(click.strength, 1e-9)) - STRENGTH_DB
        bonus = PER_10_DB * min(SPAN_DB, max(-SPAN_DB, over_db)) / 10.0
        if bonus > 0.0:
            bonus *= _between(per_second, (ALONE, 1.0, 1.0))
        return min(shift + bonus, MOST_SUPPORT)

    def _is_wide(self, click: Click) -> bool:
        width = click.stop - click.start - 2 * self.pad
        return click.scale == 0 and width > WIDE_MS * 1e-3 * self.sample_rate

    def _is_at_end(self, click: Click, samples: int | None) -> bool:
        edge = END_SECONDS * self.sample_rate
        return click.start < edge or (samples is not None and click.stop > samples - edge)


class ClickDensity:
    """Clear clicks of a stream, counted as they come.

    Parameters
    ----------
    rule : SupportRule
    per_second : float or None
        Density of the whole file, where it is known; None: of what was heard.
    first : int
        The first sample that is heard.

    Attributes
    ----------
    end : int
        One after the last that was heard.
    """

    def __init__(self, rule: SupportRule, per_second: float | None = None, first: int = 0) -> None:
        self._rule, self._given = rule, per_second
        self._bin = max(1, round(BIN_SECONDS * rule.sample_rate))
        self._votes: list[float] = []  # of bins from the first on that is kept
        self._first_bin = first // self._bin
        self._sum, self._first, self.end = 0.0, first, first

    @property
    def per_second(self) -> float:
        """Clear clicks a second of all that was heard."""
        return self._sum / max(BIN_SECONDS, self._heard_seconds)

    @property
    def _heard_seconds(self) -> float:
        return (self.end - self._first) / self._rule.sample_rate

    def add(self, found: Sequence[list[Click]], end: int) -> None:
        """Count the candidates of all channels; the stream was heard up to a sample."""
        self.end = end
        for click in (click for of_channel in found for click in of_channel):
            vote = self._rule.vote(click)
            if vote > 0.0:
                at = self._place(middle(click) // self._bin)
                self._sum += max(0.0, vote - self._votes[at])
                self._votes[at] = max(vote, self._votes[at])

    def forget(self) -> None:
        """Drop what is too old to be near to anything that is still to come; keep the sum."""
        first = self.end // self._bin - round(2.0 * REACH_SECONDS / BIN_SECONDS)
        if first > self._first_bin:
            del self._votes[: first - self._first_bin]
            self._first_bin = first

    def _place(self, number: int) -> int:
        """Return where the votes of a bin are kept; make room for them."""
        if number < self._first_bin:
            self._votes[:0] = [0.0] * (self._first_bin - number)
            self._first_bin = number
        at = number - self._first_bin
        self._votes += [0.0] * (at + 1 - len(self._votes))
        return at

    def _between(self, first: int, last: int) -> list[float]:
        """Return the votes of bins; those beyond what is kept have none."""
        return self._votes[max(0, first - self._first_bin) : max(0, last - self._first_bin)]

    def around(self, click: Click) -> float:
        """Return the clear clicks a second near a candidate, which is left out itself.

        Clicks come in passages: what is near counts for its own time, the whole file for
        :data:`FILE_SECONDS`.
        """
        reach, at = round(REACH_SECONDS / BIN_SECONDS), middle(click) // self._bin
        last = max(at, (self.end - 1) // self._bin)
        near = range(max(self._first // self._bin, at - reach), min(last, at + reach) + 1)
        own = sum(self._between(at, at + 1))
        count = sum(self._between(near.start, near.stop)) - own
        whole = self._given
        if whole is None:
            whole = (self._sum - own) / max(FILE_SECONDS, self._heard_seconds)
        return (count + FILE_SECONDS * whole) / (len(near) * BIN_SECONDS + FILE_SECONDS)


class SupportedClicks:
    """What finders find in a stream, less what stands alone.

    Parameters
    ----------
    source : GapSource
        Finds the candidates.
    rule : SupportRule
    density : ClickDensity
    """

    def __init__(self, source: GapSource, rule: SupportRule, density: ClickDensity) -> None:
        self._source, self._rule, self._density = source, rule, density

    def advance(self, fresh: Floats) -> list[list[Click]]:
        """Take the next hop of all channels; return more gaps of each, in order."""
        found = self._source.advance(fresh)
        self._density.add(found, self._density.end + fresh.shape[1])
        kept = [[click for click in of_one if self._is_click(click)] for of_one in found]
        self._density.forget()
        return kept

    def _is_click(self, click: Click) -> bool:
        return self._rule.accepts(click, self._density.around(click), None)


def log_odds(click: Click) -> float:
    """Return the logarithm of a candidate's odds."""
    return math.log(max(click.confidence, 1e-12) / max(1.0 - click.confidence, 1e-12))


def _between(per_second: float, values: tuple[float, float, float]) -> float:
    """Return what lies between the values at :data:`DENSITIES`, in the density's logarithm."""
    low, middle, high = DENSITIES
    if per_second <= low:
        return values[0]
    if per_second >= high:
        return values[2]
    (first, start), (second, stop) = ((low, values[0]), (middle, values[1]))
    if per_second > middle:
        (first, start), (second, stop) = ((middle, values[1]), (high, values[2]))
    part = math.log(per_second / first) / math.log(second / first)
    return start + part * (stop - start)

"""Which samples of a stream are clipped: levels over time, as found or as given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.meters.clipping.clip_levels import ClipLevelFinder, ClipSpan

Values = NDArray[np.float32]

BESIDE = 1 << 15
"""Samples before and after a clipped stretch in which its level counts, too; for good where it is
exact."""
FOREVER = 1 << 62
"""Samples; more than any file has."""


@dataclass(frozen=True)
class _Level:
    """Samples from `start` to `stop` of magnitude `lowest` to `highest` are clipped at `level`."""

    start: int
    stop: int
    lowest: float
    highest: float
    level: float = np.inf


class ClipMap:
    """The clipping levels of every channel and polarity.

    Parameters
    ----------
    levels : sequence
        For each channel the levels of its positive and its negative half-waves.
    """

    def __init__(self, levels: Sequence[tuple[Sequence[_Level], Sequence[_Level]]]) -> None:
        self._levels = levels

    @classmethod
    def of_level(cls, level: float, channels: int) -> ClipMap:
        """Return a map for one level, full scale 1, of all channels and both polarities."""
        one = [_Level(0, FOREVER, float(np.float32(level)), np.inf)]
        return cls([(one, one)] * channels)

    @classmethod
    def of_finder(cls, finder: ClipLevelFinder, channels: int) -> ClipMap:
        """Return a map of the levels that were found."""
        return cls(
            [(_widened(finder.spans(c, 1)), _widened(finder.spans(c, -1))) for c in range(channels)]
        )

    def mark(self, rows: Rows, first: int) -> tuple[Values, Values]:
        """Return which samples are clipped, and what they are at least.

        Parameters
        ----------
        rows : ndarray of float32, shape (channels, samples)
        first : int
            The place of their first sample in the stream.

        Returns
        -------
        sides : ndarray of float32, shape (channels, samples)
            1 for samples clipped above, -1 for those clipped below, 0 for all others.
        bounds : ndarray of float32, shape (channels, samples)
            The samples, but no further from zero than the level where they are clipped.
        """
        sides, bounds = np.zeros(rows.shape, np.float32), rows.copy()
        for row, levels, side, bound in zip(rows, self._levels, sides, bounds, strict=True):
            for sign, found in zip((1.0, -1.0), levels, strict=True):
                for level in found:
                    start = max(level.start - first, 0)
                    part = slice(start, max(level.stop - first, start))
                    size = sign * row[part].astype(np.float64)
                    clipped = (size >= level.lowest) & (size <= level.highest)
                    side[part][clipped] = sign
                    bound[part][clipped] = sign * np.minimum(size[clipped], level.level)
        return sides, bounds


def _widened(spans: Sequence[ClipSpan]) -> list[_Level]:
    """Return stretches with what lies beside them, up to halfway to their neighbours."""
    levels = []
    for at, span in enumerate(spans):
        lowest, highest = span.limits()
        beside = FOREVER if lowest == highest else BESIDE if span.soft_from is None else 0
        start, stop = span.start - beside, span.stop + beside
        if at > 0:
            start = max(start, min(span.start, (spans[at - 1].stop + span.start) // 2))
        if at + 1 < len(spans):
            stop = min(stop, max(span.stop, (span.stop + spans[at + 1].start) // 2))
        levels.append(_Level(start, stop, lowest, highest, span.level))
    return levels

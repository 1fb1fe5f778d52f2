"""A recording's patches as a picture: how often each band had each level, by kind of patch.

Kinds say how like noise a patch is, by the ratio of two of its quantiles, and whether its level
is that of the patch before. Music and noise lie in different places of the picture.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.meters.histogram_floor.patch_histogram import (
    DIGITAL_SILENCE_DB,
    NOISE_RATIO_DB,
    level_spread_db,
)

LOWEST_DB, LEVELS = -180, 220
"""Levels in steps of 1 dB."""

LIKENESS = 6
"""Classes of likeness to noise, by _LIMITS in dB. Part of the trained weights."""
KINDS = 2 * LIKENESS
_LIMITS = np.array([-0.5, 0.0, 0.5, 1.0, 2.0])
_ROUNDED_DB = 3.0
"""So far below noise's own ratio of quantiles all values are alike: rounding, no noise. By
hand."""


class LevelHistogram:
    """Count patches by band, level and kind; all are kept, 1.6 MB an hour.

    Parameters
    ----------
    sizes : ndarray of int, shape (bands,)
        Cells per patch and channel.

    Attributes
    ----------
    total : ndarray of int32, shape (kinds, bands, levels)
        The counts of all patches.
    patches : int
        How many there were.
    """

    def __init__(self, sizes: NDArray[np.int_]) -> None:
        self._spreads = np.array([level_spread_db(int(size)) for size in sizes])
        self._bands = np.arange(len(sizes))
        self.total = np.zeros((KINDS, len(sizes), LEVELS), np.int32)
        self._places: list[NDArray[np.uint16]] = []
        self._previous: NDArray[np.float64] | None = None

    @property
    def patches(self) -> int:
        """How many patches were counted."""
        return len(self._places)

    def add(self, levels_db: NDArray[np.float64], ratios_db: NDArray[np.float64]) -> None:
        """Count a patch: each band's level, and the ratio of its quantiles."""
        place = self._kinds(levels_db, ratios_db) * LEVELS + self._steps(levels_db)
        place[levels_db <= DIGITAL_SILENCE_DB] = KINDS * LEVELS
        self._places.append(place.astype(np.uint16))
        _count(self.total, self._bands, place)

    def counts(self, first: int, end: int) -> NDArray[np.int32]:
        """Return the counts of some patches, shape (kinds, bands, levels)."""
        found = np.zeros_like(self.total)
        chosen = self._places[first:end]
        if chosen:
            bands = np.tile(self._bands, len(chosen))
            _count(found, bands, np.concatenate(chosen).astype(np.int64))
        return found

    def _kinds(
        self, levels_db: NDArray[np.float64], ratios_db: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        before = levels_db if self._previous is None else self._previous
        self._previous = levels_db.copy()
        steady = np.abs(levels_db - before) < 1.0 + 2.0 * self._spreads
        excess = (ratios_db - NOISE_RATIO_DB) / (0.5 + 2.0 * self._spreads)
        likeness = np.digitize(excess, _LIMITS)
        # Rounded to a word's steps, a quantile ratio is too small to be noise's.
        likeness[ratios_db < NOISE_RATIO_DB - _ROUNDED_DB] = 0
        return np.asarray(2 * likeness + steady, np.int64)

    @staticmethod
    def _steps(levels_db: NDArray[np.float64]) -> NDArray[np.int64]:
        steps = np.floor(levels_db - LOWEST_DB).astype(np.int64)
        return np.clip(steps, 0, LEVELS - 1)


def _count(counts: NDArray[np.int32], bands: NDArray[np.int_], places: NDArray[np.int64]) -> None:
    """Add one at every band and place that was heard."""
    heard = places < KINDS * LEVELS
    kinds, steps = np.divmod(places[heard], LEVELS)
    np.add.at(counts, (kinds, bands[heard], steps), 1)

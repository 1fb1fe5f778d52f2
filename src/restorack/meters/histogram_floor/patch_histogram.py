"""Histograms of patch levels: all patches, and those whose powers are distributed as noise's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

LOWEST_DB, STEP_DB, STEPS = -180.0, 0.5, 440
"""Histograms in steps of 0.5 dB from -180 to +40 dB: finer than any use of them."""
DIGITAL_SILENCE_DB = -160.0
"""Density from which down nothing is counted, below the rounding of 24 bits (-149)."""
NOISE_RATIO_DB = 7.32
"""10 log10 of the 70 % over the 20 % quantile of an exponential distribution."""


def level_spread_db(cells: int) -> float:
    """Return the standard deviation in dB of a patch's level, for stationary noise.

    The 30 % quantile of ``n`` exponential variables; Hann-windowed frames that overlap by half
    hold about 0.6 independent values a cell.
    """
    return float(4.34 * np.sqrt(0.3 / 0.7 / (0.6 * cells)) / -np.log(0.7))


class LevelHistograms:
    """Level histograms of all bands, in steps of 0.5 dB.

    Parameters
    ----------
    sizes : ndarray of int, shape (bands,)
        Cells per patch and channel.
    """

    def __init__(self, sizes: NDArray[np.int_]) -> None:
        self.sizes = sizes
        self.spreads_db = np.array([level_spread_db(int(n)) for n in sizes])
        self._bound = NOISE_RATIO_DB + 0.5 + 2.0 * self.spreads_db
        self.all = np.zeros((len(sizes), STEPS), np.int32)
        self.like_noise = np.zeros((len(sizes), STEPS), np.int32)
        self.ratio_sums = np.zeros((len(sizes), STEPS), np.float32)

    def add(
        self, levels_db: NDArray[np.float64], ratios_db: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Count one patch per band; return which of them look like noise."""
        step = np.clip(((levels_db - LOWEST_DB) / STEP_DB).astype(int), 0, STEPS - 1)
        heard = levels_db > DIGITAL_SILENCE_DB
        # Rounded to a word's steps, a quantile ratio is too small to be noise's.
        like = heard & (ratios_db < self._bound) & (ratios_db > NOISE_RATIO_DB - 3.0)
        bands = np.arange(len(step))
        self.all[bands[heard], step[heard]] += 1
        self.like_noise[bands[like], step[like]] += 1
        self.ratio_sums[bands[like], step[like]] += ratios_db[like]
        return like

    @staticmethod
    def summed(parts: Iterable[LevelHistograms]) -> LevelHistograms:
        """Return the sum of histograms of the same bands."""
        chosen = list(parts)
        total = LevelHistograms(chosen[0].sizes)
        for part in chosen:
            total.all += part.all
            total.like_noise += part.like_noise
            total.ratio_sums += part.ratio_sums
        return total


def level_at(counts: NDArray[np.int32], share: float) -> float:
    """Return the level in dB below which a share of the counts lies, between steps linearly."""
    below = np.concatenate([[0], np.cumsum(counts)])
    wanted = share * below[-1]
    step = int(np.searchsorted(below, wanted, side="left"))
    step = min(max(step, 1), STEPS)
    inside = (wanted - below[step - 1]) / max(1, below[step] - below[step - 1])
    return float(LOWEST_DB + STEP_DB * (step - 1 + inside))


def step_at(level_db: float) -> int:
    """Return the step that begins nearest to a level."""
    return int(np.clip(round((level_db - LOWEST_DB) / STEP_DB), 0, STEPS))


def count_between(counts: NDArray[Any], low_db: float, high_db: float) -> float:
    """Return the sum of the counts between two levels, in whole steps."""
    return float(counts[step_at(low_db) : step_at(high_db)].sum())

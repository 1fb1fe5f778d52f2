"""What a network says of a passage's bands, from counts of the levels of small patches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.meters.histogram_floor.estimate import NoisePsdEstimator
from restorack.meters.histogram_floor.level_histogram import LevelHistogram
from restorack.meters.histogram_floor.meter import (
    PatchMeter,
    mean_density_db,
    total_power,
)

Floats: TypeAlias = NDArray[np.float64]

# Times the mean of so many bands to both sides that a band may be sure: noise is broad. As
# histogram_floor.bands.corroborated, by hand.
MOST_OVER_AROUND = 1.6
NEIGHBOURS = 2


@dataclass(frozen=True)
class Judgement:
    """Where a network sees each band's floor.

    Parameters
    ----------
    level_db : ndarray, shape (bands,)
        Power density.
    sure : ndarray, shape (bands,)
        How sure that is, 0 to 1.
    """

    level_db: Floats
    sure: Floats


class JudgedPatches:
    """Count patches of a stream, and ask a network about some of them; an hour takes 2 MB.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    channels : int
        Rows of the stream.
    judge : NoisePsdEstimator
        The network.
    """

    def __init__(self, sample_rate: float, channels: int, judge: NoisePsdEstimator) -> None:
        self._rate = sample_rate
        self._judge = judge
        self._meter = PatchMeter(sample_rate, channels)
        self._counts = LevelHistogram(self._meter.sizes)
        self._powers: list[float] = []

    def take(self, densities: Floats) -> None:
        """Take the densities of a patch's frames, shape (channels, 4, bins)."""
        patch = self._meter.measured(densities)
        self._counts.add(patch.levels_db, patch.ratios_db)
        self._powers.append(total_power(patch.spectrum))

    def judged(self, first: int, end: int, centres_hz: Floats) -> Judgement:
        """Return what the network says of some patches.

        Parameters
        ----------
        first, end : int
            Patches, counted from the stream's first.
        centres_hz : ndarray, shape (bands,)
            Where it is asked.
        """
        end = min(end, len(self._powers))
        mean_db = mean_density_db(sum(self._powers[first:end]), end - first, self._rate)
        counts = self._counts.counts(first, end)
        level, sure = self._judge(counts, end - first, mean_db, self._meter.centres_hz)
        place = np.log(self._meter.centres_hz[: len(level)])
        at = np.log(centres_hz)
        return Judgement(np.interp(at, place, level), np.interp(at, place, sure))


def corroborated(sure: Floats) -> Floats:
    """Return how sure a network is, at most 1.6 times its neighbourhood: noise is broad.

    Parameters
    ----------
    sure : ndarray, shape (bands,)
        By rising frequency, from 0 to 1.
    """
    padded = np.pad(sure, NEIGHBOURS, mode="edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * NEIGHBOURS + 1).mean(axis=1)
    return np.asarray(np.minimum(sure, MOST_OVER_AROUND * around))

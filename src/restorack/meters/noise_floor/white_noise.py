"""What the same measurement finds in white noise: every judgement of steadiness is against it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.decibels import power_to_db
from restorack.meters.noise_floor.tracks import TrackMeter

Floats: TypeAlias = NDArray[np.float64]

# Seconds of white noise that are measured; its seed, any; the shares of levels that are compared.
SECONDS = 10
SEED = 1
QUANTILES = (0.05, 0.1, 0.25, 0.5)


@dataclass(frozen=True)
class WhiteNoise:
    """Levels of white noise of variance 1, in bands, in dB.

    Parameters
    ----------
    spread_db : ndarray, shape (bands,)
        The median over the first decile.
    bias_db : ndarray, shape (bands,)
        The mean density, 0 dB, over the first decile.
    low_spread_db : ndarray, shape (bands,)
        The first quartile over the twentieth.
    tone_db : ndarray, shape (bands,)
        All bins over the quieter ones, while a band is quiet; see :func:`tone_of`.
    """

    spread_db: Floats
    bias_db: Floats
    low_spread_db: Floats
    tone_db: Floats


@lru_cache(maxsize=8)
def white_noise(sample_rate: float) -> WhiteNoise:
    """Measure white noise at a sample rate in Hz, by the meter itself; mono."""
    meter = TrackMeter(sample_rate, 1)
    random = np.random.default_rng(SEED)
    quiet, mean = [], []
    for _ in range(SECONDS):
        block = random.standard_normal((1, int(sample_rate)), dtype=np.float32)
        for one, all_bins in meter.push(block):
            quiet.append(one)
            mean.append(all_bins)
    levels, whole = power_to_db(np.concatenate(quiet)), power_to_db(np.concatenate(mean))
    q05, q10, q25, q50 = np.quantile(levels, QUANTILES, axis=0)
    return WhiteNoise(q50 - q10, -q10, q25 - q05, tone_of(levels, whole))


def tone_of(quiet_db: Floats, mean_db: Floats) -> Floats:
    """Return by how much all bins stand over the quieter ones while a band is quiet, in dB.

    Partials stand out of their band, noise fills it; over the quietest quarter of frames what
    stands out is not this note or that.

    Parameters
    ----------
    quiet_db, mean_db : ndarray, shape (frames, bands)
        Of a :class:`~restorack.meters.noise_floor.tracks.TrackMeter`.
    """
    over = np.where(quiet_db <= np.quantile(quiet_db, 0.25, axis=0), mean_db - quiet_db, np.nan)
    return np.asarray(np.nanmedian(over, axis=0))

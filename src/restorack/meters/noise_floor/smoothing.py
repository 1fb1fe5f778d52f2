"""Averaging densities over frequency, as wide as profiles of noise are averaged."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.decibels import db_to_power, power_to_db

Floats: TypeAlias = NDArray[np.float64]

SHARE, NARROWEST_BINS, WIDEST_HZ = 0.12, 2.5, 54.0
"""Half the width of what is averaged: of the frequency, of bins, and at most."""


def smoothed_db(level_db: Floats, step_hz: float) -> Floats:
    """Return levels in dB whose densities are means over their neighbours.

    Parameters
    ----------
    level_db : ndarray, shape (bins,)
        Density in dB, from 0 Hz.
    step_hz : float
        From one bin to the next.
    """
    bins = np.arange(len(level_db))
    widest = max(NARROWEST_BINS, WIDEST_HZ / step_hz)
    half = np.clip(SHARE * bins, NARROWEST_BINS, widest).round().astype(int)
    # Relative to the loudest a running sum is exact to 15 digits: enough for 140 dB.
    top = float(level_db.max())
    sums = np.concatenate([[0.0], np.cumsum(db_to_power(level_db - top))])
    first, end = np.maximum(bins - half, 0), np.minimum(bins + half + 1, len(level_db))
    mean = np.maximum((sums[end] - sums[first]) / (end - first), 1e-14)
    return np.asarray(power_to_db(mean) + top)

"""How regularly attacks come: a drum machine's, a band's, or none that recur."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import power_to_db
from restorack.dsp.sections import butterworth, filtered

Floats = NDArray[np.float64]

HOP_S = 0.01
"""Seconds between levels: 4 % of the shortest period. By hand."""
BANDS_HZ = ((35.0, 130.0), (6_000.0, 14_000.0))
"""Kicks and basses; cymbals, plectra and hammers."""

PERIODS_S = (0.25, 1.0)
"""From 60 to 240 attacks a minute."""

# Levels further below the loudest count as that; smaller rises are no attacks; shorter music has
# no beat (four of the slowest). By hand.
RANGE_DB = 50.0
LEAST_RISE_DB = 0.5
LEAST_SECONDS = 4.0


class BeatMeter:
    """Gather envelopes of two bands over passages; 100 numbers a second are kept of each.

    Notes
    -----
    The autocorrelation of an onset curve, as tempo is found (Ellis, Beat tracking by dynamic
    programming, J. New Music Research 36, 2007); its height says how much of what happens recurs.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    """

    def __init__(self, sample_rate: float) -> None:
        self._rate = sample_rate
        self._hop = max(1, round(HOP_S * sample_rate))
        self._envelopes: dict[tuple[float, float], list[Floats]] = {
            band: [] for band in BANDS_HZ if 1.2 * band[0] < 0.48 * sample_rate
        }

    def push(self, passage: Rows) -> None:
        """Take a passage without its clicks."""
        count = passage.shape[1] // self._hop
        if not count:
            return
        mono = passage.mean(axis=0, dtype=np.float64)
        for (low, high), kept in self._envelopes.items():
            edges = (low, min(high, 0.48 * self._rate))
            part = filtered(butterworth(4, edges, "bandpass", self._rate), mono)[0]
            kept.append((part[: count * self._hop].reshape(count, self._hop) ** 2).mean(axis=1))

    def regularity(self) -> float:
        """Return 0 (nothing recurs) to 1 (a loop): the band whose attacks recur most."""
        joined = [np.concatenate(parts) for parts in self._envelopes.values() if parts]
        return max((_regularity(power) for power in joined), default=0.0)


def _regularity(power: Floats) -> float:
    """Return the highest autocorrelation of the rises in level, at the periods of beats."""
    if len(power) * HOP_S < LEAST_SECONDS or power.max() <= 1e-12:
        return 0.0
    level = power_to_db(power + 1e-14)
    level = np.maximum(level, level.max() - RANGE_DB)
    smooth = np.convolve(level, np.full(3, 1 / 3), "valid")
    rises = np.maximum(np.diff(smooth) - LEAST_RISE_DB, 0.0)
    rises -= rises.mean()
    count = len(rises)
    energy = np.abs(np.fft.rfft(rises, 2 * count)) ** 2
    likeness = np.fft.irfft(energy)[:count] / np.arange(count, 0, -1)
    if likeness[0] < 1e-9:
        return 0.0
    first, last = (round(seconds / HOP_S) for seconds in PERIODS_S)
    return float(np.clip(likeness[first : last + 1].max() / likeness[0], 0.0, 1.0))

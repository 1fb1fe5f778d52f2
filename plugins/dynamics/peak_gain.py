"""The gain that keeps a stream's true peaks below a ceiling: looked ahead, held, released."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from restorack.dsp import _core
from restorack.dsp.arrays import Rows
from restorack.meters.loudness import TRUE_PEAK_BETA, TRUE_PEAK_REACH, true_peak_taps

Floats = NDArray[np.float64]

OVERSAMPLING = 8
"""At every rate: between such points a peak is at most 0.17 dB higher, at half the rate."""

REACH = 64
"""Samples on each side that the longest interpolator sees: flat to 0.485 of the rate."""

SHORT_REACH, SHORT_BETA = 10, 5.0
"""Of the resampler that most scripts measure with (scipy's ``resample_poly``)."""

LONGEST_BOX = 640
"""Samples of a moving average, at most: what the core counts exactly."""


@dataclass(frozen=True)
class GainShape:
    """How a gain moves.

    Parameters
    ----------
    ceiling : float
        The largest true peak, linear, > 0.
    lookahead_s : float
        From the first change of gain to the peak that it is for.
    release_s : float
        Time constant back to the mean reduction of late.
    slow_release_s : float
        Time constant from there to none.
    charge_s : float
        Time constant with which the mean reduction of late follows.
    link : float
        0: every channel has a gain of its own; 1: all have that of the loudest.
    """

    ceiling: float
    lookahead_s: float
    release_s: float
    slow_release_s: float
    charge_s: float
    link: float = 1.0

    def settings(self, sample_rate: float) -> tuple[int, int, int, float, float, float, float]:
        """Return the settings of the core at a rate in Hz."""
        box = min(LONGEST_BOX, max(1, round(self.lookahead_s * sample_rate / 3.0)))
        kept = [np.exp(-1.0 / (t * sample_rate)) for t in (self.release_s, self.slow_release_s)]
        rise = 1.0 - np.exp(-1.0 / (self.charge_s * sample_rate))
        return (box, box, box, float(kept[0]), float(kept[1]), float(rise), 0.02 / sample_rate)

    def delay(self, sample_rate: float) -> int:
        """Return the samples by which the gain, and so the signal, is late."""
        return 3 * (self.settings(sample_rate)[0] - 1) + REACH


class PeakGain:
    """Limit the true peaks of a stream.

    What comes out is late by ``shape.delay(sample_rate)`` samples: the first ones belong to the
    silence before the stream.

    Parameters
    ----------
    shape : GainShape
    sample_rate : float
        In Hz.
    channels : int
    """

    def __init__(self, shape: GainShape, sample_rate: float, channels: int) -> None:
        self._shape = shape
        self._settings = shape.settings(sample_rate)
        self.delay = shape.delay(sample_rate)
        self._past = np.zeros((channels, self.delay + REACH), np.float32)
        self._between = [np.zeros(1, np.float32)] * channels
        gains = 1 if shape.link == 1.0 else channels
        size = _core.limiter_state(self._settings)
        self._states = [np.zeros(size) for _ in range(gains)]
        self.least_gain = 1.0
        self.reduced_samples = 0

    def push(self, block: Rows) -> Rows:
        """Take samples, return as many, ``delay`` ones late."""
        count = block.shape[1]
        joined = np.concatenate([self._past, block], axis=1)
        self._past = joined[:, count:].copy()
        needed = self._needed(joined[:, joined.shape[1] - count - 2 * REACH + 1 :])
        gains = np.empty((len(self._states), count))
        for state, row, gain in zip(self._states, needed, gains, strict=True):
            _core.limiter_gains(self._settings, state, np.ascontiguousarray(row), gain)
        self._count(gains)
        late = joined[:, REACH : REACH + count]
        return (late * gains).astype(np.float32)

    def _needed(self, rows: Rows) -> Floats:
        """Return the nepers that samples need, ``REACH`` of them late."""
        count = rows.shape[1] - 2 * REACH + 1
        needed = np.zeros((len(rows), count))
        for channel, row in enumerate(rows):
            between = np.concatenate([self._between[channel], self._peaks_between(row, count)])
            self._between[channel] = between[-1:]
            peaks = np.maximum(between[:-1], between[1:])
            np.maximum(peaks, np.abs(row[REACH - 1 : REACH - 1 + count]), out=peaks)
            over = peaks > self._shape.ceiling
            needed[channel, over] = np.log(peaks[over].astype(np.float64) / self._shape.ceiling)
        return self._linked(needed)

    def _peaks_between(self, row: NDArray[np.float32], count: int) -> NDArray[np.float32]:
        """Return the largest magnitudes between samples, by all interpolators."""
        most, peaks = np.zeros(count, np.float32), np.empty(count, np.float32)
        for taps, reach, largest in _interpolators():
            heard = row[REACH - reach : len(row) - (REACH - reach)]
            _core.true_peaks(heard, taps, 2 * reach, self._shape.ceiling, largest, peaks)
            np.maximum(most, peaks, out=most)
        return most

    def _linked(self, needed: Floats) -> Floats:
        link = self._shape.link
        if link == 0.0:
            return needed
        most = needed.max(axis=0, keepdims=True)
        return most if link == 1.0 else np.asarray(np.maximum(needed, link * most))

    def _count(self, gains: Floats) -> None:
        least = gains.min(axis=0)
        if least.size:
            self.least_gain = min(self.least_gain, float(least.min()))
            self.reduced_samples += int(np.count_nonzero(least < 1.0))


@lru_cache(maxsize=1)
def _interpolators() -> list[tuple[NDArray[np.float32], int, float]]:
    """Return interpolators: taps for the points between samples, their reach, their largest gain.

    Near half the rate every meter reads something else. These agree where there is no sound
    beyond 0.45 of the rate; elsewhere the highest reading counts.
    """
    kinds = [(REACH, TRUE_PEAK_BETA), (TRUE_PEAK_REACH, TRUE_PEAK_BETA), (SHORT_REACH, SHORT_BETA)]
    banks = [(true_peak_taps(OVERSAMPLING, reach, beta), reach) for reach, beta in kinds]
    return [
        (taps.astype(np.float32).ravel(), reach, float(np.abs(taps).sum(axis=1).max()))
        for taps, reach in banks
    ]

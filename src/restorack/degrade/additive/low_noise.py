"""Noise in bands too low and narrow for short filters: made at a low rate, then interpolated."""

from __future__ import annotations

import math

import numpy as np

from restorack.degrade.additive.stage import CHUNK
from restorack.degrade.randomness import random_at
from restorack.dsp.arrays import Rows
from restorack.dsp.fir import Floats
from restorack.dsp.sections import butterworth, filtered

SETTLING_S = 2.0
"""The band-pass has run for so long before the first sample."""

# The rate that low noise is made at, at least, and the largest ratio
# of rates. By hand.
LOWEST_RATE_HZ = 2400.0
MOST_STEPS = 64
REACH = 10
"""Low-rate samples on each side that an interpolated one is made of."""


class LowNoise:
    """Gaussian noise of variance 1 in a band, stretch by stretch.

    Parameters
    ----------
    seed, purpose : int, str
        See :func:`~restorack.degrade.randomness.random_at`.
    sample_rate : float
        In Hz.
    channels : int
        Rows.
    low_hz, high_hz : float
        Edges (-3 dB), up to a few hundred Hz.
    order : int
        Of the Butterworth band-pass: ``6 * order`` dB per octave on each side.
    width : float
        0 the same noise in all channels, 1 independent ones.
    """

    def __init__(
        self,
        seed: int,
        purpose: str,
        sample_rate: float,
        channels: int,
        low_hz: float,
        high_hz: float,
        order: int,
        width: float,
    ) -> None:
        steps = 1
        while 2 * steps <= MOST_STEPS and sample_rate / (2 * steps) >= LOWEST_RATE_HZ:
            steps *= 2
        rate = sample_rate / steps
        edges = min(low_hz, 0.3 * rate), min(high_hz, 0.4 * rate)
        self._filter = butterworth(order, edges, "bandpass", rate)
        self._state = np.zeros((channels, len(self._filter), 2))
        self._seed, self._purpose = seed, purpose
        self._channels, self._width, self._count = channels, width, CHUNK // steps
        self._kernels = _interpolators(steps)
        impulse = np.zeros(math.ceil(SETTLING_S * rate))
        impulse[0] = 1.0
        response, _ = filtered(self._filter, impulse)
        self._scale = 1.0 / math.sqrt(float(np.sum(response**2)))
        self._past = np.zeros((channels, 2 * REACH - 1))
        self._index = 0
        for _ in range(math.ceil(SETTLING_S * sample_rate / CHUNK)):
            self.next_chunk()

    def next_chunk(self) -> Rows:
        """Return the next ``CHUNK`` samples, shape ``(channels, CHUNK)``."""
        low = np.concatenate([self._past, self._low_rate()], axis=1)
        self._past = low[:, self._count :].copy()
        windows = np.lib.stride_tricks.sliding_window_view(low, 2 * REACH, axis=1)
        return (windows @ self._kernels).reshape(self._channels, CHUNK).astype(np.float32)

    def _low_rate(self) -> Floats:
        index, self._index = self._index, self._index + 1
        common = random_at(self._seed, self._purpose, -1, index).standard_normal(self._count)
        white = np.stack([
            self._width
            * random_at(self._seed, self._purpose, row, index).standard_normal(self._count)
            + math.sqrt(1.0 - self._width**2) * common
            for row in range(self._channels)
        ])  # fmt: skip
        noise, self._state = filtered(self._filter, white, self._state)
        scaled: Floats = self._scale * noise
        return scaled


def _interpolators(steps: int) -> Floats:
    """Return windowed sincs, shape ``(2 * REACH, steps)``: between two samples in so many steps."""
    place = np.arange(steps) / steps
    distance = np.arange(2 * REACH)[:, np.newaxis] - (REACH - 1) - place
    window = np.i0(8.0 * np.sqrt(np.maximum(0.0, 1.0 - (distance / REACH) ** 2))) / np.i0(8.0)
    kernels: Floats = np.sinc(distance) * window
    return kernels

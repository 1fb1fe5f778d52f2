"""Noise through a recursive filter, for bands too low and narrow for a filter of finite length."""

from __future__ import annotations

import math

import numpy as np

from restorack.audio.convolution import Floats
from restorack.degrade.additive import CHUNK
from restorack.degrade.randomness import random_at

SETTLING_S = 2.0
"""The filter has run for so long before the first sample."""


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
        Edges (-3 dB).
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
        from scipy import signal

        edges = np.minimum([low_hz, high_hz], [0.3 * sample_rate, 0.4 * sample_rate])
        self._filter = signal.butter(order, edges, "bandpass", fs=sample_rate, output="sos")
        self._state = np.zeros((self._filter.shape[0], channels, 2))
        self._seed, self._purpose = seed, purpose
        self._channels, self._width = channels, width
        impulse = np.zeros(math.ceil(SETTLING_S * sample_rate))
        impulse[0] = 1.0
        response = signal.sosfilt(self._filter, impulse)
        self._scale = 1.0 / math.sqrt(float(np.sum(response**2)))
        self._index = 0
        for _ in range(math.ceil(SETTLING_S * sample_rate / CHUNK)):
            self.next_stretch()

    def next_stretch(self) -> Floats:
        """Return the next ``CHUNK`` samples, shape ``(channels, CHUNK)``."""
        from scipy import signal

        index, self._index = self._index, self._index + 1
        common = random_at(self._seed, self._purpose, -1, index).standard_normal(CHUNK)
        white = np.stack([
            self._width * random_at(self._seed, self._purpose, row, index).standard_normal(CHUNK)
            + math.sqrt(1.0 - self._width**2) * common
            for row in range(self._channels)
        ])  # fmt: skip
        noise, self._state = signal.sosfilt(self._filter, white, axis=1, zi=self._state)
        scaled: Floats = self._scale * noise
        return scaled

"""Noise of any colour over a stream: Gaussian or grainy, through a long filter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.degrade.additive.stage import CHUNK
from restorack.degrade.randomness import random_at
from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_amplitude
from restorack.dsp.fir import Floats, linear_phase_taps

RESOLUTION_S = 0.023
"""Half the filter's length: colours are resolved to about 60 Hz."""

FLAT_BELOW_HZ = 50.0
"""Tilts end here, so that brown noise has no infinite bass."""

FFT_STEP = 2048
"""What is kept beside a chunk is a multiple of this, so that sizes are quick for the FFT."""


@dataclass(frozen=True)
class NoiseColour:
    """The spectrum of a noise.

    Parameters
    ----------
    tilt_db_per_octave : float
        0 white, -3 pink, -6 brown.
    low_hz, high_hz : float
        Where the noise is 3 dB down at the edges; 12 and 24 dB per octave beyond.
    ripple_db : tuple of float
        Deviations at octave steps from 62.5 Hz on, a smooth curve through them.
    """

    tilt_db_per_octave: float = 0.0
    low_hz: float = 0.0
    high_hz: float = 1e9
    ripple_db: tuple[float, ...] = ()

    def magnitude(self, frequencies: Floats) -> Floats:
        """Return the linear gain at frequencies in Hz."""
        octaves = np.log2(np.maximum(frequencies, FLAT_BELOW_HZ) / 1000.0)
        level_db: Floats = self.tilt_db_per_octave * octaves
        if self.ripple_db:
            values = np.array(self.ripple_db, np.float64)
            level_db = level_db + _smoothly(octaves + 4.0, values)  # 62.5 Hz to 1 kHz
        gain: Floats = db_to_amplitude(level_db)
        if self.low_hz > 0:
            gain = gain * _above(frequencies, self.low_hz)
        return gain / np.sqrt(1.0 + (frequencies / self.high_hz) ** 8)


def _above(frequencies: Floats, edge_hz: float) -> Floats:
    """Return the gain of a high-pass of 12 dB per octave."""
    square = (frequencies / edge_hz) ** 2
    gain: Floats = square / np.sqrt(1.0 + square**2)
    return gain


def _smoothly(place: Floats, values: Floats) -> Floats:
    """Interpolate values at 0, 1, 2, ... along half cosines, constant beyond the ends."""
    inside = np.clip(place, 0.0, len(values) - 1.0)
    left = np.minimum(inside.astype(int), max(0, len(values) - 2))
    right = np.minimum(left + 1, len(values) - 1)
    blend = 0.5 - 0.5 * np.cos(np.pi * (inside - left))
    curve: Floats = values[left] * (1.0 - blend) + values[right] * blend
    return curve


class ShapedNoise:
    """Stationary noise in bands that sum to a colour of variance 1, stretch by stretch.

    Parameters
    ----------
    seed, purpose : int, str
        See :func:`~restorack.degrade.randomness.random_at`.
    sample_rate : float
        In Hz.
    channels : int
        Rows.
    colour : NoiseColour
        The spectrum, the same for all channels.
    width : float
        0 the same noise in all channels, 1 independent ones; the variance stays.
    grain : float
        0 Gaussian; more: see :func:`white_numbers`.
    crossing_hz : float
        Where one band ends and the next begins; 0 for a single band.

    Notes
    -----
    Overlap-save: white noise through linear-phase filters in transforms of one size.
    """

    def __init__(
        self,
        seed: int,
        purpose: str,
        sample_rate: float,
        channels: int,
        colour: NoiseColour,
        width: float = 1.0,
        grain: float = 0.0,
        crossing_hz: float = 0.0,
    ) -> None:
        self._seed, self._purpose, self._channels = seed, purpose, channels
        self._width, self._grain = width, grain
        half = min(CHUNK // 2, round(RESOLUTION_S * sample_rate))
        self._keep = 2 * half
        self._size = CHUNK + -(-self._keep // FFT_STEP) * FFT_STEP
        taps = self._design(colour.magnitude, sample_rate, half, crossing_hz)
        self._responses = np.fft.rfft(taps, self._size, axis=1).astype(np.complex64)
        self._index = -1
        self._past = self._numbers()[:, CHUNK - self._keep :]

    def next_chunk(self) -> list[Rows]:
        """Return the next ``CHUNK`` samples of every band, each ``(channels, CHUNK)``."""
        fresh = self._numbers()
        padding = np.zeros((self._rows(), self._size - CHUNK - self._keep), np.float32)
        joined = np.concatenate([self._past, fresh, padding], axis=1)
        self._past = fresh[:, CHUNK - self._keep :].copy()
        spectra = np.fft.rfft(joined, axis=1)
        return [self._filtered(spectra * response) for response in self._responses]

    def _design(
        self,
        magnitude: Callable[[Floats], Floats],
        sample_rate: float,
        half: int,
        crossing_hz: float,
    ) -> Floats:
        """Return the filters of the bands as rows; their sum has the energy 1."""

        def above(frequencies: Floats) -> Floats:
            return magnitude(frequencies) * _above(frequencies, crossing_hz)

        whole = linear_phase_taps(magnitude, sample_rate, half)
        upper = linear_phase_taps(above, sample_rate, half) if crossing_hz else whole
        rows = np.stack([whole - upper, upper] if crossing_hz else [whole])
        self.overlap = float(2.0 * np.sum(rows[0] * rows[-1]) / np.sum(whole**2))
        taps: Floats = rows / np.sqrt(np.sum(whole**2))
        return taps

    def _filtered(self, spectra: NDArray[np.complexfloating]) -> Rows:
        samples = np.fft.irfft(spectra, self._size, axis=1)
        noise = samples[:, self._keep : self._keep + CHUNK].astype(np.float32)
        return np.repeat(noise, self._channels, axis=0) if self._rows() == 1 else noise

    def _rows(self) -> int:
        return 1 if self._width == 0.0 else self._channels

    def _numbers(self) -> Rows:
        """Return the next white numbers: own ones, and those that all channels have in common."""
        index, self._index = self._index, self._index + 1

        def white(channel: int) -> Rows:
            random = random_at(self._seed, self._purpose, channel, index)
            return white_numbers(random, CHUNK, self._grain)

        own = np.stack([white(channel) for channel in range(self._rows())])
        if self._channels == 1 or self._width in (0.0, 1.0):
            return own
        common = np.float32(np.sqrt(1.0 - self._width**2)) * white(-1)
        mixed: Rows = np.float32(self._width) * own + common
        return mixed


def white_numbers(random: np.random.Generator, count: int, grain: float) -> Rows:
    """Return independent numbers of variance 1.

    Parameters
    ----------
    random : Generator
    count : int
    grain : float
        0 normal ones; else ``sinh(grain z)`` of normal ``z``: at 0.5 the kurtosis is 4.5, at 1 it
        is 36.
    """
    numbers: Rows = random.standard_normal(count, dtype=np.float32)
    if grain == 0.0:
        return numbers
    # the variance of sinh(g z) is (exp(2 g^2) - 1) / 2
    scale = np.float32(1.0 / np.sqrt(0.5 * np.expm1(2.0 * grain**2)))
    grainy: Rows = scale * np.sinh(np.float32(grain) * numbers)
    return grainy

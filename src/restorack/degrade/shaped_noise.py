"""Noise of any colour over a stream: Gaussian or grainy, through a long filter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from restorack.audio.convolution import Floats, linear_phase_taps
from restorack.degrade.additive import CHUNK
from restorack.degrade.randomness import random_at

RESOLUTION_S = 0.023
"""Half the filter's length: colours are resolved to about 60 Hz."""

FLAT_BELOW_HZ = 50.0
"""Tilts end here, so that brown noise has no infinite bass."""

FFT_STEP = 2048

Side: TypeAlias = Literal["below", "above"]
SIDES: tuple[Side, Side] = ("below", "above")


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
    side, crossing_hz : {"below", "above"}, float
        Which half of the spectrum is meant, for two noises that make up one.
    """

    tilt_db_per_octave: float = 0.0
    low_hz: float = 0.0
    high_hz: float = 1e9
    ripple_db: tuple[float, ...] = ()
    side: Side | None = None
    crossing_hz: float = 0.0

    def split(self, side: Side, crossing_hz: float) -> NoiseColour:
        """Return what lies below or above a crossing; the powers of both sum to the whole."""
        return replace(self, side=side, crossing_hz=crossing_hz)

    def magnitude(self, frequencies: Floats) -> Floats:
        """Return the linear gain at frequencies in Hz."""
        octaves = np.log2(np.maximum(frequencies, FLAT_BELOW_HZ) / 1000.0)
        level_db: Floats = self.tilt_db_per_octave * octaves
        if self.ripple_db:
            values = np.array(self.ripple_db, np.float64)
            level_db = level_db + _smoothly(octaves + 4.0, values)  # 62.5 Hz to 1 kHz
        gain: Floats = 10.0 ** (level_db / 20.0)
        if self.low_hz > 0:
            gain = gain * _above(frequencies, self.low_hz)
        if self.side is not None:
            above = _above(frequencies, self.crossing_hz)
            gain = gain * (above if self.side == "above" else np.sqrt(1.0 - above**2))
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


WhiteNoise = Callable[[np.random.Generator, int], Floats]
"""Returns so many independent numbers of variance 1."""


def gaussian(random: np.random.Generator, count: int) -> Floats:
    """Return standard normal numbers."""
    return random.standard_normal(count)


@dataclass(frozen=True)
class Grainy:
    """Normal numbers whose scale varies: noise of single grains, kurtosis ``3 exp(4 grain^2)``."""

    grain: float

    def __call__(self, random: np.random.Generator, count: int) -> Floats:
        """Return independent numbers of variance 1."""
        numbers = random.standard_normal(count)
        if self.grain == 0.0:
            return numbers
        scale = np.exp(self.grain * random.standard_normal(count) - self.grain**2)
        return numbers * scale


class ShapedNoise:
    """Stationary noise of a colour and of variance 1, stretch by stretch.

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
    white : callable
        What goes into the filter.

    Notes
    -----
    Overlap-save: white noise through a linear-phase filter in transforms of one size.
    """

    def __init__(
        self,
        seed: int,
        purpose: str,
        sample_rate: float,
        channels: int,
        colour: NoiseColour,
        width: float = 1.0,
        white: WhiteNoise = gaussian,
    ) -> None:
        half = min(CHUNK // 2, round(RESOLUTION_S * sample_rate))
        taps = linear_phase_taps(colour.magnitude, sample_rate, half)
        taps /= np.sqrt(np.sum(taps**2))
        self._keep = 2 * half
        self._size = CHUNK + -(-self._keep // FFT_STEP) * FFT_STEP
        self._response = np.fft.rfft(taps, self._size)
        self._seed, self._purpose, self._channels = seed, purpose, channels
        self._width, self._white = width, white
        self._index = -1
        self._past = self._numbers()[:, CHUNK - self._keep :]

    def next_stretch(self) -> Floats:
        """Return the next ``CHUNK`` samples, shape ``(channels, CHUNK)``."""
        fresh = self._numbers()
        padding = np.zeros((self._rows(), self._size - CHUNK - self._keep))
        joined = np.concatenate([self._past, fresh, padding], axis=1)
        self._past = fresh[:, CHUNK - self._keep :].copy()
        spectra = np.fft.rfft(joined, axis=1)
        filtered = np.fft.irfft(spectra * self._response, self._size, axis=1)
        noise: Floats = filtered[:, self._keep : self._keep + CHUNK]
        return np.repeat(noise, self._channels, axis=0) if self._rows() == 1 else noise

    def _rows(self) -> int:
        return 1 if self._width == 0.0 else self._channels

    def _numbers(self) -> Floats:
        """Return the next white numbers: own ones, and those that all channels have in common."""
        index, self._index = self._index, self._index + 1
        white, purpose, width = self._white, self._purpose, self._width
        own = np.stack([
            white(random_at(self._seed, purpose, channel, index), CHUNK)
            for channel in range(self._rows())
        ])  # fmt: skip
        if self._channels == 1 or width in (0.0, 1.0):
            return own
        common = white(random_at(self._seed, purpose, -1, index), CHUNK)
        mixed: Floats = width * own + np.sqrt(1.0 - width**2) * common
        return mixed

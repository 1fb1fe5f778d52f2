"""Resonances: peaks of a horn, a diaphragm or a small case, as an impulse response."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from restorack.dsp.decibels import db_to_amplitude
from restorack.dsp.fir import Floats
from restorack.dsp.sections import filtered

NYQUIST_SHARE = 0.45
"""A peak that lies higher than this share of the sample rate is left out."""


@dataclass(frozen=True)
class Resonance:
    """A peak: its frequency in Hz, its height in dB and its quality (frequency over width)."""

    frequency_hz: float
    gain_db: float
    quality: float

    def section(self, sample_rate: float) -> Floats:
        """Return the second-order section ``[b0, b1, b2, a0, a1, a2]`` of minimum phase.

        Notes
        -----
        Bristow-Johnson, Cookbook formulae for audio equalizer biquad filter coefficients: the
        peaking equaliser.
        """
        angle = 2.0 * np.pi * self.frequency_hz / sample_rate
        height = db_to_amplitude(self.gain_db / 2.0)
        width = np.sin(angle) / (2.0 * self.quality)
        turn = -2.0 * np.cos(angle)
        zeros = [1.0 + width * height, turn, 1.0 - width * height]
        poles = [1.0 + width / height, turn, 1.0 - width / height]
        return np.asarray(np.array([*zeros, *poles]) / poles[0])


def ring(pulse: Floats, resonances: Sequence[Resonance], sample_rate: float) -> Floats:
    """Return a pulse after the resonances, one behind the other; as long as the pulse."""
    heard = [r for r in resonances if r.frequency_hz < NYQUIST_SHARE * sample_rate]
    if not heard:
        return pulse
    sections = np.array([resonance.section(sample_rate) for resonance in heard])
    return filtered(sections, pulse)[0]


def equal_loudness_gain(kernel: Floats, sample_rate: float, low_hz: float, high_hz: float) -> float:
    """Return the gain of a kernel for pink noise in a band, as an amplitude.

    Parameters
    ----------
    kernel : ndarray of float64, shape (taps,)
    sample_rate, low_hz, high_hz : float
        In Hz; the band is cut at half the sample rate.
    """
    high = min(high_hz, 0.5 * sample_rate)
    frequencies = np.geomspace(min(low_hz, 0.5 * high), high, 400)
    response = np.fft.rfft(kernel, 1 << int(np.ceil(np.log2(8 * kernel.size))))
    grid = np.linspace(0.0, 0.5 * sample_rate, response.size)
    return float(np.sqrt(np.mean(np.interp(frequencies, grid, np.abs(response) ** 2))))

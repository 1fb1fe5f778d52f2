"""Noise shaping: the error of a shorter word moved to where the ear hears least."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from restorack.dsp import _core
from restorack.dsp.arrays import Rows
from restorack.dsp.dither import Mask
from restorack.dsp.quantise import dequantise

Floats = NDArray[np.float64]

SHAPES = {"light": (5, 25.0), "strong": (9, 40.0)}
"""Order of the filter, and the range in dB of the threshold of hearing that it follows."""

POINTS = 4096
"""Frequencies at which the threshold is taken."""


def hearing_threshold_db(hertz: Floats) -> Floats:
    """Return the threshold in quiet in dB SPL at frequencies in Hz (below 20 Hz: that of 20 Hz).

    Notes
    -----
    Terhardt, Calculating virtual pitch, Hearing Research 1 (1979), 155-182, equation 1.
    """
    khz = np.maximum(hertz, 20.0) / 1000.0
    dip = 6.5 * np.exp(-0.6 * (khz - 3.3) ** 2)
    return np.asarray(3.64 * khz**-0.8 - dip + 1e-3 * khz**4)


@lru_cache(maxsize=16)
def shaping_taps(shape: str, sample_rate: float) -> Floats:
    """Return the taps of the error feedback.

    Parameters
    ----------
    shape : str
        ``light`` or ``strong``.
    sample_rate : float
        In Hz.

    Returns
    -------
    ndarray of float64, shape (order,)
        The error of rounding times ``1 - sum(taps[k] * z ** -(k + 1))`` is that of the signal.

    Notes
    -----
    Gerzon and Craven, Optimal noise shaping and dither of digital signals (AES 87, 1989): the mean
    of the error's level in dB over frequency cannot change. Wannamaker, Psychoacoustically optimal
    noise shaping, JAES 40 (1992), 611-620: the least audible error of an order is that of the
    linear predictor of a process whose spectrum is the ear's sensitivity, here the inverse of the
    threshold in quiet within ``SHAPES[shape]`` of its least. So every rate has a filter of its own:
    where half the rate lies below 16 kHz there is hardly a place to move the error to, and it is
    hardly moved.
    """
    from scipy.linalg import solve_toeplitz

    order, range_db = SHAPES[shape]
    threshold = hearing_threshold_db(np.linspace(0.0, sample_rate / 2.0, POINTS + 1))
    limited = np.minimum(threshold, threshold.min() + range_db)
    correlation = np.fft.irfft(10.0 ** (-limited / 10.0))[: order + 1]
    return np.asarray(solve_toeplitz(correlation[:-1], correlation[1:]))


def shaping_gain(taps: Floats, hertz: Floats, sample_rate: float) -> Floats:
    """Return by how much the error's amplitude changes at frequencies in Hz."""
    turns = np.exp(-2j * np.pi * np.outer(hertz / sample_rate, np.arange(1, taps.size + 1)))
    return np.asarray(np.abs(1.0 - turns @ taps))


class ShapedRounder:
    """Shorten a stream to a word, its errors fed back.

    Parameters
    ----------
    channels : int
    bits : int
        Of the word, 8 to 24.
    taps : ndarray of float64
        Of :func:`shaping_taps`.
    """

    def __init__(self, channels: int, bits: int, taps: Floats) -> None:
        self._bits, self._taps = bits, np.ascontiguousarray(taps, np.float64)
        self._errors = np.zeros((channels, taps.size))

    def round(self, rows: Rows, noise: Floats, left: Mask) -> Rows:
        """Shorten the next samples.

        Parameters
        ----------
        rows : ndarray of float32, shape (channels, samples)
        noise : ndarray of float64, shape of rows
            Dither, in steps of the word.
        left : ndarray of bool, shape of rows
            Where a sample, which the word holds, passes as it is.

        Returns
        -------
        ndarray of float32
        """
        full = 2.0 ** (self._bits - 1)
        steps, out = rows.astype(np.float64) * full, np.empty(rows.shape)
        flags, limits = left.astype(np.int64), (-full, full - 1.0)
        for one in range(len(rows)):
            given = (steps[one], noise[one], flags[one], self._taps)
            _core.shaped_round(*given, limits, self._errors[one], out[one])
        return dequantise(out.astype(np.int32), self._bits).astype(np.float32)

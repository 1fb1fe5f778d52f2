"""How much of each groove wall is taken, in every band and at every moment.

Both walls carry the same music ``s``: the left one is ``s + a``, the right one ``s + b``. Their
middle is ``M = s + (a + b) / 2`` and half their difference ``D = (a - b) / 2``, without music.
``M + x D`` is the left wall at 1, the right one at -1 and the sum of both at 0; its noise
is least at ``x = -<M, D> / <D, D>``, which needs no estimate of any noise floor.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.stft import Spectra

Floats = NDArray[np.float64]

BAND_SHARE = 0.2
"""Width of a band over its frequency, about a third of an octave less than an ERB."""

LEAST_BINS = 4
"""Bins of a band at the low end, so that its powers are a mean. By hand."""
SHORT_S, LONG_S = 0.03, 6.0
"""Time constants of the two averages, docs/guides/disc-transfers.md. By hand."""
OVERLAP = 2.5
"""Frames that overlap by three quarters repeat each other: the variance of their mean is larger."""

CAUTION = 2.0
"""A share deviates from what is expected where it does so by two standard errors, then by degrees:
by chance music correlates with noise, and would be taken off where that is believed."""


def band_edges(bins: int) -> NDArray[np.int_]:
    """Return the first bins of bands, the last one's end included; narrow ones below."""
    edges = [0]
    while edges[-1] < bins:
        edges.append(edges[-1] + max(LEAST_BINS, round(BAND_SHARE * edges[-1])))
    edges[-1] = bins
    return np.array(edges)


class _Average:
    """A running mean of products, and the variance of that mean by their own scatter."""

    def __init__(self, bands: int, frames: float) -> None:
        self._weight = 1.0 / frames
        self._cross, self._power, self._square = (np.zeros(bands) for _ in range(3))

    def add(self, cross: Floats, power: Floats, square: Floats) -> tuple[Floats, Floats]:
        """Take a frame's sums over bands; return the share and its variance."""
        keep, weight = 1.0 - self._weight, self._weight
        self._cross = keep * self._cross + weight * cross
        self._power = keep * self._power + weight * power
        self._square = keep**2 * self._square + weight**2 * square
        there = self._power > 0.0
        scale = np.where(there, self._power, 1.0)
        share = np.where(there, -self._cross / scale, 0.0)
        return share, np.where(there, OVERLAP * self._square / scale / scale, 0.0)


class WallMix:
    """Turn the spectra of two walls into the change that makes both the best of them.

    Parameters
    ----------
    bins : int
        Of the spectra.
    frames_per_second : float
    """

    def __init__(self, bins: int, frames_per_second: float) -> None:
        self._edges = band_edges(bins)
        bands = len(self._edges) - 1
        self._widths = np.diff(self._edges)
        self._short = _Average(bands, max(1.0, SHORT_S * frames_per_second))
        self._long = _Average(bands, max(1.0, LONG_S * frames_per_second))
        self.shares = np.zeros(bands)
        self.frames = 0

    def change(self, spectra: Spectra) -> Spectra | None:
        """Return what is added to the spectra ``(2, frames, bins)``; None where both are equal."""
        middle = 0.5 * (spectra[0] + spectra[1])
        half = 0.5 * (spectra[0] - spectra[1])
        self.frames += half.shape[0]
        if not half.any():
            return None
        out = np.empty_like(spectra)
        for index in range(half.shape[0]):
            share = np.repeat(self._share(middle[index], half[index]), self._widths)
            out[0, index] = (share - 1.0) * half[index]
            out[1, index] = (share + 1.0) * half[index]
        return out

    def _share(self, middle: NDArray[np.complex128], half: NDArray[np.complex128]) -> Floats:
        """Return the share of the difference in each band, -1 (right) to 1 (left)."""
        cross = middle.real * half.real + middle.imag * half.imag
        power = half.real**2 + half.imag**2
        starts = self._edges[:-1]
        sums = [np.add.reduceat(values, starts) for values in (cross, power, cross**2)]
        long = np.clip(_believed(*self._long.add(*sums), 0.0), -1.0, 1.0)
        share = np.clip(_believed(*self._short.add(*sums), long), -1.0, 1.0)
        self.shares += share
        return share


def _believed(share: Floats, variance: Floats, expected: Floats | float) -> Floats:
    """Return a share, drawn to the expected one as far as chance explains that it differs."""
    away = share - expected
    square = np.maximum(away**2, 1e-300)
    return np.asarray(expected + away * np.maximum(0.0, 1.0 - CAUTION * variance / square))

"""Quantiles of the bands of a patch of time and frequency, compiled."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

WIDE_BAND = 1.4
"""Ratio of a band's edges from which its slope is taken out: the lowest band alone. By hand."""


@njit(cache=True)
def band_quantiles(
    densities: NDArray[np.float64], edges: NDArray[np.int64], ranks: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return order statistics of each band's cells.

    Parameters
    ----------
    densities : ndarray, shape (channels, frames, bins)
        Power densities of a patch.
    edges : ndarray, shape (bands + 1,)
        First bin of each band, and the end of the last.
    ranks : ndarray, shape (bands, 3)
        Which of a band's sorted cells, from 0.

    Returns
    -------
    ndarray, shape (3, bands, channels)

    Notes
    -----
    Bands whose edges lie 1.4 apart and more lose their slope first: without this the powers of
    steep noise, as in its lowest octave, spread like music's.
    """
    channels, frames, _ = densities.shape
    bands = len(edges) - 1
    found = np.empty((3, bands, channels))
    for band in range(bands):
        begin, end = edges[band], edges[band + 1]
        width = end - begin
        slope = np.ones(width)
        if end > WIDE_BAND * begin:
            _slope(densities[:, :, begin:end], slope)
        for channel in range(channels):
            cells = np.empty(frames * width)
            for t in range(frames):
                for k in range(width):
                    cells[t * width + k] = densities[channel, t, begin + k] * slope[k]
            cells.sort()
            for which in range(3):
                found[which, band, channel] = cells[ranks[band, which]]
    return found


@njit(cache=True)
def _slope(cells: NDArray[np.float64], slope: NDArray[np.float64]) -> None:
    """Write factors after which a patch's lower and upper halves have the same median."""
    bins = cells.shape[2]
    half = bins // 2
    lower = np.median(cells[:, :, :half].copy()) + 1e-20
    upper = np.median(cells[:, :, bins - half :].copy()) + 1e-20
    for k in range(bins):
        slope[k] = (lower / upper) ** ((k - 0.5 * (bins - 1)) / (bins - half))

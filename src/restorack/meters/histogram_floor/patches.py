"""Quantiles of the bands of a patch of time and frequency."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.dsp import _core

WIDE_BAND = 1.4
"""Ratio of a band's edges from which its slope is taken out: the lowest band alone. By hand."""


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
    channels, _, bins = densities.shape
    found = np.empty((3, len(edges) - 1, channels))
    _core.band_quantiles(
        np.ascontiguousarray(densities), channels, bins, edges, ranks, WIDE_BAND, found
    )
    return found

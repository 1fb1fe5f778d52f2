"""Gains that stand out alone, lowered: what is heard as musical noise.

A partial is open for many frames and an attack for many bins. A gain that is open in a few
cells of both is the noise's own peak; passing it makes the twitter that spectral gains are
known for [1]_.

References
----------
.. [1] O. Cappe, "Elimination of the musical noise phenomenon with the Ephraim and Malah noise
   suppressor", IEEE Trans. Speech Audio Process. 2(2), 1994.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from restorack.plugins.denoise.gain_rules import median7

MUSICAL_REACH = 3
"""Frames, and bins, to both sides of a cell; the medians of 7 follow. A partial or attack fills
more."""
MOST_ABOVE = 2.0
"""Times the larger median that a gain may be, 6 dB. By hand."""


@njit(cache=True)
def without_isolated_peaks(gain: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return gains of at most twice a median of their surroundings.

    Of the medians over 7 frames and over 7 bins the larger one counts.

    Parameters
    ----------
    gain : ndarray, shape (frames + 6, bins)
        From 0 to 1.

    Returns
    -------
    ndarray, shape (frames, bins)
    """
    frames, count = gain.shape[0] - 6, gain.shape[1]
    found = np.empty((frames, count), gain.dtype)
    row = np.empty(count + 6, gain.dtype)
    for t in range(frames):
        g = gain[t : t + 7]
        row[3 : count + 3] = g[3]
        row[:3] = g[3, 0]
        row[count + 3 :] = g[3, count - 1]
        for k in range(count):
            along = median7(g[0, k], g[1, k], g[2, k], g[3, k], g[4, k], g[5, k], g[6, k])
            v = row[k : k + 7]
            across = median7(v[0], v[1], v[2], v[3], v[4], v[5], v[6])
            found[t, k] = min(g[3, k], MOST_ABOVE * max(along, across))
    return found

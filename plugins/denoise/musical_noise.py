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
from numpy.typing import NDArray

from restorack.dsp import _core

MUSICAL_REACH = 3
"""Frames, and bins, to both sides of a cell; the medians of 7 follow. A partial or attack fills
more."""
MOST_ABOVE = 2.0
"""Times the larger median that a gain may be, 6 dB. By hand."""


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
    out = np.empty((gain.shape[0] - 2 * MUSICAL_REACH, gain.shape[1]))
    _core.medians(np.ascontiguousarray(gain, np.float64), gain.shape[1], MOST_ABOVE, out)
    return out.astype(gain.dtype)

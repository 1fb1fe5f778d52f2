"""What the tiny mask sees: levels over the noise floor, which do not change with the loudness."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.inference.mask_shape import INPUTS

# Overlap; shares of the past in the means over frames, about 0.07 and 0.6 s. Part of the trained
# weights.
HOPS_PER_FRAME = 4
SMOOTHING, SLOW = 0.85, 0.98


def power_over_floor(
    power: NDArray[np.float64], density: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the power of spectra over that of the noise alone.

    Parameters
    ----------
    power : ndarray, shape (frames, bins)
        Squared magnitudes of frames under a square-root Hann window.
    density : ndarray, shape (bins,)
        Of the noise; white noise of variance 1 has 1 at every frequency.
    """
    frame = 2 * (power.shape[-1] - 1)
    ratio: NDArray[np.float64] = power / np.maximum(0.5 * frame * density, 1e-20)
    return ratio


class FeatureTracker:
    """Makes features frame by frame, from the first one on.

    Parameters
    ----------
    bins : int
    """

    def __init__(self, bins: int) -> None:
        self._smooth: NDArray[np.float64] | None = None
        self._loudness = 0.0
        self._place = np.linspace(-1.0, 1.0, bins, dtype=np.float32)

    def features(self, ratio: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return the next frame's features.

        Parameters
        ----------
        ratio : ndarray, shape (bins,)
            Of :func:`power_over_floor`.

        Returns
        -------
        ndarray of float32, shape (4, bins)
            Power over floor, the same smoothed over the past tenth of a second, its mean level
            over all bins and the past half second, all in units of 20 dB; the place on the
            frequency axis.
        """
        level = _in_20_db(ratio)
        if self._smooth is None:
            self._smooth, self._loudness = ratio, float(level.mean())
        self._smooth = SMOOTHING * self._smooth + (1.0 - SMOOTHING) * ratio
        self._loudness = SLOW * self._loudness + (1.0 - SLOW) * float(level.mean())
        out = np.empty((INPUTS, len(ratio)), np.float32)
        out[0], out[1] = level, _in_20_db(self._smooth)
        out[2], out[3] = self._loudness, self._place
        return out


def _in_20_db(ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(0.5 * np.log10(np.clip(ratio, 1e-4, 1e6)))

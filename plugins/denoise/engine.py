"""The changing part of the spectral denoiser: a window of frames, and the spectra to add."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.decibels import db_to_amplitude
from restorack.dsp.frame_transform import mean_power
from restorack.dsp.stft import Spectra
from restorack.plugins.denoise import gain_rules as spectral_gain

GROUP = spectral_gain.GROUP
INAUDIBLE_DENSITY = 1e-16
"""Power per bin, -160 dB, from which down a floor is nothing: 11 dB below 24-bit rounding."""
_MODES = {
    "logmmse": spectral_gain.logmmse,
    "wiener": spectral_gain.wiener,
    "subtract": spectral_gain.subtract,
    "gate": spectral_gain.gate,
    "median": spectral_gain.median,
}


class GainWindow:
    """Keep three groups of frames, and change the middle one knowing its neighbours.

    Parameters
    ----------
    mode : str
        Name of a gain function of :mod:`restorack.plugins.denoise.gain_rules`.
    channels, bins : int
        Shape of the spectra.
    """

    def __init__(self, mode: str, channels: int, bins: int) -> None:
        self._mode = mode
        self._thresholds = spectral_gain.block_thresholds()
        self._ratio = np.zeros((spectral_gain.CONTEXT, bins))
        self._before: Spectra | None = None
        self._any_floor = [False, False, False]
        self._empty = np.zeros((channels, 0, bins), np.complex128)
        # White noise of variance 1 has this power in a bin of a square-root-Hann frame.
        self._scale = 1.0 / (bins - 1)

    def change(
        self,
        spectra: Spectra,
        density: NDArray[np.float64] | None,
        strength: float,
        limit_db: float,
    ) -> Spectra:
        """Take a group, return what to add to the one before it.

        Parameters
        ----------
        spectra : ndarray of complex, shape (channels, 8, bins)
            The newest frames.
        density : ndarray, shape (bins,), or None
            The noise floor's power density there; None where none is known.
        strength : float
            Share of the change.
        limit_db : float
            The deepest attenuation.
        """
        self._ratio[:-GROUP] = self._ratio[GROUP:]
        self._ratio[-GROUP:] = self._measure(spectra, density)
        self._any_floor = [*self._any_floor[1:], density is not None]
        before, self._before = self._before, spectra
        if before is None:
            return self._empty
        if not self._any_floor[1] or strength == 0.0 or limit_db == 0.0:
            return np.zeros_like(before)
        gain = _MODES[self._mode](self._ratio, self._thresholds)
        change = strength * (np.maximum(gain, db_to_amplitude(-limit_db)) - 1.0)
        # A bin without noise to take off stays as it is.
        change[self._ratio[GROUP:-GROUP] >= spectral_gain.LARGEST_RATIO] = 0.0
        return np.asarray(change * before)

    def _measure(
        self, spectra: Spectra, density: NDArray[np.float64] | None
    ) -> NDArray[np.float64]:
        if density is None:
            return np.full(spectra.shape[1:], spectral_gain.LARGEST_RATIO)
        power = mean_power(spectra) * self._scale
        heard = density > INAUDIBLE_DENSITY
        ratio = power / np.maximum(density, INAUDIBLE_DENSITY)
        return np.where(
            heard, np.minimum(ratio, spectral_gain.LARGEST_RATIO), spectral_gain.LARGEST_RATIO
        )

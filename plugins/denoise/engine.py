"""The changing part of the spectral denoiser: a window of frames, and the spectra to add."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.dsp import _core
from restorack.dsp.decibels import db_to_amplitude
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
        self._carried = spectral_gain.CarriedBlocks()
        self._ratio = np.zeros((spectral_gain.CONTEXT, bins))
        self._before: Spectra | None = None
        self._any_floor = [False, False, False]
        self._empty = np.zeros((channels, 0, bins), np.complex128)

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
            self._carried.forget()
            return np.zeros_like(before)
        gain = _MODES[self._mode](self._ratio, self._thresholds, self._carried)
        change = np.empty_like(before)
        _core.gain_change(
            before.view(np.float64),
            np.ascontiguousarray(gain, np.float64),
            # A bin without noise to take off stays as it is.
            self._ratio[GROUP:-GROUP],
            (strength, db_to_amplitude(-limit_db), spectral_gain.LARGEST_RATIO),
            change.view(np.float64),
        )
        return change

    def _measure(
        self, spectra: Spectra, density: NDArray[np.float64] | None
    ) -> NDArray[np.float64]:
        if density is None:
            return np.full(spectra.shape[1:], spectral_gain.LARGEST_RATIO)
        return posterior_ratio(spectra, density)


def posterior_ratio(spectra: Spectra, density: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the power of spectra, the channels' mean, over a noise floor's.

    Parameters
    ----------
    spectra : ndarray of complex, shape (channels, frames, bins)
    density : ndarray, shape (bins,)
        The noise floor's power density.

    Returns
    -------
    ndarray, shape (frames, bins)
        At most, and where the floor is inaudible, what stands for no noise at all.
    """
    channels, frames, bins = spectra.shape
    ratio = np.empty((frames, bins))
    # White noise of variance 1 has the power bins - 1 in a bin of a square-root-Hann frame.
    limits = (1.0 / (bins - 1), INAUDIBLE_DENSITY, spectral_gain.LARGEST_RATIO)
    given = np.ascontiguousarray(spectra).view(np.float64)
    _core.posterior_ratio(given, channels, np.ascontiguousarray(density), limits, ratio)
    return ratio

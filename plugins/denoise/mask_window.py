"""Run a mask network over groups of frames, in windows that never depend on the caller's blocks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.stft import Spectra
from restorack.inference.mask_shape import INPUTS
from restorack.inference.tiny_features import FeatureTracker, power_over_floor
from restorack.inference.tiny_mask import TinyMask


class MaskWindow:
    """Turns groups of frames and a noise floor into the change that a network wants.

    Parameters
    ----------
    network : TinyMask
        It sees as many frames ahead as its ``reach``: so many are kept back.
    channels, bins, group : int
        Channels share their gains, which follow the loudest of them; frames of a group.
    """

    def __init__(self, network: TinyMask, channels: int, bins: int, group: int) -> None:
        self._network = network
        self._reach = network.reach
        self._group = group
        self._tracker = FeatureTracker(bins)
        self._features = np.zeros((INPUTS, 2 * self._reach, bins), np.float32)
        self._heard = np.zeros(2 * self._reach, bool)
        self._spectra = np.zeros((channels, 0, bins), np.complex128)
        self._lead = self._reach

    def change(
        self,
        spectra: Spectra,
        density: NDArray[np.float64] | None,
        strength: float = 1.0,
        least: float = 0.0,
    ) -> Spectra:
        """Return what to add to the frames that are ready.

        Parameters
        ----------
        spectra : ndarray, shape (channels, group, bins)
        density : ndarray, shape (bins,), optional
            The noise floor's power density; without one nothing is changed.
        strength : float
            Strength: 0 bypass, 1 full.
        least : float
            The least gain.
        """
        self._take(spectra, density)
        gains = self._gains()
        # The frames before the first are only there for the network to look back on.
        skip, self._lead = min(self._lead, self._group), max(0, self._lead - self._group)
        ready = np.maximum(gains[skip:], least)
        now, self._spectra = self._spectra[:, : len(ready)], self._spectra[:, len(ready) :]
        change: Spectra = strength * (ready - 1.0) * now
        return change

    def _take(self, spectra: Spectra, density: NDArray[np.float64] | None) -> None:
        self._spectra = np.concatenate([self._spectra, spectra], axis=1)
        fresh = np.zeros((len(self._features), self._group, spectra.shape[2]), np.float32)
        if density is not None:
            loudest = (spectra.real**2 + spectra.imag**2).max(axis=0)
            for number, ratio in enumerate(power_over_floor(loudest, density)):
                fresh[:, number] = self._tracker.features(ratio)
        kept = 2 * self._reach
        self._features = np.concatenate([self._features[:, -kept:], fresh], axis=1)
        known = np.full(self._group, density is not None)
        self._heard = np.concatenate([self._heard[-kept:], known])

    def _gains(self) -> NDArray[np.float64]:
        """Return the gains of the frames that have all their neighbours."""
        inner = slice(self._reach, -self._reach)
        known = self._heard[inner, np.newaxis]
        if not known.any():
            return np.ones((self._group, self._features.shape[2]))
        found = self._network.gains(self._features).astype(np.float64)
        return np.where(known, found[inner], 1.0)

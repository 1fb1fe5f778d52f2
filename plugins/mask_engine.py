"""Run a mask network over a stream, in windows that never depend on the caller's blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from restorack.audio.framing import Spectra, SpectralChange
from restorack.audio.gate import Rows

if TYPE_CHECKING:
    from torch import nn

GROUP = 32
"""Frames that come out at a time."""


class MaskEngine:
    """A stream with a network's gains on its spectra.

    Parameters
    ----------
    network : TinyMask
        In evaluation mode.
    channels : int
        They share their gains, which follow the loudest of them.
    sample_rate : float
        In Hz.
    strength : float
        Share of the change that is made.
    """

    def __init__(
        self, network: nn.Module, channels: int, sample_rate: float, strength: float = 1.0
    ) -> None:
        from restorack.networks.tiny_features import FloorTracker, frame_sizes
        from restorack.networks.tiny_mask import INPUTS

        frame, hop = frame_sizes(sample_rate)
        bins = frame // 2 + 1
        self._network, self._strength = network, strength
        self._reach = int(network.reach)  # type: ignore[arg-type]
        self._tracker = FloorTracker(bins)
        self._scale = (2.0 / frame) ** 2
        self._features = np.zeros((INPUTS, 2 * self._reach, bins), np.float32)
        self._spectra = np.zeros((channels, 0, bins), np.complex128)
        self._begun = False
        self._flow = SpectralChange(channels, frame, hop, GROUP, self._change, self._reach)

    @staticmethod
    def latency(sample_rate: float, reach: int) -> int:
        """Return the most samples that are ever withheld."""
        from restorack.networks.tiny_features import frame_sizes

        frame, hop = frame_sizes(sample_rate)
        return SpectralChange.latency(frame, hop, GROUP, reach)

    def push(self, block: Rows) -> Rows:
        """Take samples, return those that are ready."""
        return self._flow.push(block)

    def finish(self) -> Rows:
        """Return the rest."""
        return self._flow.finish()

    def _change(self, spectra: Spectra) -> Spectra:
        power = self._scale * (spectra.real**2 + spectra.imag**2).max(axis=0)
        fresh = np.stack([self._tracker.features(frame) for frame in power], axis=1)
        self._features = np.concatenate([self._features, fresh], axis=1)
        self._spectra = np.concatenate([self._spectra, spectra], axis=1)
        gains = self._gains(self._features)
        self._features = self._features[:, GROUP:].copy()
        # The frames before the first are only there for the network to look back on.
        ready = gains if self._begun else gains[self._reach :]
        self._begun = True
        now, self._spectra = self._spectra[:, : len(ready)], self._spectra[:, len(ready) :]
        change: Spectra = (self._strength * (ready - 1.0)) * now
        return change

    def _gains(self, features: NDArray[Any]) -> NDArray[np.float64]:
        """Return the gains of the frames that have all their neighbours."""
        import torch

        with torch.inference_mode():
            found = self._network(torch.from_numpy(features[np.newaxis]))[0].numpy()
        gains: NDArray[np.float64] = found[self._reach : -self._reach].astype(np.float64)
        return gains

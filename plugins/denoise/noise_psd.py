"""The trained judge of noise floors that the U-Net denoiser asks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.inference.network import Network
from restorack.inference.noise_psd import estimate_levels
from restorack.meters.noise_floor.steady_floor import SteadyFloorEstimator
from restorack.weights.native import load_native

WEIGHTS = "floor"
HIGHEST_HZ = 22_050.0
"""Bands above are not judged: the end of what the network saw in training, at 44.1 kHz."""


class NeuralNoisePsd:
    """Say each band's floor and how sure that is, from a noise picture.

    Parameters
    ----------
    network : Network
        Of the architecture ``floor-judge``.
    """

    def __init__(self, network: Network) -> None:
        self._network = network

    def __call__(
        self,
        counts: NDArray[np.int32],
        patches: int,
        mean_db: float,
        centres_hz: NDArray[np.float64],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return levels in dB and confidences of the bands up to 22 kHz.

        Parameters
        ----------
        counts : ndarray, shape (kinds, bands, levels)
            Of a :class:`~restorack.meters.histogram_floor.level_histogram.LevelHistogram`.
        patches : int
            How many were counted.
        mean_db : float
            Mean power density of the recording, as at 44.1 kHz.
        centres_hz : ndarray, shape (bands,)
            The bands' centres.
        """
        seen = int(np.searchsorted(centres_hz, HIGHEST_HZ))
        khz = (centres_hz[:seen] / 1000.0).astype(np.float32)
        level, sure = estimate_levels(self._network, counts[:, :seen], patches, mean_db, khz)
        return level.astype(np.float64), sure.astype(np.float64)


def neural_noise_psd() -> NeuralNoisePsd:
    """Return the judge that comes with the package."""
    return NeuralNoisePsd(load_native(WEIGHTS).network("places"))


def blind_floor(sample_rate: float, channels: int, expected: bool = False) -> SteadyFloorEstimator:
    """Return what finds a floor in music, with the network that comes with the package.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    channels : int
        Rows of the stream.
    expected : bool
        Whether the recording is known to be noisy.
    """
    return SteadyFloorEstimator(sample_rate, channels, neural_noise_psd(), expected)

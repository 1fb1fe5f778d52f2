"""The trained judge of noise floors that the U-Net denoiser asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from restorack.meters.noise_floor.steady_floor import SteadyFloorEstimator

if TYPE_CHECKING:
    from restorack.networks.noise_psd import FloorJudgeNet

WEIGHTS = "floor"
HIGHEST_HZ = 22_050.0


class NeuralNoisePsd:
    """Say each band's floor and how sure that is, from a noise picture.

    Parameters
    ----------
    network : FloorJudgeNet
        Trained.
    """

    def __init__(self, network: FloorJudgeNet) -> None:
        self._network = network.eval()

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
        import torch

        from restorack.networks.noise_psd import (
            floor_planes,
            lowest_shown_db,
            read_floor,
            shown_part,
        )
        from restorack.networks.threads import one_thread

        with torch.inference_mode(), one_thread():
            shown = shown_part(torch.from_numpy(counts), mean_db).float()[None]
            seen = int(np.searchsorted(centres_hz, HIGHEST_HZ))
            shown, khz = shown[:, :, :seen], torch.from_numpy(centres_hz[:seen] / 1000.0).float()
            planes = floor_planes(shown, torch.tensor([float(patches)]), khz)
            level, sure = read_floor(self._network(planes)[0])
        levels = level.numpy().astype(np.float64) + lowest_shown_db(mean_db)
        return levels, sure.numpy().astype(np.float64)


def neural_noise_psd() -> NeuralNoisePsd:
    """Return the judge that comes with the package."""
    from restorack.weights.store import load_network

    return NeuralNoisePsd(cast("FloorJudgeNet", load_network(WEIGHTS)))


def blind_floor(sample_rate: float, channels: int) -> SteadyFloorEstimator:
    """Return what finds a floor in music, with the network that comes with the package.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    channels : int
        Rows of the stream.
    """
    return SteadyFloorEstimator(sample_rate, channels, neural_noise_psd())

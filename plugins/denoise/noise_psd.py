"""The trained networks that say where a recording's noise is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.inference.floor_reader import FloorReader, Reading
from restorack.inference.network import Network
from restorack.inference.noise_psd import estimate_levels
from restorack.meters.noise_floor.mixed_bands import mixed_bands
from restorack.meters.noise_floor.read_bands import ReadBands
from restorack.meters.noise_floor.steady_floor import SteadyFloorEstimator
from restorack.weights.native import load_native

WEIGHTS, READER_WEIGHTS = "floor", "floor-reader"
HIGHEST_HZ = 22_050.0
"""Bands above are not judged: the end of what the network saw in training, at 44.1 kHz."""
BANDS_READ = 55
"""As many there are of a sixth of an octave up to there."""


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


class SteadyBandReader:
    """Say where the noise of bands lies, from what they show of it.

    Parameters
    ----------
    reader : FloorReader
        Reads the bands up to 22 kHz.
    """

    def __init__(self, reader: FloorReader) -> None:
        self._reader = reader

    def __call__(self, signs: NDArray[np.float32], /) -> Reading:
        """Return what signs say; bands above 22 kHz are read as the last one below.

        Parameters
        ----------
        signs : ndarray of float32, shape (bands, signs)
            Of :func:`restorack.meters.noise_floor.band_signs.band_signs`.
        """
        read = self._reader(signs[:BANDS_READ])
        above = (0, len(signs) - len(read.sure))
        over, sure = (np.pad(one, above, mode="edge") for one in (read.over_db, read.sure))
        return Reading(over, sure, read.noisy)


def read_floor_estimator(
    sample_rate: float, channels: int, expected: bool = False
) -> SteadyFloorEstimator:
    """Return what finds a floor in music by the reader that comes with the package.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    channels : int
        Rows of the stream.
    expected : bool
        Whether the recording is known to be noisy.
    """
    reader = SteadyBandReader(FloorReader(load_native(READER_WEIGHTS).network("bands")))
    return SteadyFloorEstimator(sample_rate, channels, ReadBands(reader), expected=expected)


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
    return SteadyFloorEstimator(sample_rate, channels, mixed_bands, neural_noise_psd(), expected)

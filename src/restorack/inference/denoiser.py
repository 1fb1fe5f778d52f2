"""The denoiser's two networks over a stream: what they correct, some frames late."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.inference.denoiser_features import (
    FloorRows,
    gain_features,
    patch_doubt,
    patch_statistics,
    spread_over_bins,
)
from restorack.inference.denoiser_grid import (
    BAND,
    FLOOR_STEP,
    FOLD,
    HIGHEST_RAISE_DB,
    LARGEST_CORRECTION_DB,
    SMALL_CORRECTION_DB,
)
from restorack.inference.network import Network

Values = NDArray[np.float32]


class FloorStream:
    """Corrections of a noise floor, block by block.

    Parameters
    ----------
    network : Network
        The first one of the architecture ``denoiser``.
    bins : int
        Of a frame.

    Attributes
    ----------
    late : int
        Frames by which a correction comes late.
    """

    def __init__(self, network: Network, bins: int) -> None:
        bands = (bins - 1) // BAND
        self._stream = network.stream([bands])
        self._bins = bins
        self._last = np.zeros((2, bands), np.float32)
        self.late = FLOOR_STEP * (self._stream.late + 1)

    def push(self, ratio: Values, floor: FloorRows) -> Values:
        """Take power over the noise floor's, return what to add to the floor in dB, late.

        Parameters
        ----------
        ratio : ndarray of float32, shape (frames, bins)
            The number of frames is a multiple of 4.
        floor : FloorRows
            The floor.

        Returns
        -------
        ndarray of float32, shape (frames, bins)
        """
        (found,) = self._stream.push(patch_statistics(ratio, floor))
        cautious = cautious_correction(found[..., 0], found[..., -8:])
        patches = np.concatenate([self._last, cautious])
        self._last = patches[-2:]
        # The straight lines to the last step are known when the next one is.
        return spread_over_bins(patches, self._bins, FLOOR_STEP)


class MaskStream:
    """Corrections of gains, block by block.

    Parameters
    ----------
    network : Network
        The second one of the architecture ``denoiser``.
    bins : int
        Of a frame.

    Attributes
    ----------
    late : int
        Frames by which a correction comes late.
    """

    def __init__(self, network: Network, bins: int) -> None:
        self._stream = network.stream([-(-bins // FOLD)])
        self._bins = bins
        self.late = self._stream.late

    def push(self, planes: Values, floor: FloorRows) -> Values:
        """Take what :func:`gain_features` takes, return what to add to the gains' logits, late.

        Returns
        -------
        ndarray of float32, shape (frames, bins)
        """
        (found,) = self._stream.push(gain_features(planes, floor))
        return found.reshape(len(found), -1)[:, : self._bins]


def cautious_correction(said: Values, statistics: Values) -> Values:
    """Return what the first network says of a floor in dB, as far as it is followed.

    Parameters
    ----------
    said : ndarray of float32, shape (steps, bands)
        The first channel of its last layer.
    statistics : ndarray of float32, shape (steps, bands, 8)
        What it saw there.
    """
    limit = np.float32(LARGEST_CORRECTION_DB)
    wanted = limit * np.tanh(said / (np.float32(0.1) * limit))
    share = wanted**2 / (wanted**2 + SMALL_CORRECTION_DB**2)
    # A floor raised too far takes dense music for noise; one too low only leaves some.
    return np.asarray(np.minimum(wanted * share, HIGHEST_RAISE_DB) * patch_doubt(statistics))

"""How a trained network reads the signs of a passage's bands: where its noise lies, how sure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.inference.network import Network

Values = NDArray[np.float32]

LEVEL_STEP_DB = 10.0
"""What 1 of the network's answer is worth, in dB. Part of the trained weights."""

LOWEST_DB, HIGHEST_DB = -40.0, 20.0
"""A band's noise lies between these, over the first decile of its quieter bins' levels."""

NEAR_DB = 3.5
"""The sureness of a band is the probability of a floor within this of what is read. By hand, as
:mod:`restorack.inference.noise_psd`."""


@dataclass(frozen=True)
class Reading:
    """Where noise lies, and how sure that is.

    Parameters
    ----------
    over_db : ndarray of float32, shape (bands,)
        Of each band's noise, over the first decile of its quieter bins' levels.
    sure : ndarray of float32, shape (bands,)
        How sure that is, 0 to 1.
    noisy : float
        How sure it is that there is noise to be taken off, 0 to 1.
    """

    over_db: Values
    sure: Values
    noisy: float


class FloorReader:
    """A network that reads signs.

    Parameters
    ----------
    network : Network
        Of the architecture ``floor-reader``.
    """

    def __init__(self, network: Network) -> None:
        self._network = network

    def __call__(self, signs: Values) -> Reading:
        """Return what signs of shape (bands, signs) say; at least one band."""
        (answer,) = self._network.whole(np.ascontiguousarray(signs[np.newaxis], np.float32))
        level, sure, noisy = answer[0].T
        over = np.clip(LEVEL_STEP_DB * level, LOWEST_DB, HIGHEST_DB)
        return Reading(over, _logistic(sure), float(_logistic(noisy.mean())))


def _logistic(odds: Values | np.floating) -> Values:
    return np.asarray(1.0 / (1.0 + np.exp(-odds)), np.float32)

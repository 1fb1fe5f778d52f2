"""Gains by the tiny mask, from its native convolutions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.decibels import db_to_amplitude
from restorack.errors import WeightsError
from restorack.inference.mask_shape import DILATIONS, FLOOR_DB, FOLD, INPUTS, LIMIT, mask_reach
from restorack.inference.network import Network

Values = NDArray[np.float32]

_RULE = "weights of the architecture tiny-mask"


class TinyMask:
    """A trained mask of the architecture ``tiny-mask``.

    Parameters
    ----------
    network : Network
        Its convolutions.
    prior : ndarray of float32, shape (3,)
        Of the log odds: a constant, and shares of the first two features.
    settings : mapping
        Of the architecture.

    Attributes
    ----------
    reach : int
        Frames on either side that a frame's gains depend on.

    Raises
    ------
    WeightsError
        For weights of another architecture.
    """

    def __init__(self, network: Network, prior: Values, settings: Mapping[str, Any]) -> None:
        if prior.shape != (3,):
            raise WeightsError(f"prior of shape {prior.shape}", rule=_RULE)
        self._network, self._prior = network, prior
        self._least = db_to_amplitude(settings.get("floor_db", FLOOR_DB))
        self.reach = mask_reach(settings.get("dilations", DILATIONS))

    def gains(self, features: Values) -> Values:
        """Return gains, from the least to 1.

        Parameters
        ----------
        features : ndarray of float32, shape (4, frames, bins)
            Of :class:`~restorack.inference.tiny_features.FeatureTracker`.

        Returns
        -------
        ndarray of float32, shape (frames, bins)
        """
        _, frames, bins = features.shape
        padded = np.pad(features, ((0, 0), (0, 0), (0, -bins % FOLD)))
        folded = padded.reshape(INPUTS, frames, -1, FOLD).transpose(1, 2, 0, 3)
        found = self._network.whole(folded.reshape(frames, -1, INPUTS * FOLD))[0]
        if found.shape != (frames, padded.shape[2] // FOLD, FOLD):
            raise WeightsError("gains of another shape than the mask's", rule=_RULE)
        bias, momentary, smoothed = self._prior
        logits = found.reshape(frames, -1)[:, :bins] + bias
        logits += momentary * features[0] + smoothed * features[1]
        limited = logits / (1.0 + np.abs(logits) / np.float32(LIMIT))
        taken = 1.0 / (1.0 + np.exp(-limited))
        return np.asarray(1.0 - np.float32(1.0 - self._least) * taken)

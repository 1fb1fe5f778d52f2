"""The trained envelope above an edge, over a stream."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.inference.network import Network

Values = NDArray[np.float32]

SCALE_DB = np.float32(15.0)
"""An output of one means so many dB."""


class EnvelopeStream:
    """Levels above an edge, group by group of frames.

    Parameters
    ----------
    network : Network
        Of the architecture ``band-envelope``.

    Attributes
    ----------
    delay : int
        Frames by which what comes out is late.
    """

    def __init__(self, network: Network) -> None:
        self._stream = network.stream([1], 16)
        self.delay = self._stream.late

    def push(self, features: Values) -> tuple[Values, Values]:
        """Take features (frames, inputs), return what is expected, ``delay`` frames late.

        Levels in dB, and by how much the level of the expected power lies above them.
        """
        levels, excess = self._stream.push(features[:, np.newaxis])
        return SCALE_DB * levels[:, 0], SCALE_DB * excess[:, 0]

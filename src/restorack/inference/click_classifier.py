"""Log odds of click candidates, by a judge of the architecture ``click-judges``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.inference.network import Network

Values = NDArray[np.float32]

WAVE_LENGTH, LEVEL_BLOCKS, EVIDENCE = 512, 64, 3
"""Places of the two branches; facts that are the classical evidence."""

_BLOCK = 16
"""Candidates that are computed at once; any number gives the same bits."""


class ClickJudge:
    """A judge for one time scale; one thread at a time.

    Parameters
    ----------
    network : Network
        ``fine`` or ``coarse``.
    """

    def __init__(self, network: Network) -> None:
        self._stream = network.stream([WAVE_LENGTH, LEVEL_BLOCKS, 1, 1], _BLOCK)

    def log_odds(self, wave: Values, levels: Values, facts: Values) -> tuple[Values, Values]:
        """Return the log odds with the classical evidence and without it, each (candidates,).

        Parameters
        ----------
        wave : ndarray of float32, shape (candidates, 5, 512)
        levels : ndarray of float32, shape (candidates, 5, 64)
        facts : ndarray of float32, shape (candidates, 9)
        """
        shown = np.ones((len(facts), 1, facts.shape[1] + 1), np.float32)
        shown[:, 0, :-1] = facts
        hidden = shown.copy()
        hidden[..., :EVIDENCE] = 0.0
        hidden[..., -1] = 0.0
        fused, alone = self._stream.push(
            wave.transpose(0, 2, 1), levels.transpose(0, 2, 1), shown, hidden
        )
        return fused[:, 0, 0], alone[:, 0, 0]

"""Rumble: what is always there below the music."""

from __future__ import annotations

from array import array

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import power_to_db
from restorack.dsp.fifo import SampleFifo
from restorack.dsp.sections import butterworth, filtered

# Below the music; the frames whose levels are compared. By hand.
BAND_HZ = (4.0, 25.0)
SECONDS = 1.0
QUIET_SHARE = 0.25
"""The level of the quieter quarter of all seconds: rumble goes on when the bass drum rests."""


class RumbleMeter:
    """Measure the steady level from 4 to 25 Hz, of all channels, over a stream.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    channels : int
        Rows of every block.
    """

    def __init__(self, sample_rate: float, channels: int) -> None:
        self._hop = max(1, round(SECONDS * sample_rate))
        self._rate = sample_rate
        self._fifo = SampleFifo(channels)
        self._state = np.zeros((channels, 4, 2))
        self._powers = array("d")

    def push(self, block: Rows) -> None:
        """Take samples."""
        self._fifo.push(block)
        while len(self._fifo) >= self._hop:
            self._take(self._fifo.pop(self._hop))

    def _take(self, second: Rows) -> None:
        sections = butterworth(4, BAND_HZ, "bandpass", self._rate)
        low, self._state = filtered(sections, second, self._state)
        self._powers.append(float((low**2).mean()))

    def level_dbfs(self) -> float | None:
        """Return the steady RMS level in dB, 0 for an RMS of 1; None for less than two seconds."""
        # The filter starts in the first second.
        powers = np.frombuffer(self._powers)[1:] if len(self._powers) > 1 else np.zeros(0)
        level = float(np.quantile(powers, QUIET_SHARE)) if powers.size else 0.0
        return float(power_to_db(level)) if level > 1e-14 else None

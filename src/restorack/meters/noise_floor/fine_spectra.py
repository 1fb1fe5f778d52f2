"""Spectra in which single lines stand apart: hum and whistles that stay while the music moves."""

from __future__ import annotations

from collections import deque
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import power_to_db
from restorack.dsp.welch import DensityFrames
from restorack.meters.noise_floor.bands import frame_of

Floats: TypeAlias = NDArray[np.float64]

# Frames whose bins of 5 Hz hold one line; their overlap; frames in a mean (0.56 s), of which every
# fourth is kept; the end of hum and whistles. From the trial in docs/inside/noise-floor.md.
FRAME_S = 0.186
HOPS_PER_FRAME = 4
FRAMES_AVERAGED = 9
EVERY = 4
HIGHEST_HZ = 6000.0
FAINTEST = 1e-14
"""Density that keeps logarithms finite, -140 dB."""


class FineSpectra:
    """Levels of single bins up to 6 kHz, means over half a second, every 0.19 s.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    channels : int
        Rows; levels are those of their mean power.

    Attributes
    ----------
    frequencies_hz : ndarray, shape (bins,)
        Of the bins.
    seconds : float
        From one spectrum to the next.
    """

    def __init__(self, sample_rate: float, channels: int) -> None:
        frame = frame_of(FRAME_S, sample_rate)
        hop = frame // HOPS_PER_FRAME
        step = sample_rate / frame
        bins = min(frame // 2 + 1, int(HIGHEST_HZ / step) + 1)
        self.frequencies_hz: Floats = np.asarray(np.arange(bins) * step, np.float64)
        self.seconds = EVERY * hop / sample_rate
        self._frames = DensityFrames(channels, frame, hop, EVERY)
        self._recent: deque[Floats] = deque(maxlen=FRAMES_AVERAGED)

    def push(self, block: Rows) -> list[Floats]:
        """Take samples, return the levels in dB of new spectra, each of shape (bins,)."""
        found = []
        bins = len(self.frequencies_hz)
        for densities in self._frames.push(block):
            self._recent.extend(densities[:, :, :bins].mean(axis=0))
            if len(self._recent) == FRAMES_AVERAGED:
                mean = np.mean(self._recent, axis=0)
                found.append(power_to_db(mean + FAINTEST))
        return found

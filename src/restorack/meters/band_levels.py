"""Levels of third-octave bands, frame by frame: what rises above the noise, and where it ends."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import power_to_db
from restorack.dsp.welch import DensityFrames

Floats = NDArray[np.float64]

# Third octaves from 31.5 Hz on, the bands of IEC 61260.
LOWEST_HZ = 31.5
BANDS_PER_OCTAVE = 3
# Frames that are read at a time, and their length, 4096 samples at 44.1 kHz. By hand.
FRAMES = 4
FRAME_S = 0.093
# The histograms: levels in dB from -200 to +40, finer than any use of them.
LOWEST_DB, STEP_DB, STEPS = -200.0, 0.5, 480

LOUD_SHARE = 0.98
"""Share of the frames that a band's loud moments lie above. By hand."""
RISE_DB = 8.0
"""A band whose loud moments are so far above the noise holds more than noise."""

BELOW_LOUDEST_DB = 65.0
"""What lies further below the loudest band is leakage and rounding."""


class BandLevels:
    """Histograms of the levels of third-octave bands of a stream.

    Levels are mean power densities over the band and the channels: white noise of variance 1 has
    0 dB in every band. Frames last 93 ms and overlap by half; memory is bounded.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    channels : int
        Rows of every block.
    """

    def __init__(self, sample_rate: float, channels: int) -> None:
        frame = int(2 ** np.round(np.log2(FRAME_S * sample_rate)))
        count = int(np.floor(BANDS_PER_OCTAVE * np.log2(0.49 * sample_rate / LOWEST_HZ)))
        borders = LOWEST_HZ * 2.0 ** ((np.arange(count + 1) - 0.5) / BANDS_PER_OCTAVE)
        self.centres_hz: Floats = LOWEST_HZ * 2.0 ** (np.arange(count) / BANDS_PER_OCTAVE)
        self._borders = np.maximum(1, np.round(borders / sample_rate * frame).astype(int))
        self._frames = DensityFrames(channels, frame, frame // 2, FRAMES)
        self._counts = np.zeros((count, STEPS), np.int64)

    @property
    def frames(self) -> int:
        """Frames that were heard."""
        return int(self._counts[0].sum()) if len(self._counts) else 0

    def push(self, block: Rows) -> None:
        """Take samples; frames of digital silence do not count."""
        for densities in self._frames.push(block):
            for frame in densities.mean(axis=0):
                if frame.any():
                    self._count(frame)

    def _count(self, density: Floats) -> None:
        sums = np.concatenate([[0.0], np.cumsum(density)])
        first = self._borders[:-1]
        last = np.maximum(first + 1, self._borders[1:])
        level = power_to_db((sums[last] - sums[first]) / (last - first) + 1e-21)
        index = np.clip((level - LOWEST_DB) / STEP_DB, 0, STEPS - 1).astype(int)
        self._counts[np.arange(len(index)), index] += 1

    def quantile(self, share: float) -> Floats:
        """Return each band's level in dB that a share of the frames stays below."""
        sums = self._counts.cumsum(axis=1)
        index = (sums < share * sums[:, -1:]).sum(axis=1)
        return np.asarray(LOWEST_DB + STEP_DB * (index + 0.5))

    def music_range(self, floor_db: Floats | None) -> tuple[float, float] | None:
        """Return the lowest and the highest frequency in Hz at which anything rises out of noise.

        Parameters
        ----------
        floor_db : ndarray or None
            The noise's density at ``centres_hz``; None where no noise is known.

        Returns
        -------
        tuple of float or None
            Borders of the outermost third octaves; None for silence and mere noise.
        """
        if self.frames < FRAMES:
            return None
        loud = self.quantile(LOUD_SHARE)
        heard = loud >= loud.max() - BELOW_LOUDEST_DB
        if floor_db is not None:
            heard &= loud >= floor_db + RISE_DB
        # One band alone may be a whistle; what counts has a neighbour.
        heard &= np.concatenate([heard[1:], [False]]) | np.concatenate([[False], heard[:-1]])
        if not heard.any():
            return None
        places = np.flatnonzero(heard)
        half = 2.0 ** (0.5 / BANDS_PER_OCTAVE)
        return float(self.centres_hz[places[0]] / half), float(self.centres_hz[places[-1]] * half)

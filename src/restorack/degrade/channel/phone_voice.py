"""What a telephone does with a voice before it is coded: level control and noise suppression."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.dsp import _core
from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_amplitude, db_to_power

Spectra = NDArray[np.complex128]

RISE_S, FALL_S = 0.005, 0.25
"""The level control follows rising levels fast and falling ones slowly."""
# How fast the estimate of the noise may rise; where it begins; times that it is subtracted. By
# hand.
NOISE_RISE_DB_PER_S = 6.0
FIRST_NOISE_DBFS = -70.0
OVERSUBTRACTION = 3.0


class LevelControl:
    """An automatic gain control over a stream: the peaks of each channel are brought to one level.

    Parameters
    ----------
    channels : int
    sample_rate : float
        In Hz.
    target_dbfs : float
        Level that loud and quiet sound is brought to.
    most_db : float
        The most that quiet sound is raised.
    strength : float
        0 leaves levels alone, 1 evens them out.
    """

    def __init__(
        self,
        channels: int,
        sample_rate: float,
        target_dbfs: float,
        most_db: float,
        strength: float,
    ) -> None:
        shares = [1.0 - np.exp(-1.0 / (time * sample_rate)) for time in (RISE_S, FALL_S)]
        most = db_to_amplitude(most_db)
        self._settings = *shares, db_to_amplitude(target_dbfs), most, strength
        self._levels = np.full(channels, db_to_amplitude(target_dbfs))

    def push(self, block: Rows) -> Rows:
        """Return the next samples at their new level; none is withheld."""
        block = np.ascontiguousarray(block)
        out = np.empty_like(block)
        for channel, row in enumerate(block):
            level = self._levels[channel]
            self._levels[channel] = _core.follow(row, level, self._settings, out[channel])
        return out

    def finish(self) -> Rows:
        """Return nothing: all was returned."""
        return np.zeros((self._levels.size, 0), np.float32)


class NoiseSuppressor:
    """Take off what is steady, bin by bin, as a telephone's speech enhancer does, too eagerly.

    The noise in every bin is what it has been at least: the estimate falls at once and rises by
    6 dB a second, from -70 dBFS at first. Three times its power is subtracted, which leaves musical
    noise, chops off tails and wears held notes away.

    Parameters
    ----------
    channels, frame : int
        Rows, and samples of a frame in a square-root Hann window.
    frames_per_s : float
    depth_db : float
        The most that is taken off.
    """

    def __init__(self, channels: int, frame: int, frames_per_s: float, depth_db: float) -> None:
        first = db_to_power(FIRST_NOISE_DBFS) * frame / 2.0
        self._noise = np.full((channels, frame // 2 + 1), first)
        self._smooth = np.zeros_like(self._noise)
        self._rise = db_to_power(NOISE_RISE_DB_PER_S / frames_per_s)
        self._floor = db_to_amplitude(-depth_db)

    def change(self, spectra: Spectra) -> Spectra:
        """Return what is to be added to spectra ``(channels, frames, bins)``."""
        out = np.empty_like(spectra)
        for index in range(spectra.shape[1]):
            power = np.abs(spectra[:, index]) ** 2
            self._smooth = 0.7 * self._smooth + 0.3 * power
            self._noise = np.minimum(self._noise * self._rise, self._smooth)
            left = 1.0 - OVERSUBTRACTION * self._noise / np.maximum(power, 1e-30)
            gain = np.maximum(np.sqrt(np.maximum(left, 0.0)), self._floor)
            out[:, index] = spectra[:, index] * (gain - 1.0)
        return out

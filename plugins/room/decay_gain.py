"""Gains for what is left of a room's decay, from its reverberation time alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.frame_transform import mean_power
from restorack.dsp.stft import Spectra

Floats = NDArray[np.float64]

DECAY = 6.0 * float(np.log(10.0))
"""Energy falls by 60 dB, a factor of exp(-DECAY), in one reverberation time."""
EARLY_S = 0.05
"""What comes within this after a sound belongs to it, as for clarity C50 (ISO 3382-1)."""
DIFFUSE = 0.7
"""Part of a sound's energy that decays diffusely; a larger one thins out instruments. Chosen on one
speaker and one guitar in a room of 0.6 s at 2 m."""
SMOOTHING_S = 0.03
"""Time constant of the power that decays, two frames. By hand."""


class DecayGain:
    """Lower cells that are no more than what earlier ones leave after decaying.

    Parameters
    ----------
    rt60_s : float
        Reverberation time.
    hop_s : float
        Seconds from frame to frame.
    share : float
        The part that is taken for reverberation, 0 to 1.
    floor : float
        The smallest gain, linear.

    Notes
    -----
    Lebart et al., A new method based on spectral subtraction for speech dereverberation, Acustica
    87 (2001), 359-366: the power of late reverberation is that of the smoothed signal ``EARLY_S``
    before, times the decay since.
    """

    def __init__(self, rt60_s: float, hop_s: float, share: float, floor: float) -> None:
        self._late = max(1, round(EARLY_S / hop_s))
        self._left = share * DIFFUSE * float(np.exp(-DECAY * self._late * hop_s / rt60_s))
        self._keep = float(np.exp(-hop_s / SMOOTHING_S))
        self._floor = floor
        self._smooth: Floats = np.zeros((0, 0))

    def gains(self, spectra: Spectra) -> Floats:
        """Return the gains of the next frames, shape (frames, bins), for all channels.

        Parameters
        ----------
        spectra : ndarray of complex, shape (channels, frames, bins)
            Of the signal as it came, reverberation and all.
        """
        power = mean_power(spectra)
        if not self._smooth.size:
            self._smooth = np.zeros((self._late + 1, power.shape[1]))
        gains = np.empty_like(power)
        for number, frame in enumerate(power):
            now = self._keep * self._smooth[-1] + (1.0 - self._keep) * frame
            self._smooth = np.concatenate([self._smooth[1:], now[np.newaxis]])
            late = self._left * self._smooth[0] / np.maximum(now, 1e-30)
            gains[number] = 1.0 - np.sqrt(np.minimum(1.0, late))
        return np.maximum(self._floor, gains)


def no_louder(before: Spectra, after: Spectra) -> Spectra:
    """Return cells after a change, none louder than before it."""
    size, most = np.abs(after), np.abs(before)
    return np.asarray(after * np.minimum(1.0, most / np.maximum(size, 1e-30)))

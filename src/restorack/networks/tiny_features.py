"""What the tiny mask sees: levels relative to a noise floor that is tracked as the sound comes.

The floor is the least power, recursively smoothed, of the latest seconds [1]_; it knows nothing
of what comes later, so that no first pass is needed. All features are ratios: they do not change
with the recording's level.

References
----------
.. [1] R. Martin, "Noise power spectral density estimation based on optimal smoothing and minimum
   statistics", IEEE Trans. Speech and Audio Processing 9(5), 2001.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.networks.tiny_mask import INPUTS

FRAME_SECONDS = 2048 / 44_100
"""Bins are 21.5 Hz apart at every sample rate."""

HOPS_PER_FRAME = 4
SMOOTHING = 0.9
SPELL, SPELLS = 86, 8
"""The minimum is over eight spells of a second each, and the one that is under way."""

_SILENCE = 1e-16
_SLOW = 0.995


def frame_sizes(sample_rate: float) -> tuple[int, int]:
    """Return the samples of a frame and of a hop."""
    hop = max(2, round(sample_rate * FRAME_SECONDS / HOPS_PER_FRAME))
    return HOPS_PER_FRAME * hop, hop


class FloorTracker:
    """Follows the noise floor of a spectrogram, frame by frame.

    Parameters
    ----------
    bins : int
    """

    def __init__(self, bins: int) -> None:
        self._smooth: NDArray[np.float64] | None = None
        self._spell = np.full(bins, np.inf)
        self._past: list[NDArray[np.float64]] = []
        self._frames = 0
        self._loudness = 0.0
        bands = np.linspace(0.0, 1.0, bins)
        self._place = (2.0 * bands - 1.0).astype(np.float32)

    def features(self, power: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return the next frame's features.

        Parameters
        ----------
        power : ndarray, shape (bins,)
            Squared magnitudes.

        Returns
        -------
        ndarray of float32, shape (4, bins)
            Power over floor, smoothed power over floor, and floor over the loudness so far, in
            units of 20 dB; the place on the frequency axis.
        """
        power = power + _SILENCE
        smooth = power if self._smooth is None else self._smooth
        self._smooth = smooth = SMOOTHING * smooth + (1.0 - SMOOTHING) * power
        self._spell = np.minimum(self._spell, smooth)
        floor = np.minimum.reduce([self._spell, *self._past])
        self._frames += 1
        if self._frames % SPELL == 0:
            self._past = [*self._past[1 - SPELLS :], self._spell]
            self._spell = smooth.copy()
        mean = float(power.mean())
        known = self._frames > 1
        self._loudness = _SLOW * self._loudness + (1.0 - _SLOW) * mean if known else mean
        out = np.empty((INPUTS, len(power)), np.float32)
        out[0] = _in_20_db(power / floor)
        out[1] = _in_20_db(smooth / floor)
        out[2] = _in_20_db(floor / self._loudness)
        out[3] = self._place
        return out


def _in_20_db(ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.clip(0.5 * np.log10(ratio), -5.0, 5.0)

"""Tones lie along time, strokes along frequency: two medians of a spectrogram tell them apart.

Fitzgerald, Harmonic/percussive separation using median filtering, DAFx 2010. What is a tone to
long frames and what is one to short frames differ: Fitzgerald and Gainza, Single channel vocal
separation using median filtering and factorisation techniques, ISAST 2010.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.separation.spectra import ExcerptSpectra, frame_size

# Below the power of the last bit of a float32 at full scale: keeps silence from dividing by 0.
_NOTHING = 1e-20


@dataclass(frozen=True)
class MedianSplit:
    """How tones are told from strokes.

    Attributes
    ----------
    frame_s : float
        Seconds of a frame; the power of two nearest to it is taken.
    along_s : float
        Seconds of the median along time, which keeps tones.
    across_hz : float
        Hz of the median along frequency, which keeps strokes.
    bias : float
        A cell is half a tone where the first median's power is so many times the second's.
    """

    frame_s: float
    along_s: float
    across_hz: float
    bias: float

    def tones_of(self, rows: Rows, sample_rate: float) -> Rows:
        """Return the tones of an excerpt: each cell by the share of its power (Wiener).

        Parameters
        ----------
        rows : ndarray of float32, shape (channels, samples)
        sample_rate : float
            In Hz.
        """
        from scipy.ndimage import median_filter

        size = frame_size(self.frame_s, sample_rate)
        spectra = ExcerptSpectra(rows, size)
        frames_per_s = sample_rate / spectra.hop
        along = _odd(self.along_s * frames_per_s)
        across = _odd(self.across_hz * size / sample_rate)
        tones = median_filter(spectra.magnitudes, size=(along, 1)) ** 2
        strokes = median_filter(spectra.magnitudes, size=(1, across)) ** 2
        return spectra.filtered(tones / (tones + self.bias * strokes + np.float32(_NOTHING)))


def _odd(length: float) -> int:
    """Return the nearest odd number, 3 or more."""
    return max(3, 2 * round((length - 1.0) / 2.0) + 1)

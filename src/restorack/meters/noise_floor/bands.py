"""Bands of a sixth of an octave, which overlap where frames are too short to tell them apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

# 4096 samples at 44.1 kHz; the lowest band's centre and beginning, which leave rumble to its own
# meter; a sixth of an octave. From the trial in docs/inside/noise-floor.md.
FRAME_S = 0.093
LOWEST_HZ, LOWEST_HEARD_HZ = 40.0, 25.0
BANDS_PER_OCTAVE = 6
NARROWEST_BINS = 3.6
"""Half the width of the lowest bands: a floor of fewer bins is that of a partial."""

FEWEST_BINS = 4
"""Of a band: the quieter 60 % of fewer is a single bin. By hand."""


MIDDLE_HZ = (60.0, 14_000.0)
"""Where recordings have both music and noise. By hand."""


def frame_of(seconds: float, sample_rate: float) -> int:
    """Return the power of two that is nearest to a frame of some seconds, at least 16."""
    return 1 << max(4, round(float(np.log2(seconds * sample_rate))))


@dataclass(frozen=True)
class Bands:
    """Bands of a spectrum.

    Parameters
    ----------
    centres_hz : ndarray, shape (bands,)
        Rising.
    first, end : ndarray of int, shape (bands,)
        Bins of each band.
    widths_hz : ndarray, shape (bands,)
        What a band stands for in sums of power over frequency, from 25 Hz on.
    """

    centres_hz: Floats
    first: NDArray[np.int64]
    end: NDArray[np.int64]
    widths_hz: Floats

    @property
    def middle(self) -> NDArray[np.bool_]:
        """Which bands speak for the whole: from 60 Hz to 14 kHz, or all where there are none."""
        heard = (self.centres_hz > MIDDLE_HZ[0]) & (self.centres_hz < MIDDLE_HZ[1])
        return np.asarray(heard if heard.any() else np.ones(len(heard), bool))

    def __len__(self) -> int:
        """Return the number of bands."""
        return len(self.centres_hz)


def sixth_octaves(sample_rate: float, frame: int) -> Bands:
    """Return the bands of a frame's spectrum; none below 120 Hz of sample rate.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    frame : int
        Samples.
    """
    step = sample_rate / frame
    octaves = np.log2(max(sample_rate / 2.0, LOWEST_HZ) / LOWEST_HZ)
    places = np.arange(int(BANDS_PER_OCTAVE * octaves) + 1)
    centres = LOWEST_HZ * 2.0 ** (places / BANDS_PER_OCTAVE)
    side = 0.5 / BANDS_PER_OCTAVE
    half = np.maximum(centres * (2.0**side - 2.0**-side) / 2.0, NARROWEST_BINS * step)
    first = np.maximum(1, np.ceil((centres - half) / step).astype(np.int64))
    end = np.minimum(frame // 2 + 1, np.ceil((centres + half) / step).astype(np.int64))
    kept = end - first >= FEWEST_BINS
    centres, first, end = centres[kept], first[kept], end[kept]
    borders = np.sqrt(centres[1:] * centres[:-1])
    edges = np.concatenate([[LOWEST_HEARD_HZ], borders, [sample_rate / 2.0]])
    widths = np.diff(edges) if len(centres) else np.zeros(0)
    return Bands(centres, first, end, widths)

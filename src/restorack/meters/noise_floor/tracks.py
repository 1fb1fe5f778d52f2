"""Band powers over time, of the quieter bins of each band: what lies between the partials."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.dsp import _core
from restorack.dsp.arrays import Rows
from restorack.dsp.welch import DensityFrames
from restorack.meters.noise_floor.bands import FRAME_S, Bands, frame_of, sixth_octaves

Floats: TypeAlias = NDArray[np.float64]

FRAMES_AVERAGED = 3
"""Frames whose powers are averaged, 0.19 s. From the trial in docs/inside/noise-floor.md."""
KEPT_SHARE = 0.6
"""Of a band's bins, the quieter ones: partials take the rest."""

SILENT_DB = -125.0
"""Bands are given at least -140 dB, to tell digital silence from the faintest noise."""

GROUP = 4
"""Frames that are transformed at a time."""


class TrackMeter:
    """Measure the bands of a stream, frame by frame.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    channels : int
        Rows; levels are means of theirs.

    Attributes
    ----------
    bands : Bands
        What is measured.
    seconds : float
        From one frame to the next: frames last about 93 ms and overlap by half.

    Notes
    -----
    Bands, not single cells: a lossy codec leaves holes between cells, so that their quantiles say
    little about the noise that is heard, while the sum over a band stays nearly what it was.
    """

    def __init__(self, sample_rate: float, channels: int) -> None:
        frame = frame_of(FRAME_S, sample_rate)
        self.bands: Bands = sixth_octaves(sample_rate, frame)
        self.seconds = frame // 2 / sample_rate
        self._frames = DensityFrames(channels, frame, frame // 2, GROUP)
        self._before = np.zeros((channels, 0, frame // 2 + 1))

    def push(self, block: Rows) -> list[tuple[Floats, Floats]]:
        """Take samples, return quiet and mean densities of new frames, each (frames, bands)."""
        taken = [self.take(densities) for densities in self._frames.push(block)]
        return [one for one in taken if one is not None]

    def take(self, densities: Floats) -> tuple[Floats, Floats] | None:
        """Take densities, shape (channels, frames, bins), that another cut out of the stream."""
        heard = np.concatenate([self._before, densities], axis=1)
        self._before = heard[:, 1 - FRAMES_AVERAGED :].copy()
        if heard.shape[1] < FRAMES_AVERAGED:
            return None
        return band_powers(heard, self.bands.first, self.bands.end)


def band_powers(
    densities: Floats, first: NDArray[np.int64], end: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """Return each band's power in its quieter bins and in all, means of three frames.

    Parameters
    ----------
    densities : ndarray, shape (channels, frames, bins)
        Power densities.
    first, end : ndarray of int, shape (bands,)
        Bins of the bands.

    Returns
    -------
    quiet, mean : ndarray, shape (frames - 2, bands)
        Means over the channels.
    """
    channels, count, bins = densities.shape
    quiet, mean = (np.zeros((count - FRAMES_AVERAGED + 1, len(first))) for _ in range(2))
    _core.band_powers(
        np.ascontiguousarray(densities), channels, bins, first, end, KEPT_SHARE, quiet, mean
    )
    return quiet, mean

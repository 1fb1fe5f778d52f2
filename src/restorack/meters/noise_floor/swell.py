"""What rises and falls in all bands alike: noise that swells, as of film, wind or a worn groove."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

BANDS_SHARE = 25.0
"""Percentile over the bands: music seldom fills three quarters of them at once."""

# Bands that a swell is read from, in Hz; seconds it is smoothed over; the most it may be, and the
# least that counts, in dB; bands that must be there. From the trial in docs/inside/noise-floor.md.
LOWEST_HZ, HIGHEST_HZ = 100.0, 12_000.0
SMOOTH_S = 0.6
MOST_DB, LEAST_DB = 12.0, 3.0
FEWEST_BANDS = 6


def common_swell(levels_db: Floats, centres_hz: Floats, frame_seconds: float) -> Floats | None:
    """Return by how many dB each frame lies above the quiet, None where nothing swells.

    Parameters
    ----------
    levels_db : ndarray, shape (frames, bands)
        Of a :class:`~restorack.meters.noise_floor.tracks.TrackMeter`.
    centres_hz : ndarray, shape (bands,)
        The bands' centres.
    frame_seconds : float
        From one frame to the next.
    """
    wide = (centres_hz > LOWEST_HZ) & (centres_hz < HIGHEST_HZ)
    if np.count_nonzero(wide) < FEWEST_BANDS:
        return None
    above = levels_db[:, wide] - np.quantile(levels_db[:, wide], 0.1, axis=0)
    rise = np.percentile(above, BANDS_SHARE, axis=1)
    frames = max(3, int(SMOOTH_S / frame_seconds) | 1)
    rise = np.asarray(np.median(_around(rise, frames), axis=1))
    rise = np.asarray(_around(rise, frames).mean(axis=1))
    rise = np.clip(rise - np.quantile(rise, 0.1), 0.0, MOST_DB)
    return np.asarray(rise) if np.ptp(rise) > LEAST_DB else None


def _around(values: Floats, count: int) -> Floats:
    """Return an odd number of neighbours of each value, shape (values, count); the ends repeat."""
    padded = np.pad(values, count // 2, mode="edge")
    return np.lib.stride_tricks.sliding_window_view(padded, count)

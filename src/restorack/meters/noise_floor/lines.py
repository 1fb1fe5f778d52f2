"""Lines that stay while the music moves: hum, whistles and buzz, in single bins."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

STEADY_DB, RANGE_DB = 1.5, 2.5
"""Of a line's levels: the first quartile over the twentieth, and the median over the decile."""

# dB that a line stands out of the floor by, and bins beside it that its window fills; from the
# trial in docs/inside/noise-floor.md.
OVER_FLOOR_DB = 5.0
SIDE_BINS = 2
LEVEL_SHARE = 0.8
"""Of the way from the decile to the median: where a line's mean level lies."""


def steady_lines(levels_db: Floats, floor_db: Floats) -> tuple[NDArray[np.bool_], Floats]:
    """Return which bins hold a steady line, and each bin's level.

    Parameters
    ----------
    levels_db : ndarray, shape (spectra, bins)
        Of :class:`~restorack.meters.noise_floor.fine_spectra.FineSpectra`.
    floor_db : ndarray, shape (bins,)
        The broadband floor there.
    """
    q05, q10, q25, q50 = np.quantile(levels_db, (0.05, 0.1, 0.25, 0.5), axis=0)
    level = q10 + LEVEL_SHARE * np.clip(q50 - q10, 0.0, RANGE_DB)
    steady = (q25 - q05 < STEADY_DB) & (q50 - q10 < RANGE_DB)
    line = steady & (level > floor_db + OVER_FLOOR_DB)
    padded = np.pad(line, SIDE_BINS)
    beside = np.lib.stride_tricks.sliding_window_view(padded, 2 * SIDE_BINS + 1).any(axis=1)
    wide = beside & (q50 - q10 < 2.0 * RANGE_DB) & (level > floor_db)
    return np.asarray(wide), np.asarray(level)

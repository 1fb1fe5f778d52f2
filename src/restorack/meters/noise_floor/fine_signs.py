"""What single bins show of a band: between the partials of a held chord there may be noise."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.meters.noise_floor.heard import Heard

Floats: TypeAlias = NDArray[np.float64]

FINE_NAMES = (
    "fine", "fine lowest", "fine low", "fine middle", "fine highest",
    "fine spread", "fine half spread", "fine steadiest",
)  # fmt: skip
"""All are 0 where there are no fine spectra."""

# Spectra and bins of a band that tell something; half a band's width, of the frequency and at
# least, in Hz; dB of spread that make 1. By hand, part of the trained weights.
FEWEST_SPECTRA, FEWEST_BINS = 4, 5
HALF_OCTAVES, NARROWEST_HZ = 1.0 / 8.0, 32.0
SPREAD_SCALE_DB = 4.0


def fine_signs(heard: Heard, reference_db: float, scale_db: float) -> Floats:
    """Return signs of shape (bands, FINE_NAMES).

    Whether there are any; of the bins' first deciles the lowest, the first quartile, the median
    and the highest; of the spread of bins' low levels the median and the first quintile, of that
    of their middle levels the median.

    Parameters
    ----------
    heard : Heard
        The passage.
    reference_db, scale_db : float
        What levels are relative to, and dB that make 1.
    """
    out = np.zeros((len(heard.bands), len(FINE_NAMES)))
    if len(heard.fine_db) < FEWEST_SPECTRA:
        return out
    q05, q10, q25, q50 = np.quantile(heard.fine_db, (0.05, 0.1, 0.25, 0.5), axis=0)
    low, middle, hertz = q25 - q05, q50 - q10, heard.fine_hz
    for band, centre in enumerate(heard.bands.centres_hz):
        side = centre * (2.0**HALF_OCTAVES - 2.0**-HALF_OCTAVES) / 2.0
        inside = np.abs(hertz - centre) <= max(side, NARROWEST_HZ)
        if centre > hertz[-1] or np.count_nonzero(inside) < FEWEST_BINS:
            continue
        levels = np.quantile(q10[inside], (0.0, 0.25, 0.5, 1.0))
        spreads = np.array(
            [np.median(low[inside]), np.median(middle[inside]), np.quantile(low[inside], 0.2)]
        )
        over = (levels - reference_db) / scale_db
        out[band] = np.concatenate([[1.0], over, spreads / SPREAD_SCALE_DB])
    return out

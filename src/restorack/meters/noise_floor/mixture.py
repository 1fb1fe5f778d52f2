"""Which of two floors a band is given: what stays steady, or what a network judges.

Each fails where the other does not. What is steady under dense music without a rest is music;
the network has not seen every noise, and falls short of hum, machines and codecs' holes. Where
they differ, how steady, how tonal and how sure a band and the whole are tells which is right: a
weighted sum of that, through a logistic curve, is the share of the steady level. The weights are
fitted by ``benchmarks/floors/mixture.py`` so that denoising gains most.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.meters.noise_floor.judgement import Judgement
from restorack.meters.noise_floor.steady_bands import SteadyBands

Floats: TypeAlias = NDArray[np.float64]

BAND_WEIGHTS = {
    "tone": -0.85,
    "apart": -0.70,
    "distance": 0.16,
    "range": -0.85,
    "trust around": 1.11,
    "spread around": -1.16,
    "sure around": -0.27,
    "octave": -0.94,
}
WHOLE_WEIGHTS = {
    "snr": 0.69,
    "range": 1.72,
    "spread": 1.11,
    "trust": 0.17,
    "sure": -0.82,
}
CONSTANT = 0.62
"""Of the logistic curve, in log odds; fitted with the weights."""

FAIRLY_SURE, SURE = 0.5, 0.8
"""Between them the network's level of faint noise begins to count (docs/inside/noise-floor.md)."""
LOUD_SNR_DB, FAINT_SNR_DB = 20.0, 28.0
"""Of faint noise the network's level counts where it is sure."""

MOST_RAISED_DB = 2.0
"""By its word; it may lower a floor by any amount."""

# Bands whose median is a sign "around"; the largest difference of the two floors that is a sign.
# By hand.
AROUND = 7
MOST_APART_DB = 20.0


def mixed_floor(
    bands: SteadyBands, judged: Judgement, centres_hz: Floats, whole: dict[str, float]
) -> Floats:
    """Return each band's floor in dB: the steady level, the judged one, or between.

    Parameters
    ----------
    bands : SteadyBands
        What is steady.
    judged : Judgement
        What the network says.
    centres_hz : ndarray, shape (bands,)
        The bands' centres.
    whole : dict
        Of :func:`of_the_whole`.
    """
    seen = _of_bands(bands, judged, centres_hz)
    total = CONSTANT + sum(BAND_WEIGHTS[name] * value for name, value in seen.items())
    total = total + sum(WHOLE_WEIGHTS[name] * value for name, value in whole.items())
    share = 1.0 / (1.0 + np.exp(-total))
    return np.asarray(judged.level_db + share * (bands.floor_db - judged.level_db))


def with_sure_judgement(mixed_db: Floats, judged: Judgement, snr_db: float) -> Floats:
    """Return a mixed floor, nearer to the judged level where noise is faint and the network sure.

    Faint noise is heard in few bands and frames, and what is steady there is often the end of a
    note.

    Parameters
    ----------
    mixed_db : ndarray, shape (bands,)
        Of :func:`mixed_floor`.
    judged : Judgement
        What the network says.
    snr_db : float
        Of the whole over the mixed floor.
    """
    fairly = np.clip((judged.sure - FAIRLY_SURE) / (SURE - FAIRLY_SURE), 0.0, 1.0)
    faint = float(np.clip((snr_db - LOUD_SNR_DB) / (FAINT_SNR_DB - LOUD_SNR_DB), 0.0, 1.0))
    change = np.minimum(judged.level_db - mixed_db, MOST_RAISED_DB)
    return np.asarray(mixed_db + faint * fairly * change)


def of_the_whole(
    bands: SteadyBands,
    judged: Judgement,
    voting: NDArray[np.bool_],
    snr_db: float,
    range_db: float,
) -> dict[str, float]:
    """Return what :data:`WHOLE_WEIGHTS` weigh, each of the order of 1.

    Parameters
    ----------
    bands, judged
        As of :func:`mixed_floor`.
    voting : ndarray of bool, shape (bands,)
        Bands that count.
    snr_db : float
        Of the whole over what is steady.
    range_db : float
        Of the whole's level.
    """
    return {
        "snr": float(np.clip(snr_db, -5.0, 50.0)) / 15.0 - 1.0,
        "range": float(np.clip(range_db, 0.0, 30.0)) / 8.0 - 1.0,
        "spread": float(_spread(np.median(bands.modulation[voting]))),
        "trust": 2.0 * float(bands.trust[voting].mean()) - 1.0,
        "sure": 2.0 * float(judged.sure[voting].mean()) - 1.0,
    }


def _of_bands(bands: SteadyBands, judged: Judgement, centres_hz: Floats) -> dict[str, Floats]:
    """Return what :data:`BAND_WEIGHTS` weigh, each of the order of 1."""
    apart = np.clip(bands.floor_db - judged.level_db, -MOST_APART_DB, MOST_APART_DB)
    return {
        "tone": np.log1p(np.clip(bands.tone_db, 0.0, 10.0)),
        "apart": apart / 8.0,
        "distance": np.abs(apart) / 8.0,
        "range": np.clip(bands.range_db, 0.0, 40.0) / 10.0 - 1.0,
        "trust around": _around(bands.trust),
        "spread around": _spread(_around(bands.modulation)),
        "sure around": _around(judged.sure),
        "octave": np.log2(centres_hz / 1000.0) / 3.0,
    }


def _spread(modulation: Floats | np.floating) -> Floats:
    return np.asarray(np.log(np.clip(modulation, 0.5, 12.0)))


def _around(values: Floats) -> Floats:
    """Return the median of each band and the three on either side."""
    padded = np.pad(values, AROUND // 2, mode="edge")
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded, AROUND), axis=1))

"""The neural noise-PSD estimator: what it sees of a level histogram, and how its answer is read.

The same in numpy as :mod:`restorack.networks.noise_psd`, which is trained.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from restorack.inference.network import Network
from restorack.meters.histogram_floor.level_histogram import KINDS, LOWEST_DB

Values = NDArray[np.float32]

REACH_BELOW_DB, SHOWN_DB = 104, 128
"""Levels from 104 dB below the mean density to 24 above it."""

STEP_DB = 2
"""Width of a place of the network's answer, in dB. Part of the trained weights."""
PLACES = SHOWN_DB // STEP_DB
READ_QUANTILE = 0.2
"""Of the network's distribution: a low one, so that of two likely floors the lower is taken. Tried
on held-out scenes with results on thirteen recordings in view (docs/inside/denoiser.md)."""
TRUTH_WIDTH = 0.7
"""Standard deviation of the distributions that are learned, in places."""

RAISED_DB = 0.842 * STEP_DB * TRUTH_WIDTH
"""What a fifth of such a distribution lies below its middle."""

NEAR_DB = 3.5
"""The sureness is the probability of a floor within this of what is read. By hand."""
MOST_PATCHES = 54.0
"""Of 20 s, the longest that is learned from: more are as many."""

PLANES = KINDS + 6


def estimate_levels(
    network: Network, counts: NDArray[Any], patches: int, mean_db: float, kilohertz: Values
) -> tuple[Values, Values]:
    """Return each band's noise level in dB, and how sure it is.

    Parameters
    ----------
    network : Network
        Of the architecture ``floor-judge``.
    counts : ndarray of int, shape (kinds, bands, levels)
        Of a :class:`~restorack.meters.histogram_floor.level_histogram.LevelHistogram`.
    patches : int
        How many were counted.
    mean_db : float
        Mean power density of the recording.
    kilohertz : ndarray of float32, shape (bands,)
        The bands' centres.

    Returns
    -------
    tuple of ndarray of float32
        Each of shape (bands,).
    """
    (logits,) = network.whole(floor_planes(shown_part(counts, mean_db), patches, kilohertz))
    level, sure = read_floor(logits[..., 0])
    return level + np.float32(lowest_shown_db(mean_db)), sure


def lowest_shown_db(mean_db: float) -> int:
    """Return the lowest level that the network sees, in whole decibels."""
    return round(mean_db) - REACH_BELOW_DB


def shown_part(counts: NDArray[Any], mean_db: float) -> Values:
    """Return the levels that the network sees, (kinds, bands, 128).

    What is below is counted at the lowest level, what is above at the highest.
    """
    first = lowest_shown_db(mean_db) - LOWEST_DB
    padded = np.pad(counts, ((0, 0), (0, 0), (SHOWN_DB, SHOWN_DB)))
    begin = min(max(first + SHOWN_DB, 0), counts.shape[-1] + SHOWN_DB)
    shown = padded[..., begin : begin + SHOWN_DB].astype(np.float32)
    shown[..., 0] += padded[..., :begin].sum(-1)
    shown[..., -1] += padded[..., begin + SHOWN_DB :].sum(-1)
    return shown


def floor_planes(shown: Values, patches: int, kilohertz: Values) -> Values:
    """Return what the network sees, (bands, 64, 18).

    Shares of the patches by kind and of all, their cumulative sum, the level, the frequency
    linear and in octaves, and how many patches there were.
    """
    kinds, bands, levels = shown.shape
    share = shown.reshape(kinds, bands, PLACES, levels // PLACES).sum(-1)
    share /= np.float32(max(patches, 1))
    whole = share.sum(0)
    planes = np.empty((bands, PLACES, kinds + 6), np.float32)
    planes[..., :kinds] = 3.0 * np.sqrt(share).transpose(1, 2, 0)
    octaves = np.log2(np.maximum(kilohertz, np.float32(0.02)) / np.float32(1.4)) / 4.0
    rows = (
        np.sqrt(whole),
        whole.cumsum(-1),
        np.linspace(-1.0, 1.0, PLACES, dtype=np.float32),
        (kilohertz / 11.0 - 1.0)[:, np.newaxis],
        octaves[:, np.newaxis],
        np.log10(min(max(patches, 1.0), MOST_PATCHES)) - 2.0,
    )
    for place, row in enumerate(rows, kinds):
        planes[..., place] = row
    return planes


def read_floor(logits: Values) -> tuple[Values, Values]:
    """Return levels in dB above the lowest that is shown, and how sure they are.

    A level is a low quantile of the distribution, raised by so much that there is no bias where
    the network is sure: the less sure, the lower. The sureness is the probability of a floor
    within 3.5 dB of it.

    Parameters
    ----------
    logits : ndarray of float32, shape (bands, places)
    """
    likely = np.exp(logits - logits.max(-1, keepdims=True))
    likely /= likely.sum(-1, keepdims=True)
    summed = likely.cumsum(-1)
    place = np.minimum((summed < READ_QUANTILE).sum(-1, keepdims=True), PLACES - 1)
    here = np.take_along_axis(likely, place, -1)
    inside = (READ_QUANTILE - (np.take_along_axis(summed, place, -1) - here)) / np.maximum(
        here, 1e-6
    )
    level = STEP_DB * (place + np.clip(inside, 0.0, 1.0))[:, 0] + RAISED_DB
    centres = STEP_DB * (np.arange(PLACES) + 0.5)
    near = np.abs(centres - level[:, np.newaxis]) < NEAR_DB
    return level.astype(np.float32), np.asarray((likely * near).sum(-1))

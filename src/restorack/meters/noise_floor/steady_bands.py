"""The level of each band's steady noise, and what bands that music fills are given instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.meters.noise_floor.tracks import SILENT_DB
from restorack.meters.noise_floor.white_noise import WhiteNoise, tone_of

Floats: TypeAlias = NDArray[np.float64]

STEADY, MOVING = 1.6, 2.4
"""Spread of the lowest levels over white noise's: trusted below the first, not above the second."""

STEEPNESS, MOST_LOWERED_DB, WIDEST_WHITE_DB = 3.0, 15.0, 3.0
"""What a band that moves is lowered by, per dB of spread; no bias is more than this."""

# Bands that bridges need; dB that a band may stand above its bridge. From the trial in
# docs/inside/noise-floor.md.
FEWEST_TRUSTED = 3
ABOVE_BRIDGE_DB = 1.0
NEAR_OCTAVES, FAR_OCTAVES = 0.5, 2.5
"""A bridge holds to this distance from a trusted band, and is lost at that one."""


@dataclass(frozen=True)
class SteadyBands:
    """What a passage's bands say about steady noise.

    Parameters
    ----------
    floor_db : ndarray, shape (bands,)
        Density of the noise, where there is any.
    trust : ndarray, shape (bands,)
        0 to 1: how surely a band's own level is noise.
    modulation : ndarray, shape (bands,)
        Spread of the lowest levels over white noise's.
    tone_db : ndarray, shape (bands,)
        How much further partials stand out than in white noise, while the band is quiet.
    range_db : ndarray, shape (bands,)
        From the first to the last decile of levels.
    """

    floor_db: Floats
    trust: Floats
    modulation: Floats
    tone_db: Floats
    range_db: Floats


def steady_bands(
    levels_db: Floats, mean_db: Floats, centres_hz: Floats, white: WhiteNoise
) -> SteadyBands:
    """Read a passage's band levels.

    Parameters
    ----------
    levels_db, mean_db : ndarray, shape (frames, bands)
        Of the quieter bins and of all, of a
        :class:`~restorack.meters.noise_floor.tracks.TrackMeter`.
    centres_hz : ndarray, shape (bands,)
        The bands' centres.
    white : WhiteNoise
        At the same rate.
    """
    q05, q10, q25, q50, q90 = np.quantile(levels_db, (0.05, 0.1, 0.25, 0.5, 0.9), axis=0)
    level = q10 + white.bias_db * np.clip((q50 - q10) / white.spread_db, 0.0, 1.0)
    low_spread = q25 - q05
    modulation = median_of_three(low_spread / white.low_spread_db)
    trust = np.clip((MOVING - modulation) / (MOVING - STEADY), 0.0, 1.0)
    trust = np.where(_emptied(q50), 0.0, trust)
    excess = median_of_three(low_spread) - STEADY * np.minimum(white.low_spread_db, WIDEST_WHITE_DB)
    lowered = level - np.clip(STEEPNESS * excess, 0.0, MOST_LOWERED_DB)
    floor = bridged(level, lowered, trust, centres_hz)
    tone = median_of_three(tone_of(levels_db, mean_db) - white.tone_db)
    return SteadyBands(floor, trust, modulation, tone, q90 - q10)


def _emptied(level_db: Floats) -> NDArray[np.bool_]:
    """Return which bands a codec or a resampler emptied, or cut: steady, but no sign of noise."""
    empty = np.pad(level_db <= SILENT_DB, 1, mode="edge")
    return np.asarray(empty[:-2] | empty[1:-1] | empty[2:])


def bridged(level_db: Floats, lowered_db: Floats, trust: Floats, centres_hz: Floats) -> Floats:
    """Return levels in dB; bands that are not trusted follow their trusted neighbours.

    Noise is broad: near bands of it there is no more of it than they suggest, whatever music fills
    the bands between. Never above a band's own level.

    Parameters
    ----------
    level_db, lowered_db, trust : ndarray, shape (bands,)
        Each band's own level, that level lowered by how much it moves, and 0 to 1.
    centres_hz : ndarray, shape (bands,)
        The bands' centres.
    """
    good = trust > 0.5
    if np.count_nonzero(good) < FEWEST_TRUSTED:
        return lowered_db
    place = np.log2(centres_hz)
    bridge = np.interp(place, place[good], level_db[good]) + ABOVE_BRIDGE_DB
    bridge = np.minimum(level_db, bridge)
    away = np.abs(place[:, None] - place[good]).min(axis=1)
    near = np.clip((FAR_OCTAVES - away) / (FAR_OCTAVES - NEAR_OCTAVES), 0.0, 1.0)
    share = trust + (1.0 - trust) * near
    mixed = share * bridge + (1.0 - share) * lowered_db
    return np.where(good, level_db, mixed)


def median_of_three(values: Floats) -> Floats:
    """Return medians of each value and its neighbours, shape (bands,)."""
    padded = np.pad(values, 1, mode="edge")
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded, 3), axis=1))

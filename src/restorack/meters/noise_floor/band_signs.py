"""What a passage's bands show of noise: levels, steadiness, tones, pauses.

A network reads these signs (:mod:`restorack.inference.floor_reader`). All levels are relative to
the passage's mean density, so that gain does not matter, and steadiness is against that of white
noise measured by the same code, so that the sample rate hardly does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.decibels import db_to_power, power_to_db
from restorack.meters.noise_floor.fine_signs import FINE_NAMES, fine_signs
from restorack.meters.noise_floor.heard import Heard
from restorack.meters.noise_floor.steady_bands import median_of_three
from restorack.meters.noise_floor.tracks import FRAMES_AVERAGED, SILENT_DB
from restorack.meters.noise_floor.white_noise import WhiteNoise, tone_of

Floats: TypeAlias = NDArray[np.float64]

# Of the levels of a band's quieter bins, and of all its bins. By hand, as all scales below: part
# of the trained weights.
QUANTILES = (0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9)
MEAN_QUANTILES = (0.1, 0.5, 0.9)

LEVELS = (
    *(f"quiet {q:g}" for q in QUANTILES),
    *(f"mean {q:g}" for q in MEAN_QUANTILES),
    "mean", "in pauses", "full 0.1", "full 0.25",
)  # fmt: skip
SHAPES = (
    "spread", "tone", "range", "low spread", "half spread", "roughness", "near", "runs",
    "in pause", "full", "octave", "emptied",
)  # fmt: skip
WHOLE = ("whole range", "whole spread", "length", "stereo", "pause", "expected")
NAMES = (*LEVELS, *SHAPES, *FINE_NAMES, *WHOLE)
SIGNS = len(NAMES)
"""How many signs there are of each band."""

LEVEL_SCALE_DB, MOST = 20.0, 8.0
"""dB that make 1; no sign is more than the latter, or less than its negative."""

SPREADS = (0.3, 20.0)
"""Least and most spread over white noise's."""
NEAR_DB = 3.0
"""Over the first decile: a band is near its bottom there."""
FULL_DB = 1.0
"""Where noise fills a band, all its bins stand over the quieter ones by at most this more than in
white noise."""
FEWEST_QUIET = 3
"""Quiet moments whose median is a level."""


@dataclass(frozen=True)
class BandSigns:
    """What a passage's bands show.

    Parameters
    ----------
    values : ndarray of float32, shape (bands, SIGNS)
        What a network reads, in the order of NAMES.
    first_decile_db : ndarray, shape (bands,)
        Of the levels of each band's quieter bins: what the network's levels are over.
    spread : float
        Median over the bands of the spread of low levels over white noise's.
    """

    values: NDArray[np.float32]
    first_decile_db: Floats
    spread: float

    def named(self, name: str) -> NDArray[np.float32]:
        """Return a sign of each band, by its name."""
        return self.values[:, NAMES.index(name)]


def band_signs(heard: Heard, white: WhiteNoise) -> BandSigns:
    """Return the signs of each band.

    Parameters
    ----------
    heard : Heard
        The passage.
    white : WhiteNoise
        What the same measurement finds in white noise.
    """
    moments = _Moments.of(heard, white)
    q = dict(zip(QUANTILES, moments.quantiles_db, strict=True))
    low_spread = q[0.25] - q[0.05]
    modulation = np.clip(median_of_three(low_spread / white.low_spread_db), *SPREADS)
    spread = float(np.median(modulation[heard.bands.middle]))
    shapes = [
        np.log(modulation),
        median_of_three(tone_of(heard.quiet_db, heard.mean_db) - white.tone_db) / 5.0,
        (q[0.9] - q[0.1]) / LEVEL_SCALE_DB,
        low_spread / white.low_spread_db / 3.0,
        (q[0.5] - q[0.1]) / white.spread_db / 3.0,
        np.log(_roughness_db(heard.quiet_db, q[0.25]) + 0.1),
        *moments.shares(),
        np.clip(np.log2(heard.bands.centres_hz / 1000.0) / 3.0, -2.0, 2.0),
        heard.quiet_db.min(axis=0) <= SILENT_DB,
    ]
    whole = [
        heard.range_db / 10.0 - 1.0,
        np.log(spread),
        np.log(len(heard.quiet_db) * heard.frame_seconds / 10.0),
        min(heard.channels, 2) - 1.0,
        moments.pause.mean(),
        float(heard.expected),
    ]
    levels = (moments.levels_db(heard) - heard.density_db) / LEVEL_SCALE_DB
    fine = fine_signs(heard, heard.density_db, LEVEL_SCALE_DB)
    everywhere = np.broadcast_to(np.array(whole), (len(heard.bands), len(WHOLE)))
    signs = np.concatenate([levels.T, np.stack(shapes, axis=1), fine, everywhere], axis=1)
    values = np.asarray(np.clip(signs, -MOST, MOST), np.float32)
    return BandSigns(values, q[0.1], spread)


@dataclass(frozen=True)
class _Moments:
    """When bands are near their bottoms, when most are, and when noise fills them.

    Parameters
    ----------
    quantiles_db : ndarray, shape (quantiles, bands)
        Of the levels of the quieter bins.
    near, full : ndarray of bool, shape (frames, bands)
        Frames near a band's bottom; frames in which no partial stands out.
    pause : ndarray of bool, shape (frames,)
        Frames in which most bands are near their bottoms.
    """

    quantiles_db: Floats
    near: NDArray[np.bool_]
    full: NDArray[np.bool_]
    pause: NDArray[np.bool_]

    @staticmethod
    def of(heard: Heard, white: WhiteNoise) -> _Moments:
        """Find the moments of a passage."""
        quantiles = np.quantile(heard.quiet_db, QUANTILES, axis=0)
        near = heard.quiet_db < quantiles[QUANTILES.index(0.1)] + NEAR_DB
        full = heard.mean_db - heard.quiet_db < white.tone_db + FULL_DB
        pause = near[:, heard.bands.middle].mean(axis=1) > 0.5
        return _Moments(quantiles, near, full, pause)

    def levels_db(self, heard: Heard) -> Floats:
        """Return the levels that are signs, shape (LEVELS, bands)."""
        quiet, mean = heard.quiet_db, heard.mean_db
        low = self.quantiles_db[QUANTILES.index(0.1)]
        other = [
            power_to_db(db_to_power(mean).mean(axis=0)),
            _in_pauses(quiet, self.pause, low),
            *(_low_where(self.full, quiet, quantile, low) for quantile in (0.1, 0.25)),
        ]
        means = np.quantile(mean, MEAN_QUANTILES, axis=0)
        return np.concatenate([self.quantiles_db, means, other])

    def shares(self) -> list[Floats]:
        """Return shares of frames and lengths of runs, each of shape (bands,)."""
        near = self.near.sum(axis=0)
        both = (self.near & self.pause[:, np.newaxis]).sum(axis=0)
        return [
            2.0 * self.near.mean(axis=0) - 1.0,
            np.log(_run_lengths(self.near)),
            both / near,
            2.0 * self.full.mean(axis=0) - 1.0,
        ]


def _in_pauses(quiet_db: Floats, pause: NDArray[np.bool_], otherwise: Floats) -> Floats:
    """Return each band's median level while most bands are near their bottoms."""
    if np.count_nonzero(pause) < FEWEST_QUIET:
        return otherwise
    return np.asarray(np.median(quiet_db[pause], axis=0))


def _low_where(
    chosen: NDArray[np.bool_], quiet_db: Floats, quantile: float, otherwise: Floats
) -> Floats:
    """Return a quantile of each band's levels in the chosen frames."""
    enough = chosen.sum(axis=0) >= FEWEST_QUIET
    out = otherwise.copy()
    levels = np.where(chosen, quiet_db, np.nan)[:, enough]
    out[enough] = np.nanquantile(levels, quantile, axis=0)
    return out


def _roughness_db(quiet_db: Floats, q25: Floats) -> Floats:
    """Return by how much a band's low levels change to the next frames that share none of theirs.

    Independent frames of noise differ by what chance makes of them, those of a dying note by less.
    """
    change = np.abs(quiet_db[FRAMES_AVERAGED:] - quiet_db[:-FRAMES_AVERAGED])
    low = quiet_db[:-FRAMES_AVERAGED] <= q25
    # A band may be low in the last frames alone.
    found = np.nanmedian(np.where(low, change, np.nan)[:, low.any(axis=0)], axis=0)
    out = np.zeros(len(q25))
    out[low.any(axis=0)] = found
    return out


def _run_lengths(near: NDArray[np.bool_]) -> Floats:
    """Return the mean number of frames for which a band stays near its bottom, at least 1."""
    begun = (near[1:] & ~near[:-1]).sum(axis=0) + near[0]
    return np.asarray(np.maximum(near.sum(axis=0) / np.maximum(begun, 1), 1.0))

"""The floor of each band, from its level histograms, and of bands that cannot tell theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from restorack.meters.histogram_floor.patch_histogram import (
    LOWEST_DB,
    NOISE_RATIO_DB,
    STEP_DB,
    LevelHistograms,
    count_between,
    level_at,
    step_at,
)

# By hand, later looked at on the held-out scenes of docs/inside/denoiser.md: widths of bands in
# bins of 93 ms, and as a share of their place; the confidence of a band that is believed; dB
# that all are lowered by where few are; dB that a segment may stand above the file; where formants
# begin and how far they rise; the level of silence; how near a judged level patches are taken, and
# how many must be there.
NARROWEST_BINS, WIDEST_BINS, RELATIVE_WIDTH = 16, 80, 0.12
SURE = 0.5
FEW_BANDS_LOWERING_DB = 12.0
MOST_ABOVE_FILE_DB = 8.0
LOWEST_FORMANT_HZ, FORMANT_DB = 400.0, 6.0
UNHEARD_DB = -180.0
NEAR_JUDGED_DB = 4.0
ENOUGH_PATCHES = 8


@dataclass(frozen=True)
class BandFloor:
    """The floor of one band.

    Parameters
    ----------
    level_db : float
        Density in dB.
    bound_db : float
        What the noise cannot exceed: the level of the band's quietest patches.
    confidence : float
        From 0 to 1: how sure the level is.
    steadiness : float
        From 0 to 1: how surely steady noise has this level, and no other.
    """

    level_db: float
    bound_db: float
    confidence: float
    steadiness: float


def band_edges(bins: int) -> NDArray[np.int_]:
    """Return the first bin of each band and the end of the last, without the constant.

    Bands are about a sixth of an octave wide, and wide enough for statistics.
    """
    edges = [1]
    while bins - edges[-1] >= 2 * NARROWEST_BINS:
        width = min(WIDEST_BINS, max(NARROWEST_BINS, int(RELATIVE_WIDTH * edges[-1])))
        edges.append(min(bins - 1, edges[-1] + width))
    edges[-1] = bins - 1
    return np.array(edges)


def band_floor(histograms: LevelHistograms, band: int) -> BandFloor:
    """Return the lowest level at which noise-like patches gather, and how sure that is."""
    every, like = histograms.all[band], histograms.like_noise[band]
    near = _near(histograms, band)
    if not every.any():
        return BandFloor(UNHEARD_DB, UNHEARD_DB, 0.0, 0.0)
    bound = level_at(every, 0.05) + near
    if not like.any():
        return BandFloor(UNHEARD_DB, bound, 0.0, 0.0)
    level = _lowest_gathering(like, float(histograms.spreads_db[band]))
    steadiness = gathering(histograms, band, level)
    return BandFloor(level, bound, steadiness, steadiness)


def gathering(histograms: LevelHistograms, band: int, level_db: float) -> float:
    """Return how surely steady noise has a level, 0 to 1.

    Five things make sure: the quietest patches look like noise (in music they are partials),
    the noise-like ones share one level (those of music do not), closely, the mean of their
    quantile ratios is noise's (that of dense music is just below the limit), and there are some.

    Parameters
    ----------
    histograms : LevelHistograms
        Of the patches.
    band : int
        Which band.
    level_db : float
        The level.
    """
    every, like = histograms.all[band], histograms.like_noise[band]
    spread, near = float(histograms.spreads_db[band]), _near(histograms, band)
    gathered = count_between(like, level_db - near, level_db + near)
    core = 1.2 * spread + 0.5
    closest = count_between(like, level_db - core, level_db + core)
    purity = gathered / max(1, count_between(every, LOWEST_DB, level_db + near))
    density = gathered / max(1, count_between(like, LOWEST_DB, level_db + 12.0))
    ratio = count_between(histograms.ratio_sums[band], level_db - near, level_db + near)
    excess = ratio / max(1, gathered) - NOISE_RATIO_DB
    return float(
        _ramp(purity, 0.25, 0.65)
        * _ramp(density, 0.35, 0.65)
        * _ramp(closest / max(1, gathered), 0.35, 0.55)
        * (1.0 - _ramp(excess, 0.8, 1.6))
        * min(1.0, gathered / 6.0)
    )


def _near(histograms: LevelHistograms, band: int) -> float:
    """Return how far in dB patches of steady noise lie from its level."""
    return 2.0 * float(histograms.spreads_db[band]) + 1.0


def band_floors(histograms: LevelHistograms) -> list[BandFloor]:
    """Return the floors of all bands."""
    return [band_floor(histograms, band) for band in range(len(histograms.sizes))]


def _lowest_gathering(counts: NDArray[np.int32], spread_db: float) -> float:
    """Return the median of the lowest levels, cut so that stationary noise has no bias."""
    lowest = level_at(counts, 0.05)
    kept = counts.copy()
    reach = round((lowest + 3.3 * spread_db + 1.0 - LOWEST_DB) / STEP_DB)
    kept[max(1, reach) :] = 0
    return level_at(kept, 0.5)


def local_floors(parts: Sequence[list[BandFloor]], overall: list[BandFloor]) -> list[BandFloor]:
    """Return the floors of a segment: the first of its parts' that is sure, or the file's.

    Parameters
    ----------
    parts : sequence of list of BandFloor
        Of the segment alone, of it with its neighbours, or of either.
    overall : list of BandFloor
        Of the file.
    """
    chosen = []
    for band, everywhere in enumerate(overall):
        found = everywhere
        for part in parts:
            here = part[band]
            if here.confidence >= max(SURE, 0.7 * everywhere.confidence):
                level = min(here.level_db, everywhere.level_db + MOST_ABOVE_FILE_DB)
                found = replace(here, level_db=level)
                break
        chosen.append(found)
    return chosen


def estimated_floors(
    levels_db: NDArray[np.float64], sureness: NDArray[np.float64], heard: LevelHistograms
) -> list[BandFloor]:
    """Return judged floors, moved to where noise-like patches near them gather.

    The judge knows which of several levels is the noise's, the patches know it to a fraction of
    a decibel. No level is above that of the quietest patches.

    Parameters
    ----------
    levels_db, sureness : ndarray, shape (judged bands,)
        As judged, good to a few decibels. Bands above those are not judged.
    heard : LevelHistograms
        Of the same patches.
    """
    floors = band_floors(heard)
    for band, (judged, sure) in enumerate(zip(levels_db, sureness, strict=True)):
        near = heard.like_noise[band].copy()
        near[: step_at(judged - NEAR_JUDGED_DB)] = 0
        near[step_at(judged + NEAR_JUDGED_DB) :] = 0
        level = level_at(near, 0.5) if near.sum() >= ENOUGH_PATCHES else float(judged)
        level = min(level, floors[band].bound_db)
        steadiness = min(gathering(heard, band, level), float(sure))
        floors[band] = BandFloor(level, floors[band].bound_db, float(sure), steadiness)
    return floors


def followed_floors(
    segments: Sequence[list[BandFloor]], overall: list[BandFloor]
) -> list[list[BandFloor]]:
    """Return each segment's floors; where it is not sure, the file's.

    The file's level is the middle of those of sure segments, or what the file as a whole tells,
    whichever is surer.

    Parameters
    ----------
    segments : sequence of list of BandFloor
        Of each segment with its neighbours.
    overall : list of BandFloor
        Of the file.
    """
    columns = []
    for everywhere, column in zip(overall, zip(*segments, strict=True), strict=True):
        sure = [one for one in column if one.confidence >= SURE]
        of_file = everywhere
        if sure and np.mean([one.confidence for one in column]) > everywhere.confidence:
            middle = float(np.median([one.level_db for one in sure]))
            of_file = replace(sure[0], level_db=middle)
        highest = of_file.level_db + MOST_ABOVE_FILE_DB
        columns.append(
            [
                replace(one, level_db=min(one.level_db, highest))
                if one.confidence >= SURE
                else of_file
                for one in column
            ]
        )
    return [list(segment) for segment in zip(*columns, strict=True)]


def _ramp(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))


def bridge_unsure_bands(
    bands: list[BandFloor], centres_hz: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return a level in dB per band; unsure ones get what their sure neighbours suggest.

    Noise of recordings falls with frequency or is white, so a level carried on flat to lower
    bands is too low rather than too high. No band goes above its bound, nor 4 dB above
    the middle of its neighbours, nor, from 400 Hz on, 6 dB above the lower bands: breath and
    formants do. Where few bands are sure, all are lowered.

    Parameters
    ----------
    bands : list of BandFloor
        By rising frequency.
    centres_hz : ndarray, shape (bands,)
        Their centres.
    """
    places = np.arange(len(bands), dtype=float)
    confidence = corroborated(np.array([band.confidence for band in bands]))
    levels = np.array([band.level_db for band in bands])
    bounds = np.array([band.bound_db for band in bands])
    sure = confidence >= SURE
    if not sure.any():
        return np.asarray(np.minimum(levels, bounds) - 20.0)
    doubt = np.minimum(1.0, (SURE - confidence[~sure]) / SURE)
    carried = np.interp(places[~sure], places[sure], levels[sure]) - 3.0 * doubt
    levels[~sure] = np.minimum(carried, bounds[~sure] - 3.0 * doubt)
    padded = np.pad(levels, 2, mode="edge")
    middle = np.median(np.lib.stride_tricks.sliding_window_view(padded, 5), axis=1)
    levels = np.minimum(levels, middle + 4.0)
    lowering = FEW_BANDS_LOWERING_DB * (1.0 - _ramp(float(confidence.mean()), 0.15, 0.4))
    return np.asarray(_without_formants(levels, centres_hz) - lowering)


def corroborated(confidence: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return confidences of at most 1.6 times their neighbourhood's: noise is broad.

    Parameters
    ----------
    confidence : ndarray, shape (bands,)
        By rising frequency, from 0 to 1.
    """
    padded = np.pad(confidence, 2, mode="edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, 5).mean(axis=1)
    return np.asarray(np.minimum(confidence, 1.6 * around))


def _without_formants(
    levels_db: NDArray[np.float64], centres_hz: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return levels that rise at most 6 dB above the quiet ones of the bands from 400 Hz on."""
    limited = levels_db.copy()
    first = int(np.searchsorted(centres_hz, LOWEST_FORMANT_HZ))
    for band in range(first + 2, len(limited)):
        limit = float(np.quantile(levels_db[first:band], 0.2)) + FORMANT_DB
        limited[band] = min(limited[band], limit)
    return limited

"""The noise of a side: its levels in bands, at its quietest moments, and how far they scatter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.splitting.levels import Levels, Singles

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SMOOTH_FRAMES = 11
"""Of the mean, 0.2 s, of levels whose clicks a median of five has passed over."""
VOID_DB = -125.0
"""Mean level under which there is no noise at all: digital silence."""
QUIET_SHARE = 0.1
"""Of the frames of a channel that are quiet; to compare channels of unlike noise."""
LOUD_SHARE, LOUD_DB = 0.6, 6.0
"""The music's level is that quantile of all; what is less than so far below it is music."""
BOTTOM_DB = 1.5
"""The quietest moments reach so far above the lowest one."""
LEAST_SCATTER_DB = 1.0
"""Of a band: the noise's colour drifts along a side. By hand."""
MOST_PEAKS_DB = 3.2
"""A spectrum whose peaks stand out further is no noise's: 2.0 to 2.6 there."""
LEAST_FRAMES = 20
"""Noise outside of the music is known from 0.4 s of it on. By hand."""
INDEPENDENT = 6.0
"""Frames of the mean that count, since they overlap."""


@dataclass(frozen=True)
class Smoothed:
    """Levels without clicks, averaged over 0.2 s.

    Attributes
    ----------
    db : ndarray of float32, shape (channels, frames, bands)
    peaks_db : ndarray of float32, shape (frames,)
        Of the channel where peaks stand out most.
    mean_db : ndarray of float32, shape (frames,)
        Over the bands of the channel that rises most over its quiet moments; counted from the mean
        of these over the channels.
    """

    db: Singles
    peaks_db: Singles
    mean_db: Singles


@dataclass(frozen=True)
class Noise:
    """Of a side.

    Attributes
    ----------
    db : ndarray, shape (channels, bands)
    scatter_db : ndarray, shape (channels, bands)
        Standard deviation of a smoothed level.
    peaks_db : float
        How far peaks of its spectrum stand out.
    """

    db: Floats
    scatter_db: Floats
    peaks_db: float


def smooth(levels: Levels) -> Smoothed:
    """Return levels without clicks."""
    from scipy.ndimage import uniform_filter1d

    def run(rows: Singles) -> Singles:
        passed = median_of_five(rows)
        return np.asarray(uniform_filter1d(passed, SMOOTH_FRAMES, axis=1, mode="nearest"))

    db = run(levels.db)
    means = db.mean(axis=2)
    quiet = np.array([[np.quantile(_heard(row), QUIET_SHARE)] for row in means])
    mean = (means - quiet).max(axis=0) + quiet.mean()
    return Smoothed(db, run(levels.peaks_db).max(axis=0), mean.astype(np.float32))


def _heard(row: Singles) -> Singles:
    """Return the levels that are not digital silence, or all where nothing else is there."""
    heard = row[row > VOID_DB]
    return heard if heard.size else row


def median_of_five(rows: Singles) -> Singles:
    """Return the running median of five frames, shape ``(channels, frames, ...)``."""
    low, high = np.minimum, np.maximum
    ends = [(0, 0), (2, 2), *[(0, 0)] * (rows.ndim - 2)]
    padded = np.pad(rows, ends, mode="edge")
    a, b, c, d, e = (padded[:, at : at + rows.shape[1]] for at in range(5))
    # Neither the smallest nor the largest of a pair of pairs is the median (Devillard's network).
    third = high(low(a, b), low(d, e))
    fourth = low(high(a, b), high(d, e))
    return np.asarray(high(low(third, fourth), low(high(third, fourth), c)))


def music_span(smoothed: Smoothed) -> tuple[int, int]:
    """Return the frames between the first loud moment and the last one."""
    heard = smoothed.mean_db[smoothed.mean_db > VOID_DB]
    if not heard.size:
        return 0, 0
    loud = np.flatnonzero(smoothed.mean_db > np.quantile(heard, LOUD_SHARE) - LOUD_DB)
    return int(loud[0]), int(loud[-1]) + 1


def find_noise(smoothed: Smoothed, dof: Floats, among: Bools) -> Noise | None:
    """Return the noise of the quietest moments among some frames; None where there are none."""
    usable = among & (smoothed.mean_db > VOID_DB)
    if not usable.any():
        return None
    mean = smoothed.mean_db
    bottom = usable & (mean <= mean[usable].min() + BOTTOM_DB)
    return noise_of(smoothed, dof, bottom)


def noise_outside(smoothed: Smoothed, dof: Floats, outside: Bools) -> Noise | None:
    """Return the loudest steady noise among frames before and after the music; None without one.

    Before the needle is down and after it is up there is less noise than in the groove.
    """
    mean = smoothed.mean_db
    usable = outside & (mean > VOID_DB) & (smoothed.peaks_db < MOST_PEAKS_DB)
    levels = np.sort(mean[usable])[::-1]
    if levels.size < LEAST_FRAMES:
        return None
    dense = np.flatnonzero(levels[: 1 - LEAST_FRAMES] - levels[LEAST_FRAMES - 1 :] < BOTTOM_DB)
    if not dense.size:
        return None
    top = levels[dense[0]]
    return noise_of(smoothed, dof, usable & (mean <= top) & (mean >= top - 2.0 * BOTTOM_DB))


def noise_of(smoothed: Smoothed, dof: Floats, where: Bools) -> Noise:
    """Return the noise of frames that hold nothing else.

    What rises and falls in all bands alike, as the swish of every turn does, is no scatter.
    """
    here = smoothed.db[:, where].astype(np.float64)
    common = here - np.median(here, axis=2, keepdims=True)
    level = np.median(here, axis=1)
    low, high = np.quantile(common, (0.16, 0.84), axis=1)
    by_chance = 4.343 * np.sqrt(2.0 / (INDEPENDENT * dof))
    scatter = np.sqrt(np.maximum(0.5 * (high - low), by_chance) ** 2 + LEAST_SCATTER_DB**2)
    return Noise(level, scatter, float(np.median(smoothed.peaks_db[where])))

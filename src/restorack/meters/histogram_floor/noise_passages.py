"""Passages of noise alone: the groove before the music, a pause between movements."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.decibels import power_to_db
from restorack.meters.histogram_floor.bands import BandFloor

# What a passage of noise is, by hand: seconds; the share of bands that look like noise; dB by
# which its patches differ, and by which it lies below the mean; the share of bands that may lie
# above what the file's quietest patches allow.
SHORTEST_S = 0.6
LONGEST_S = 10.0
NOISE_LIKE_SHARE = 0.85
STEADY_DB = 2.0
BELOW_MUSIC_DB = 6.0
LOUD_SHARE = 0.05


@dataclass(frozen=True)
class NoiseRun:
    """A passage of noise alone.

    Parameters
    ----------
    begin_s, seconds : float
        Where, and how long.
    level_db : ndarray, shape (bands,)
        Mean level of each band.
    density : ndarray, shape (bins,)
        Mean power density.
    """

    begin_s: float
    seconds: float
    level_db: NDArray[np.float64]
    density: NDArray[np.float64]


class RunFinder:
    """Follow patches as they come and keep the quietest passage of noise alone.

    Parameters
    ----------
    patch_seconds : float
        From one patch to the next.
    """

    def __init__(self, patch_seconds: float) -> None:
        self._patch_seconds = patch_seconds
        self._place = 0
        self._count = 0
        self._levels = np.zeros(0)
        self._density = np.zeros(0)
        self._latest = (self._levels, self._density)
        self._best: NoiseRun | None = None
        self._loudness_sum = 0.0
        self._loudness_count = 0

    def add(
        self,
        levels_db: NDArray[np.float64],
        like_noise: NDArray[np.bool_],
        density: NDArray[np.float64],
    ) -> None:
        """Take a patch: its bands' levels, which look like noise, its mean density."""
        loudness = _loudness(density)
        if loudness > -120.0:
            self._loudness_sum += loudness
            self._loudness_count += 1
        alone = float(like_noise.mean()) >= NOISE_LIKE_SHARE
        if self._count and not (alone and self._is_steady(levels_db)):
            self._close()
        if alone:
            self._extend(levels_db, density)
        self._place += 1

    def best(self, floors: list[BandFloor]) -> NoiseRun | None:
        """Return the quietest passage, if it is well below the music in level.

        Where the music is quieter than the passage in several bands, this was no noise: a
        held chord or a roll. The passage in progress counts too.
        """
        candidates = [run for run in (self._best, self._current()) if run is not None]
        if not candidates or not self._loudness_count:
            return None
        run = min(candidates, key=lambda one: _loudness(one.density))
        mean = self._loudness_sum / self._loudness_count
        if _loudness(run.density) > mean - BELOW_MUSIC_DB:
            return None
        bounds = np.array([floor.bound_db for floor in floors])
        return run if np.mean(run.level_db > bounds) <= LOUD_SHARE else None

    def _extend(self, levels_db: NDArray[np.float64], density: NDArray[np.float64]) -> None:
        """Add the patch before this one: the last of a passage may hold the first note."""
        if self._count == 0:
            self._levels, self._density = levels_db.copy(), density.copy()
        elif self._count == 1:
            self._latest = (levels_db, density)
        else:
            self._levels = self._levels + self._latest[0]
            self._density = self._density + self._latest[1]
            self._latest = (levels_db, density)
        self._count += 1
        if self._count * self._patch_seconds >= LONGEST_S:
            self._close()

    @property
    def _added(self) -> int:
        """Number of patches in the sums."""
        return max(1, self._count - 1)

    def _is_steady(self, levels_db: NDArray[np.float64]) -> bool:
        difference = levels_db - self._levels / self._added
        return bool(
            abs(float(np.mean(difference))) < STEADY_DB
            and float(np.mean(np.abs(difference))) < 2.0 * STEADY_DB
        )

    def _current(self) -> NoiseRun | None:
        seconds = self._added * self._patch_seconds
        if seconds < SHORTEST_S:
            return None
        begin = (self._place - self._count) * self._patch_seconds
        return NoiseRun(begin, seconds, self._levels / self._added, self._density / self._added)

    def _close(self) -> None:
        run = self._current()
        self._count = 0
        if run is None:
            return
        if self._best is None or _loudness(run.density) < _loudness(self._best.density):
            self._best = run


def _loudness(density: NDArray[np.float64]) -> float:
    return float(power_to_db(np.mean(density[1:-1]) + 1e-20))

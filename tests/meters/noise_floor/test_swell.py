"""A swell of all bands is followed, a note of a few is not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import median_filter, uniform_filter1d
from signals.floor_scenes import RATE, floor_estimator, plucked, times, white

from restorack.meters.noise_floor.steady_floor import SwellingFloor
from restorack.meters.noise_floor.swell import common_swell


def test_a_swell_of_all_bands_is_measured_and_a_note_is_not():
    random = np.random.default_rng(1)
    frames = np.arange(400)
    swell = 6.0 * (1 + np.sin(2 * np.pi * frames / 100.0))
    centres = 60.0 * 2 ** (np.arange(48) / 6)
    levels = random.normal(0.0, 0.5, (400, 48)) - 60.0
    found = common_swell(levels + swell[:, None], centres, 0.046)
    assert np.abs(found - (swell - np.quantile(swell, 0.1)).clip(0))[10:-10].max() < 2.0
    levels[100:200, :20] += 30.0
    assert common_swell(levels, centres, 0.046) is None


def test_noise_that_swells_is_followed_in_time():
    time = times(12.0)
    swell_db = 5.0 * np.sin(2 * np.pi * 0.25 * time)
    noise = white(12.0, -48.0) * 10 ** (swell_db / 20)
    estimator = floor_estimator(RATE, 1)
    estimator.push((plucked(12.0) + noise).astype(np.float32))
    floor = estimator.estimate()
    grid = np.geomspace(300.0, 9000.0, 40)
    at = {s: float(np.mean(10 * np.log10(floor.density(grid, s)))) for s in (5.0, 7.0)}
    # A quarter hertz: loudest at 5 s, quietest at 7 s.
    assert at[5.0] - at[7.0] == pytest.approx(10.0, abs=3.5)


def test_music_that_grows_and_fades_is_no_swell_of_noise():
    time = times(10.0)
    grows = 10 ** (-8.0 * np.cos(2 * np.pi * 0.1 * time) / 20)
    dense = sum(np.roll(plucked(10.0), 4000 * shift) for shift in range(9))
    estimator = floor_estimator(RATE, 1)
    estimator.push((grows * dense).astype(np.float32) + white(10.0, -60.0))
    floor = estimator.estimate()
    assert not isinstance(floor, SwellingFloor)


def test_swells_are_smoothed_by_a_median_and_a_mean():
    levels = np.random.default_rng(2).normal(0.0, 1.0, (90, 24)) + np.arange(90)[:, None] / 9
    centres = np.geomspace(150.0, 8000.0, 24)
    rise = np.percentile(levels - np.quantile(levels, 0.1, axis=0), 25.0, axis=1)
    rise = uniform_filter1d(median_filter(rise, 13, mode="nearest"), 13, mode="nearest")
    expected = np.clip(rise - np.quantile(rise, 0.1), 0.0, 12.0)
    np.testing.assert_allclose(common_swell(levels, centres, 0.048), expected, atol=1e-12)

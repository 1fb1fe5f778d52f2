"""The steady floor of a stream: right about noise, silent about sounds, equal in every split."""

from __future__ import annotations

import numpy as np
import pytest
from signals.floor_scenes import (
    RATE,
    applause,
    drone,
    estimated,
    floor_estimator,
    level_db,
    organ,
    pedal_under_moving_parts,
    plucked,
    times,
    white,
)

from restorack.meters.noise_floor.mixed_bands import mixed_bands
from restorack.meters.noise_floor.steady_floor import SteadyFloorEstimator


def estimate(rows, rate=RATE, blocks=(1 << 16,)):
    return estimated(floor_estimator(rate, rows.shape[0]), rows, blocks)


@pytest.mark.parametrize(
    ("rate", "channels"),
    [(8000.0, 1), (22_050.0, 2), (44_100.0, 6), (192_000.0, 1)],
)
def test_white_noise_under_music_has_its_variance(rate, channels):
    rows = plucked(6.0, rate) + white(6.0, -50.0, rate, channels)
    floor = estimate(rows.astype(np.float32), rate)
    assert level_db(floor, 150.0, 0.45 * rate) == pytest.approx(-50.0, abs=1.5)


@pytest.mark.parametrize(
    "sound", [organ, pedal_under_moving_parts, applause, drone], ids=lambda one: one.__name__
)
def test_a_sound_that_never_rests_is_not_taken_for_noise(sound):
    assert estimate(sound(8.0)) is None


def test_clean_music_has_no_floor():
    assert estimate(plucked(8.0)) is None


def unsure(counts, patches, mean_db, centres_hz):
    """Judge that there may be very faint noise: what a network says of a kind it never heard."""
    return np.full(len(centres_hz), -90.0), np.full(len(centres_hz), 0.2)


def test_faint_noise_of_an_unknown_kind_is_believed_only_where_it_is_expected():
    rows = plucked(12.0) + white(12.0, -72.0)
    floors = [
        estimated(SteadyFloorEstimator(RATE, 1, mixed_bands, unsure, expected), rows, (1 << 16,))
        for expected in (False, True)
    ]
    assert floors[0] is None
    assert level_db(floors[1], 2000.0, 8000.0) == pytest.approx(-72.0, abs=1.5)


def test_short_silent_and_empty_recordings_have_none():
    assert estimate(np.zeros((2, 200_000), np.float32)) is None
    assert estimate(np.zeros((1, 0), np.float32)) is None
    assert estimate(white(6.0, -40.0)[:, :1]) is None


def test_digital_black_between_pieces_does_not_count():
    rows = plucked(8.0) + white(8.0, -50.0)
    rows[:, round(3 * RATE) : round(5 * RATE)] = 0.0
    assert level_db(estimate(rows), 300.0, 9000.0) == pytest.approx(-50.0, abs=1.5)


def test_gain_moves_the_floor_by_as_much():
    rows = plucked(6.0) + white(6.0, -45.0)
    loud, quiet = estimate(rows), estimate(np.float32(0.01) * rows)
    moved = level_db(loud, 200.0, 9000.0) - level_db(quiet, 200.0, 9000.0)
    assert moved == pytest.approx(40.0, abs=0.2)


@pytest.mark.parametrize("seconds", [7.0, pytest.param(95.0, marks=pytest.mark.slow)])
def test_blocks_do_not_matter(seconds):
    rate = 8000.0
    swell = 10 ** (4.0 * np.sin(2 * np.pi * 0.2 * times(seconds, rate)) / 20)
    rows = (plucked(seconds, rate) + swell * white(seconds, -45.0, rate)).astype(np.float32)
    whole = estimate(rows, rate, (rows.shape[1],))
    parts = estimate(rows, rate, (1, 77, 4096, 50_000))
    assert np.array_equal(whole.density_db, parts.density_db)
    grid = np.geomspace(100.0, 3900.0, 30)
    for at in (0.0, 3.3, 0.9 * seconds):
        assert np.array_equal(whole.density(grid, at), parts.density(grid, at))


@pytest.mark.slow
def test_a_floor_that_rises_over_minutes_is_followed():
    rate, seconds = 8000.0, 130.0
    rise = np.linspace(0.0, 12.0, round(seconds * rate))
    noise = white(seconds, -55.0, rate) * 10 ** (rise / 20)
    floor = estimate((plucked(seconds, rate) + noise).astype(np.float32), rate)
    change = level_db(floor, 300.0, 3500.0, 120.0) - level_db(floor, 300.0, 3500.0, 10.0)
    assert change == pytest.approx(10.0, abs=3.0)


@pytest.mark.slow
def test_minutes_that_tell_nothing_get_the_lowest_floor_of_the_others():
    rate, seconds = 8000.0, 160.0
    rows = plucked(seconds, rate) + white(seconds, -50.0, rate)
    still = slice(round(60 * rate), round(120 * rate))
    rows[:, still] += np.tile(3.0 * organ(10.0, rate), 6)
    floor = estimate(rows, rate)
    assert level_db(floor, 500.0, 3500.0, 90.0) < -45.0


def test_memory_does_not_grow_with_the_recording():
    estimator = floor_estimator(8000.0, 1)
    for _ in range(8):
        estimator.push(white(20.0, -50.0, 8000.0))
    # Three segments and the one in progress.
    assert len(estimator._quiet_db) * estimator._tracks.seconds < 82.0
    assert len(estimator._fine_db) * estimator._fine.seconds < 82.0

"""Turning: what recurs in noise and clicks tells the speed; rhythm does not."""

from __future__ import annotations

import numpy as np
import pytest
from signals.damaged_music import RATE, rag, white

from restorack.meters.histogram_floor.estimate import NoiseFloorEstimator
from restorack.meters.rotation import RotationFinder

SECONDS = 30.0


def turning_noise(rpm, swing_db=2.5, level=2e-3, seed=2):
    random = np.random.default_rng(seed)
    turns = np.arange(round(SECONDS * RATE)) / RATE * rpm / 60.0
    shape = sum(random.normal() / k * np.cos(2 * np.pi * k * turns + random.uniform(0, 6.3))
                for k in range(1, 6))  # fmt: skip
    shape *= swing_db / np.std(shape)
    return (white(SECONDS, level, seed=seed) * 10 ** (shape / 20)).astype(np.float32)


def found(rows, clicks=()):
    finder = RotationFinder(RATE)
    finder.push(rows, list(clicks))
    noise = NoiseFloorEstimator(RATE, rows.shape[0])
    noise.push(rows)
    return finder.result(noise.estimate(), with_clicks=bool(clicks))


@pytest.mark.parametrize("rpm", [78.26, 33.333, 45.0])
def test_noise_tells_the_speed(rpm):
    speed = found(turning_noise(rpm))
    assert speed.nominal_rpm == pytest.approx(rpm)
    assert speed.rpm == pytest.approx(rpm, rel=0.01)
    assert speed.confidence > 0.5


def test_noise_tells_it_under_music():
    assert found(rag() + turning_noise(78.26, level=5e-3)).rpm == pytest.approx(78.26, rel=0.012)


def test_scratches_tell_the_speed():
    random = np.random.default_rng(8)
    turn = 60.0 / 78.26
    places = [(angle + turn * (k + random.normal(0.0, 0.004)), 0.3)
              for angle in (0.1, 0.35, 0.5) for k in range(38)]  # fmt: skip
    places += [(s, 0.3) for s in random.uniform(0.0, SECONDS, 100)]
    assert found(rag(), places).rpm == pytest.approx(78.26, rel=0.005)


def test_steady_noise_and_the_rhythm_of_music_tell_nothing():
    assert found(white(SECONDS, 2e-3)) is None
    assert found(rag()) is None
    assert found(rag() + white(SECONDS, 3e-3)) is None


def test_what_recurs_slower_than_any_disc_turned_is_no_speed():
    assert found(turning_noise(38.0)) is None
    assert found(turning_noise(71.0)).nominal_rpm is None


def test_clicks_that_fall_anywhere_tell_nothing():
    places = [(s, 0.3) for s in np.random.default_rng(9).uniform(0.0, SECONDS, 300)]
    assert found(rag(), places) is None

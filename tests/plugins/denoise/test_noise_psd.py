"""The judge of floors that comes with the package: right about noise, blind to held notes."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.meters.histogram_floor.estimate import NoiseFloorEstimator
from restorack.plugins.denoise.noise_psd import neural_noise_psd
from restorack.plugins.denoise.noise_source import MusicLearner

RATE = 44_100.0


def white(seconds, level, channels=1, seed=3, rate=RATE):
    random = np.random.default_rng(seed)
    return (level * random.standard_normal((channels, round(seconds * rate)))).astype(np.float32)


def held(bases, seconds, partials=8):
    """A held chord, each note slightly beating."""
    time = np.arange(round(seconds * RATE)) / RATE
    out = np.zeros_like(time)
    for number, base in enumerate(bases):
        for partial in range(1, partials + 1):
            for detune in (-0.4, 0.3):
                phase = 2 * np.pi * (base * partial + detune) * time + number + partial
                out += 0.03 / partial * np.sin(phase)
    return out[np.newaxis].astype(np.float32)


ORGAN = (130.8, 196.0, 261.6, 329.6)


def learned(rows, rate=RATE, block=1 << 16):
    learner = MusicLearner(NoiseFloorEstimator(rate, rows.shape[0], neural_noise_psd()))
    for at in range(0, rows.shape[1], block):
        learner.push(rows[:, at : at + block])
    return learner.floor()


def level_db(floor, low, high, seconds=0.0):
    grid = np.geomspace(low, high, 60)
    return float(np.mean(10 * np.log10(floor.density(grid, seconds))))


def test_a_held_chord_is_not_taken_for_noise():
    assert learned(held(ORGAN, 12.0)) is None


def test_noise_under_a_held_chord_is_found_at_its_own_level():
    floor = learned(held(ORGAN, 12.0) + white(12.0, 0.001))
    # Variance 1e-6 is -60 dB; the chord is 40 dB above it in its bands.
    assert level_db(floor, 4000.0, 18_000.0) == pytest.approx(-60.0, abs=1.5)
    assert level_db(floor, 100.0, 2500.0) < -56.0


@pytest.mark.parametrize("rate", [8000.0, 16_000.0, 44_100.0, 96_000.0, 192_000.0])
def test_noise_is_found_at_any_rate(rate):
    time = np.arange(round(8 * rate)) / rate
    strikes = np.sin(2 * np.pi * 330 * time) * np.exp(-3 * (time % 0.7))
    rows = 0.2 * strikes[np.newaxis].astype(np.float32) + white(8.0, 0.005, rate=rate)
    floor = learned(rows, rate)
    # Variance 2.5e-5 is -46 dB.
    assert level_db(floor, 1500.0, 0.4 * rate) == pytest.approx(-46.0, abs=2.0)


def test_gain_moves_the_floor_by_as_much():
    rows = held(ORGAN, 9.0) + white(9.0, 0.004)
    loud, quiet = learned(rows), learned(np.float32(0.01) * rows)
    moved = level_db(loud, 200.0, 16_000.0) - level_db(quiet, 200.0, 16_000.0)
    assert moved == pytest.approx(40.0, abs=0.7)


def test_a_low_roll_is_not_taken_for_noise():
    """Four kettledrums' partials, struck 14 times a second, that grow and fade again."""
    random = np.random.default_rng(8)
    time = np.arange(round(8 * RATE)) / RATE
    strikes = np.exp(-10.0 * ((time * 14.0) % 1.0) / 14.0)
    roll = np.zeros_like(time)
    for base in (62.0, 93.0, 124.0, 157.0):
        for partial, height in ((1.0, 1.0), (1.5, 0.6), (1.98, 0.5), (2.44, 0.3)):
            phase = 2 * np.pi * base * partial * time + random.uniform(0, 6)
            roll += height * strikes * np.sin(phase)
    roll *= 0.05 * np.sin(np.pi * time / 8.0)
    floor = learned(roll[np.newaxis].astype(np.float32) + white(8.0, 0.0005))
    # Variance 2.5e-7 is -66 dB; the drums are 50 dB above it.
    assert level_db(floor, 50.0, 200.0) < -46.0
    assert level_db(floor, 2000.0, 16_000.0) == pytest.approx(-66.0, abs=3.0)


def test_blocks_do_not_matter():
    rows = held(ORGAN, 5.0) + white(5.0, 0.01)
    whole, pieces = learned(rows), learned(rows, block=1777)
    assert np.array_equal(whole.density_db, pieces.density_db)


def test_a_floor_that_rises_over_minutes_is_followed():
    seconds = 100.0
    rising = np.linspace(-20.0, -6.0, round(seconds * RATE))
    noise = 0.02 * white(seconds, 1.0) * 10 ** (rising / 20).astype(np.float32)
    floor = learned(held(ORGAN, seconds, partials=2) + noise)
    change = level_db(floor, 3000.0, 12_000.0, 90.0) - level_db(floor, 3000.0, 12_000.0, 10.0)
    assert change == pytest.approx(11.0, abs=4.0)

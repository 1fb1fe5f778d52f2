"""The floor of the lowest octaves: rumble is measured, basses and drums are not taken for it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from restorack.meters.histogram_floor.rumble_floor import LowFloorMeter, with_rumble

RATE = 44_100.0


def noise_between(low, high, seconds=10.0, rate=RATE, channels=1, seed=6):
    """Noise of a second-order band-pass, of unit power."""
    white = np.random.default_rng(seed).standard_normal((channels, round(seconds * rate)))
    sections = signal.butter(2, [low, high], "bandpass", fs=rate, output="sos")
    shaped = signal.sosfilt(sections, white, axis=1)
    return shaped / np.std(shaped)


def density_db(low, high, at_hz, rate=RATE):
    """The true density of that noise."""
    sections = signal.butter(2, [low, high], "bandpass", fs=rate, output="sos")
    grid = np.linspace(0.5, rate / 2, 400_000)
    power = np.abs(signal.sosfreqz(sections, grid, fs=rate)[1]) ** 2
    return 10 * np.log10(np.interp(at_hz, grid, power) / np.mean(power))


def level_at(rows, hertz, rate=RATE):
    meter = LowFloorMeter(rate, rows.shape[0])
    for at in range(0, rows.shape[1], 9999):
        meter.push(rows[:, at : at + 9999].astype(np.float32))
    found = meter.level_db()
    return None if found is None else float(np.interp(hertz, meter.frequencies_hz, found))


@pytest.mark.parametrize("rate", [8_000.0, 44_100.0, 96_000.0])
@pytest.mark.parametrize("channels", [1, 2])
def test_rumble_is_measured(rate, channels):
    rows = noise_between(8, 40, rate=rate, channels=channels)
    for hertz in (15.0, 25.0, 35.0, 50.0):
        truth = density_db(8, 40, hertz, rate)
        assert level_at(rows, hertz, rate) == pytest.approx(truth, abs=3.0)


def test_a_bass_that_comes_and_goes_does_not_raise_it():
    rows = noise_between(8, 40)
    time = np.arange(rows.shape[1]) / RATE
    bass = 3.0 * np.sin(2 * np.pi * 55.0 * time) * np.exp(-3.0 * (time % 2.5))
    for hertz in (20.0, 30.0, 55.0):
        assert level_at(rows + bass, hertz) < density_db(8, 40, hertz) + 4.0


def test_a_held_pedal_is_not_rumble():
    time = np.arange(round(10 * RATE)) / RATE
    pedal = np.sum([np.sin(2 * np.pi * 32.7 * k * time) / k for k in (1, 2, 3)], axis=0)
    quiet = 0.001 * noise_between(8, 40)
    found = level_at(pedal[np.newaxis] + quiet, 32.7)
    spread_over_4_hz = 10 * np.log10(0.5 * (RATE / 2) / 4.0)
    assert found is None or found < spread_over_4_hz - 35.0


def test_a_roll_that_swells_is_lowered():
    time = np.arange(round(24 * RATE)) / RATE
    swell = 10 ** (10.0 * np.sin(2 * np.pi * time / 8.0) / 20)
    found = level_at(swell * noise_between(8, 40, seconds=24.0), 20.0)
    assert found < density_db(8, 40, 20.0) - 12.0


def test_steady_noise_that_is_loudest_above_is_a_bass():
    assert level_at(noise_between(45, 70), 30.0) is None


def test_too_little_tells_nothing():
    assert level_at(noise_between(8, 40, seconds=1.5), 30.0) is None


def test_a_floor_is_raised_but_never_lowered():
    frequencies, levels = np.array([90.0, 260.0, 430.0]), np.array([[-40.0, -50.0, -50.0]])
    grid = np.arange(0.0, 200.0, 1.5)
    rumble = np.where(grid < 40, -20.0, -60.0)
    found, raised, sure = with_rumble(
        (frequencies, levels, np.array([0.1, 0.9, 0.9])), (grid, rumble), 1.0
    )
    before = np.interp(found, frequencies, levels[0])
    assert np.all(raised[0] >= before - 1e-9)
    assert np.interp(20.0, found, raised[0]) == pytest.approx(-20.0)
    assert np.array_equal(raised[0][found >= 180.0], levels[0][1:])
    assert np.interp(20.0, found, sure) == 1.0
    half = with_rumble((frequencies, levels, np.ones(1)), (grid, rumble), 0.5)
    assert np.interp(20.0, half[0], half[1][0]) == pytest.approx(-30.0)

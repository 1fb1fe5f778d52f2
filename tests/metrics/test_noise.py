"""Noise taken off and weak parts kept, where every answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from restorack.metrics.noise import noise_attenuation_db, noise_floor, weak_partials_db

RATE = 44_100
RANDOM = np.random.default_rng(8)
NOISE = 0.01 * RANDOM.standard_normal((2, 3 * RATE))
TIME = np.arange(3 * RATE) / RATE


@pytest.fixture
def music() -> np.ndarray:
    """Return loud music below 5 kHz, in both channels."""
    low = signal.butter(8, 5_000, fs=RATE, output="sos")
    return signal.sosfilt(low, 0.3 * RANDOM.standard_normal((2, 3 * RATE)))


def test_the_floor_of_white_noise_is_flat() -> None:
    # amplitude of a bin: sigma sqrt(sum w^2) 2 / sum w, with a Hann window sqrt(3/8 n) 4 / n
    expected = 0.01 * np.sqrt(3 / 8 * 2048) * 4 / 2048
    floor = noise_floor(NOISE)[5:-5]
    # the mean of some 250 half-independent frames scatters by 4 %
    assert np.sqrt((floor**2).mean()) == pytest.approx(expected, rel=0.01)
    assert floor.max() / floor.min() < 1.5


@pytest.mark.parametrize("left", [1.0, 0.25, 0.01])
def test_attenuation_is_told_in_db(left: float) -> None:
    tones = sum(0.1 * np.sin(2 * np.pi * k * RATE / 2048 * TIME) for k in (20, 61, 200))
    music = np.stack([tones, 0.5 * tones])  # each within three bins: nothing leaks into others
    found = noise_attenuation_db(music, music + left * NOISE, NOISE)
    assert found == pytest.approx(-20 * np.log10(left), abs=0.001)


def test_attenuation_is_not_told_of_bins_with_music(music: np.ndarray) -> None:
    eaten = signal.sosfilt(signal.butter(4, 3_500, "high", fs=RATE, output="sos"), music)
    assert noise_attenuation_db(music, eaten + NOISE, NOISE) == pytest.approx(0.0, abs=0.3)


def test_weak_parts_that_are_eaten_show(music: np.ndarray) -> None:
    tone = 0.003 * np.sin(2 * np.pi * 9_000 * TIME)
    loud = signal.sosfilt(signal.butter(8, 3_000, fs=RATE, output="sos"), music)
    floor = noise_floor(NOISE).mean()
    assert 0 < 20 * np.log10(0.003 / floor) < 30
    weak = floor * 2 * np.sin(2 * np.pi * 9_000 * TIME)
    assert weak_partials_db(weak, weak, NOISE[0]) == pytest.approx(0.0, abs=1e-9)
    assert weak_partials_db(weak, 0.5 * weak, NOISE[0]) == pytest.approx(20 * np.log10(0.5))
    assert weak_partials_db(weak, weak + NOISE[0], NOISE[0]) > 0.5
    assert weak_partials_db(loud[0] + tone, loud[0], NOISE[0]) < -0.1


def test_what_is_not_defined_is_nan(music: np.ndarray) -> None:
    assert np.isnan(noise_attenuation_db(music, music, 0 * NOISE))
    assert np.isnan(weak_partials_db(0 * music, music, NOISE))

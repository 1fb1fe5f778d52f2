"""Azimuth: the delay between channels to a hundredth of a sample, nothing where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.plugins.disc.azimuth import Azimuth
from restorack.testing.contract import SPLITS, stream

RATE = 22_050
COUNT = 1 << 17


def music(seed: int = 1) -> np.ndarray:
    """Return noise with a falling spectrum that swells and fades, band-limited."""
    random = np.random.default_rng(seed)
    spectrum = np.fft.rfft(random.standard_normal(COUNT))
    hertz = np.fft.rfftfreq(COUNT, 1 / RATE)
    spectrum *= (hertz < 9_500) / (1 + hertz / 500)
    sound = np.fft.irfft(spectrum, COUNT) * (0.3 + np.sin(np.arange(COUNT) / 9_000) ** 2)
    return 0.1 * sound / sound.std()


def delayed(sound: np.ndarray, samples: np.ndarray | float) -> np.ndarray:
    """Return the sound later by samples, in closed form: a Fourier series between periods."""
    turn = 2 * np.pi * np.fft.rfftfreq(COUNT)
    if np.ndim(samples) == 0:
        return np.fft.irfft(np.fft.rfft(sound) * np.exp(-1j * turn * samples), COUNT)
    grid = np.linspace(np.min(samples), np.max(samples), 33)
    table = np.stack([delayed(sound, float(step)) for step in grid])
    place = np.clip((samples - grid[0]) / (grid[1] - grid[0]), 0, 31.999)
    low = place.astype(int)
    share, at = place - low, np.arange(COUNT)
    return (1 - share) * table[low, at] + share * table[low + 1, at]


def walls(sound: np.ndarray, delay: np.ndarray | float, noise_db: float) -> np.ndarray:
    random = np.random.default_rng(5)
    hiss = 0.1 * 10 ** (noise_db / 20) * random.standard_normal((2, COUNT))
    return (np.stack([sound, delayed(sound, delay)]) + hiss).astype(np.float32)


@pytest.mark.parametrize("delay", [0.37, -7.613])
def test_a_delay_is_corrected_and_the_left_channel_stays(delay):
    sound = music()
    both = walls(sound, delay, -60)
    stage = Azimuth()
    out = stage.process(both, RATE)
    assert np.array_equal(out[0], both[0])
    inside = slice(200, -200)
    clean = Azimuth(delay_ms=delay / RATE * 1000).process(walls(sound, delay, -140), RATE)
    error = np.std((clean[1] - sound)[inside]) / np.std(sound)
    assert 20 * np.log10(error) < -95.0  # the interpolation alone, of float32 samples
    assert np.std((out[1] - out[0])[inside]) / np.std(sound) < 2.5e-3


@pytest.mark.parametrize(("noise_db", "most"), [(-50, 0.01), (-20, 0.03)])
def test_the_delay_is_found_in_noise_and_followed(noise_db, most):
    time = np.arange(COUNT) / RATE
    delay = 0.8 + 0.05 * time + 0.1 * np.sin(2 * np.pi * time / 12)
    stage = Azimuth()
    stage.prepare([walls(music(), delay, noise_db)], RATE)
    found = stage.findings()
    at = np.array(found["at_s"])
    truth = 0.8 + 0.05 * at + 0.1 * np.sin(2 * np.pi * at / 12)
    assert np.sqrt(np.mean((found["delay_samples"] - truth) ** 2)) < most
    fixed = Azimuth(drift=False)
    fixed.prepare([walls(music(), 0.8, noise_db)], RATE)
    assert set(fixed.findings()["delay_samples"]) == {fixed.findings()["delay_samples"][0]}
    assert fixed.findings()["delay_samples"][0] == pytest.approx(0.8, abs=0.01)


def test_what_has_no_delay_and_what_is_no_one_signal_passes_bit_for_bit():
    sound = music()
    unlike = np.stack([sound, music(2)]).astype(np.float32)
    apart = np.stack([sound, delayed(sound, 3.3) + 0.8 * music(2)]).astype(np.float32)
    for both in (walls(sound, 0.0, -40), unlike, apart, sound.astype(np.float32)):
        stage = Azimuth()
        stage.prepare([both], RATE)
        assert np.array_equal(stage.process(both, RATE), both)
        assert not stage.findings()["corrected"]


def test_prepared_streams_equal_the_whole():
    both = walls(music(), 2.4, -40)[:, : 3 * RATE]
    whole = Azimuth().process(both, RATE)
    for sizes in SPLITS[1:]:
        stage = Azimuth()
        stage.prepare([both], RATE)
        assert np.array_equal(stream(stage, both, RATE, sizes), whole)
    assert not np.array_equal(whole, both)

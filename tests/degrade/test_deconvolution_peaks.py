"""DeconvolutionPeaks adds lines at multiples of one frequency, as loud as the music is."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.degrade.codecs.deconvolution_peaks import DeconvolutionPeaks
from restorack.testing.signals import clean_music

RATE = 32_000.0


def white(seconds: float, level: float = 0.1) -> np.ndarray:
    noise = np.random.default_rng(0).standard_normal((1, int(seconds * RATE)))
    return np.asarray(level * noise, np.float32)


def test_the_lines_are_multiples_below_the_top() -> None:
    stage = DeconvolutionPeaks(fundamental_hz=1_000.0, highest_hz=7_500.0)
    added = stage.damage(white(4.0), RATE).tracks["peaks"][0, int(RATE) : int(3 * RATE)]
    power = np.abs(np.fft.rfft(added * np.hanning(added.size))) ** 2
    hertz = np.fft.rfftfreq(added.size, 1.0 / RATE)
    near = np.abs(hertz - 1_000.0 * np.rint(hertz / 1_000.0)) < 15.0
    inside = near & (hertz > 500.0) & (hertz < 7_500.0)
    assert power[inside].sum() > 0.999 * power.sum()
    assert all(
        power[np.abs(hertz - 1_000.0 * n) < 2].max() > 1e-3 * power.max() for n in range(1, 8)
    )


@pytest.mark.parametrize("level_db", [-20.0, -50.0])
def test_their_level_is_that_over_the_music_of_the_moment(level_db: float) -> None:
    signal = white(3.0)
    signal[:, int(1.5 * RATE) :] *= 0.1
    added = DeconvolutionPeaks(level_db=level_db).damage(signal, RATE).tracks["peaks"]
    for part in (slice(int(0.5 * RATE), int(1.4 * RATE)), slice(int(2 * RATE), int(3 * RATE))):
        ratio = np.mean(added[:, part] ** 2) / np.mean(signal[:, part] ** 2)
        assert 10 * np.log10(ratio) == pytest.approx(level_db, abs=0.6)


def test_the_truth_is_the_whole_damage() -> None:
    music = clean_music(RATE, 1.0, 2)
    damaged = DeconvolutionPeaks().damage(music, RATE)
    assert np.array_equal(damaged.audio, music + damaged.tracks["peaks"])
    assert np.array_equal(damaged.audio, DeconvolutionPeaks().process(music, RATE))
    assert damaged.tracks["peaks"].any()
    empty = DeconvolutionPeaks().damage(np.zeros((2, 0), np.float32), RATE)
    assert empty.tracks["peaks"].shape == (2, 0)


def test_seeds_differ_and_repeat() -> None:
    noise = white(0.5)
    one, two, again = (DeconvolutionPeaks(seed=seed).process(noise, RATE) for seed in (1, 2, 1))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, two)


def test_a_fundamental_beyond_half_the_rate_adds_nothing() -> None:
    noise = white(0.2)
    assert np.array_equal(
        DeconvolutionPeaks(fundamental_hz=9_000.0).process(noise, 16_000.0), noise
    )

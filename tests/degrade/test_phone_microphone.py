"""PhoneMicrophone: each of its parts does its own, and all together stay in time."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.degrade.channel.phone_microphone import PhoneMicrophone
from restorack.degrade.channel.phone_voice import LevelControl, NoiseSuppressor
from restorack.degrade.pipeline import Pipeline
from restorack.testing.signals import clean_music

RATE = 44_100.0
BARE = {"level_control": 0.0, "suppression_db": 0.0, "clip_dbfs": 0.0}


def gain_db(stage: PhoneMicrophone, frequencies):
    spectrum = np.abs(np.fft.rfft(stage.kernel(RATE), 1 << 17))
    grid = np.fft.rfftfreq(1 << 17, 1.0 / RATE)
    return 20.0 * np.log10(np.interp(frequencies, grid, spectrum))


def test_the_band_has_its_edges() -> None:
    stage = PhoneMicrophone(resonance_db=0.0)
    assert gain_db(stage, [300.0, 3_400.0]) == pytest.approx([-3.01, -3.01], abs=0.2)
    assert gain_db(stage, [150.0, 6_800.0]) == pytest.approx([-24.1, -24.1], abs=1.0)


def test_resonances_stand_out_as_high_as_set() -> None:
    for seed in range(10):
        frequencies = np.geomspace(400.0, 3_000.0, 400)
        plain = gain_db(PhoneMicrophone(resonance_db=0.0, seed=seed), frequencies)
        bright = gain_db(PhoneMicrophone(resonance_db=9.0, seed=seed), frequencies)
        assert 8.5 < (bright - plain).max() < 15.0  # two that overlap add up


def test_level_control_evens_levels_out() -> None:
    time = np.arange(int(4 * RATE)) / RATE
    tone = np.sin(2 * np.pi * 1_000.0 * time)[np.newaxis].astype(np.float32)
    out = {}
    for level in (0.05, 0.5):
        control = LevelControl(1, RATE, -12.0, 24.0, 1.0)
        out[level] = np.abs(control.push(level * tone)[0, -4_000:]).max()
    assert out[0.05] == pytest.approx(out[0.5], rel=0.05)
    # The follower sits a little under the peaks of a sine.
    assert 20.0 * np.log10(out[0.5]) == pytest.approx(-12.0, abs=1.5)
    half = LevelControl(1, RATE, -12.0, 24.0, 0.5)
    assert np.abs(half.push(0.05 * tone)[0, -4_000:]).max() < 0.6 * out[0.05]


def test_level_control_raises_no_more_than_it_may() -> None:
    control = LevelControl(1, RATE, -12.0, 24.0, 1.0)
    quiet = np.full((1, 200_000), 1e-5, np.float32)
    assert control.push(quiet).max() <= 1e-5 * 10.0 ** (24.0 / 20.0) * 1.0001


def test_suppression_takes_off_what_is_steady_and_keeps_what_moves() -> None:
    rng = np.random.default_rng(0)
    noise = 0.003 * rng.standard_normal(int(6 * RATE))
    options = {"level_control": 0.0, "clip_dbfs": 0.0}
    plain = PhoneMicrophone(suppression_db=0.0, **options).process(noise, RATE)
    clean = PhoneMicrophone(suppression_db=15.0, **options).process(noise, RATE)
    late = slice(int(4 * RATE), None)
    off = 20.0 * np.log10(np.std(plain[late]) / np.std(clean[late]))
    assert 6.0 < off < 15.0
    music = clean_music(RATE, 3.0, 1)[0]
    change = np.std(PhoneMicrophone(suppression_db=15.0, **options).process(music, RATE))
    assert change > 0.8 * np.std(
        PhoneMicrophone(suppression_db=0.0, **options).process(music, RATE)
    )


def test_suppression_never_takes_off_more_than_its_depth() -> None:
    spectra = np.random.default_rng(0).standard_normal((2, 300, 41)).astype(complex)
    left = spectra + NoiseSuppressor(2, 80, 100.0, 12.0).change(spectra)
    ratio = np.abs(left) / np.abs(spectra)
    assert ratio.min() >= 10.0 ** (-12.0 / 20.0) - 1e-12
    assert ratio.max() <= 1.0 + 1e-12


def test_overload_clips() -> None:
    time = np.arange(30_000) / RATE
    loud = 0.9 * np.sin(2 * np.pi * 1_000.0 * time)
    out = PhoneMicrophone(**{**BARE, "clip_dbfs": -12.0}, resonance_db=0.0).process(loud, RATE)
    peak = np.abs(out[5_000:-5_000]).max()
    # A band-limited flat top overshoots by up to 18 % (Gibbs).
    assert 0.25 < peak < 0.25 * 1.2


@pytest.mark.parametrize(("codec", "edge"), [("narrow", 4_100.0), ("wide", 7_100.0)])
def test_codecs_end_the_band(codec: str, edge: float) -> None:
    noise = 0.05 * np.random.default_rng(0).standard_normal(88_200)
    out = PhoneMicrophone(high_hz=16_000.0, codec=codec).process(noise, RATE)
    power = np.abs(np.fft.rfft(out.astype(float) * np.hanning(out.size))) ** 2
    frequencies = np.fft.rfftfreq(out.size, 1.0 / RATE)
    assert power[frequencies > edge].sum() < 1e-6 * power.sum()
    assert power[(frequencies > 0.8 * edge) & (frequencies < edge)].sum() > 1e-4 * power.sum()


class Hoarder:
    """A part that gives back what it took in jumps."""

    def __init__(self, jump: int) -> None:
        self._jump, self._kept = jump, np.zeros((1, 0), np.float32)

    def push(self, block):
        joined = np.concatenate([self._kept, block], axis=1)
        ready = joined.shape[1] // self._jump * self._jump
        self._kept = joined[:, ready:]
        return joined[:, :ready]

    def finish(self):
        return self._kept


def test_a_pipeline_withholds_a_fixed_number() -> None:
    pipeline = Pipeline([Hoarder(7), Hoarder(11)], 1, 6 + 10)
    signal = np.arange(200, dtype=np.float32)[np.newaxis]
    parts = [pipeline.push(signal[:, at : at + 1]) for at in range(200)]
    assert [part.shape[1] for part in parts] == [0] * 16 + [1] * 184
    out = np.concatenate([*parts, pipeline.finish()], axis=1)
    assert np.array_equal(out, signal)

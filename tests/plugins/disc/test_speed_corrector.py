"""SpeedCorrector: pitch and length by rpm, cents, hum and tuning; nothing where none tells."""

from __future__ import annotations

import numpy as np
import pytest

from restorack import Chain
from restorack.plugins.disc.speed_corrector import SpeedCorrector

RATE = 22_050


def tone(hertz: float, seconds: float = 2.0) -> np.ndarray:
    time = np.arange(round(RATE * seconds)) / RATE
    return (0.3 * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


@pytest.mark.parametrize(
    ("settings", "ratio"),
    [
        ({"rpm_played": 78.26, "rpm_recorded": 76.59}, 78.26 / 76.59),
        ({"rpm_played": 33.333, "rpm_recorded": 78.26}, 33.333 / 78.26),
        ({"method": "cents", "cents": -50.0}, 2 ** (50 / 1200)),
    ],
)
def test_a_tone_becomes_the_tone_of_the_right_speed(settings, ratio):
    stage = SpeedCorrector(**settings)
    out = stage.process(tone(1_000.0), RATE)
    assert out.shape == (round(2 * RATE * ratio),)
    assert stage.output_length(2 * RATE, RATE) == out.shape[0]
    assert stage.output_seconds(1.5) == pytest.approx(1.5 * ratio)
    wanted = 0.3 * np.sin(2 * np.pi * 1_000.0 / ratio * np.arange(out.size) / RATE)
    inside = slice(2_000, -2_000)
    assert np.abs(out - wanted)[inside].max() < 0.3 * 10 ** (-100 / 20)
    assert stage.findings()["cents"] == pytest.approx(-1200 * np.log2(ratio), abs=0.01)


@pytest.mark.parametrize("settings", [{}, {"method": "hum"}, {"method": "tuning"}])
def test_the_right_speed_and_what_does_not_tell_pass_bit_for_bit(settings):
    sound = 0.1 * np.random.default_rng(1).standard_normal((2, 3 * RATE)).astype(np.float32)
    assert np.array_equal(SpeedCorrector(**settings).process(sound, RATE), sound)


@pytest.mark.parametrize("hum", [50.0 * 1.043, 50.0 * 0.928])
def test_the_hum_tells(hum):
    hiss = 0.01 * np.random.default_rng(2).standard_normal(12 * RATE)
    sound = 0.05 * tone(hum, 12.0) + 0.05 * tone(3 * hum, 12.0) + hiss
    stage = SpeedCorrector(method="hum", hum_hz=50.0)
    out = stage.process(sound, RATE)
    assert out.size / sound.size == pytest.approx(hum / 50.0, abs=2e-4)


@pytest.mark.parametrize("a4", [452.0, 431.0])
def test_the_tuning_tells(a4):
    scale = [0, 4, 7, 12, 2, 5, 9, 11, 7, 4, 0, -5] * 2
    notes = [sum(tone(a4 * 2 ** ((s + x) / 12), 0.5) for x in (0, 7)) for s in scale]
    sound = 0.5 * np.concatenate(notes)
    stage = SpeedCorrector(method="tuning")
    out = stage.process(sound, RATE)
    assert out.size / sound.size == pytest.approx(a4 / 440.0, abs=5e-4)
    # A tuning a semitone away is one of the same keys.
    other = SpeedCorrector(method="tuning", tuning_hz=440.0 * 2 ** (1 / 12))
    assert other.process(sound, RATE).size == pytest.approx(out.size, abs=1)


def test_a_chain_of_it_streams_and_says_how_long_it_becomes():
    chain = Chain([SpeedCorrector(rpm_recorded=80.0), SpeedCorrector(method="cents", cents=30.0)])
    ratio = 78.26 / 80.0 * 2 ** (-30 / 1200)
    assert chain.changes_length
    assert chain.output_seconds(10.0) == pytest.approx(10 * ratio)
    whole = chain.process(tone(500.0), RATE)
    pieces = (tone(500.0)[at : at + 999] for at in range(0, 44_100, 999))
    parts = [chain.process(piece, RATE, reset=False) for piece in pieces]
    parts.append(chain.flush())
    assert np.array_equal(np.concatenate(parts), whole)
    assert chain.output_length(44_100, RATE) == whole.size

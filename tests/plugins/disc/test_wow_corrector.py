"""WowCorrector: wow of a made record is left below 0.05 %; without wow nothing changes."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.dsp.speed_curve import SpeedCurve
from restorack.meters.speed.once_around import gain
from restorack.plugins.disc.wow_corrector import WowCorrector
from restorack.testing.contract import SPLITS, stream

RATE = 22_050
SECONDS = 24.0
TURNS = 78.26 / 60


def phrases(seed: int, vibrato: float = 0.0) -> list[tuple[float, float, float, float]]:
    """Return notes: begin, length, frequency, depth of vibrato."""
    random = np.random.default_rng(seed)
    scale = 220.0 * 2 ** (np.array([0, 2, 4, 5, 7, 9, 11, 12, 14, 16]) / 12)
    begins = np.arange(0.0, SECONDS - 0.5, 0.4)
    return [
        (at, random.uniform(0.5, 1.4), random.choice(scale), vibrato * random.uniform(0.5, 1.5))
        for at in begins
    ]


def music(seed: int, source: np.ndarray, vibrato: float = 0.0) -> np.ndarray:
    """Return the notes at moments in seconds: a sound of any speed, in closed form."""
    out = np.zeros(source.size)
    for begin, length, hertz, depth in phrases(seed, vibrato):
        inside = (source >= begin) & (source < begin + length)
        time = source[inside] - begin
        turn = hertz * (time + depth / (2 * np.pi * 5.7) * np.sin(2 * np.pi * 5.7 * time))
        shape = np.sin(np.pi * time / length) * np.exp(-1.5 * time)
        out[inside] += shape * sum(np.sin(2 * np.pi * n * turn) / n**1.5 for n in range(1, 7))
    return (0.1 * out).astype(np.float32)


def record(depth: float, growth: float = 0.0, seed: int = 1) -> tuple[np.ndarray, SpeedCurve]:
    """Return a record that wows, and its speed."""
    at = np.linspace(0.0, SECONDS, 4_001)
    speed = 1 + depth * gain(at, SECONDS, growth) * np.cos(2 * np.pi * TURNS * at + 0.7)
    curve = SpeedCurve(at, speed)
    return music(seed, curve.output_seconds(np.arange(round(SECONDS * RATE)) / RATE)), curve


@pytest.mark.slow
@pytest.mark.parametrize(("depth", "growth"), [(0.01, 0.0), (0.003, 0.0), (0.01, 0.3)])
def test_wow_is_found_and_taken_off(depth, growth):
    sound, curve = record(depth, growth)
    stage = WowCorrector()
    stage.prepare([sound], RATE)
    assert stage.wow is not None
    assert stage.wow.rpm == pytest.approx(78.26, abs=0.1)
    left = stage.wow.speed(curve.seconds) - curve.speeds
    assert np.std(left) < 5e-4
    assert stage.wow.growth == pytest.approx(growth, abs=0.15)
    out = stage.process(sound, RATE)
    assert out.shape == sound.shape
    found = stage.findings()
    assert found["corrected"]
    assert found["largest_shift_ms"] == pytest.approx(1000 * depth / (2 * np.pi * TURNS), rel=0.4)
    again = WowCorrector()
    assert np.array_equal(again.process(out, RATE), out)  # nothing is left to be found


@pytest.mark.parametrize("vibrato", [0.0, 0.01])
def test_music_without_wow_passes_bit_for_bit(vibrato):
    sound = music(3, np.arange(round(SECONDS * RATE)) / RATE, vibrato)
    stage = WowCorrector()
    assert np.array_equal(stage.process(sound, RATE), sound)
    assert stage.findings() == {"corrected": False}


def test_what_is_short_or_no_music_passes_bit_for_bit():
    sound, _ = record(0.01)
    noise = 0.1 * np.random.default_rng(1).standard_normal(20 * RATE).astype(np.float32)
    for other in (sound[: 10 * RATE], noise, np.zeros(30 * RATE, np.float32)):
        assert np.array_equal(WowCorrector().process(other, RATE), other)


@pytest.mark.slow
def test_prepared_streams_equal_the_whole_and_keep_their_latency():
    sound, _ = record(0.01)
    stage = WowCorrector(rpm=78.26)
    stage.prepare([sound], RATE)
    part = sound[: 2 * RATE]
    whole = stage.process(part, RATE)
    assert not np.array_equal(whole, part)
    for sizes in SPLITS[1:]:
        assert np.array_equal(stream(stage, part, RATE, sizes), whole)
    stage.reset()
    pieces = (part[at : at + 100] for at in range(0, 8_000, 100))
    returned = sum(stage.process(piece, RATE, reset=False).size for piece in pieces)
    assert 8_000 - returned == stage.latency_samples

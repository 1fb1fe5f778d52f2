"""Slow drift is found where notes come back; players out of tune are not taken for it."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.dsp.speed_curve import SpeedCurve
from restorack.meters.speed.drift import find_drift, measure_drift
from restorack.plugins.disc.wow_corrector import WowCorrector

RATE = 11_025
SECONDS = 60.0


def music(source: np.ndarray, glide: float = 0.0, scatter: float = 0.0) -> np.ndarray:
    """Return chords at moments in seconds; notes may glide, and be out of tune, each by itself."""
    random = np.random.default_rng(4)
    out = np.zeros(source.size)
    scale = 220.0 * 2 ** (np.array([0, 2, 4, 5, 7, 9, 11, 12]) / 12)
    for begin in np.arange(0.0, SECONDS - 0.5, 0.3):
        hertz, length = random.choice(scale), random.uniform(0.5, 1.2)
        hertz *= 1.0 + scatter * random.standard_normal()
        bend = glide * random.standard_normal()
        inside = (source >= begin) & (source < begin + length)
        time = source[inside] - begin
        turn = hertz * (time + 0.5 * bend * time**2)
        shape = np.sin(np.pi * time / length) * np.exp(-1.5 * time)
        out[inside] += shape * sum(np.sin(2 * np.pi * n * turn) / n**1.5 for n in range(1, 5))
    return (0.1 * out).astype(np.float32)


def drifting(depth: float) -> tuple[np.ndarray, SpeedCurve]:
    """Return music that drifts by an RMS depth, and its speed."""
    at = np.linspace(0.0, SECONDS, 1_201)
    waves = np.sin(2 * np.pi * 0.09 * at) + np.sin(2 * np.pi * 0.21 * at + 1.0)
    curve = SpeedCurve(at, 1.0 + depth * waves)
    return music(curve.output_seconds(np.arange(round(SECONDS * RATE)) / RATE)), curve


@pytest.fixture(scope="module")
def tape() -> tuple[np.ndarray, SpeedCurve]:
    return drifting(0.003)


@pytest.mark.slow
def test_drift_is_found_and_taken_off(tape) -> None:
    sound, curve = tape
    stage = WowCorrector(drift=True)
    stage.prepare([sound], RATE)
    out = stage.process(sound, RATE)
    assert out.shape == sound.shape
    found = stage.found_drift
    assert stage.wow is None
    assert found is not None
    left = np.log(np.interp(found.seconds, curve.seconds, curve.speeds)) - found.logarithms
    assert np.std(left) < 0.0008
    assert stage.findings()["drift_percent"] == pytest.approx(0.3, abs=0.05)
    again = measure_drift(out, RATE)
    assert again is not None
    assert again.depth < 0.0005


def test_drift_stays_unless_it_is_asked_for(tape) -> None:
    sound, _ = tape
    assert np.array_equal(WowCorrector().process(sound, RATE), sound)


@pytest.mark.slow
@pytest.mark.parametrize(("glide", "scatter"), [(0.0, 0.0), (0.01, 0.0), (0.0, 0.005)])
def test_steady_speed_passes_bit_for_bit(glide, scatter) -> None:
    sound = music(np.arange(round(SECONDS * RATE)) / RATE, glide, scatter)
    assert find_drift(sound, RATE) is None
    if scatter:
        assert np.array_equal(WowCorrector(drift=True).process(sound, RATE), sound)


def test_what_is_short_or_empty_tells_nothing(tape) -> None:
    sound, _ = tape
    for other in (sound[: 30 * RATE], np.zeros(50 * RATE, np.float32)):
        assert find_drift(other, RATE) is None

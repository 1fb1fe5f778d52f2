"""Limiter: no true peak above the ceiling, nothing touched below it, a gain without corners."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import resample_poly

from restorack.meters.loudness import TruePeakMeter
from restorack.plugins.dynamics.limiter import Limiter
from restorack.testing.checks import stream

RATE = 44_100
Floats = NDArray[np.float64]


def sine(hz: float, seconds: float, level: float, rate: int = RATE, phase: float = 0.0) -> Floats:
    return level * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate + phase)


def hard(rate: int) -> dict[str, Floats]:
    random, count = np.random.default_rng(3), rate // 2
    time = np.arange(count) / rate
    decay = 3.0 * np.exp(-((time % 0.25) / 0.05))
    chord = sum(sine(hz * rate / 44_100, 0.5, 0.4, rate) for hz in (82, 330, 2637))
    return {
        "square": 2.0 * np.sign(sine(0.0123 * rate, 0.5, 1.0, rate, 0.1)),
        "impulses": 4.0 * (random.random(count) < 0.001),
        "quarter of the rate": sine(rate / 4, 0.5, 1.4, rate, np.pi / 4),
        "noise": random.standard_normal(count),
        "bursts": 2.0 * random.standard_normal(count) * (np.sin(2 * np.pi * 6 * time) > 0.8),
        "music": decay * chord,
    }


def over_db(rows: Floats, ceiling_db: float) -> float:
    """How far the true peak at 8 times the rate lies above a ceiling."""
    return float(20 * np.log10(np.abs(resample_poly(rows, 8, 1, axis=-1)).max()) - ceiling_db)


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000, 96_000, 192_000])
def test_no_true_peak_passes_the_ceiling(rate: int) -> None:
    for name, signal in hard(rate).items():
        out = Limiter(ceiling_dbtp=-1.0).process(signal, rate).astype(np.float64)
        assert over_db(out, -1.0) < 0.02, name
        meter = TruePeakMeter(rate, 1)
        meter.push(out[np.newaxis].astype(np.float32))
        assert 20 * np.log10(meter.result().max()) < -0.98, name


@pytest.mark.parametrize("settings", [{"lookahead_ms": 0.5}, {"release_ms": 1.0}, {"link": 0.0}])
def test_nor_with_other_settings(settings: dict[str, float]) -> None:
    rows = np.stack([hard(RATE)["bursts"], hard(RATE)["music"]])
    out = Limiter(ceiling_dbtp=-6.0, gain_db=12.0, **settings).process(rows, RATE)
    assert over_db(out.astype(np.float64), -6.0) < 0.05


def test_below_the_ceiling_nothing_changes() -> None:
    rows = (0.7 * hard(RATE)["music"] / np.abs(hard(RATE)["music"]).max()).astype(np.float32)
    stage = Limiter(ceiling_dbtp=-1.0)
    assert stage.process(rows, RATE).tobytes() == rows.tobytes()
    assert stage.summary() == "no peak above -1 dBTP, not limited"


def test_it_returns_to_the_input_bit_for_bit_after_a_peak() -> None:
    signal = sine(440.0, 6.0, 0.3).astype(np.float32)
    signal[RATE] = 3.0
    out = Limiter().process(signal, RATE)
    ahead = Limiter().latency_samples
    assert np.array_equal(out[: RATE - ahead], signal[: RATE - ahead])
    assert not np.array_equal(out[RATE - 50 : RATE], signal[RATE - 50 : RATE])
    assert np.array_equal(out[4 * RATE :], signal[4 * RATE :])


def test_steady_sound_has_a_steady_gain() -> None:
    """A bass tone 6 dB over the ceiling is lowered, not bent."""
    tone = sine(50.0, 5.0, 2.0 * 10 ** (-1 / 20))
    out = Limiter(ceiling_dbtp=-1.0).process(tone, RATE)[3 * RATE :].astype(np.float64)
    spectrum = np.abs(np.fft.rfft(out * np.hanning(out.size))) ** 2
    main = spectrum[96:105].sum()
    distortion = 10 * np.log10((spectrum[8:].sum() - main) / main)
    assert distortion < -50.0
    # and no deeper than it must
    assert 20 * np.log10(np.abs(out).max()) == pytest.approx(-1.0, abs=0.05)


def gain_of(stage: Limiter, signal: Floats) -> Floats:
    out = stage.process(signal, RATE).astype(np.float64)
    return out / signal


def test_gain_has_no_corners() -> None:
    level = np.full(RATE, 0.5)
    level[RATE // 2 : RATE // 2 + 300] = 1.8
    gain = gain_of(Limiter(), level)
    jumps = np.abs(np.diff(gain))
    assert gain.min() < 0.5
    # 5 ms of look-ahead are 220 samples: an even slope would be 0.0023 a sample, ours 2.3 times.
    assert jumps.max() < 0.0075
    assert np.abs(np.diff(gain, 2)).max() < 2e-4


def test_release_is_fast_after_a_peak_and_slow_after_a_passage() -> None:
    def lowered(samples: int) -> float:
        level = np.full(4 * RATE, 0.5)
        level[2 * RATE - samples : 2 * RATE] = 1.8
        gain = gain_of(Limiter(), level)
        return float(-20 * np.log10(gain[2 * RATE + round(0.06 * RATE)]))

    assert lowered(20) < 0.6
    assert lowered(RATE) > 3.0


def test_linked_channels_keep_the_image() -> None:
    rows = np.stack([2.0 * sine(300.0, 1.0, 1.0), sine(500.0, 1.0, 0.2)])
    linked = Limiter().process(rows, RATE).astype(np.float64)
    both = np.abs(rows).min(axis=0) > 0.05
    gains = linked[:, both] / rows[:, both]
    assert np.abs(gains[0] - gains[1]).max() < 1e-5
    alone = Limiter(link=0.0).process(rows, RATE)
    assert np.array_equal(alone[1], rows[1].astype(np.float32))
    assert np.abs(alone[0] - linked[0]).max() < 1e-6


def test_gain_comes_before_the_ceiling() -> None:
    rows = sine(440.0, 0.5, 0.4)
    by_gain = Limiter(gain_db=12.0).process(rows, RATE)
    before = Limiter().process((rows.astype(np.float32) * 10 ** (12 / 20)), RATE)
    assert np.abs(by_gain - before).max() < 1e-6


def test_blocks_do_not_matter() -> None:
    rows = np.stack([hard(RATE)["music"], hard(RATE)["bursts"]])[:, :9000].astype(np.float32)
    whole = Limiter(link=0.5).process(rows, RATE)
    for sizes in ([17], [1, 4000, 64]):
        assert np.array_equal(stream(Limiter(link=0.5), rows, RATE, sizes), whole)


def test_it_says_what_it_did() -> None:
    stage = Limiter(gain_db=3.0)
    stage.process(2.0 * sine(100.0, 1.0, 1.0), RATE)
    found = stage.findings()
    assert found["max_reduction_db"] == pytest.approx(6.02 + 3.0 + 1.0, abs=0.1)
    assert found["reduced_percent"] == pytest.approx(100.0, abs=1.0)
    assert stage.summary().startswith("gain +3.0 dB, limited to -1 dBTP: by up to 10.0 dB, ")

"""Derumble: its response against its design, its phase, and the mono option."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from restorack.plugins.derumble import Derumble
from restorack.testing.checks import stream

RATE = 8_000
Floats = NDArray[np.float64]


def response(derumble: Derumble, rate: int = RATE) -> tuple[Floats, NDArray[np.complex128]]:
    """Frequencies in Hz and the complex response, time zero at the impulse."""
    count = 16 * rate
    impulse = np.zeros(count)
    impulse[count // 2] = 1.0
    out = derumble.process(impulse, rate).astype(float)
    return np.fft.rfftfreq(count, 1 / rate), np.fft.rfft(np.roll(out, -count // 2))


@pytest.mark.parametrize("cutoff", [16.0, 25.0, 60.0])
@pytest.mark.parametrize("slope", [40.0, 80.0])
def test_response_is_that_of_the_design(cutoff: float, slope: float) -> None:
    hertz, gain = response(Derumble(cutoff_hz=cutoff, slope_db_per_octave=slope))
    kept = np.abs(gain[hertz >= cutoff])
    assert np.abs(20 * np.log10(kept)).max() < 0.01
    stopped = np.abs(gain[hertz <= cutoff * 2 ** (-80 / slope)])
    assert 20 * np.log10(stopped.max()) < -79
    middle = cutoff * (1 + 2 ** (-80 / slope)) / 2
    assert np.interp(middle, hertz, np.abs(gain)) == pytest.approx(0.5, abs=0.02)


def test_what_is_kept_has_no_phase_shift() -> None:
    hertz, gain = response(Derumble())
    assert np.abs(np.angle(gain[hertz >= 25.0])).max() < 1e-4


def test_response_is_the_same_at_high_rates() -> None:
    hertz, gain = response(Derumble(), 96_000)
    assert np.abs(20 * np.log10(np.abs(gain[hertz >= 25.0]))).max() < 0.01
    assert 20 * np.log10(np.abs(gain[hertz <= 12.5]).max()) < -79


def test_an_organ_pedal_stays_and_rumble_goes() -> None:
    time = np.arange(6 * RATE) / RATE
    pedal = 0.3 * np.sin(2 * np.pi * 32.7 * time)
    rumble = 0.1 * np.sin(2 * np.pi * 9.0 * time)
    out = Derumble().process(pedal + rumble, RATE).astype(float)
    inner = slice(RATE, -RATE)
    assert np.abs(out - pedal)[inner].max() < 1e-4


def test_constant_offset_goes() -> None:
    out = Derumble().process(np.full(6 * RATE, 0.5), RATE)
    assert np.abs(out[2 * RATE : -2 * RATE]).max() < 1e-6


def test_low_sides_become_mono_and_high_ones_stay() -> None:
    time = np.arange(6 * RATE) / RATE
    middle = 0.2 * np.sin(2 * np.pi * 60.0 * time)
    vertical = 0.1 * np.sin(2 * np.pi * 50.0 * time)
    wide = 0.1 * np.sin(2 * np.pi * 1000.0 * time)
    stereo = np.stack([middle + vertical + wide, middle - vertical - wide])
    out = Derumble(vertical_below_hz=150.0).process(stereo, RATE).astype(float)
    inner = slice(RATE, -RATE)
    assert np.abs(out - np.stack([middle + wide, middle - wide]))[:, inner].max() < 1e-4


def test_low_sides_stay_by_default() -> None:
    time = np.arange(4 * RATE) / RATE
    vertical = 0.1 * np.sin(2 * np.pi * 50.0 * time)
    out = Derumble().process(np.stack([vertical, -vertical]), RATE).astype(float)
    assert np.abs(out[0] - vertical)[RATE:-RATE].max() < 1e-4


def test_adaptive_depth_is_that_of_the_rumble() -> None:
    random = np.random.default_rng(5)
    time = np.arange(20 * RATE) / RATE
    music = 0.2 * np.sin(2 * np.pi * 440.0 * time)
    # Noise below 12 Hz: what a lowpass of the design itself leaves of white noise.
    white = 0.5 * random.standard_normal(len(time))
    low = white - Derumble(cutoff_hz=12.0).process(white, RATE)
    strong, weak = Derumble(adaptive=True), Derumble(adaptive=True)
    strong.process(music + low, RATE)
    level = 10 * np.log10(np.mean(low**2))
    assert strong.findings()["rumble_dbfs"] == pytest.approx(level, abs=6)
    out = weak.process(music + 1e-5 * low, RATE)
    assert np.array_equal(out, (music + 1e-5 * low).astype(np.float32))


def test_a_drum_is_not_taken_for_rumble() -> None:
    time = np.arange(20 * RATE) / RATE
    beat = time % 2.0
    drum = 0.5 * np.sin(2 * np.pi * 18.0 * beat) * np.exp(-beat / 0.1) * (beat < 0.9)
    derumble = Derumble(adaptive=True)
    derumble.process(drum + 1e-7 * np.random.default_rng(1).standard_normal(len(time)), RATE)
    assert derumble.findings()["depth_db"] == 0.0


def test_blocks_do_not_matter_with_sides() -> None:
    audio = np.random.default_rng(2).standard_normal((2, 40_000)).astype(np.float32)
    whole = Derumble(vertical_below_hz=200.0).process(audio, RATE)
    for sizes in ([333], [1, 9000, 64]):
        parts = stream(Derumble(vertical_below_hz=200.0), audio, RATE, sizes)
        assert np.array_equal(parts, whole)

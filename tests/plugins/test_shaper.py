"""SpectralShaper: its response against what was asked for, linear phase, alignment."""

import numpy as np
import pytest

from restorack.plugins.shaper import SpectralShaper

RATE = 48_000


def response(
    stage: SpectralShaper, rate: float = RATE, size: int = 1 << 17
) -> tuple[np.ndarray, np.ndarray]:
    impulse = np.zeros(size, np.float32)
    impulse[size // 2] = 1.0
    out = stage(impulse, rate).astype(np.float64)
    return np.arange(size // 2 + 1) * rate / size, np.fft.rfft(np.roll(out, -size // 2))


def gains_db(stage: SpectralShaper, at_hz: list[float], rate: float = RATE) -> np.ndarray:
    frequencies, spectrum = response(stage, rate)
    return np.interp(at_hz, frequencies, 20 * np.log10(np.abs(spectrum) + 1e-9))


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_default_passes_20_hz_to_20_khz_and_stops_the_rest(rate):
    frequencies, spectrum = response(SpectralShaper(), rate)
    gain = 20 * np.log10(np.abs(spectrum) + 1e-9)
    band = (frequencies >= 20) & (frequencies <= 19_900)
    np.testing.assert_allclose(gain[band], 0.0, atol=0.15)
    middle = (frequencies >= 25) & (frequencies <= 19_900)
    np.testing.assert_allclose(gain[middle], 0.0, atol=0.005)
    assert gain[frequencies < 10].max() < -25  # an octave below
    assert gain[frequencies < 7].max() < -60  # and constant offset
    assert gain[frequencies > 28_600].max(initial=-99.0) < -80
    assert gain[-1] < -60 or rate > 48_000


def test_phase_is_zero():
    stage = SpectralShaper(tilt_db_per_octave=-2.0, air_percent=30.0, high_hz=15_000)
    _, spectrum = response(stage)
    assert np.abs(spectrum.imag).max() < 2e-5  # float32 rounds 28801 taps
    assert spectrum.real.min() > -2e-5


@pytest.mark.parametrize("rate", [44_100, 48_000, 192_000])
def test_fifteen_percent_of_air_is_1_21_db_from_10_to_16_khz(rate):
    stage = SpectralShaper(air_percent=15.0, high_hz=22_000)
    frequencies, spectrum = response(stage, rate, 1 << 18)
    inside = (frequencies >= 10_020) & (frequencies <= 15_980)
    np.testing.assert_allclose(np.abs(spectrum)[inside], 1.15, atol=1e-3)
    below = (frequencies >= 30) & (frequencies <= 7_980)
    np.testing.assert_allclose(np.abs(spectrum)[below], 1.0, atol=1e-3)
    above = (frequencies >= 20_020) & (frequencies <= 21_900)
    np.testing.assert_allclose(np.abs(spectrum)[above], 1.0, atol=1e-3)


@pytest.mark.parametrize("slope", [-6.0, -1.5, 3.0])
def test_tilt_turns_around_1_khz(slope):
    octaves = np.array([-3, -2, -1, 0, 1, 2, 3, 4])
    found = gains_db(SpectralShaper(tilt_db_per_octave=slope), list(1000.0 * 2.0**octaves))
    np.testing.assert_allclose(found, slope * octaves, atol=0.02)


def test_band_limits_move():
    stage = SpectralShaper(low_hz=200.0, high_hz=5_000.0)
    found = gains_db(stage, [70.0, 240.0, 1000.0, 4_900.0, 7_300.0])
    np.testing.assert_allclose(found[1:4], 0.0, atol=0.01)
    assert found[0] < -60
    assert found[4] < -60


def test_nothing_to_do_passes_bit_for_bit():
    rows = np.random.default_rng(0).standard_normal((2, 30_000)).astype(np.float32)
    stage = SpectralShaper(low_hz=0.0, high_hz=384_000.0)
    np.testing.assert_array_equal(stage(rows, RATE), rows)


def test_music_inside_the_band_comes_out_in_place():
    n = np.arange(60_000)
    envelope = np.exp(-0.5 * ((n - 30_000) / 4000) ** 2)
    note = (0.5 * envelope * np.sin(2 * np.pi * 440 * n / RATE)).astype(np.float32)
    # Nothing of it lies outside 20 Hz to 20 kHz: only float32 rounding is left.
    np.testing.assert_allclose(SpectralShaper()(note, RATE), note, atol=1e-6)

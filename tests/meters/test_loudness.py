"""Loudness against EBU Tech 3341 and 3342 and pyloudnorm, true peak against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.errors import AudioError
from restorack.meters.loudness import (
    LoudnessMeter,
    LoudnessResult,
    TruePeakMeter,
    k_weighting,
)

RATE = 48_000


def tones(levels_db: list[list[float]], seconds: list[float], rate: int = RATE) -> np.ndarray:
    """Return 1 kHz sines: one list of peak levels in dBFS per stretch, one level per channel."""
    total = round(sum(seconds) * rate)
    sine = np.sin(2 * np.pi * 1000 * np.arange(total) / rate)
    gains, at = np.zeros((len(levels_db[0]), total)), 0
    for levels, length in zip(levels_db, seconds, strict=True):
        stop = at + round(length * rate)
        gains[:, at:stop] = 10 ** (np.array(levels)[:, np.newaxis] / 20)
        at = stop
    return (gains * sine).astype(np.float32)


def stereo(levels_db: list[float], seconds: list[float], rate: int = RATE) -> np.ndarray:
    return tones([[level, level] for level in levels_db], seconds, rate)


def measure(signal: np.ndarray, rate: float = RATE, block: int = 1 << 16) -> LoudnessResult:
    meter = LoudnessMeter(rate, signal.shape[0])
    for at in range(0, signal.shape[1], block):
        meter.push(signal[:, at : at + block])
    return meter.result()


def noise(channels: int, seconds: float, rate: float, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    count = int(seconds * rate)
    swell = 0.1 * (1.1 + np.sin(2 * np.pi * 0.3 * np.arange(count) / rate))
    return (swell * rng.standard_normal((channels, count))).astype(np.float32)


def test_weighting_is_the_printed_one_at_48_khz():
    # BS.1770-5, Annex 1, tables 1 and 2; the printed digits end at 1e-14.
    printed = [
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1, -1.69065929318241],
        [1.0, -2.0, 1.0, 1.0, -1.99004745483398],
    ]
    sections = k_weighting(48_000)
    np.testing.assert_allclose(sections[:, :5], printed, atol=1e-12)
    np.testing.assert_allclose(sections[:, 5], [0.73248077421585, 0.99007225036621], atol=1e-12)


@pytest.mark.parametrize("rate", [32_000, 44_100, 96_000, 192_000])
def test_weighting_hears_alike_at_other_rates(rate):
    def gain_db(at_rate: float, frequencies: np.ndarray) -> np.ndarray:
        z = np.exp(-2j * np.pi * frequencies / at_rate)
        response = np.ones(z.size, complex)
        for b0, b1, b2, _, a1, a2 in k_weighting(at_rate):
            response *= (b0 + b1 * z + b2 * z * z) / (1 + a1 * z + a2 * z * z)
        return 20 * np.log10(np.abs(response))

    frequencies = np.array([20.0, 60, 100, 400, 1000, 2000, 3000, 5000])
    # The bilinear transform bends what lies far above the shelf's corner: 0.1 dB at most there.
    np.testing.assert_allclose(gain_db(rate, frequencies), gain_db(RATE, frequencies), atol=0.1)


@pytest.mark.parametrize(
    ("levels", "seconds", "lufs"),
    [
        ([-23.0], [20.0], -23.0),
        ([-33.0], [20.0], -33.0),
        ([-36.0, -23.0, -36.0], [10.0, 60.0, 10.0], -23.0),
        ([-72.0, -36.0, -23.0, -36.0, -72.0], [10.0, 10.0, 60.0, 10.0, 10.0], -23.0),
        ([-26.0, -20.0, -26.0], [20.0, 20.1, 20.0], -23.0),
    ],
)
def test_integrated_loudness_of_tech_3341_cases_1_to_5(levels, seconds, lufs):
    assert measure(stereo(levels, seconds)).integrated_lufs == pytest.approx(lufs, abs=0.1)


def test_surround_of_tech_3341_case_6():
    five = [-28.0, -28.0, -24.0, -30.0, -30.0]
    assert measure(tones([five], [20.0])).integrated_lufs == pytest.approx(-23.0, abs=0.1)
    with_lfe = [*five[:3], 0.0, *five[3:]]
    assert measure(tones([with_lfe], [20.0])).integrated_lufs == pytest.approx(-23.0, abs=0.1)


def test_short_term_and_momentary_of_tech_3341_cases_9_and_12():
    short_term = measure(stereo([-20.0, -30.0] * 5, [1.34, 1.66] * 5))
    assert short_term.max_short_term_lufs == pytest.approx(-23.0, abs=0.1)
    momentary = measure(stereo([-20.0, -30.0] * 25, [0.18, 0.22] * 25))
    assert momentary.max_momentary_lufs == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize(
    ("levels", "range_lu"),
    [
        ([-20.0, -30.0], 10.0),
        ([-20.0, -15.0], 5.0),
        ([-40.0, -20.0], 20.0),
        ([-50.0, -35.0, -20.0, -35.0, -50.0], 15.0),
    ],
)
def test_loudness_range_of_tech_3342_cases_1_to_4(levels, range_lu):
    found = measure(stereo(levels, [20.0] * len(levels))).range_lu
    assert found == pytest.approx(range_lu, abs=1.0)  # the tolerance of Tech 3342


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("channels", [1, 2, 5])
def test_agrees_with_pyloudnorm(rate, channels):
    import pyloudnorm

    signal = noise(channels, 6.0, rate)
    signal[:, : 2 * rate] *= 0.01  # below the relative gate
    expected = pyloudnorm.Meter(rate).integrated_loudness(signal.T.astype(np.float64))
    assert measure(signal, rate).integrated_lufs == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("rate", [8_000.0, 11_025.0, 44_100.0])
def test_every_split_measures_the_same(rate):
    signal = noise(2, 4.0, rate)
    assert measure(signal, rate, 997) == measure(signal, rate, 1 << 20)
    loudness, peaks = LoudnessMeter(rate, 2), TruePeakMeter(rate, 2)
    for at in range(3000):
        loudness.push(signal[:, at : at + 1])
        peaks.push(signal[:, at : at + 1])
    loudness.push(signal[:, 3000:])
    peaks.push(signal[:, 3000:])
    whole = TruePeakMeter(rate, 2)
    whole.push(signal)
    assert loudness.result() == measure(signal, rate)
    np.testing.assert_array_equal(peaks.result(), whole.result())


def test_windows_keep_time_where_a_rate_has_no_whole_tenths():
    # 11025 Hz has 1102.5 samples in 100 ms: 3 s are 33075, not 30 times 1102 or 1103.
    signal = noise(1, 3.0, 11_025.0)
    assert measure(signal[:, :33_074], 11_025.0).max_short_term_lufs is None
    assert measure(signal, 11_025.0).max_short_term_lufs is not None


def test_what_is_short_or_silent_has_no_loudness():
    assert measure(stereo([-20.0], [0.399])).integrated_lufs is None
    assert measure(stereo([-20.0], [0.4])).integrated_lufs == pytest.approx(-20.0, abs=0.3)
    assert measure(stereo([-80.0], [5.0])).integrated_lufs is None
    silent = measure(np.zeros((2, 5 * RATE), np.float32))
    assert silent == LoudnessResult(None, None, None, None)
    assert measure(stereo([-20.0], [2.9])).range_lu is None


def test_weights_can_be_given_and_are_counted():
    signal = stereo([-20.0], [1.0])
    meter = LoudnessMeter(RATE, 2, weights=[1.0, 0.0])
    meter.push(signal)
    # One of two equal channels: half the power.
    lower = measure(signal).integrated_lufs - 10 * np.log10(2)
    assert meter.integrated() == pytest.approx(lower, abs=1e-9)
    with pytest.raises(AudioError, match="3 weights for 2 channels"):
        LoudnessMeter(RATE, 2, weights=[1.0, 1.0, 1.0])


def true_peak_db(signal: np.ndarray, rate: float) -> float:
    meter = TruePeakMeter(rate, 1)
    meter.push(signal.astype(np.float32)[np.newaxis])
    return 20 * np.log10(meter.result()[0])


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000, 192_000])
@pytest.mark.parametrize(
    ("divisor", "amplitude", "phase_degrees", "dbtp"),
    [
        (4, 0.50, 0.0, -6.0),
        (4, 0.50, 45.0, -6.0),
        (6, 0.50, 60.0, -6.0),
        (8, 0.50, 67.5, -6.0),
        (4, 1.41, 45.0, 3.0),
    ],
)
def test_true_peak_of_tech_3341_cases_15_to_19(rate, divisor, amplitude, phase_degrees, dbtp):
    n = np.arange(rate // 10)
    edges = np.minimum(1.0, np.minimum(n, n[::-1]) / 500)  # a hard edge would overshoot
    sine = edges * amplitude * np.sin(2 * np.pi * n / divisor + np.radians(phase_degrees))
    assert dbtp - 0.4 <= true_peak_db(sine, rate) <= dbtp + 0.2


@pytest.mark.parametrize("rate", [44_100, 96_000, 192_000])
@pytest.mark.parametrize("offset", [0.0, 0.13, 0.25, 0.5])
def test_true_peak_of_a_pulse_between_samples(rate, offset):
    # A Gaussian pulse, whose spectrum is at -109 dB from 0.4 of the rate on: its peak is 0.7.
    n = np.arange(2000) - 900 - offset
    pulse = 0.7 * np.exp(-0.5 * (n / 2.0) ** 2)
    # Oversampling twice (192 kHz) can miss the top by a quarter of a sample: exp(-1/128).
    missed = 20 * np.log10(np.exp(-1 / 128))
    found = true_peak_db(pulse, rate) - 20 * np.log10(0.7)
    assert missed - 0.006 <= found <= 0.006  # ripple of a Kaiser window with beta 6: -63 dB


def test_a_high_tone_is_read_at_most_0_17_db_low():
    n = np.arange(40_000)
    edges = np.minimum(1.0, np.minimum(n, n[::-1]) / 4000)
    for frequency in (15_013.0, 19_997.0):
        sine = edges * np.sin(2 * np.pi * frequency * n / 44_100 + 0.3)
        assert -0.17 <= true_peak_db(sine, 44_100) <= 0.02


def test_true_peak_is_never_below_the_sample_peak_and_hears_every_channel():
    signal = noise(3, 1.0, RATE)
    signal[1] *= 0.1
    meter = TruePeakMeter(RATE, 3)
    meter.push(signal)
    peaks = meter.result()
    assert (peaks >= np.abs(signal).max(axis=1)).all()
    for channel in range(3):
        alone = TruePeakMeter(RATE, 1)
        alone.push(signal[channel : channel + 1])
        assert alone.result()[0] == peaks[channel]


def test_asking_for_the_result_does_not_disturb_the_meter():
    signal = noise(1, 1.0, RATE)
    asked, left_alone = TruePeakMeter(RATE, 1), TruePeakMeter(RATE, 1)
    for at in range(0, signal.shape[1], 500):
        asked.push(signal[:, at : at + 500])
        asked.result()
    left_alone.push(signal)
    assert asked.result() == left_alone.result()


def test_a_peak_at_the_very_end_is_found():
    for length in (1, 30, 4049, 4050, 8090):
        signal = np.zeros((1, length), np.float32)
        signal[0, -2:] = 0.5
        meter = TruePeakMeter(RATE, 1)
        meter.push(signal)
        # Two equal samples alone: sinc(1/2) from each in the middle is 0.5 * 2 * 2 / pi.
        wanted = 0.5 if length == 1 else 0.5 * 4 / np.pi
        assert meter.result()[0] == pytest.approx(wanted, rel=0.01)


def test_an_end_within_a_wave_overshoots_only_in_the_result():
    n = np.arange(3 * 4049)
    cosine = (0.5 * np.cos(2 * np.pi * n / 48)).astype(np.float32)[np.newaxis]
    cosine[0, :4049] *= np.linspace(0, 1, 4049, dtype=np.float32)
    meter = TruePeakMeter(RATE, 1)
    meter.push(cosine[:, : 8 * 1008 + 1])  # ends on a top of the wave
    assert meter.so_far[0] == pytest.approx(0.5, abs=1e-4)
    # Half a sample before the end of ones: sinc(1/2) + sinc(1/2) + sinc(3/2) + ... = 2/pi + 1/2.
    assert meter.result()[0] == pytest.approx(0.5 * (2 / np.pi + 0.5), rel=0.01)

"""WowFlutter wobbles as much as it says, as often as it says, and reads between samples well."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import hilbert

from restorack.degrade.channel.speed_wobble import WEIGHTING_DB, WEIGHTING_HZ, weighting
from restorack.degrade.channel.wow_flutter import WowFlutter
from restorack.dsp.variable_delay import HALF, STEP, MovingReader

RATE = 16_000.0
CARRIER_HZ = 3_150.0  # the tone of wow meters


def speed(stage: WowFlutter, seconds: float, carrier_hz: float = CARRIER_HZ, rate: float = RATE):
    """Demodulate a sine: the relative speed, less one, without the ends."""
    time = np.arange(int(seconds * rate)) / rate
    out = stage.process(0.5 * np.sin(2 * np.pi * carrier_hz * time), rate).astype(float)
    phase = np.unwrap(np.angle(hilbert(out)))
    end = int(0.2 * rate)
    return (np.diff(phase) * rate / (2 * np.pi * carrier_hz) - 1.0)[end:-end]


def percent(deviation, weighted: bool, rate: float = RATE, least_hz: float = 0.15) -> float:
    """Return the RMS of a speed's deviation in per cent, as a wow meter weights it or not."""
    window = np.hanning(deviation.size)
    power = np.abs(np.fft.rfft((deviation - deviation.mean()) * window)) ** 2
    frequencies = np.fft.rfftfreq(deviation.size, 1.0 / rate)
    heard = frequencies > least_hz
    weights = weighting(frequencies[heard]) if weighted else 1.0
    mean_square = 2.0 * np.sum(power[heard] * weights**2) / deviation.size / np.sum(window**2)
    return float(100.0 * np.sqrt(mean_square))


@pytest.mark.parametrize("rpm", [33.333, 78.26])
@pytest.mark.parametrize("wow", [0.1, 0.5, 2.0])
def test_wow_measures_what_is_set(wow: float, rpm: float) -> None:
    stage = WowFlutter(wow_percent=wow, rpm=rpm, flutter_percent=0.0, scrape_percent=0.0)
    assert percent(speed(stage, 20.0), weighted=True) == pytest.approx(wow, rel=0.03)


@pytest.mark.parametrize("flutter_hz", [5.0, 24.0])
def test_flutter_measures_what_is_set(flutter_hz: float) -> None:
    stage = WowFlutter(
        wow_percent=0.0, flutter_percent=0.4, flutter_hz=flutter_hz, scrape_percent=0.0, seed=5
    )
    assert percent(speed(stage, 30.0), weighted=True) == pytest.approx(0.4, rel=0.03)


def test_scrape_measures_what_is_set() -> None:
    stage = WowFlutter(
        wow_percent=0.0, flutter_percent=0.0, scrape_percent=0.2, scrape_hz=500.0, seed=2
    )
    found = percent(speed(stage, 4.0), weighted=False, least_hz=100.0)
    assert found == pytest.approx(0.2, rel=0.03)


def test_wow_comes_once_a_turn() -> None:
    stage = WowFlutter(wow_percent=0.5, flutter_percent=0.0, scrape_percent=0.0, rpm=78.26)
    deviation = speed(stage, 30.0)
    spectrum = np.abs(np.fft.rfft(deviation * np.hanning(deviation.size)))
    found = np.fft.rfftfreq(deviation.size, 1.0 / RATE)[np.argmax(spectrum)]
    assert found == pytest.approx(78.26 / 60.0, abs=0.04)


def test_the_weighting_is_the_standards() -> None:
    table = 20.0 * np.log10(weighting(np.array(WEIGHTING_HZ)))
    assert table == pytest.approx(np.array(WEIGHTING_DB))
    assert weighting(np.array([4.0]))[0] == 1.0


def test_without_wobble_every_sample_passes_bit_for_bit() -> None:
    noise = np.random.default_rng(0).uniform(-1, 1, (2, 5_000)).astype(np.float32)
    stage = WowFlutter(wow_percent=0.0, flutter_percent=0.0, scrape_percent=0.0)
    assert np.array_equal(stage.process(noise, RATE), noise)


def test_all_channels_move_alike() -> None:
    signal = np.sin(np.arange(20_000) * 0.3).astype(np.float32)
    out = WowFlutter().process(np.array([signal, 0.5 * signal]), RATE)
    assert np.array_equal(0.5 * out[0], out[1])


@pytest.mark.parametrize("frequency", [50.0, 1_000.0, 5_000.0, 6_400.0])
def test_reading_between_samples_is_exact_to_90_db(frequency: float) -> None:
    step = 2.0 * np.pi * frequency / RATE
    reader = MovingReader(1, 10, lambda first, last: 9.0 * np.sin(np.arange(first, last) * 0.01))
    positions = np.arange(8_000)
    wave = np.sin(step * positions)[np.newaxis].astype(np.float32)
    out = np.concatenate([reader.push(wave), reader.finish()], axis=1)[0].astype(float)
    expected = np.sin(step * (positions + 9.0 * np.sin(positions * 0.01)))
    inside = slice(100, 7_900)
    error = np.sqrt(np.mean((out - expected)[inside] ** 2)) * np.sqrt(2.0)
    assert 20.0 * np.log10(error) < -90.0


def test_the_signal_stays_around_its_place() -> None:
    stage = WowFlutter(wow_percent=1.0)
    wobble = stage.wobble(RATE)
    shifts = wobble.shifts(0, int(20 * RATE), RATE)
    assert np.abs(shifts).max() <= wobble.reach(RATE)
    assert abs(shifts.mean()) < 0.02 * wobble.reach(RATE)
    assert stage.predict_latency(RATE) == wobble.reach(RATE) + HALF + STEP - 1


def test_shifts_do_not_drift_over_hours() -> None:
    wobble = WowFlutter().wobble(RATE)
    late = int(3 * 3_600 * RATE) + 17
    time = (late + np.arange(300)) / RATE
    amplitudes = wobble.depths * RATE / (2.0 * np.pi * wobble.frequencies)
    waves = np.sin(2.0 * np.pi * (np.outer(time, wobble.frequencies) + wobble.phases))
    assert wobble.shifts(late, late + 300, RATE) == pytest.approx(waves @ amplitudes, abs=1e-6)

"""Dehum against hums of known frequency, phase and drift."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from restorack.plugins.dehum import Dehum
from restorack.testing.checks import stream

RATE = 16_000
Floats = NDArray[np.float64]


def seconds(count: float) -> Floats:
    return np.arange(int(count * RATE)) / RATE


def make_hum(
    time: Floats, hertz: float, drift: float = 0.0, harmonics: tuple[int, ...] = (1, 2, 3, 5, 8)
) -> Floats:
    cycles = hertz * time + 0.5 * drift * time**2
    lines = [0.01 / k * np.cos(2 * np.pi * k * cycles + 1.3 * k) for k in harmonics]
    return np.asarray(sum(lines))


def make_noise(time: Floats, level: float = 1e-4) -> Floats:
    return level * np.random.default_rng(7).standard_normal(len(time))


def decibels(part: Floats, whole: Floats) -> float:
    """Energy ratio away from the first and the last second, where no frame is centred."""
    inner = slice(RATE, -RATE)
    return float(10 * np.log10(np.sum(part[inner] ** 2) / np.sum(whole[inner] ** 2)))


def tone_level(signal: Floats, time: Floats, hertz: float, where: NDArray[np.bool_]) -> float:
    """Amplitude of a tone by projection where a mask holds."""
    turn = np.exp(-2j * np.pi * hertz * time[where])
    return float(2 * np.abs(np.mean(signal[where] * turn)))


def numbers(dehum: Dehum) -> list[int]:
    return [line["number"] for line in dehum.findings()["harmonics"]]


@pytest.mark.parametrize("hertz", [49.913, 50.037, 59.94])
def test_a_known_hum_is_measured_and_goes(hertz: float) -> None:
    time = seconds(9)
    hum, noise = make_hum(time, hertz), make_noise(time)
    dehum = Dehum()
    out = dehum.process(hum + noise, RATE).astype(float)
    assert decibels(out - noise, hum) < -45
    assert dehum.findings()["frequency_hz"] == pytest.approx(hertz, abs=0.003)
    assert numbers(dehum) == [1, 2, 3, 5, 8]
    level = dehum.findings()["harmonics"][0]["level_dbfs"]
    assert level == pytest.approx(20 * np.log10(0.01 / np.sqrt(2)), abs=0.2)


@pytest.mark.parametrize(("hertz", "drift"), [(59.96, 0.004), (50.1, -0.01)])
def test_drift_is_followed(hertz: float, drift: float) -> None:
    time = seconds(12)
    hum, noise = make_hum(time, hertz, drift), make_noise(time)
    dehum = Dehum()
    out = dehum.process(hum + noise, RATE).astype(float)
    assert decibels(out - noise, hum) < -40
    assert dehum.findings()["drift_hz"] == pytest.approx(abs(drift) * 11, rel=0.25)


@pytest.mark.parametrize("hertz", [97.1, 103.1])
def test_a_partial_three_hertz_beside_a_line_stays(hertz: float) -> None:
    time = seconds(9)
    hum = make_hum(time, 50.04)
    note = 0.1 * np.sin(2 * np.pi * hertz * time)
    out = Dehum().process(hum + note + make_noise(time), RATE).astype(float)
    everywhere = np.ones(len(time), bool)
    change = tone_level(out, time, hertz, everywhere) / tone_level(note, time, hertz, everywhere)
    assert abs(20 * np.log10(change)) < 0.05
    assert decibels(out - note - make_noise(time), hum) < -40


@pytest.mark.parametrize("harmonics", [(1, 3), (1, 2, 3)], ids=["no line there", "on a line"])
def test_a_note_on_a_harmonic_that_comes_and_goes_stays(harmonics: tuple[int, ...]) -> None:
    time = seconds(12)
    sounding = (time % 4.0) < 1.0
    note = np.where(sounding, 0.1 * np.sin(2 * np.pi * 100.0 * time), 0.0)
    hum, noise = make_hum(time, 50.0, harmonics=harmonics), make_noise(time)
    dehum = Dehum()
    out = dehum.process(hum + note + noise, RATE).astype(float)
    assert numbers(dehum) == list(harmonics)
    inner = sounding & (time > 1) & (time < 11)
    change = tone_level(out, time, 100.0, inner) / tone_level(note, time, 100.0, inner)
    assert abs(20 * np.log10(change)) < 0.5
    assert decibels(out - note - noise, hum) < -30


def test_what_is_no_hum_passes_bit_for_bit() -> None:
    time = seconds(10)
    sounding = (time % 2.0) < 0.9
    music = np.where(sounding, 0.1 * np.sin(2 * np.pi * 100.0 * time), 0.0)
    music += np.where(sounding, 0.05 * np.sin(2 * np.pi * 150.0 * time), 0.0)
    for signal in (music + make_noise(time), make_noise(time, 0.1), 0.3 * (music > 0.02)):
        audio = signal.astype(np.float32)
        assert np.array_equal(Dehum().process(audio, RATE), audio)


def test_hum_in_one_channel_leaves_the_other_alone() -> None:
    time = seconds(8)
    noise = make_noise(time).astype(np.float32)
    hum = make_hum(time, 60.02)
    out = Dehum().process(np.stack([noise + hum, noise]), RATE)
    assert np.array_equal(out[1], noise)
    assert decibels(out[0] - noise.astype(float), hum) < -40


def test_digital_silence_stays_silent() -> None:
    time = seconds(10)
    signal = (make_hum(time, 50.0) + make_noise(time)).astype(np.float32)
    signal[: RATE // 2] = 0.0
    out = Dehum().process(signal, RATE)
    assert not out[: RATE // 2].any()
    assert decibels(out[RATE:], signal[RATE:]) < -35


def test_a_stream_learns_as_it_hears() -> None:
    time = seconds(14)
    hum, noise = make_hum(time, 50.03), make_noise(time)
    audio = (hum + noise).astype(np.float32)[np.newaxis]
    out = stream(Dehum(), audio, RATE, [4096])[0].astype(float)
    first = slice(0, 2 * RATE)
    assert np.array_equal(out[first].astype(np.float32), audio[0, first])
    late = slice(8 * RATE, 13 * RATE)
    assert np.sum((out - noise)[late] ** 2) < 1e-3 * np.sum(hum[late] ** 2)


def test_unprepared_streams_follow_drift_alike_for_every_split() -> None:
    time = seconds(8)
    audio = (make_hum(time, 50.03, 0.005) + make_noise(time)).astype(np.float32)[np.newaxis]
    whole = stream(Dehum(), audio, RATE, [1 << 30])
    for sizes in ([1000], [17, 30_001], [RATE, 1]):
        assert np.array_equal(stream(Dehum(), audio, RATE, sizes), whole)


def test_depth_is_the_depth() -> None:
    time = seconds(8)
    hum, noise = make_hum(time, 50.0), make_noise(time)
    out = Dehum(depth_db=20.0).process(hum + noise, RATE).astype(float)
    assert decibels(out - noise, hum) == pytest.approx(-20.0, abs=0.3)


def test_only_the_mains_asked_for_is_looked_for() -> None:
    time = seconds(8)
    audio = (make_hum(time, 50.0) + make_noise(time)).astype(np.float32)
    assert np.array_equal(Dehum(mains="60").process(audio, RATE), audio)
    railway = make_hum(time, 50.0 / 3)
    out = Dehum(frequency_hz=16.7).process(railway + make_noise(time), RATE).astype(float)
    assert decibels(out - make_noise(time), railway) < -40


def test_no_more_harmonics_than_asked() -> None:
    time = seconds(8)
    dehum = Dehum(harmonics=3)
    dehum.process(make_hum(time, 50.0) + make_noise(time), RATE)
    assert numbers(dehum) == [1, 2, 3]


@pytest.mark.parametrize("notes", [(246.94,), (246.94, 493.88)], ids=["one", "an octave"])
def test_the_partials_of_a_held_note_stay(notes: tuple[float, ...]) -> None:
    """B3 and its octave lie where the fifth and tenth harmonic of 49.39 Hz would."""
    time = seconds(9)
    held = sum(0.02 * np.cos(2 * np.pi * hertz * time + hertz) for hertz in notes)
    rows = (held + make_noise(time)).astype(np.float32)
    dehum = Dehum()
    assert np.array_equal(dehum.process(rows, RATE), rows)
    assert numbers(dehum) == []


def test_a_rectified_hum_of_even_harmonics_goes() -> None:
    time = seconds(9)
    hum, noise = make_hum(time, 50.02, harmonics=(2, 4, 6)), make_noise(time)
    dehum = Dehum()
    out = dehum.process(hum + noise, RATE).astype(float)
    assert decibels(out - noise, hum) < -40

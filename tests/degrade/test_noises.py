"""Hiss, surface noise, rumble, hum, film: spectra and rhythms are those that were set."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from restorack.degrade.additive.film_noise import FilmNoise
from restorack.degrade.additive.hiss import Hiss
from restorack.degrade.additive.hum import Hum
from restorack.degrade.additive.noise import ColouredNoiseDegradation
from restorack.degrade.additive.rumble import Rumble
from restorack.degrade.additive.shaped_noise import white_numbers
from restorack.degrade.additive.surface_noise import SurfaceNoise

RATE = 44_100
FULL = {"relative_to": "full_scale", "level_db": -20.0}


def noise_of(stage: ColouredNoiseDegradation, seconds: float, track: str = "noise") -> np.ndarray:
    return stage.damage(np.zeros(round(seconds * RATE), np.float32), RATE).tracks[track]


def slope(samples: np.ndarray, low: float, high: float) -> float:
    """Fit dB per octave to the third-octave levels between two frequencies."""
    frequencies, density = signal.welch(samples.astype(float), RATE, nperseg=8192)
    centres = np.arange(np.log2(low), np.log2(high), 1 / 3)
    levels = [
        10 * np.log10(density[np.abs(np.log2(np.maximum(frequencies, 1)) - c) < 1 / 6].mean())
        for c in centres
    ]
    return float(np.polyfit(centres, levels, 1)[0])


def swing(samples: np.ndarray, lag_s: float) -> np.ndarray:
    """Return the autocorrelation of the level (dB per 10 ms) at lags around one."""
    step = RATE // 100
    power = (samples[: len(samples) // step * step].astype(float) ** 2).reshape(-1, step).mean(1)
    level = 10 * np.log10(power)
    level -= level.mean()
    correlation = np.correlate(level, level, "full")[level.size - 1 :]
    lags = np.arange(correlation.size) / 100
    near = np.abs(lags - lag_s) < 0.02
    return correlation[near].max() / correlation[0]


@pytest.mark.parametrize("tilt", [-6.0, -3.0, 0.0, 2.0])
@pytest.mark.parametrize("stage", [Hiss, SurfaceNoise, FilmNoise])
def test_the_tilt_is_measured_as_set(stage: type[ColouredNoiseDegradation], tilt: float) -> None:
    samples = noise_of(stage(tilt_db_per_octave=tilt, high_hz=40_000.0, **FULL), 6.0)
    assert slope(samples, 200.0, 8_000.0) == pytest.approx(tilt, abs=0.4)


def test_a_spread_draws_tilts_evenly_around_the_set_one() -> None:
    tilts = [
        Hiss(tilt_db_per_octave=-3.0, tilt_spread_db_per_octave=2.0, seed=seed)
        .colour()
        .tilt_db_per_octave
        for seed in range(200)
    ]
    assert min(tilts) >= -5.0
    assert max(tilts) <= -1.0
    assert np.mean(tilts) == pytest.approx(-3.0, abs=0.3)  # standard error 0.08
    assert np.std(tilts) == pytest.approx(2.0 / np.sqrt(3.0), abs=0.15)


def test_edges_are_three_decibels_down() -> None:
    low, high = 400.0, 6_000.0
    whole = Hiss(seed=1, **FULL).colour()
    edged = Hiss(seed=1, low_hz=low, high_hz=high, **FULL).colour()
    at = np.array([low, high, 50.0, 12_000.0])
    loss = 20 * np.log10(edged.magnitude(at) / whole.magnitude(at))
    assert loss[:2] == pytest.approx(-3.01, abs=0.05)
    assert loss[2] == pytest.approx(-36.1, abs=0.3)  # three octaves below: 12 dB each
    assert loss[3] == pytest.approx(-24.1, abs=0.3)  # an octave above: 24 dB
    samples = noise_of(Hiss(seed=1, low_hz=low, high_hz=high, **FULL), 4.0)
    frequencies, density = signal.welch(samples.astype(float), RATE, nperseg=4096)
    inside = density[(frequencies > 1000) & (frequencies < 3000)].mean()
    beyond = density[frequencies > 15_000].mean()
    assert 10 * np.log10(beyond / inside) < -28.0


def test_a_ripple_is_drawn_by_the_seed() -> None:
    at = 1000.0 * 2.0 ** np.arange(-4.0, 5.0)
    levels = [
        20 * np.log10(Hiss(ripple_db=3.0, seed=seed).colour().magnitude(at)) for seed in range(60)
    ]
    assert np.std(levels) == pytest.approx(3.0, rel=0.1)
    assert np.mean(levels) == pytest.approx(0.0, abs=0.5)


@pytest.mark.parametrize("rpm", [78.26, 45.0, 100 / 3])
def test_surface_noise_swings_with_the_turn(rpm: float) -> None:
    settings = {"swing_db": 4.0, "recurrence": 0.97, "grain": 0.0, **FULL}
    turn = 60.0 / rpm
    samples = noise_of(SurfaceNoise(rpm=rpm, seed=2, **settings), 16 * turn)
    assert swing(samples, turn) > 0.55
    assert swing(samples, turn) > swing(samples, 0.5 * turn + 0.03) + 0.3


def test_the_pattern_drifts_as_fast_as_set() -> None:
    turn = 60.0 / 78.26
    settings = {"swing_db": 5.0, "grain": 0.0, **FULL}
    for recurrence in (0.6, 0.95):
        near, far = np.mean([
            [swing(samples, turn), swing(samples, 8 * turn)]
            for seed in range(3)
            for samples in [
                noise_of(SurfaceNoise(recurrence=recurrence, seed=seed, **settings), 32 * turn)
            ]
        ], axis=0)  # fmt: skip
        assert near > 0.35
        assert (far > 0.35) == (recurrence > 0.9)


def test_low_and_high_bands_swing_apart() -> None:
    samples = noise_of(SurfaceNoise(swing_db=6.0, grain=0.0, seed=4, **FULL), 12.0).astype(float)
    levels = []
    for band in ((200, 1000), (3000, 8000)):
        part = signal.sosfilt(signal.butter(4, band, "bandpass", fs=RATE, output="sos"), samples)
        power = (part[: part.size // 2205 * 2205] ** 2).reshape(-1, 2205).mean(axis=1)
        levels.append(10 * np.log10(power))
    correlation = np.corrcoef(levels)[0, 1]
    assert 0.15 < correlation < 0.85  # half of the pattern is common


def test_grain_raises_the_kurtosis_as_the_closed_form_says() -> None:
    random = np.random.default_rng(5)
    for grain in (0.25, 0.5):
        numbers = white_numbers(random, 2_000_000, grain).astype(float)
        square = 0.5 * np.expm1(2 * grain**2)
        fourth = (np.exp(8 * grain**2) - 4 * np.exp(2 * grain**2) + 3) / 8
        assert np.mean(numbers**2) == pytest.approx(1.0, rel=0.01)
        assert np.mean(numbers**4) == pytest.approx(fourth / square**2, rel=0.1)


def test_rumble_lies_below_the_music_and_has_the_motor_s_line() -> None:
    stage = Rumble(motor_hz=29.0, motor=1.0, high_hz=60.0, swing_db=0.0, **FULL)
    samples = noise_of(stage, 30.0, "rumble").astype(float)
    frequencies, density = signal.welch(samples, RATE, nperseg=1 << 17)
    assert density[frequencies > 200].sum() < 1e-2 * density.sum()  # 12 dB per octave
    line = density[np.abs(frequencies - 29.0) < 0.75].mean()
    beside = density[(np.abs(frequencies - 29.0) > 5) & (np.abs(frequencies - 29.0) < 12)].mean()
    assert 10 * np.log10(line / beside) > 10.0


def test_the_warp_is_a_harmonic_of_the_turn() -> None:
    stage = Rumble(warp=1.0, motor=0.0, rpm=60.0, swing_db=0.0, **FULL)
    samples = noise_of(stage, 30.0, "rumble").astype(float)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size))) ** 2
    low = np.fft.rfftfreq(samples.size, 1 / RATE) < 4.6
    frequencies = np.fft.rfftfreq(samples.size, 1 / RATE)[low]
    on_lines = np.abs(frequencies - np.rint(frequencies)) < 0.1
    assert spectrum[low][on_lines].sum() > 20 * spectrum[low][~on_lines].sum()


@pytest.mark.parametrize("mains", [50.0, 60.0])
def test_hum_is_the_mains_and_its_harmonics(mains: float) -> None:
    stage = Hum(mains_hz=mains, drift_hz=0.0, harmonics=8, spread_db=0.0, **FULL)
    samples = noise_of(stage, 4.0, "hum").astype(float)
    spectrum = np.abs(np.fft.rfft(samples)) / samples.size * 2
    peaks = 20 * np.log10(spectrum[np.round(4.0 * mains * np.arange(1, 9)).astype(int)])
    steps = peaks - peaks[0]
    assert steps == pytest.approx(-6.0 * np.log2(np.arange(1, 9)), abs=0.01)
    rest = spectrum.copy()
    rest[np.round(4.0 * mains * np.arange(1, 9)).astype(int)] = 0.0
    assert rest.max() < 1e-5
    assert np.sqrt(np.mean(samples**2)) == pytest.approx(0.1, rel=1e-4)


def test_hum_drifts_no_further_than_set() -> None:
    stage = Hum(mains_hz=50.0, drift_hz=1.0, harmonics=1, seed=3, **FULL)
    samples = noise_of(stage, 40.0, "hum").astype(float)
    phase = np.unwrap(np.angle(signal.hilbert(samples)))[RATE:-RATE]
    frequency = np.diff(phase[:: RATE // 10]) * 10 / (2 * np.pi)
    assert np.abs(frequency - 50.0).max() < 1.01
    assert np.ptp(frequency) > 0.3


def test_harmonics_beyond_the_band_are_left_out() -> None:
    stage = Hum(mains_hz=480.0, harmonics=60, **FULL)
    samples = stage.damage(np.zeros(16_000, np.float32), 8_000.0).tracks["hum"].astype(float)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(16_000))) ** 2
    frequencies = np.fft.rfftfreq(16_000, 1 / 8_000)
    near = np.abs(frequencies / 480.0 - np.rint(frequencies / 480.0)) * 480.0 < 5.0
    assert spectrum[~near].sum() < 1e-4 * spectrum.sum()


def test_film_noise_beats_with_the_frames() -> None:
    samples = noise_of(
        FilmNoise(flutter_db=5.0, grain=0.0, high_hz=40_000.0, tilt_db_per_octave=0.0, **FULL), 12.0
    ).astype(float)
    power = samples[: samples.size // 49 * 49].reshape(-1, 49)
    envelope = (power**2).mean(axis=1)
    spectrum = np.abs(np.fft.rfft((envelope - envelope.mean()) * np.hanning(envelope.size))) ** 2
    frequencies = np.fft.rfftfreq(envelope.size, 49 / RATE)
    at_frames = spectrum[np.abs(frequencies - 24.0) < 1.5].mean()
    between = spectrum[(frequencies > 15.0) & (frequencies < 20.0)].mean()
    assert 10 * np.log10(at_frames / between) > 8.0


def test_dust_mostly_takes_light_away() -> None:
    damaged = FilmNoise(relative_to="full_scale", level_db=-120.0, dust_per_s=100.0, seed=1).damage(
        np.zeros(10 * RATE, np.float32), RATE
    )
    dust = damaged.tracks["dust"]
    peaks = [
        dust[e.start_sample : e.start_sample + e.length][
            np.abs(dust[e.start_sample : e.start_sample + e.length]).argmax()
        ]
        for e in damaged.events
    ]
    assert len(peaks) == pytest.approx(1000, abs=130)  # four standard deviations
    assert np.mean(np.array(peaks) < 0) > 0.75

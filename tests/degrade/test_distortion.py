"""Tube and tracing distortion make the harmonics of their closed forms, and no others."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.degrade.channel.oversampling import OversampledDistortion, oversampling_factor
from restorack.degrade.channel.tracing_distortion import INNERMOST_MM, TracingDistortion
from restorack.degrade.channel.tube_distortion import TubeDistortion

RATE = 44_100.0
COUNT = 44_100


def harmonics(stage, frequency: float, level: float = 1.0, rate: float = RATE):
    """Return a sine's harmonics, its own first, and the strongest other line below 20 kHz."""
    count = int(rate)  # one second: every whole frequency is a bin
    time = np.arange(2 * count) / rate
    out = stage.process(level * np.sin(2 * np.pi * frequency * time), rate)[count // 2 :][:count]
    spectrum = 2.0 * np.abs(np.fft.rfft(out.astype(float))) / count
    bins = np.arange(1, int(0.499 * rate / frequency) + 1) * round(frequency)
    others = np.delete(spectrum, bins)[:20_000]
    return spectrum[bins], float(others.max())


def fourier(stage: TubeDistortion, level: float, count: int):
    """Return the harmonics of the stage's curve, by quadrature over one period."""
    angle = 2.0 * np.pi * np.arange(4_096) / 4_096
    spectrum = np.fft.rfft(stage.curve(level * np.sin(angle))) / 2_048.0
    return np.abs(spectrum[1 : count + 1])


@pytest.mark.parametrize(
    ("drive", "even", "odd"), [(0.0, 0.5, 1.0), (12.0, 1.0, 1.0), (12.0, 0.0, 1.0), (6.0, 1.0, 0.0)]
)
def test_tube_harmonics_are_those_of_its_curve(drive: float, even: float, odd: float) -> None:
    stage = TubeDistortion(drive_db=drive, even=even, odd=odd)
    measured, _ = harmonics(stage, 1_000.0, 0.8)
    expected = fourier(stage, 0.8, measured.size)
    assert measured[:8] == pytest.approx(expected[:8], rel=0.002, abs=2e-6)


def test_tube_harmonics_of_small_signals_are_the_closed_form() -> None:
    stage = TubeDistortion(drive_db=6.0, even=0.6, odd=0.8)
    driven = 0.02 * 10.0 ** (6.0 / 20.0)
    measured, _ = harmonics(stage, 1_000.0, 0.02)
    assert measured[0] == pytest.approx(0.02, rel=0.001)
    assert measured[1] / measured[0] == pytest.approx(0.6 * driven / 4.0, rel=0.01)
    assert measured[2] / measured[0] == pytest.approx(0.8 * driven**2 / 12.0, rel=0.01)


def test_even_and_odd_are_apart() -> None:
    push_pull, _ = harmonics(TubeDistortion(drive_db=12.0, even=0.0), 1_000.0, 0.5)
    assert push_pull[1::2].max() < 1e-6
    assert push_pull[2] > 0.01
    square_law, _ = harmonics(TubeDistortion(drive_db=0.0, even=1.0, odd=0.0), 1_000.0, 0.1)
    assert square_law[1] > 100.0 * square_law[2]


@pytest.mark.parametrize(("drive", "limit_db"), [(18.0, -100.0), (24.0, -70.0)])
def test_tube_folds_back_less_than_it_says(drive: float, limit_db: float) -> None:
    amplitudes, rest = harmonics(TubeDistortion(drive_db=drive, even=0.5), 4_999.0)
    assert 20.0 * np.log10(rest / amplitudes[0]) < limit_db


def test_the_curve_always_rises() -> None:
    levels = np.linspace(-4.0, 4.0, 4_001)
    for even in (0.0, 0.5, 1.0):
        for odd in (0.0, 0.5, 1.0):
            curve = TubeDistortion(drive_db=12.0, even=even, odd=odd).curve(levels)
            assert np.diff(curve).min() > -1e-12  # rounding, where it is flat
            assert curve[2_000] == 0.0


def test_lopsided_distortion_leaves_no_constant_part() -> None:
    time = np.arange(3 * COUNT) / RATE
    stage = TubeDistortion(drive_db=12.0, even=1.0)
    out = stage.process(np.sin(2 * np.pi * 400.0 * time), RATE)
    assert abs(out[-COUNT:].mean()) < 1e-4
    assert abs(stage.curve(np.sin(2 * np.pi * 400.0 * time)).mean()) > 0.02


def test_quiet_sound_passes_the_tube() -> None:
    quiet = 1e-4 * np.random.default_rng(0).standard_normal(20_000)
    out = TubeDistortion(drive_db=0.0).process(quiet, RATE)
    assert 20.0 * np.log10(np.std(out - quiet) / np.std(quiet)) < -60.0


@pytest.mark.parametrize(("frequency", "level"), [(500.0, 0.1), (1_000.0, 0.1), (2_000.0, 0.05)])
def test_tracing_makes_the_second_harmonic_of_the_closed_form(
    frequency: float, level: float
) -> None:
    stage = TracingDistortion(stylus_um=18.0, velocity_cm_s=20.0, radius_mm=60.0)
    speed = 2.0 * np.pi * 0.060 * 33.333 / 60.0
    expected = np.pi * frequency * 18e-6 * 0.20 * level / speed**2
    measured, _ = harmonics(stage, frequency, level)
    assert expected > 1e-3
    assert measured[1] / measured[0] == pytest.approx(expected, rel=0.02)


def test_tracing_grows_with_frequency_level_and_towards_the_centre() -> None:
    def second(frequency: float, level: float, radius: float) -> float:
        found, _ = harmonics(TracingDistortion(radius_mm=radius), frequency, level)
        return float(found[1] / found[0])

    base = second(1_000.0, 0.1, 120.0)
    assert second(2_000.0, 0.1, 120.0) == pytest.approx(2.0 * base, rel=0.02)
    assert second(1_000.0, 0.2, 120.0) == pytest.approx(2.0 * base, rel=0.02)
    assert second(1_000.0, 0.1, 60.0) == pytest.approx(4.0 * base, rel=0.02)


def test_lateral_cuts_cancel_even_harmonics() -> None:
    vertical, _ = harmonics(TracingDistortion(cut="vertical"), 2_000.0, 0.3)
    lateral, _ = harmonics(TracingDistortion(cut="lateral"), 2_000.0, 0.3)
    assert lateral[1] < 1e-4 * vertical[1]
    assert lateral[2] == pytest.approx(vertical[2], rel=0.05)


def test_tracing_grows_as_the_groove_runs_inwards() -> None:
    time = np.arange(int(4 * RATE)) / RATE
    stage = TracingDistortion(radius_mm=150.0, inward_mm_per_min=60.0, stylus_um=65.0, rpm=78.26)
    slow = stage.groove_speed(np.array([0.0, 60.0, 1e6]))
    metre = 2e-3 * np.pi * 78.26 / 60.0
    assert slow == pytest.approx(metre * np.array([150.0, 90.0, INNERMOST_MM]))
    out = stage.process(0.3 * np.sin(2 * np.pi * 2_000.0 * time), RATE)

    def second(begin: float) -> float:
        part = out[int(begin * RATE) :][: int(0.5 * RATE)] * np.hanning(int(0.5 * RATE))
        return float(np.abs(np.fft.rfft(part))[2_000])

    expected = (stage.groove_speed(0.35) / stage.groove_speed(3.35)) ** 2
    assert second(3.1) / second(0.1) == pytest.approx(float(expected), rel=0.01)


def test_tracing_folds_back_little() -> None:
    amplitudes, rest = harmonics(TracingDistortion(radius_mm=60.0), 4_999.0, 0.3)
    assert amplitudes[1] / amplitudes[0] > 0.03
    assert 20.0 * np.log10(rest / amplitudes[0]) < -80.0


def test_no_distortion_passes_bit_for_bit() -> None:
    noise = np.random.default_rng(0).uniform(-1, 1, (2, 9_000)).astype(np.float32)
    engine = OversampledDistortion(2, 8, lambda rows, position: 0.0 * rows)
    out = np.concatenate([engine.push(noise), engine.finish()], axis=1)
    assert np.array_equal(out, noise)


def test_the_way_up_and_down_is_flat() -> None:
    time = np.arange(20_000) / RATE
    for frequency in (30.0, 5_000.0, 19_000.0):
        tone = np.sin(2 * np.pi * frequency * time)[np.newaxis].astype(np.float32)
        engine = OversampledDistortion(1, oversampling_factor(RATE), lambda rows, position: rows)
        twice = np.concatenate([engine.push(tone), engine.finish()], axis=1)
        assert np.abs(twice - 2.0 * tone)[:, 200:-200].max() < 2e-5

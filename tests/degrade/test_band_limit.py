"""BandLimit ends the band where and how it says."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.degrade.channel.band_limit import BandLimit
from restorack.degrade.channel.band_shapes import PROTOTYPES, SHAPES, random_band
from restorack.errors import ParameterError

RATE = 44_100.0


def gain_db(stage: BandLimit, frequencies, rate: float = RATE):
    """Measure the gain at frequencies on an impulse in the middle of the signal."""
    signal = np.zeros(1 << 16)
    signal[signal.size // 2] = 1.0
    spectrum = np.abs(np.fft.rfft(stage.process(signal, rate)))
    grid = np.fft.rfftfreq(signal.size, 1.0 / rate)
    return 20.0 * np.log10(np.interp(frequencies, grid, spectrum) + 1e-9)


@pytest.mark.parametrize("phase", ["zero", "minimum"])
@pytest.mark.parametrize("shape", PROTOTYPES)
def test_circuits_are_3_db_down_at_their_edges(shape: str, phase: str) -> None:
    stage = BandLimit(low_hz=200.0, high_hz=3_500.0, shape=shape, order=4, phase=phase)
    # 0.4 dB: the window of the finite impulse response smooths the steepest edges.
    assert gain_db(stage, [200.0, 3_500.0]) == pytest.approx([-3.01, -3.01], abs=0.4)


@pytest.mark.parametrize("shape", ["brickwall", "soft"])
def test_walls_and_soft_slopes_are_6_db_down_at_their_edges(shape: str) -> None:
    stage = BandLimit(low_hz=300.0, high_hz=4_000.0, shape=shape)
    assert gain_db(stage, [300.0, 4_000.0]) == pytest.approx([-6.02, -6.02], abs=0.3)


@pytest.mark.parametrize("order", [1, 2, 4, 8])
def test_butterworth_is_the_closed_form(order: int) -> None:
    stage = BandLimit(low_hz=0.0, high_hz=2_000.0, order=order)
    frequencies = np.array([500.0, 1_000.0, 2_000.0, 3_000.0, 4_000.0])
    formula = -10.0 * np.log10(1.0 + (frequencies / 2_000.0) ** (2 * order))
    measured = gain_db(stage, frequencies)
    heard = formula > -60.0
    assert measured[heard] == pytest.approx(formula[heard], abs=0.25)
    assert (measured[~heard] < -55.0).all()


def test_ripple_and_stop_band_are_as_designed() -> None:
    inside, outside = np.linspace(300.0, 3_000.0, 200), np.linspace(6_000.0, 20_000.0, 200)
    elliptic = BandLimit(low_hz=0.0, high_hz=3_500.0, shape="elliptic", order=5)
    inverse = BandLimit(low_hz=0.0, high_hz=3_500.0, shape="inverse_chebyshev", order=6)
    assert np.ptp(gain_db(elliptic, inside)) == pytest.approx(0.5, abs=0.1)
    assert np.ptp(gain_db(inverse, np.linspace(100.0, 1_500.0, 200))) < 0.1
    assert gain_db(elliptic, outside).max() < -49.0
    assert gain_db(inverse, np.linspace(8_000.0, 20_000.0, 200)).max() < -49.0


def test_mp3_leaves_a_shelf_that_ends() -> None:
    stage = BandLimit(low_hz=0.0, high_hz=16_000.0, shape="mp3")
    assert gain_db(stage, [8_000.0, 17_500.0]) == pytest.approx([0.0, -24.0], abs=0.2)
    assert gain_db(stage, [20_500.0])[0] < -70.0


def test_a_telephone_rises_3_db_an_octave() -> None:
    stage = BandLimit(low_hz=300.0, high_hz=3_400.0, shape="telephone")
    low, high = gain_db(stage, [800.0, 1_600.0])
    assert high - low == pytest.approx(3.0, abs=0.6)  # 0.5 dB is the elliptic filter's ripple
    assert gain_db(stage, [5_000.0, 8_000.0]).max() < -45.0


def test_am_radio_is_3_db_down_and_trapped_at_twice_its_edge() -> None:
    stage = BandLimit(low_hz=0.0, high_hz=4_500.0, shape="am_radio")
    assert gain_db(stage, [4_500.0]) == pytest.approx(-3.0, abs=0.2)
    assert gain_db(stage, [9_500.0])[0] < -60.0


@pytest.mark.parametrize("shape", [*SHAPES, "random"])
def test_zero_phase_mirrors_in_time(shape: str) -> None:
    signal = np.zeros(30_001)
    signal[15_000] = 1.0
    out = BandLimit(shape=shape, seed=3).process(signal, RATE)
    assert np.allclose(out, out[::-1], atol=1e-7)


def test_minimum_phase_does_not_sound_before_its_time() -> None:
    signal = np.zeros(20_000)
    signal[10_000] = 1.0
    out = BandLimit(phase="minimum").process(signal, RATE)
    assert np.abs(out[:10_000]).max() < 1e-6
    assert np.abs(out[10_000:10_040]).max() > 0.1


def test_open_sides_and_edges_beyond_nyquist_change_nothing() -> None:
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 4_000).astype(np.float32)
    opened = BandLimit(low_hz=0.0, high_hz=0.0).process(noise, 8_000.0)
    beyond = BandLimit(low_hz=0.0, high_hz=40_000.0, order=8).process(noise, 8_000.0)
    assert np.allclose(opened, noise, atol=1e-6)
    assert np.allclose(beyond, noise, atol=1e-4)


def test_a_band_without_width_is_refused() -> None:
    with pytest.raises(ParameterError, match="low_hz is below high_hz"):
        BandLimit(low_hz=4_000.0, high_hz=3_000.0).process(np.zeros(100), RATE)


def test_random_shapes_repeat_and_differ_by_seed() -> None:
    bands = [random_band(seed, 200.0, 3_500.0) for seed in range(200)]
    assert bands == [random_band(seed, 200.0, 3_500.0) for seed in range(200)]
    assert {band.shape for band in bands} == set(SHAPES)
    third = 2.0 ** (1.0 / 3.0)
    assert all(200.0 / third <= band.low_hz <= 200.0 * third for band in bands)
    assert all(3_500.0 / third <= band.high_hz <= 3_500.0 * third for band in bands)

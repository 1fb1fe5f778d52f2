"""The measured edge against edges of known frequency."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from restorack.dsp.arrays import Rows
from restorack.meters.bandwidth_edge import LongTermSpectrum, measure_edge


def white(rate: int, seconds: float = 3.0, channels: int = 1) -> Rows:
    noise = np.random.default_rng(11).standard_normal((channels, int(rate * seconds)))
    return (0.1 * noise).astype(np.float32)


@pytest.mark.parametrize("rate", [16_000, 44_100, 96_000])
@pytest.mark.parametrize("share", [0.3, 0.55, 0.8])
def test_a_brick_wall_is_found_within_two_percent(rate: int, share: float) -> None:
    edge = share * rate / 2
    taps = signal.firwin(1023, edge, fs=rate, window=("kaiser", 10.0))
    found = measure_edge(signal.fftconvolve(white(rate), taps[np.newaxis], "same", axes=1), rate)
    assert found is not None
    assert found.is_wall
    assert found.edge_hz == pytest.approx(edge, rel=0.02)
    assert found.edge_hz <= found.end_hz < 1.1 * edge
    assert found.drop_db > 80


def test_a_steep_slope_is_found_at_its_six_db_point() -> None:
    rate = 44_100
    sections = signal.butter(12, 6000.0, fs=rate, output="sos")
    found = measure_edge(signal.sosfilt(sections, white(rate), axis=1).astype(np.float32), rate)
    assert found is not None
    assert not found.is_wall
    # A Butterworth low-pass of order 12 is 6 dB down at its corner times 3 ** (1 / 24).
    assert found.edge_hz == pytest.approx(6000.0 * 3 ** (1 / 24), rel=0.04)


@pytest.mark.parametrize("order", [1, 2, 4])
def test_gentle_slopes_are_no_edges(order: int) -> None:
    rate = 44_100
    sections = signal.butter(order, 3000.0, fs=rate, output="sos")
    assert measure_edge(signal.sosfilt(sections, white(rate)).astype(np.float32), rate) is None


def test_full_band_silence_and_bare_tones_have_no_edge() -> None:
    rate = 44_100
    time = np.arange(3 * rate) / rate
    tones = np.sin(2 * np.pi * 3000 * time) + np.sin(2 * np.pi * 5000 * time)
    for audio in (white(rate), np.zeros((1, rate), np.float32), 0.1 * tones[np.newaxis]):
        assert measure_edge(audio.astype(np.float32), rate) is None


def test_noise_above_the_wall_is_tolerated_to_a_point() -> None:
    rate = 44_100
    taps = signal.firwin(1023, 8000.0, fs=rate, window=("kaiser", 10.0))
    walled = signal.fftconvolve(white(rate), taps[np.newaxis], "same", axes=1)
    hiss = np.random.default_rng(12).standard_normal(walled.shape)
    found = measure_edge((walled + 0.1 * 10 ** (-30 / 20) * hiss).astype(np.float32), rate)
    assert found is not None
    assert found.edge_hz == pytest.approx(8000.0, rel=0.02)
    assert found.drop_db == pytest.approx(30.0, abs=2.0)
    assert measure_edge((walled + 0.03 * hiss).astype(np.float32), rate) is None


def test_floor_is_the_level_of_the_quiet_moments() -> None:
    rate = 44_100
    audio = white(rate, 6.0)
    audio[:, : 2 * rate] *= np.float32(0.01)
    spectrum = LongTermSpectrum(1, rate)
    spectrum.push(audio)
    # White noise of variance 0.001 squared has that level in every bin.
    assert spectrum.floor_db(2000.0, 8000.0) == pytest.approx(-60.0, abs=1.5)

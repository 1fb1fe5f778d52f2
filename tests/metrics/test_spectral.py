"""Distances of spectra: closed forms, other libraries, the ends."""

from __future__ import annotations

import auraloss
import numpy as np
import pytest
import torch
from scipy import signal

from restorack.metrics.spectral import (
    log_spectral_distance,
    multi_resolution_stft,
    spectral_flatness,
    spectral_flatness_change,
)

RATE = 44_100
NOISE = 0.1 * np.random.default_rng(4).standard_normal(2 * RATE)


def test_a_gain_moves_every_bin_alike() -> None:
    for gain in (0.5, 2.0):
        expected = abs(np.log10(gain**2))
        # a bin in 200,000 lies near the floor of -100 dB
        assert log_spectral_distance(NOISE, gain * NOISE) == pytest.approx(expected, abs=1e-4)
    assert log_spectral_distance(NOISE, -NOISE) == 0.0


def test_only_the_band_asked_for_counts() -> None:
    low = signal.sosfiltfilt(signal.butter(8, 4_000, fs=RATE, output="sos"), NOISE)
    below = log_spectral_distance(NOISE, low, RATE, high_hz=2_500)
    above = log_spectral_distance(NOISE, low, RATE, low_hz=6_000)
    assert below < 0.01
    # at least two slopes of 48 dB an octave, 28 dB each at 6 kHz: 5.6 decades of power
    assert above > 5.0
    assert np.isnan(log_spectral_distance(NOISE, low, RATE, low_hz=RATE))


def test_silence_is_as_deep_as_the_floor() -> None:
    tone = np.sin(2 * np.pi * 100 * RATE / 2048 * np.arange(RATE) / RATE)
    # only the three bins of the window's main lobe (1, 1/2, 1/2) lie above -100 dB
    expected = np.sqrt((10**2 + 2 * (10 + 2 * np.log10(0.5)) ** 2) / 1025)
    assert log_spectral_distance(tone, 0 * tone) == pytest.approx(expected, rel=1e-6)
    assert log_spectral_distance(0 * tone, 0 * tone) == 0.0


def test_any_length_has_a_distance() -> None:
    for count in (1, 100, 2_047, 2_048, 2_049):
        assert log_spectral_distance(NOISE[:count], NOISE[:count]) == 0.0
        assert np.isfinite(multi_resolution_stft(NOISE[:count], 0.5 * NOISE[:count]))


@pytest.mark.parametrize("level", [0.001, 0.1, 1.0])
def test_auraloss_says_the_same(level: float) -> None:
    heard = NOISE + level * np.random.default_rng(5).standard_normal(len(NOISE))
    theirs = auraloss.freq.MultiResolutionSTFTLoss()(
        torch.tensor(heard)[None, None], torch.tensor(NOISE)[None, None]
    )
    # their window is made in float32: seven digits
    assert multi_resolution_stft(NOISE, heard) == pytest.approx(float(theirs), rel=1e-5)


def test_flatness_tells_noise_from_tones() -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    # E[exp(mean ln p)] / E[p] of exponentially distributed p is exp(-gamma)
    assert spectral_flatness(NOISE) == pytest.approx(np.exp(-np.euler_gamma), rel=0.02)
    assert spectral_flatness(tone) < 1e-4
    assert spectral_flatness_change(tone, tone + 0.1 * NOISE[:RATE]) > 1e-4
    assert spectral_flatness_change(NOISE, NOISE) == 0.0
    assert np.isnan(spectral_flatness(0 * tone))

"""Noise shaping: the error's spectrum is the filter's times that of white noise, at every rate."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import welch

from restorack.dsp.dither import triangular_noise
from restorack.dsp.noise_shaping import (
    ShapedRounder,
    hearing_threshold_db,
    shaping_gain,
    shaping_taps,
)

WANNAMAKER_9 = np.array([2.412, -3.370, 3.937, -4.174, 3.353, -2.205, 1.281, -0.569, 0.0847])
"""Wannamaker (1992), F-weighted, for 44.1 kHz."""


def audibility_db(taps: np.ndarray, rate: float) -> float:
    """Power of the shaped error over that of the white one, both through the ear's sensitivity."""
    hertz = np.linspace(0.0, rate / 2, 4001)
    weight = 10 ** (-hearing_threshold_db(hertz) / 10)
    power = shaping_gain(taps, hertz, rate) ** 2
    return float(10 * np.log10((weight * power).sum() / weight.sum()))


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000, 96_000, 192_000])
@pytest.mark.parametrize("shape", ["light", "strong"])
def test_the_mean_level_of_the_error_cannot_change(rate, shape):
    """Gerzon and Craven: what is monic and of minimum phase has a mean of 0 dB."""
    taps = shaping_taps(shape, rate)
    hertz = np.linspace(0.0, rate / 2, 200_001)
    level = 20 * np.log10(shaping_gain(taps, hertz, rate))
    assert np.trapezoid(level, hertz) / (rate / 2) == pytest.approx(0.0, abs=0.01)
    assert np.abs(np.roots([1.0, *-taps])).max() < 1.0


@pytest.mark.parametrize(
    ("rate", "shape", "most"),
    [(44_100, "light", -10.0), (44_100, "strong", -15.0), (48_000, "strong", -16.0),
     (96_000, "strong", -24.0), (8_000, "strong", -2.0), (22_050, "light", -2.0)],
)  # fmt: skip
def test_the_error_is_less_audible(rate, shape, most):
    assert audibility_db(shaping_taps(shape, rate), rate) < most


def test_it_beats_the_published_filter_of_its_order():
    ours = shaping_taps("strong", 44_100)
    assert ours.size == WANNAMAKER_9.size
    assert audibility_db(ours, 44_100) < audibility_db(WANNAMAKER_9, 44_100) - 3.0
    # and pays less for it in all
    assert (1 + (ours**2).sum()) < 0.5 * (1 + (WANNAMAKER_9**2).sum())


def rounded(steps: np.ndarray, taps: np.ndarray, bits: int = 16) -> np.ndarray:
    rows = (steps * 2.0 ** (1 - bits)).astype(np.float32)[np.newaxis]
    left = np.zeros(rows.shape, np.bool_)
    noise = triangular_noise(1, 0, rows.shape[1], 0)
    out = ShapedRounder(1, bits, taps).round(rows, noise, left)
    return (out[0].astype(np.float64) - rows[0]) * 2.0 ** (bits - 1)


@pytest.mark.parametrize("shape", ["light", "strong"])
def test_spectrum_of_the_error_is_filter_times_white_triangular_error(shape):
    rate, taps = 44_100, shaping_taps(shape, 44_100)
    time = np.arange(1 << 19) / rate
    error = rounded(900.0 * np.sin(2 * np.pi * 997.0 * time) + 0.3, taps)
    hertz, density = welch(error, rate, nperseg=1024)
    # A quarter of a step squared, spread over the band, times the filter's power.
    expected = 0.25 * 2.0 / rate * shaping_gain(taps, hertz, rate) ** 2
    inner = slice(3, -3)  # 1024 averaged spectra: 3 % each; the window smears steep slopes
    ratio = 10 * np.log10(density[inner] / expected[inner])
    assert np.abs(ratio).max() < 1.5
    assert abs(ratio.mean()) < 0.05
    assert error.mean() == pytest.approx(0.0, abs=0.02)


def test_error_is_that_of_the_formula():
    """Without dither, against the feedback written out in numpy."""
    taps = shaping_taps("light", 48_000)
    steps = 50.0 * np.random.default_rng(1).standard_normal(500)
    steps = (steps.astype(np.float32)).astype(np.float64)
    rows = (steps / 2.0**15).astype(np.float32)[np.newaxis]
    zeros = np.zeros(rows.shape)
    out = ShapedRounder(1, 16, taps).round(rows, zeros, zeros.astype(np.bool_))[0] * 2.0**15
    errors, expected = np.zeros(taps.size), []
    for step in rows[0].astype(np.float64) * 2.0**15:
        wanted = step - taps @ errors
        expected.append(np.rint(wanted))
        errors = np.concatenate([[expected[-1] - wanted], errors[:-1]])
    np.testing.assert_array_equal(out, expected)


def test_full_scale_does_not_upset_it():
    steps = np.concatenate([np.full(2000, 40_000.0), np.zeros(4000) + 0.4])
    error = rounded(steps, shaping_taps("strong", 44_100))
    assert np.abs(error[2100:]).max() < 60.0
    assert np.abs(error[2100:]).std() < 10.0

"""The kernels under the declicker against closed forms and direct solutions."""

import numpy as np
import pytest
from scipy import signal

from restorack.dsp.autoregression import (
    apply_inverse_covariance,
    decimate,
    decimation_taps,
    estimate_models,
    interpolate,
    interpolation_error,
    inverse_correlation,
    residual,
)
from restorack.plugins.declick.interpolation import GapInterpolator

POLES = np.array([0.98 * np.exp(0.3j), 0.95 * np.exp(1.1j), 0.9 * np.exp(2.2j)])
TRUE = np.poly(np.concatenate([POLES, POLES.conj()])).real


def process(count: int, seed: int = 3) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal(count + 2000)
    return signal.lfilter([1.0], TRUE, 0.01 * noise)[2000:]


def normal_equations(x: np.ndarray, model: np.ndarray, start: int, stop: int) -> np.ndarray:
    """The gap that makes the sum of squares of all residuals least, by a general solver."""
    order, count = len(model) - 1, len(x)
    rows = count - order
    whitener = np.zeros((rows, count))
    for row in range(rows):
        whitener[row, row : row + order + 1] = model[::-1]
    known = np.r_[0:start, stop:count]
    gap, *_ = np.linalg.lstsq(whitener[:, start:stop], -whitener[:, known] @ x[known], rcond=None)
    return gap


def test_models_recover_the_process():
    frames = process(1 << 16).reshape(4, -1)
    models = estimate_models(frames, 6)
    # 1/sqrt(16384 * 3/8) = 1.3 % a coefficient, in units of coefficients up to 3
    np.testing.assert_allclose(models, np.tile(TRUE, (4, 1)), atol=0.05)


def test_models_are_minimum_phase_even_for_a_pure_tone():
    tone = np.sin(0.1 * np.arange(4096))[np.newaxis]
    assert np.abs(np.roots(estimate_models(tone, 40)[0])).max() < 1.0


def test_residual_whitens():
    x = process(5000)
    expected = signal.lfilter(TRUE, [1.0], x)[100:4000]
    np.testing.assert_allclose(residual(x, TRUE, 100, 4000), expected, atol=1e-13)


def test_whitening_twice_is_the_gradient_of_the_energy():
    x = process(60)
    b = inverse_correlation(TRUE)
    kernel = np.convolve(TRUE, TRUE[::-1])
    np.testing.assert_allclose(b, kernel[6:], atol=1e-12)
    np.testing.assert_allclose(
        apply_inverse_covariance(x, b, 6, 54), np.convolve(x, kernel, "valid"), atol=1e-13
    )


@pytest.mark.parametrize("width", [1, 7, 40, 130])
def test_interpolation_solves_the_normal_equations(width):
    x = process(400)
    start = 130
    expected = normal_equations(x, TRUE, start, start + width)
    got = x.copy()
    got[start : start + width] = 99.0  # what was there does not matter
    interpolate(got, TRUE, start, start + width)
    # the ridge of 1e-11 and 99 where 0.1 belongs
    np.testing.assert_allclose(got[start : start + width], expected, atol=1e-7)
    np.testing.assert_array_equal(np.delete(got, np.s_[start : start + width]),
                                  np.delete(x, np.s_[start : start + width]))  # fmt: skip


def test_interpolation_error_takes_the_energy_off_that_it_says():
    x = process(400)
    b = inverse_correlation(TRUE)
    change = interpolation_error(x, b, 200, 230)
    saved = float(change @ apply_inverse_covariance(x, b, 200, 230))
    repaired = x.copy()
    repaired[200:230] -= change
    energy = [np.sum(residual(v, TRUE, 100, 300) ** 2) for v in (x, repaired)]
    np.testing.assert_allclose(energy[0] - energy[1], saved, rtol=1e-8)


def test_sinusoids_are_interpolated_exactly():
    frequencies = np.array([0.05, 0.31, 0.9, 2.0])
    x = np.sin(np.outer(np.arange(600), frequencies) + frequencies**2).sum(axis=1)
    roots = np.exp(1j * frequencies)
    model = np.poly(np.concatenate([roots, roots.conj()])).real
    got = x.copy()
    interpolate(got, model, 300, 330)
    # No residual, so only the ridge of 1e-11 keeps it from being exact: 4 sinusoids are 8 nearly
    # free directions of 30, that the ridge pulls to zero.
    assert np.abs(got - x).max() < 1e-3


def test_repair_of_harmonics_beats_forty_db():
    time = np.arange(20_000) / 44_100
    partials = np.arange(1, 30)
    x = (np.sin(2 * np.pi * 220 * np.outer(time, partials) + partials) / partials).sum(axis=1)
    interpolator = GapInterpolator.for_rate(44_100)
    got = x.copy()
    got[10_000:10_088] = 5.0
    assert interpolator.interpolate_gap(got, 10_000, 10_088)
    interpolator.refine(got, 10_000, 10_088)
    error = np.sum((got - x) ** 2) / np.sum(x[10_000:10_088] ** 2)
    assert 10 * np.log10(error) < -40


def test_decimation_keeps_phase_and_rejects_the_top():
    factor_, n = 4, np.arange(4000)
    taps = decimation_taps(factor_)
    low, high = np.sin(0.1 * n), np.sin(2.0 * n)
    kept = decimate(low[3:], taps, factor_)  # of all that the taps fit around
    first = 3 + len(taps) // 2
    np.testing.assert_allclose(kept, low[first::factor_][: len(kept)], atol=1e-3)
    assert np.abs(decimate(high[3:], taps, factor_)).max() < 1e-3

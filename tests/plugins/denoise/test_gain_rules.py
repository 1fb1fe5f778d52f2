"""Gain laws against closed forms, and what block thresholding keeps and drops."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import exp1, gammaincinv

from restorack.plugins.denoise import gain_rules as spectral_gain
from restorack.plugins.denoise.gain_rules import (
    FALSE_ALARMS,
    block_factors,
    block_thresholds,
    exponential_integral,
    log_mmse_gain,
)

BINS = 257
MODES = [getattr(spectral_gain, n) for n in ("logmmse", "wiener", "subtract", "gate", "median")]


def test_the_exponential_integral_is_as_close_as_stated():
    for x in np.geomspace(1e-6, 1.0, 200):
        assert exponential_integral(x) == pytest.approx(exp1(x), abs=2.5e-7)
    for x in np.geomspace(1.0001, 50.0, 200):
        assert exponential_integral(x) == pytest.approx(exp1(x), abs=5e-8 * np.exp(-x) / x)


def test_log_mmse_is_the_closed_form():
    for prior in (0.01, 0.3, 1.0, 10.0, 300.0):
        for posterior in (0.05, 0.5, 1.0, 8.0, 100.0):
            share = prior / (1 + prior)
            expected = share * np.exp(0.5 * exp1(share * posterior))
            assert log_mmse_gain(prior, posterior) == pytest.approx(min(1.0, expected), rel=1e-6)


def test_thresholds_fall_with_the_block_and_bound_single_cells():
    found = block_thresholds()
    assert (np.diff(found, axis=0) > 0).all()
    assert (np.diff(found, axis=1) > 0).all()
    # Two frames of one bin are between one and two independent exponential cells.
    assert 3.3 < found[2, 4] < -np.log(0.01)
    assert found[0, 0] > 1.0


def test_thresholds_are_quantiles_of_the_mean_power_of_correlated_cells():
    """Of frames that overlap by three quarters, and of neighbouring bins."""
    shared = np.array([0.57, 0.10, 0.002])
    for i, frames in enumerate((8, 4, 2)):
        lag = np.arange(1, min(4, frames))
        in_time = frames / (1.0 + 2.0 * np.sum((1.0 - lag / frames) * shared[: len(lag)]))
        for j, bins in enumerate((16, 8, 4, 2, 1)):
            shape = in_time * bins / (1.0 + 2.0 * 0.25 * (1.0 - 1.0 / bins))
            quantile = gammaincinv(shape, 1.0 - FALSE_ALARMS) / shape
            assert block_thresholds()[i, j] == pytest.approx(quantile, rel=1e-11)


def exponential(seed, scale=1.0):
    return scale * np.random.default_rng(seed).exponential(size=(24, BINS))


def test_noise_is_dropped_and_partials_are_kept():
    ratio = exponential(1)
    ratio[:, 100] += 400.0
    factors = block_factors(ratio, block_thresholds())
    assert factors[:, 100].min() > 0.95
    away = np.delete(factors, slice(80, 121), axis=1)
    assert away.mean() < 0.05


def test_an_attack_is_kept_in_its_frames():
    ratio = exponential(2)
    ratio[10:12] += 200.0
    factors = block_factors(ratio, block_thresholds())
    assert factors[2:4].mean() > 0.9
    assert factors[6:].mean() < 0.3


@pytest.mark.parametrize("mode", MODES, ids=lambda m: m.__name__)
def test_gains_are_between_zero_and_one_and_rise_with_the_ratio(mode):
    thresholds = block_thresholds()
    means = []
    for scale in (1.0, 30.0, 1e4):
        gain = mode(exponential(3, scale), thresholds)
        assert gain.shape == (8, BINS)
        assert (gain >= 0).all()
        assert (gain <= 1).all()
        means.append(gain.mean())
    assert means == sorted(means)
    assert means[0] < 0.2
    assert means[-1] > 0.97


@pytest.mark.parametrize("mode", MODES, ids=lambda m: m.__name__)
def test_extremes_are_finite(mode):
    for value in (0.0, 1e-30, spectral_gain.LARGEST_RATIO):
        assert np.isfinite(mode(np.full((24, BINS), value), block_thresholds())).all()


def test_subtraction_follows_its_law():
    # Constant powers: 6 dB above the floor is oversubtracted by 4 - 0.15 * 6 = 3.1.
    mean = 10**0.6
    gain = spectral_gain.subtract(np.full((24, 9), mean), block_thresholds())
    assert gain == pytest.approx(np.sqrt(1 - 3.1 / mean), rel=1e-9)


def test_wiener_at_high_ratios_is_the_share_of_the_signal():
    ratio = np.full((24, 64), 1e4)
    gain = spectral_gain.wiener(ratio, block_thresholds())
    assert gain == pytest.approx(1.0, abs=1e-3)


def test_medians_keep_partials_and_attacks_at_their_level():
    ratio = exponential(4, 0.1)
    ratio[:, 60] = 50.0
    ratio[12] = 70.0
    found = spectral_gain.median_ratio(ratio)
    assert found[:4, 60] == pytest.approx(48.0, abs=0.1)
    assert found[4] == pytest.approx(68.0, abs=0.1)
    ratio = exponential(5)
    expected = np.median(np.lib.stride_tricks.sliding_window_view(ratio, 7, axis=0), axis=-1)
    across = np.pad(ratio[8:16], ((0, 0), (3, 3)), mode="edge")
    across = np.median(np.lib.stride_tricks.sliding_window_view(across, 7, axis=1), axis=-1)
    larger = np.maximum(expected[5:13], across)
    assert spectral_gain.median_ratio(ratio) == pytest.approx(np.maximum(0, larger - 2), abs=1e-12)


def test_a_long_window_gives_what_its_groups_give():
    ratio = np.random.default_rng(4).exponential(1.0, (8 + 40 + 8, BINS)).astype(np.float32)
    thresholds = block_thresholds().astype(np.float32)
    groups = [
        spectral_gain.logmmse(np.ascontiguousarray(ratio[at : at + 24]), thresholds)
        for at in range(0, 40, 8)
    ]
    assert np.array_equal(spectral_gain.logmmse(ratio, thresholds), np.concatenate(groups))

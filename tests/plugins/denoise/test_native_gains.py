"""The native gain rules give what plain numpy does, on noise, music and extremes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import exp1

from restorack.dsp import _core
from restorack.plugins.denoise import gain_rules
from restorack.plugins.denoise.musical_noise import without_isolated_peaks

Plane = np.ndarray
THRESHOLDS = gain_rules.block_thresholds()


def noise(frames: int, bins: int) -> Plane:
    return np.random.default_rng(bins).exponential(1.0, (frames + 16, bins))


def music(frames: int, bins: int) -> Plane:
    ratio = noise(frames, bins)
    ratio[:, :: max(1, bins // 5)] *= 300.0
    ratio[frames // 2] *= 1e4
    return np.minimum(ratio, gain_rules.LARGEST_RATIO)


PLANES = {
    "noise": noise,
    "music": music,
    "nothing": lambda frames, bins: np.zeros((frames + 16, bins)),
    "no floor": lambda frames, bins: np.full((frames + 16, bins), gain_rules.LARGEST_RATIO),
    "faint": lambda frames, bins: 1e-30 * noise(frames, bins),
}
SHAPES = [(8, 1), (8, 3), (8, 17), (24, 33), (64, 65)]


def plain_factors(ratio: Plane, thresholds: Plane) -> Plane:
    frames, bins = ratio.shape[0] - 16, ratio.shape[1]
    out = np.zeros((frames + 16, bins + 64))
    for cut in range(4):
        for frame in range(8 - 2 * cut, frames + 8, 8):
            for bottom in range(-4 * cut, bins, 16):
                columns = np.clip(np.arange(bottom, bottom + 16), 0, bins - 1)
                cells = ratio[frame : frame + 8][:, columns]
                best, chosen = 1e300, np.zeros((8, 16))
                for i, high in enumerate((8, 4, 2)):
                    for j, wide in enumerate((16, 8, 4, 2, 1)):
                        size, limit = high * wide, thresholds[i, j]
                        mean = cells.reshape(8 // high, high, 16 // wide, wide).mean((1, 3))
                        mean = np.maximum(mean, 1e-30)
                        extra = limit**2 - 2 * limit * (size - 1) / size
                        risk = np.where(mean > limit, 1 + extra / mean, mean - 1).sum() * size
                        if risk < best - 1e-9 * abs(best):
                            best = risk
                            chosen = np.kron(np.maximum(0, 1 - limit / mean), np.ones((high, wide)))
                out[frame : frame + 8, bottom + 16 : bottom + 32] += 0.25 * chosen
    return out[8 : frames + 8, 16 : bins + 16]


def plain_medians(plane: Plane, context: int) -> Plane:
    """Return the larger of the medians over 7 frames and 7 bins."""
    inner = plane[context - 3 : len(plane) - context + 3]
    along = np.median(np.lib.stride_tricks.sliding_window_view(inner, 7, axis=0), axis=-1)
    padded = np.pad(inner[3:-3], ((0, 0), (3, 3)), mode="edge")
    across = np.median(np.lib.stride_tricks.sliding_window_view(padded, 7, axis=1), axis=-1)
    return np.maximum(along, across)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", PLANES)
def test_gains(name: str, shape: tuple[int, int]) -> None:
    ratio = PLANES[name](*shape)
    factors = plain_factors(ratio, THRESHOLDS)
    np.testing.assert_allclose(gain_rules.block_factors(ratio, THRESHOLDS), factors, atol=1e-12)
    median = np.maximum(plain_medians(ratio, 8) - 2.0, 0.0)
    np.testing.assert_array_equal(gain_rules.median_ratio(ratio), median)
    posterior = ratio[8:-8]
    prior = np.maximum(10**-2.5, 0.5 * (factors**2 * posterior + median))
    share = prior / (1.0 + prior)
    v = np.maximum(share * posterior, 1e-8)
    expected = np.minimum(1.0, np.where(v > 20, share, share * np.exp(0.5 * exp1(v))))
    found = gain_rules.logmmse(ratio, THRESHOLDS)
    np.testing.assert_allclose(found, expected, rtol=2e-7, atol=1e-12)  # that of E1
    np.testing.assert_allclose(gain_rules.wiener(ratio, THRESHOLDS), share, rtol=1e-12)
    single = gain_rules.logmmse(ratio.astype(np.float32), THRESHOLDS.astype(np.float32))
    assert single.dtype == np.float32


@pytest.mark.parametrize("bins", [1, 3, 17, 65])
def test_blocks_that_reach_into_the_next_frames_are_carried_there(bins: int) -> None:
    ratio, carried = music(64, bins), gain_rules.CarriedBlocks()

    def gains(first: int, end: int) -> list[Plane]:
        windows = [ratio[8 * at : 8 * at + 24] for at in range(first, end)]
        return [gain_rules.logmmse(window, THRESHOLDS, carried) for window in windows]

    whole = gain_rules.logmmse(ratio, THRESHOLDS)
    assert np.array_equal(np.concatenate(gains(0, 4)), whole[:32])
    carried.forget()
    assert np.array_equal(np.concatenate(gains(5, 8)), whole[40:])


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("bins", [1, 5, 40])
def test_ratios_and_changes_of_spectra(channels: int, bins: int) -> None:
    random = np.random.default_rng(bins)
    spectra = random.standard_normal((channels, 8, bins)) + 1j * random.standard_normal(bins)
    density = random.exponential(1.0, bins)
    density[::3] = (0.0, 1e-16, 1e-9)[bins % 3]
    ratio = np.empty((8, bins))
    limits = (0.1, 1e-16, 1e6)
    _core.posterior_ratio(spectra.view(float), channels, density, limits, ratio)
    power = 0.1 * (np.abs(spectra) ** 2).mean(axis=0)
    plain = np.minimum(power / np.maximum(density, 1e-16), 1e6)
    plain[:, density <= 1e-16] = 1e6
    np.testing.assert_allclose(ratio, plain, rtol=1e-12)
    gain, change = random.random((8, bins)), np.empty_like(spectra)
    _core.gain_change(spectra.view(float), gain, ratio, (0.7, 0.2, 1e6), change.view(float))
    open_ = np.where(ratio >= 1e6, 0.0, 0.7 * (np.maximum(gain, 0.2) - 1.0))
    np.testing.assert_allclose(change, open_ * spectra, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("bins", [1, 5, 40])
def test_isolated_peaks(bins: int) -> None:
    gain = np.random.default_rng(bins).uniform(0.0, 1.0, (14, bins)) ** 8
    expected = np.minimum(gain[3:-3], 2.0 * plain_medians(gain, 3))
    np.testing.assert_array_equal(without_isolated_peaks(gain), expected)


def test_planes_that_do_not_fit_are_refused() -> None:
    ratio, out = noise(8, 20), np.empty((8, 20))
    for bins in (0, -3, 7, 21, 10**7):
        with pytest.raises(ValueError, match="shape"):
            _core.block_factors(ratio, bins, THRESHOLDS, out)
        with pytest.raises(ValueError, match="shape"):
            _core.medians(ratio, bins, 0.0, out)
        with pytest.raises(ValueError, match="shape"):
            _core.gate(ratio, bins, out)
    with pytest.raises(ValueError, match="shape"):
        _core.block_factors(ratio, 20, THRESHOLDS, np.empty((7, 20)))
    with pytest.raises(ValueError, match="shape"):
        _core.subtract(noise(16, 20), 20, np.empty((16, 20)))
    with pytest.raises(TypeError, match="float64"):
        _core.medians(ratio.astype(np.float32), 20, 0.0, out)
    out.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        _core.medians(ratio, 20, 0.0, out)

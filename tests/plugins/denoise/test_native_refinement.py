"""The native second look gives what plain numpy does, group after group."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from restorack.dsp import _core

Spectra = NDArray[np.complex128]
SMALLEST, LOWEST = 0.01, 0.1
RISE = np.hanning(15)[1:-1] / np.hanning(15).sum()


def power(spectra: Spectra) -> NDArray[np.float64]:
    return np.asarray((np.abs(spectra) ** 2).mean(axis=0) / (spectra.shape[2] - 1))


class Plain:
    """The definition: risks of both lengths, regions of 3 frames by 17 bins, shares of a change."""

    def __init__(self, channels: int, bins: int) -> None:
        self.channels = channels
        self.recent = np.zeros((9, bins))
        self.held = np.zeros((5, 2, bins))
        self.waiting = np.zeros((channels, 4, 4 * bins - 3), complex)

    def push(
        self, short: Spectra, long: Spectra, noise: NDArray[np.float64], strength: float
    ) -> Spectra:
        guess, removed = long[: self.channels], long[self.channels :]
        whole = removed / max(strength, SMALLEST)
        level = np.maximum(noise, power(whole))
        gain = power(guess) / np.maximum(power(guess) + level, 1e-20)
        cut = strength * (1.0 - np.maximum(gain, LOWEST))
        touched = removed.any(axis=(0, 2))[:, np.newaxis] & (noise > 0.0)
        now, self.waiting = self.waiting, np.where(touched, removed - cut * (guess + whole), 0.0)
        long_risk = np.pad(gain * level, ((0, 0), (2, 2)))[:, :-1].reshape(4, -1, 4).mean(axis=2)
        cells, coarse = power(short), noise[::4]
        joined = np.concatenate([self.recent, cells * coarse / np.maximum(cells + coarse, 1e-20)])
        self.recent = joined[-9:]
        short_risk = np.array([RISE @ joined[4 * t : 4 * t + 13] for t in range(4)])
        rows = np.concatenate([self.held, np.stack([short_risk, long_risk], axis=1)])
        self.held = rows[4:]
        around = uniform_filter1d(rows[:6], 17, axis=2, mode="nearest")
        regions = around[:-2] + around[1:-1] + around[2:]
        more = np.minimum((regions[:, 1] + 1e-20) / (regions[:, 0] + 1e-20), 1e3)
        share = np.repeat(1.0 / (1.0 + more**8), 4, axis=1)[:, 2:-1]
        return np.asarray(share * now)


def spectra(random: np.random.Generator, *shape: int) -> Spectra:
    """Return noise with partials and an attack."""
    made = random.standard_normal(shape) + 1j * random.standard_normal(shape)
    made[..., ::7] *= 30.0
    made[:, shape[1] // 2] *= 10.0
    return np.asarray(made)


@pytest.mark.parametrize(("channels", "bins"), [(1, 2), (1, 9), (2, 33), (3, 65)])
@pytest.mark.parametrize("strength", [0.0, 0.3, 1.0])
def test_a_second_look(channels: int, bins: int, strength: float) -> None:
    random, plain, longs = np.random.default_rng(bins), Plain(channels, bins), 4 * bins - 3
    recent, risks = np.zeros((9, bins)), np.zeros((5, 2, bins))
    waiting = np.zeros((channels, 4, longs), complex)
    for group in range(4):
        short, long = spectra(random, channels, 16, bins), spectra(random, 2 * channels, 4, longs)
        long[channels:] *= 0.3
        long[channels:, group] = 0.0  # a frame of which nothing was removed stays
        noise = random.exponential(1.0, longs)
        noise[: longs // 3] = 0.0
        change = np.empty_like(waiting)
        _core.refine(
            short.view(float), long.view(float), noise, channels, bins,
            (strength, SMALLEST, LOWEST), recent, risks, waiting.view(float), change.view(float),
        )  # fmt: skip
        expected = plain.push(short, long, noise, strength)
        np.testing.assert_allclose(change, expected, rtol=1e-9, atol=1e-9)
        assert group == 0 or bool(expected.any())


@pytest.mark.parametrize("wrong", range(7))
def test_planes_of_other_shapes_are_refused(wrong: int) -> None:
    sizes = [2 * 16 * 5, 2 * 2 * 4 * 17, 17, 9 * 5, 5 * 2 * 5, 2 * 4 * 17, 2 * 4 * 17]
    sizes[wrong] += 1
    arrays = [np.zeros(size) for size in sizes]
    with pytest.raises(ValueError, match="values where"):
        _core.refine(*arrays[:3], 1, 5, (1.0, SMALLEST, LOWEST), *arrays[3:])
    with pytest.raises(ValueError, match="cannot be"):
        _core.refine(*arrays[:3], 0, 5, (1.0, SMALLEST, LOWEST), *arrays[3:])

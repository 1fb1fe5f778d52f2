"""Native band statistics are those of sorted cells."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from restorack.dsp import _core
from restorack.meters.histogram_floor.patches import band_quantiles
from restorack.meters.noise_floor.tracks import band_powers

FIRST, END = np.array([0, 1, 1, 9, 30]), np.array([2, 4, 9, 30, 31])


def densities(channels: int, frames: int, kind: str) -> np.ndarray:
    random = np.random.default_rng(frames)
    cells = random.exponential(1.0, (channels, frames, 31)) / np.arange(1.0, 32.0)
    return {"noise": cells, "silence": 0.0 * cells, "ties": np.round(cells)}[kind]


@pytest.mark.parametrize("kind", ["noise", "silence", "ties"])
@pytest.mark.parametrize(("channels", "frames"), [(1, 3), (2, 7)])
def test_powers_of_the_quieter_bins(channels: int, frames: int, kind: str) -> None:
    cells = densities(channels, frames, kind)
    rows = (cells[:, :-2] + cells[:, 1:-1] + cells[:, 2:]) / 3.0 + 1e-14
    quiet, mean = band_powers(cells, FIRST, END)
    for band, (first, end) in enumerate(zip(FIRST, END, strict=True)):
        ordered = np.sort(rows[:, :, first:end], axis=-1)
        kept = max(2, int(np.ceil(0.6 * (end - first))))
        expected = ordered[..., :kept].mean(axis=-1).mean(axis=0)
        np.testing.assert_allclose(quiet[:, band], expected, rtol=1e-12)
        np.testing.assert_allclose(mean[:, band], ordered.mean(axis=(0, 2)), rtol=1e-12)


@pytest.mark.parametrize("kind", ["noise", "silence", "ties"])
@pytest.mark.parametrize(("channels", "frames"), [(1, 3), (2, 8)])
def test_quantiles_of_bands_without_their_slope(channels: int, frames: int, kind: str) -> None:
    cells = densities(channels, frames, kind)
    edges = np.array([2, 5, 12, 16, 31])
    sizes = frames * np.diff(edges)
    ranks = np.stack([sizes // 4, sizes // 2, sizes - 1], axis=1)
    found = band_quantiles(cells, edges, ranks)
    for band, (begin, end) in enumerate(itertools.pairwise(edges)):
        part, width = cells[:, :, begin:end], end - begin
        slope = np.ones(width)
        if end > 1.4 * begin:
            half = width // 2
            ratio = (np.median(part[:, :, :half]) + 1e-20) / (
                np.median(part[:, :, width - half :]) + 1e-20
            )
            slope = ratio ** ((np.arange(width) - 0.5 * (width - 1)) / (width - half))
        ordered = np.sort((part * slope).reshape(channels, -1), axis=1)
        np.testing.assert_allclose(found[:, band], ordered[:, ranks[band]].T, rtol=1e-12)


def test_bands_that_cannot_be_are_refused() -> None:
    cells, out = densities(1, 3, "noise"), np.zeros((1, 1))
    for first, end in ((0, 32), (-1, 3), (5, 5), (9, 4)):
        with pytest.raises(ValueError, match="band"):
            _core.band_powers(cells, 1, 31, np.array([first]), np.array([end]), 0.6, out, out)
    with pytest.raises(ValueError, match="shape"):
        _core.band_powers(cells, 2, 31, FIRST, END, 0.6, out, out)
    found = np.zeros((3, 1, 1))
    for rank in (-1, 9):
        ranks = np.array([[0, 1, rank]])
        with pytest.raises(ValueError, match="rank"):
            _core.band_quantiles(cells, 1, 31, np.array([1, 4]), ranks, 1.4, found)
    with pytest.raises(TypeError, match="int64"):
        _core.band_quantiles(cells, 1, 31, np.array([1.0, 4.0]), ranks, 1.4, found)  # type: ignore[arg-type]

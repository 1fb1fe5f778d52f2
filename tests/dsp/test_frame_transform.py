"""Spectra of frames are those of numpy, and frames come back from them."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.dsp import _core
from restorack.dsp.frame_transform import add_frames, frame_spectra, row_spectra, rows_of

SIZES = [8, 16, 24, 40, 120, 200, 512, 2048, 4608, 9216, 10, 14, 704, 2205]
"""The last four have no native transform."""


def values(*shape: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("channels", [1, 3])
def test_spectra_are_those_of_numpy(size: int, channels: int) -> None:
    hop, window = max(1, size // 4), values(size, seed=2)
    rows = values(channels, size + 5 * hop + hop // 2).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(rows, size, axis=1)[:, ::hop]
    expected = np.fft.rfft(frames * window, axis=-1)
    found = frame_spectra(rows, window, hop)
    assert found.shape == expected.shape == (channels, 6, size // 2 + 1)
    np.testing.assert_allclose(found, expected, atol=1e-13 * size)


@pytest.mark.parametrize("size", SIZES)
def test_frames_are_added_as_numpy_has_them(size: int) -> None:
    hop, window = max(1, size // 4), values(size, seed=2)
    spectra = values(2, 5, size // 2 + 1) + 1j * values(2, 5, size // 2 + 1, seed=3)
    out = values(2, size + 4 * hop)
    expected = out.copy()
    frames = np.fft.irfft(spectra, size, axis=-1) * window
    for index in range(5):
        expected[:, index * hop : index * hop + size] += frames[:, index]
    add_frames(out, spectra, window, hop)
    np.testing.assert_allclose(out, expected, atol=1e-13)


@pytest.mark.parametrize("size", SIZES)
def test_rows_come_back_from_their_spectra(size: int) -> None:
    rows = values(3, size).astype(np.float32)
    spectra = row_spectra(rows)
    np.testing.assert_allclose(spectra, np.fft.rfft(rows.astype(float)), atol=1e-13 * size)
    stacked = np.stack([spectra, 2.0 * spectra], axis=1)
    back = rows_of(stacked, size)
    np.testing.assert_allclose(back, np.stack([rows, 2.0 * rows], axis=1), atol=1e-12)


def test_frames_that_do_not_lie_in_the_samples_are_refused() -> None:
    fft, window = _core.new_fft(16), np.ones(16)
    rows, spectra = np.zeros((1, 40), np.float32), np.zeros((1, 7, 18))
    _core.frame_spectra(fft, rows, spectra, window, 1, 4)
    for channels, hop in ((0, 4), (2, 4), (1, 0), (1, 5)):
        with pytest.raises(ValueError, match="frames"):
            _core.frame_spectra(fft, rows, spectra, window, channels, hop)
    with pytest.raises(ValueError, match="frames"):
        _core.frame_spectra(fft, rows, spectra, np.ones(15), 1, 4)
    for size in (0, -8, 7, 14, 1 << 40):
        with pytest.raises((ValueError, OverflowError)):
            _core.new_fft(size)

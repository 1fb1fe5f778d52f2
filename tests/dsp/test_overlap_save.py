"""Overlap-save against plain convolution."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.dsp.overlap_save import (
    OverlapSave,
    highpass_kernel,
    kaiser_taps,
    overlap_save_latency,
)


@pytest.mark.parametrize("taps", [1, 3, 101, 1025])
@pytest.mark.parametrize("length", [0, 1, 50, 5000])
def test_it_is_convolution_with_the_delay_taken_out(taps: int, length: int) -> None:
    random = np.random.default_rng(1)
    kernel = random.standard_normal(taps)
    audio = random.standard_normal((2, length)).astype(np.float32)
    one = OverlapSave(kernel, 2)
    parts = [one.push(audio[:, at : at + 700]) for at in range(0, length, 700)]
    out = np.concatenate([np.zeros((2, 0)), *parts, one.finish()], axis=1)
    padded = np.pad(audio.astype(float), ((0, 0), (taps // 2, taps // 2)))
    expected = [np.convolve(row, kernel, "valid") for row in padded] if length else out
    assert out.shape == audio.shape
    assert np.allclose(out, expected, atol=1e-9)


def test_no_more_is_withheld_than_said() -> None:
    one = OverlapSave(np.ones(31), 1)
    returned = most = 0
    for taken in range(1, 500):
        returned += one.push(np.ones((1, 1), np.float32)).shape[1]
        most = max(most, taken - returned)
    assert most == overlap_save_latency(31)


def test_highpass_kernel_keeps_its_figures() -> None:
    taps = kaiser_taps(200.0, 44_100.0)
    gain = np.abs(np.fft.rfft(highpass_kernel(1000.0, 44_100.0, taps), 1 << 17))
    hertz = np.fft.rfftfreq(1 << 17, 1 / 44_100)
    assert 20 * np.log10(gain[hertz <= 900].max()) < -79
    assert np.abs(gain[hertz >= 1100] - 1).max() < 2e-4
    assert np.interp(1000.0, hertz, gain) == pytest.approx(0.5, abs=0.01)

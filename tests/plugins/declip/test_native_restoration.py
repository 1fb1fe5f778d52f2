"""The core's restoration beside the same in plain numpy, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.dsp import _core

SIZE, HOP = 64, 16
FRAMES = 24
SAMPLES = (FRAMES - 1) * HOP + SIZE


def tight_window() -> np.ndarray:
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(SIZE) / SIZE)
    return hann / np.sqrt((hann**2).reshape(SIZE // HOP, HOP).sum(axis=0)[0])


def clipped_tones() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return tones, what is left of them beyond half their peak, and which samples were cut."""
    at = np.arange(SAMPLES)
    music = np.sin(0.31 * at) + 0.6 * np.sin(0.83 * at + 1.0)
    level = 0.5 * np.abs(music).max()
    sides = np.sign(music) * (np.abs(music) > level)
    sides[:SIZE] = sides[-SIZE:] = 0.0
    heard = np.where(sides != 0.0, sides * level, music)
    return music, heard, sides.astype(np.float32)


def analysed(x: np.ndarray, window: np.ndarray) -> np.ndarray:
    frames = np.lib.stride_tricks.sliding_window_view(x, SIZE)[::HOP]
    return np.fft.rfft(frames * window)


def synthesised(spectra: np.ndarray, window: np.ndarray) -> np.ndarray:
    out = np.zeros(SAMPLES)
    for t, frame in enumerate(np.fft.irfft(spectra, SIZE) * window):
        out[t * HOP : t * HOP + SIZE] += frame
    return out


def box(power: np.ndarray, beside: int, axis: int, mode: str) -> np.ndarray:
    """Return means over neighbours: those that there are (shrink), or with the ends repeated."""
    power = np.moveaxis(power, axis, 0)
    count = len(power)
    rows = []
    for i in range(count):
        places = np.arange(i - beside, i + beside + 1)
        if mode == "shrink":
            places = places[(places >= 0) & (places < count)]
        rows.append(power[np.clip(places, 0, count - 1)].mean(axis=0))
    return np.moveaxis(np.array(rows), 0, axis)


def reference(heard, sides, window, weights, whole, real):
    """Return the restored samples by the same steps."""
    _, frames_beside, bins_beside, steps = whole
    first, last, relaxation = real
    x = heard.copy()
    active = np.array([np.any(sides[t * HOP : t * HOP + SIZE]) for t in range(FRAMES)])
    c = analysed(x, window)
    u = np.zeros_like(c)
    largest = np.abs(c[active]).max()
    for i in range(steps):
        v = c + u
        power = box(np.abs(v) ** 2, frames_beside, 0, "shrink")
        power = box(power, bins_beside, 1, "repeat")
        threshold = largest * first * (last / first) ** (i / (steps - 1)) * weights
        gain = np.maximum(0.0, 1.0 - threshold**2 / np.maximum(power, 1e-30))
        kept = relaxation * gain * v + (1.0 - relaxation) * c
        u = u - kept
        out = synthesised(np.where(active[:, np.newaxis], -u, 0.0), window)
        x = np.where(sides > 0, np.maximum(out, heard), x)
        x = np.where(sides < 0, np.minimum(out, heard), x)
        fresh = analysed(x, window)
        u = np.where(active[:, np.newaxis], u + fresh, 0.0)
        c = np.where(active[:, np.newaxis], fresh, c)
    return x


@pytest.mark.parametrize(("frames_beside", "bins_beside"), [(0, 0), (1, 0), (0, 2), (2, 1)])
def test_the_core_takes_the_steps_of_the_formulas(frames_beside: int, bins_beside: int) -> None:
    _, heard, sides = clipped_tones()
    window, weights = tight_window(), np.linspace(1.0, 2.0, SIZE // 2 + 1)
    whole, real = (HOP, frames_beside, bins_beside, 12), (0.3, 0.01, 1.6)
    x = heard.copy()
    _core.declip(_core.new_fft(SIZE), x, heard, sides, window, weights, whole, real)
    expected = reference(heard, sides, window, weights, whole, real)
    assert np.abs(expected - heard).max() > 0.1
    np.testing.assert_allclose(x, expected, atol=1e-9)  # sums in another order


def test_tones_come_back() -> None:
    music, heard, sides = clipped_tones()
    x = heard.copy()
    weights = np.ones(SIZE // 2 + 1)
    _core.declip(
        _core.new_fft(SIZE), x, heard, sides, tight_window(), weights, (HOP, 0, 0, 200),
        (0.3, 3e-4, 1.7),
    )  # fmt: skip
    cut = sides != 0.0
    assert np.array_equal(x[~cut], heard[~cut])
    assert (sides[cut] * x[cut] >= sides[cut] * heard[cut]).all()
    before, after = np.sum((heard - music) ** 2), np.sum((x - music) ** 2)
    assert 10 * np.log10(before / after) > 15.0  # dB


@pytest.mark.parametrize(
    "change",
    [
        {"x": np.zeros(SAMPLES + 1)},
        {"bound": np.zeros(SAMPLES - 1)},
        {"sides": np.zeros(SAMPLES + 2, np.float32)},
        {"window": np.ones(SIZE - 1)},
        {"weights": np.ones(SIZE)},
        {"whole": (0, 0, 0, 5)},
        {"whole": (HOP + 1, 0, 0, 5)},
        {"whole": (HOP, 0, 0, 0)},
        {"whole": (HOP, -1, 0, 5)},
        {"whole": (HOP, 0, SIZE, 5)},
        {"real": (0.0, 0.1, 1.0)},
        {"real": (0.1, 0.1, 2.0)},
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused(change: dict[str, object]) -> None:
    given = {
        "x": np.zeros(SAMPLES),
        "bound": np.zeros(SAMPLES),
        "sides": np.zeros(SAMPLES, np.float32),
        "window": np.ones(SIZE),
        "weights": np.ones(SIZE // 2 + 1),
        "whole": (HOP, 0, 0, 5),
        "real": (0.1, 0.01, 1.0),
    } | change
    with pytest.raises(ValueError, match="frames do not lie in the samples"):
        _core.declip(_core.new_fft(SIZE), *given.values())

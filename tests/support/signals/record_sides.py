"""Small sides of discs: tracks of decaying notes, noise in between, needle drop and lift-off."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from restorack.bench.sides import MadeSide, make_side
from restorack.dsp.arrays import Rows

RATE = 11_025


def notes(
    seconds: float, seed: int, rate: int = RATE, channels: int = 1, level: float = 0.1
) -> Rows:
    """Return music: a note of several partials every third of a second, over each other."""
    random = np.random.default_rng(seed)
    samples = round(seconds * rate)
    out = np.zeros(samples + 2 * rate)
    for at in np.arange(0.0, seconds - 0.1, 1.0 / 3.0):
        time = np.arange(rate) / rate
        pitch = 220.0 * 2.0 ** (random.integers(0, 24) / 12.0)
        wave = sum(np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, 5))
        first = round(at * rate)
        out[first : first + rate] += wave * np.exp(-time / 0.4)
    rows = np.tile(level * out[:samples], (channels, 1))
    fade = min(rate // 4, samples)
    rows[:, -fade:] *= np.linspace(1.0, 0.0, fade) ** 2
    return rows.astype(np.float32)


def noise(seconds: float, level: float, rate: int = RATE, channels: int = 1, seed: int = 5) -> Rows:
    """Return noise that falls with frequency, as a groove's does."""
    random = np.random.default_rng(seed)
    white = random.standard_normal((channels, round(seconds * rate) + 1))
    return (level * (white[:, 1:] + 0.6 * white[:, :-1])).astype(np.float32)


def side(
    lengths_s: Sequence[float],
    gaps_s: Sequence[float],
    rate: int = RATE,
    channels: int = 1,
    noise_level: float = 1e-3,
    **how: object,
) -> MadeSide:
    """Return a side of tracks of some lengths with gaps of some lengths between them."""
    tracks = [notes(length, seed, rate, channels) for seed, length in enumerate(lengths_s)]
    hiss = noise(10.0, noise_level, rate, channels)
    return make_side(tracks, gaps_s, hiss, rate, **how)  # type: ignore[arg-type]

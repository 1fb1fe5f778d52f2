"""Dry sounds in turns, as of a speaker, and rooms whose reverberation time is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE = 8_000
Floats = NDArray[np.float64]


def dry_sounds(seconds: float, seed: int = 0) -> Floats:
    """Bursts of noise of many spectra, 60 to 200 ms long, that end at once."""
    random, count = np.random.default_rng(seed), round(seconds * RATE)
    out, at = np.zeros(count), 0
    while at < count - RATE // 2:
        size = round(random.uniform(0.06, 0.2) * RATE)
        spectrum = np.fft.rfft(random.standard_normal(size))
        hertz = np.fft.rfftfreq(size, 1 / RATE)
        centre = random.uniform(300.0, 3000.0)
        part = np.fft.irfft(spectrum / (1 + (np.log2(np.maximum(hertz, 50) / centre)) ** 2), size)
        out[at : at + size] += 0.1 * part / np.std(part) * np.hanning(size) ** 0.3
        at += size + round(random.uniform(0.05, 0.5) * RATE)
    return out


def in_room(sound: Floats, rt60_s: float, level_db: float = 0.0, seed: int = 1) -> Floats:
    """The sound and a diffuse tail, as strong as the sound itself at 0 dB, 5 ms behind it."""
    time = np.arange(round(1.2 * rt60_s * RATE)) / RATE
    tail = np.random.default_rng(seed).standard_normal(time.size) * 10 ** (-3 * time / rt60_s)
    tail[: round(0.005 * RATE)] = 0.0
    tail *= 10 ** (level_db / 20) / np.sqrt((tail**2).sum())
    tail[0] += 1.0
    size = sound.size + tail.size
    wet = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(tail, size), size)
    return np.asarray(wet[: sound.size])

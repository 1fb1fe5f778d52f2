"""Music, steady sounds and noise of known levels, for tests of noise floors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from restorack.meters.noise_floor.steady_floor import SteadyFloorEstimator
from restorack.plugins.denoise.noise_psd import blind_floor

Rows = NDArray[np.float32]
RATE = 22_050.0


def times(seconds: float, rate: float = RATE) -> NDArray[np.float64]:
    return np.arange(round(seconds * rate)) / rate


def white(seconds: float, level_db: float, rate: float = RATE, channels: int = 1) -> Rows:
    """Noise of a known density in dB."""
    random = np.random.default_rng(3)
    rows = random.standard_normal((channels, round(seconds * rate)), dtype=np.float32)
    return np.asarray(np.float32(10 ** (level_db / 20)) * rows, np.float32)


def plucked(seconds: float, rate: float = RATE, level: float = 0.2) -> Rows:
    """Notes of many partials that are struck and die away, of changing height and loudness."""
    random = np.random.default_rng(5)
    out = np.zeros(round(seconds * rate))
    at = 0.0
    while at < seconds - 0.1:
        length = min(1.2, seconds - at)
        time = times(length, rate)
        base = 130.8 * 2 ** (random.integers(0, 25) / 12)
        height = level * 10 ** (random.uniform(-8, 0) / 20)
        note = np.zeros(len(time))
        for partial in range(1, 12):
            if base * partial < 0.45 * rate:
                decay = np.exp(-(4.0 + 1.5 * partial) * time)
                note += decay / partial * np.sin(2 * np.pi * base * partial * time)
        begin = round(at * rate)
        end = min(len(out), begin + len(note))
        out[begin:end] += height * note[: end - begin]
        at += random.choice([0.25, 0.5, 0.5, 1.0])
    return out[np.newaxis].astype(np.float32)


def organ(seconds: float, rate: float = RATE) -> Rows:
    """A held chord with the wind of the pipes 46 dB below."""
    random = np.random.default_rng(2)
    time = times(seconds, rate)
    out = np.zeros(len(time))
    for base in (98.0, 146.83, 196.0, 246.94):
        for partial in range(1, 40):
            hertz = base * partial * (1 + random.uniform(-3e-4, 3e-4))
            if hertz < 0.45 * rate:
                phase = random.uniform(0, 6.28)
                out += partial**-1.1 * np.sin(2 * np.pi * hertz * time + phase)
    out *= 0.1 / out.std()
    return (out + 0.1 * 10 ** (-46 / 20) * random.standard_normal(len(time)))[None].astype("f4")


def pedal_under_moving_parts(seconds: float, rate: float = RATE) -> Rows:
    """An organ's pedal that never stops, and voices of organ pipes above it, never silent."""
    random = np.random.default_rng(4)
    time = times(seconds, rate)
    out = sum(k**-1.2 * np.sin(2 * np.pi * 55.0 * k * time + k) for k in range(1, 14))
    for _ in range(3):
        at = 0
        while at < len(time):
            size = min(round(random.uniform(0.25, 1.2) * rate), len(time) - at)
            base = 220 * 2 ** (random.integers(-3, 20) / 12)
            note = time[:size]
            edge = np.minimum(1, np.minimum(note, note[::-1]) / 0.05)
            for k in range(1, 8):
                out[at : at + size] += 0.4 / k * edge * np.sin(2 * np.pi * base * k * note)
            at += size
    return (0.1 * out / out.std())[np.newaxis].astype(np.float32)


def applause(seconds: float, rate: float = RATE) -> Rows:
    """Many claps a second, each a short burst of noise."""
    random = np.random.default_rng(6)
    out = np.zeros(round(seconds * rate) + 1000)
    burst = np.exp(-np.arange(1000) / (0.006 * rate))
    for at in random.integers(0, len(out) - 1000, round(220 * seconds)):
        gain = np.exp(random.normal(0, 0.8))
        out[at : at + 1000] += gain * burst * random.standard_normal(1000)
    return (0.1 * out / out.std())[np.newaxis, :-1000].astype(np.float32)


def drone(seconds: float, rate: float = RATE) -> Rows:
    """A bagpipe's drones and chanter: nothing ever rests, some air 50 dB below."""
    random = np.random.default_rng(8)
    time = times(seconds, rate)
    out = np.zeros(len(time))
    for base in (116.5, 116.7, 58.25):
        for k in range(1, 60):
            if base * k < 0.45 * rate:
                out += 0.5 * k**-0.8 * np.sin(2 * np.pi * base * k * time + random.uniform(0, 6))
    at = 0
    while at < len(time):
        size = min(round(random.uniform(0.12, 0.6) * rate), len(time) - at)
        base = random.choice([466.0, 524.0, 583.0, 622.0, 699.0, 777.0])
        for k in range(1, 16):
            out[at : at + size] += 1.5 * k**-0.7 * np.sin(2 * np.pi * base * k * time[:size])
        at += size
    out *= 0.1 / out.std()
    air = 0.1 * 10 ** (-50 / 20) * random.standard_normal(len(time))
    return (out + air)[np.newaxis].astype(np.float32)


def floor_estimator(rate: float = RATE, channels: int = 1) -> SteadyFloorEstimator:
    """Return an estimator with the network that comes with the package."""
    return blind_floor(rate, channels)


def estimated(estimator: Any, rows: Rows, blocks: Sequence[int]) -> Any:
    """What an estimator makes of rows in blocks of these sizes, in turn."""
    at, turn = 0, 0
    while at < rows.shape[1]:
        size = blocks[turn % len(blocks)]
        estimator.push(rows[:, at : at + size])
        at, turn = at + size, turn + 1
    return estimator.estimate()


def level_db(floor: Any, low: float, high: float, seconds: float = 0.0) -> float:
    """A floor's mean level between two frequencies."""
    grid = np.geomspace(low, high, 60)
    return float(np.mean(10 * np.log10(floor.density(grid, seconds))))

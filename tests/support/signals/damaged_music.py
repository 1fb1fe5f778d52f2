"""Music made from formulas, for what measures damage: a rag, and noises laid over it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.synthesis.ragtime import SECONDS, play

RATE = 44_100.0


@lru_cache(maxsize=1)
def rag() -> Rows:
    """Return 30 s of a rag for piano and guitar, mono, shape (1, samples)."""
    once = play(RATE)
    return np.concatenate([once, once])[np.newaxis].astype(np.float32)


def rag_seconds() -> float:
    """Return how long it is."""
    return 2.0 * SECONDS


def white(seconds: float, level: float, channels: int = 1, seed: int = 1) -> Rows:
    """Return white noise of an RMS level, shape (channels, samples)."""
    random = np.random.default_rng(seed)
    return np.asarray(level * random.standard_normal((channels, round(seconds * RATE))), np.float32)


def tone(hertz: float, seconds: float, level: float = 1.0) -> NDArray[np.float64]:
    """Return a sine of a peak level."""
    return np.asarray(level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE))

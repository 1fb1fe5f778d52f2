"""Random numbers that depend on their place alone, so that any split of a stream gets the same."""

from __future__ import annotations

import zlib

import numpy as np


def random_at(seed: int, purpose: str, channel: int, index: int) -> np.random.Generator:
    """Return the random generator of one stretch of a stream.

    Parameters
    ----------
    seed : int
        0 to 2**31 - 1.
    purpose : str
        Keeps apart what is drawn side by side, such as ``"Hiss"`` and ``"Clicks"``.
    channel : int
        From 0; -1 for what all channels have in common.
    index : int
        Number of the stretch, from -1 (what lies before the first sample) on.

    Notes
    -----
    Salmon et al., Parallel random numbers: as easy as 1, 2, 3 (2011): Philox, whose key is the
    seed, the purpose and the channel, and whose counter starts at the stretch's number.
    """
    key = np.array([(seed << 32) | zlib.crc32(purpose.encode()), channel + 1], np.uint64)
    counter = np.array([0, 0, index + 1, 0], np.uint64)
    return np.random.Generator(np.random.Philox(key=key, counter=counter))


def log_uniform(random: np.random.Generator, low: float, high: float) -> float:
    """Draw evenly over the logarithm, from a number above 0 to another."""
    return float(low * (high / low) ** random.uniform())

"""The level of a stream over time, slow and fast, and how far each spreads."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import power_to_db
from restorack.dsp.fifo import SampleFifo

Floats = NDArray[np.float64]

HOP_S = 0.01
"""A level is kept for each hundredth of a second. By hand: half of the shortest note."""
SLOW_S = 3.0
"""The slow level: the window of short-term loudness, EBU Tech 3341."""
FAST_S = 0.05
"""The fast level: what a compressor's attack follows. By hand."""
GATE_DB = -20.0
"""Below the mean the slow level does not count: pauses, as in EBU Tech 3342."""
# dB below the gate that a silent moment has: keeps the logarithm finite.
_SILENCE_DB = -200.0


@dataclass(frozen=True)
class Spreads:
    """How far the level moves, in dB.

    Attributes
    ----------
    slow_db : float
        Of the slow level, from its 10 % to its 95 % quantile: loud and quiet passages.
    fast_db : float
        Of the fast level over the slow one, from its median to its 95 % quantile: attacks.
    """

    slow_db: float
    fast_db: float


class LevelTrack:
    """The mean power of all channels in every hundredth of a second.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    """

    def __init__(self, sample_rate: float) -> None:
        self.hop = max(1, round(HOP_S * sample_rate))
        self._fifo: SampleFifo | None = None
        self._powers = array("d")

    def push(self, block: Rows) -> None:
        """Take samples."""
        self._fifo = self._fifo or SampleFifo(len(block))
        self._fifo.push(block)
        while len(self._fifo) >= self.hop:
            rows = self._fifo.pop(self.hop).astype(np.float64)
            self._powers.append(float(np.mean(rows * rows)))

    def levels(self) -> tuple[Floats, Floats]:
        """Return the slow level in dB and the fast one over it, one of each for every hop."""
        powers = np.array(self._powers)
        slow = _smooth(powers, round(SLOW_S / HOP_S))
        fast = _smooth(powers, round(FAST_S / HOP_S))
        slow_db = np.maximum(power_to_db(slow + 1e-30), _SILENCE_DB)
        return slow_db, np.maximum(power_to_db(fast + 1e-30), _SILENCE_DB) - slow_db

    def gate_db(self, slow_db: Floats) -> float:
        """Return the level below which a moment is a pause."""
        return float(power_to_db(np.mean(10.0 ** (slow_db / 10.0)))) + GATE_DB

    def spreads(self) -> Spreads:
        """Return how far the levels spread; 0 for silence."""
        slow, fast = self.levels()
        if not slow.size:
            return Spreads(0.0, 0.0)
        counts = slow >= self.gate_db(slow)
        low, high = np.quantile(slow[counts], [0.10, 0.95])
        middle, peak = np.quantile(fast[counts], [0.50, 0.95])
        return Spreads(float(high - low), float(peak - middle))


def _smooth(powers: Floats, width: int) -> Floats:
    """Return the mean over a centred window, of what there is of it at both ends."""
    sums = np.concatenate([[0.0], np.cumsum(powers)])
    at = np.arange(powers.size)
    first = np.maximum(at - width // 2, 0)
    last = np.minimum(at + (width + 1) // 2, powers.size)
    means: Floats = (sums[last] - sums[first]) / np.maximum(last - first, 1)
    return np.maximum(means, 0.0)

"""Thumps: clicks that shake the arm, so that the range below the music swings after them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.dsp.sections import butterworth, filtered_both_ways

# The arm's resonances in Hz; seconds between levels; seconds around a click that are compared,
# without the click's own rise; deviations of the difference of counts that tell thumps from
# chance. By hand.
BAND_HZ = (12.0, 120.0)
HOP_S = 0.005
BEFORE_S = (-0.08, -0.015)
AFTER_S = (0.0, 0.06)
DEVIATIONS = 2.0
RISE = 8.0
"""Power after a click over that before it: 9 dB."""


class ThumpMeter:
    """Count thumps over passages.

    Music swells too; but not more often after clicks than before them. What rises backwards in
    time is subtracted.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    """

    def __init__(self, sample_rate: float) -> None:
        self._rate = sample_rate
        self._forwards = self._backwards = 0

    @property
    def count(self) -> int:
        """Thumps so far, none where chance would do."""
        more = self._forwards - self._backwards
        return more if more > DEVIATIONS * math.sqrt(self._forwards + self._backwards) else 0

    def push(self, passage: Rows, clicks: Sequence[float]) -> None:
        """Take a passage without its clicks, and their places in it in seconds."""
        hop = max(1, round(HOP_S * self._rate))
        count = passage.shape[1] // hop
        if not clicks or count < 100 or self._rate < 10.0 * BAND_HZ[1]:
            return
        sections = butterworth(2, BAND_HZ, "bandpass", self._rate)
        low = filtered_both_ways(sections, passage.astype(np.float64))[:, : count * hop]
        power = (low**2).reshape(len(low), count, hop).mean(axis=(0, 2)) + 1e-12
        for seconds in clicks:
            at = round(seconds / HOP_S)
            self._forwards += self._rises(power, at)
            self._backwards += self._rises(power[::-1], count - 1 - at)

    @staticmethod
    def _rises(power: np.ndarray, at: int) -> int:
        before, after = (
            power[max(0, at + round(low / HOP_S)) : max(0, at + round(high / HOP_S))]
            for low, high in (BEFORE_S, AFTER_S)
        )
        if before.size < 5 or after.size < 5:
            return 0
        return int(after.mean() > RISE * before.mean())

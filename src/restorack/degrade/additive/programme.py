"""The level of the programme: what damage "at 20 dB below the music" counts from."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from restorack.dsp.arrays import Rows

Reference: TypeAlias = Literal["rms", "peak"]
"""Noise counts from the RMS, impulses from the peak."""


@dataclass(frozen=True)
class ProgrammeLevel:
    """Levels of a signal over all its channels, linear."""

    rms: float = 0.0
    peak: float = 0.0

    def of(self, reference: Reference) -> float:
        """Return the RMS or the peak."""
        return self.rms if reference == "rms" else self.peak


FULL_SCALE = ProgrammeLevel(1.0, 1.0)
"""What absolute levels count from: an RMS of 1 for noise, a peak of 1 for impulses."""


class ProgrammeMeter:
    """Measure a signal's level over blocks."""

    def __init__(self) -> None:
        self._energy = 0.0
        self._samples = 0
        self._peak = 0.0

    def push(self, rows: Rows) -> None:
        """Take a block ``(channels, samples)``."""
        if rows.size:
            self._energy += float(np.square(rows, dtype=np.float64).sum())
            self._samples += rows.size
            self._peak = max(self._peak, float(np.abs(rows).max()))

    def level(self) -> ProgrammeLevel:
        """Return the level of all that was pushed; silence of nothing."""
        return ProgrammeLevel(math.sqrt(self._energy / max(1, self._samples)), self._peak)


def programme_level(blocks: Iterable[Rows]) -> ProgrammeLevel:
    """Return the level of a whole signal."""
    meter = ProgrammeMeter()
    for block in blocks:
        meter.push(block)
    return meter.level()

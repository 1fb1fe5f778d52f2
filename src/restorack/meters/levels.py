"""Levels of a stream: sample peak, RMS, crest factor and DC offset, in bounded memory."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import level_or_none
from restorack.dsp.fifo import SampleFifo

CHUNK = 4096
"""Sums run over chunks of this many samples, so that they round alike for every split."""


@dataclass(frozen=True)
class Levels:
    """Levels of a signal; levels in dB are None where the signal is silent or empty.

    Attributes
    ----------
    sample_peak_dbfs : float or None
        The largest sample of all channels; 0 is full scale.
    rms_dbfs : float or None
        Root mean square over all channels; a full-scale sine has -3.01, a square 0.
    crest_db : float or None
        Sample peak over RMS.
    dc_offset : tuple of float
        The mean of each channel, full scale -1 to 1.
    samples : int
        Samples of each channel.
    """

    sample_peak_dbfs: float | None
    rms_dbfs: float | None
    crest_db: float | None
    dc_offset: tuple[float, ...]
    samples: int


class LevelMeter:
    """Measure the levels of a stream; the result is the same for every split.

    Parameters
    ----------
    channels : int
        Rows of every block.
    """

    def __init__(self, channels: int) -> None:
        self._fifo = SampleFifo(channels)
        self._peak = 0.0
        self._sum = np.zeros(channels)
        self._energy = np.zeros(channels)
        self._samples = 0

    @property
    def sample_peak(self) -> float:
        """The largest absolute sample so far."""
        return self._peak

    def push(self, block: Rows) -> None:
        """Take samples."""
        if block.shape[1] == 0:
            return
        self._samples += block.shape[1]
        self._peak = max(self._peak, float(block.max()), -float(block.min()))
        self._fifo.push(block)
        while len(self._fifo) >= CHUNK:
            total, energy = _sums(self._fifo.pop(CHUNK))
            self._sum += total
            self._energy += energy

    def result(self) -> Levels:
        """Return the levels of what was taken so far."""
        pending = self._fifo.pop(CHUNK)
        self._fifo.push(pending)
        total, energy = _sums(pending)
        count = max(1, self._samples)
        rms = math.sqrt(float((self._energy + energy).mean()) / count)
        peak_db, rms_db = level_or_none(self._peak), level_or_none(rms)
        crest = None if peak_db is None or rms_db is None else peak_db - rms_db
        offsets = tuple(float(value) for value in (self._sum + total) / count)
        return Levels(peak_db, rms_db, crest, offsets, self._samples)


def _sums(chunk: Rows) -> tuple[np.ndarray, np.ndarray]:
    wide = chunk.astype(np.float64)
    return wide.sum(axis=1), (wide * wide).sum(axis=1)

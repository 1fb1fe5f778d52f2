"""Run a coder at a sample rate of its own, aligned with the stream around it."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

import numpy as np

from restorack.audio.fifo import SampleFifo
from restorack.audio.gate import Rows
from restorack.audio.resampling import StreamResampler

PROBE = 256
"""Samples of a block when the resamplers' delay is found."""
PROBE_S = 2.0


class Coder(Protocol):
    """What is run: as many samples come out as go in, aligned."""

    def push(self, block: Rows) -> Rows:
        """Take samples, return those that are ready."""

    def finish(self) -> Rows:
        """Return the rest."""


class AtRate:
    """A coder between two resamplers; a fixed number of samples is withheld.

    Parameters
    ----------
    coder : Coder
    channels : int
    sample_rate, coder_rate : float
        In Hz.
    coder_frame : int
        The most samples that the coder withholds, at its own rate, and one.
    """

    def __init__(
        self, coder: Coder, channels: int, sample_rate: float, coder_rate: float, coder_frame: int
    ) -> None:
        self._coder = coder
        self._down = StreamResampler(sample_rate, coder_rate, channels)
        self._up = StreamResampler(coder_rate, sample_rate, channels)
        self._ready = SampleFifo(channels)
        self._withheld = resampling_latency(sample_rate, coder_rate, coder_frame)
        self._taken = self._returned = 0

    def push(self, block: Rows) -> Rows:
        """Take samples, return those that are ready."""
        self._taken += block.shape[1]
        self._ready.push(self._up.push(self._coder.push(self._down.push(block))))
        return self._released(max(0, self._taken - self._withheld - self._returned))

    def finish(self) -> Rows:
        """Return the rest; resamplers may round the length by a sample, which is put right."""
        for last in (self._coder.push(self._down.finish()), self._coder.finish()):
            self._ready.push(self._up.push(last))
        self._ready.push(self._up.finish())
        owed = self._taken - self._returned
        missing = max(0, owed - len(self._ready))
        self._ready.push(np.zeros((self._up.channels, missing), np.float32))
        return self._released(owed)

    def _released(self, count: int) -> Rows:
        out = self._ready.pop(count)
        self._returned += out.shape[1]
        return out


@lru_cache(maxsize=64)
def resampling_latency(sample_rate: float, coder_rate: float, coder_frame: int) -> int:
    """Return how many samples :class:`AtRate` withholds: found by running it on silence.

    What resamplers hold back goes up and down with their own blocks; this is the most, and a
    frame of the coder more, since the two do not run in step.
    """
    frame = int(np.ceil(coder_frame * sample_rate / coder_rate))
    if sample_rate == coder_rate:
        return frame - 1
    down, up = (StreamResampler(a, b, 1) for a, b in
                ((sample_rate, coder_rate), (coder_rate, sample_rate)))  # fmt: skip
    silence, most = np.zeros((1, PROBE), np.float32), 0
    for _ in range(int(PROBE_S * sample_rate / PROBE)):
        up.push(down.push(silence))
        most = max(most, down.taken - up.returned)
    return most + PROBE + frame

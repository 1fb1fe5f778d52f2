"""Streams of several parts, one behind the other, with a fixed latency."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.dsp.fifo import SampleFifo
from restorack.dsp.resampling import StreamResampler

PROBE = 256
"""Samples of a block when the resamplers' delay is found."""
PROBE_S = 2.0
"""Seconds after which a stream has shown its latency. By hand."""


class Part(Protocol):
    """What a pipeline is made of: what comes out is aligned with what goes in."""

    def push(self, block: Rows) -> Rows:
        """Take samples, return those that are ready."""

    def finish(self) -> Rows:
        """Return the rest."""


class Pipeline:
    """Parts one behind the other.

    Each part holds back now more, now less; the whole always as much. (No WindowedStream: that
    cuts its input into windows; here the input passes as it comes, and the output waits.)

    Parameters
    ----------
    parts : sequence of Part
    channels : int
    latency : int
        At least the sum of the parts' latencies, in samples of the first one's input.
    """

    def __init__(self, parts: Sequence[Part], channels: int, latency: int) -> None:
        self._parts = tuple(parts)
        self._latency = latency
        self._ready = SampleFifo(channels)
        self._channels = channels
        self._taken = self._returned = 0

    def push(self, block: Rows) -> Rows:
        """Take samples, return those that are ready."""
        self._taken += block.shape[1]
        for part in self._parts:
            block = part.push(block)
        self._ready.push(block)
        return self._released(max(0, self._taken - self._latency - self._returned))

    def finish(self) -> Rows:
        """Return the rest; where resamplers rounded the length, it is put right with silence."""
        rest = np.zeros((self._channels, 0), np.float32)
        for part in self._parts:
            rest = np.concatenate([part.push(rest), part.finish()], axis=1)
        self._ready.push(rest)
        owed = self._taken - self._returned
        missing = max(0, owed - len(self._ready))
        self._ready.push(np.zeros((self._channels, missing), np.float32))
        return self._released(owed)

    def _released(self, count: int) -> Rows:
        out = self._ready.pop(count)
        self._returned += out.shape[1]
        return out


def at_rate(
    part: Part, channels: int, sample_rate: float, part_rate: float, part_latency: int
) -> Pipeline:
    """Run a part at a sample rate of its own, between two resamplers.

    Parameters
    ----------
    part : Part
    channels : int
    sample_rate, part_rate : float
        In Hz.
    part_latency : int
        Of the part, in samples at its own rate.
    """
    down = StreamResampler(sample_rate, part_rate, channels)
    up = StreamResampler(part_rate, sample_rate, channels)
    latency = resampled_latency(sample_rate, part_rate, part_latency)
    return Pipeline([down, part, up], channels, latency)


@lru_cache(maxsize=64)
def resampled_latency(sample_rate: float, part_rate: float, part_latency: int) -> int:
    """Return the latency of a part at another rate: found by resampling silence.

    What resamplers hold back goes up and down with their own blocks; this is the most, and what
    the part adds, since they do not run in step.
    """
    if sample_rate == part_rate:
        return part_latency
    down = StreamResampler(sample_rate, part_rate, 1)
    up = StreamResampler(part_rate, sample_rate, 1)
    silence, most = np.zeros((1, PROBE), np.float32), 0
    for _ in range(int(PROBE_S * sample_rate / PROBE)):
        up.push(down.push(silence))
        most = max(most, down.taken - up.returned)
    return most + PROBE + int(np.ceil((part_latency + 1) * sample_rate / part_rate))

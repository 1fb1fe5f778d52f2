"""Streams that are worked on in windows of one size, aligned with what goes in and as long."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.fifo import SampleFifo


class WindowedStream(ABC):
    """Hand a stream to :meth:`_process` window by window, and put what it returns in its place.

    The windows count from the first sample, so that no split of the stream changes the result.
    Latency is taken out: the output lies where the input did, and ends where it ends.

    Parameters
    ----------
    channels : int
        Rows of every block.
    step : int
        Samples between windows; :meth:`_process` returns as many for each.
    overlap : int
        Samples that a window shares with the next one: it has ``step + overlap``.
    before : int
        Samples of silence before the stream, within the first window.
    lead : int
        Samples that :meth:`_process` returns before the one that belongs to sample 0.
    dtype : type
        Of what :meth:`_process` returns.
    returned_rows : int, optional
        Rows of what it returns; by default ``channels``.
    """

    def __init__(
        self,
        channels: int,
        step: int,
        *,
        overlap: int = 0,
        before: int = 0,
        lead: int = 0,
        dtype: type[Any] = np.float32,
        returned_rows: int | None = None,
    ) -> None:
        self._channels = channels
        self._fifo = SampleFifo(channels)
        self._fifo.push(np.zeros((channels, before), np.float32))
        self._step, self._lead = step, lead
        self._kept = np.zeros((channels, 0), np.float32)
        self._overlap = overlap
        self._nothing = np.zeros((returned_rows or channels, 0), dtype)
        self._owed = 0

    @abstractmethod
    def _process(self, window: Rows) -> NDArray[Any]:
        """Return the next ``step`` samples, given a window of the input."""

    def push(self, block: Rows) -> NDArray[Any]:
        """Take samples, return those that are ready."""
        self._owed += block.shape[1]
        self._fifo.push(block)
        return self._ready()

    def finish(self) -> NDArray[Any]:
        """Return the rest, as if silence followed."""
        silence = np.zeros((self._channels, self._step), np.float32)
        parts = [self._nothing]
        while self._owed:
            self._fifo.push(silence)
            parts.append(self._ready())
        return np.concatenate(parts, axis=1)

    def _ready(self) -> NDArray[Any]:
        parts = [self._nothing]
        while len(self._fifo) + self._kept.shape[1] >= self._step + self._overlap:
            fresh = self._fifo.pop(self._step + self._overlap - self._kept.shape[1])
            window = np.concatenate([self._kept, fresh], axis=1)
            self._kept = window[:, self._step :].copy()
            parts.append(self._process(window))
        out = np.concatenate(parts, axis=1)
        early = min(self._lead, out.shape[1])
        self._lead -= early
        ready = out[:, early : early + self._owed]
        self._owed -= ready.shape[1]
        return ready


def latency_of_windows(step: int, *, overlap: int = 0, before: int = 0, lead: int = 0) -> int:
    """Return the most samples that a :class:`WindowedStream` ever holds back."""
    return step - 1 + overlap - before + lead

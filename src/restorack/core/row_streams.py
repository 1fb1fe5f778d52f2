"""Streams of checked rows: what stages implement, and what chains call.

A stage takes rows and returns what is ready; how arrays of a caller's become rows, and a whole
file a stream, is :class:`~restorack.core.stage.Stage`.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from restorack.core.attributes import CheckedAttributes
from restorack.core.stage_lock import StageLock, lock_methods, locked
from restorack.dsp.arrays import Layout, Rows
from restorack.errors import AudioError, RestorackError

WHOLE_FILE = 1 << 62
"""Latency of a stage that returns nothing before the stream ends."""


@dataclass
class StreamInfo:
    """What is known of the stream in progress."""

    sample_rate: float
    channels: int
    layout: Layout = Layout.ROWS
    bypassed: bool = False
    by_caller: bool = False
    taken: int = 0
    returned: int = 0


class RowStreams(CheckedAttributes):
    """Base of :class:`~restorack.core.stage.Stage`: the stream in progress, on checked rows.

    Every array is finite float32 of shape ``(channels, samples)`` that is never written into.
    """

    is_effect: ClassVar[bool] = True
    is_instrument: ClassVar[bool] = False
    changes_length: bool = False
    missing: bool = False
    """Whether it stands for an optional plugin that is not installed: chains skip it."""

    def __init_subclass__(cls, **options: Any) -> None:
        """Have overridden methods hold the stage, as those do that they override."""
        super().__init_subclass__(**options)
        lock_methods(cls)

    def __init__(self) -> None:
        self._lock = StageLock()
        self._learns_for_one = False
        self._enabled = True
        self._stream: StreamInfo | None = None
        self._latest_rate = 44_100.0
        self._prepared_rate: float | None = None

    # What a subclass implements.

    @abstractmethod
    def _begin(self, sample_rate: float, channels: int) -> None:
        """Start a stream: build the signal state, keep what was learned."""

    @abstractmethod
    def _push(self, block: Rows) -> Rows:
        """Take a block, return what is ready: never padding, possibly nothing."""

    @abstractmethod
    def _finish(self) -> Rows:
        """Return all that is still held back; the stream has ended."""

    def _learn(self, blocks: Iterator[Rows], sample_rate: float) -> None:
        """Learn from a whole file; blocks have ``LEARN_BLOCK`` samples, the last one fewer."""

    def _unlearn(self) -> None:
        """Drop what was learned."""

    @locked
    def predict_latency(self, sample_rate: float) -> int:
        """Return the latency in samples at a sample rate in Hz."""
        return 0

    @locked
    def findings(self) -> dict[str, Any]:
        """Return what was found and done in the latest stream, as JSON-ready values."""
        return {}

    @locked
    def compact_findings(self) -> dict[str, Any]:
        """Return the findings with long lists as :class:`~restorack.core.records.Records`.

        Reports are written from these. A stage that keeps records overrides it, and returns it
        from :meth:`findings` made :func:`~restorack.core.records.plain`.
        """
        return self.findings()

    @locked
    def summary(self) -> str:
        """Return the findings of the latest stream as an engineer would say them, in a line.

        Empty where there is nothing to say: what a stage was set to do, its parameters say.
        """
        return ""

    @property
    def needs_preparation(self) -> bool:
        """Whether a first pass over the file makes a difference."""
        return False

    def output_length(self, samples: int, sample_rate: float) -> int | None:
        """Return how many samples come of a signal of so many; None where that is not known.

        A stage that changes the length and overrides this and :meth:`output_seconds` has cue
        points and chapters follow. Both are asked after the first pass.
        """
        return None if self.changes_length else samples

    def output_seconds(self, seconds: float) -> float:
        """Return when a moment of the input is heard in the output, both in seconds."""
        return seconds

    # What it is, for chains and callers.

    @property
    def default_name(self) -> str:
        """What a chain calls the stage, in lower case."""
        return type(self).__name__

    @property
    def enabled(self) -> bool:
        """False: bypassed, the signal passes bit for bit. A change counts from the next signal."""
        return self._enabled

    @enabled.setter
    def enabled(self, enabled: bool) -> None:
        self._enabled = bool(enabled)

    @property
    def is_prepared(self) -> bool:
        """Whether a first pass was made and not forgotten."""
        return self._prepared_rate is not None

    @property
    def wants_first_pass(self) -> bool:
        """Whether it would hear the file before it streams, and has not yet."""
        return self._enabled and self.needs_preparation and not self.is_prepared

    @property
    def latency_samples(self) -> int:
        """The latency at the rate of the latest stream (else 44,100 Hz)."""
        return self.predict_latency(self._latest_rate)

    def held_with(self) -> Iterable[Any]:
        """Return what a call holds: the stage itself, and all that it sends signals through."""
        return (self,)

    def _when_held(self) -> None:
        """Do what is due when a thread begins to hold the stage."""

    # What chains use.

    @locked
    def start(self, sample_rate: float, channels: int) -> None:
        """Begin a stream on rows that are already checked; for chains and renders."""
        if self._prepared_rate not in (None, sample_rate):
            raise AudioError(
                f"sample rate {sample_rate:g} Hz after a first pass at {self._prepared_rate:g} Hz",
                rule="prepare() and the stream have the same rate",
                remedy="call forget() or prepare() again",
            )
        self._stream = StreamInfo(sample_rate, channels, bypassed=not self._enabled)
        self._latest_rate = sample_rate
        if self._enabled:
            self._begin(sample_rate, channels)

    @locked
    def advance(self, rows: Rows) -> Rows:
        """Take checked rows of the stream in progress, return what is ready."""
        stream = self._require_stream()
        out = rows if stream.bypassed else self._advance(rows)
        stream.taken += rows.shape[1]
        stream.returned += out.shape[1]
        return out

    @locked
    def end(self) -> Rows:
        """End the stream in progress, return the rest."""
        rest = self._end()
        self._stream = None
        return rest

    def _advance(self, rows: Rows) -> Rows:
        return self._push(rows)

    def _end(self) -> Rows:
        stream = self._require_stream()
        if stream.bypassed:
            return np.zeros((stream.channels, 0), np.float32)
        rest = self._conclude()
        stream.returned += rest.shape[1]
        if not self.changes_length and stream.returned != stream.taken:
            raise RestorackError(
                f"{stream.returned} samples returned for {stream.taken} taken",
                where=type(self).__name__,
                rule="a stage returns as many samples as it takes",
                remedy="report this as a defect of the stage",
            )
        return rest

    def _conclude(self) -> Rows:
        return self._finish()

    def _require_stream(self) -> StreamInfo:
        if self._stream is None:
            raise RestorackError("no stream was started", where=type(self).__name__)
        return self._stream

    def _is_open(self) -> bool:
        return super()._is_open() or self._lock.is_mine

"""Stage: the call contract that everything in a chain keeps.

A stage is called like a pedalboard plugin. Beyond that it can say when a stream ends
(:meth:`Stage.flush`) and look at a whole file before its first sample (:meth:`Stage.prepare`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

import numpy as np

from restorack.core.first_pass import even_blocks, learning_for_one_signal
from restorack.core.row_streams import RowStreams
from restorack.core.stage_lock import locked
from restorack.core.stream_warnings import warn_unflushed, warn_unprepared
from restorack.core.streaming import BLOCK, StreamTo, stream_file
from restorack.dsp.arrays import (
    Layout,
    Rows,
    check_buffer_size,
    check_sample_rate,
    like_input,
    to_rows,
)
from restorack.errors import AudioError

OpenBlocks: TypeAlias = Callable[[], Iterable[Any]]
"""Opens a stream of audio blocks anew, from its first sample."""


class Stage(RowStreams):
    """Base of processors, chains, parallel mixes and hosted plugins.

    Subclasses implement ``_begin``, ``_push`` and ``_finish``, and where they need a first pass
    set ``needs_preparation`` and implement ``_learn`` and ``_unlearn``. Every array they see is
    finite float32 of shape ``(channels, samples)`` that they must not write into; what processors
    see, and what is learned from, lies within :data:`~restorack.dsp.arrays.LOUDEST`.

    Threads may share a stage: a call holds the stage, and all that it sends signals through, until
    it returns, and other threads' calls wait. With ``reset=True`` every call gives what it gives
    alone. A stream (``reset=False``) belongs to one thread at a time: blocks from two threads
    are one signal, in the order in which they came.
    """

    def __call__(
        self,
        input_array: Any,
        sample_rate: float,
        buffer_size: int = 8192,
        reset: bool = True,
    ) -> Rows:
        """Call :meth:`process`."""
        return self.process(input_array, sample_rate, buffer_size, reset)

    @locked
    def process(
        self,
        input_array: Any,
        sample_rate: float,
        buffer_size: int = 8192,
        reset: bool = True,
    ) -> Rows:
        """Process audio as pedalboard does.

        Parameters
        ----------
        input_array : array_like of float, shape (samples,) or (channels, samples)
            Audio, full scale -1 to 1; never written into. More than 64 samples may also come as
            (samples, channels), and so may the rest of a stream that began so.
        sample_rate : float
            In Hz; the output has the same.
        buffer_size : int
            Samples per internal block; changes memory and speed, never the result.
        reset : bool
            True: the input is a whole signal, the output is as long and time-aligned, and a
            stage that needs a first pass makes it on this input unless it is prepared.
            False: the input continues a stream; the output may be shorter, and
            :meth:`flush` returns the rest.

        Returns
        -------
        ndarray of float32
            In the shape of the input.

        Raises
        ------
        AudioError, AudioTypeError
            For audio or a rate that cannot be processed.
        """
        stream = self._stream if not reset else None
        known = (stream.channels, stream.layout) if stream is not None else ()
        rows, layout = to_rows(input_array, *known)
        rate, size = check_sample_rate(sample_rate), check_buffer_size(buffer_size)
        if not reset:
            return like_input(self._continue(rows, rate, layout), layout)
        if not self._enabled:
            self.reset()
            return like_input(rows.copy(), layout)
        return like_input(self._whole_file(rows, rate, size), layout)

    @locked
    def flush(self) -> Rows:
        """End the stream and return what is still held back, in the shape of its input."""
        if self._stream is None:
            return np.zeros(0, np.float32)
        stream = self._stream
        rest = self._end()
        self._stream = None
        return like_input(rest, stream.layout)

    @locked
    def stream(self, reader: Any, writer: Any, *, block_size: int = BLOCK) -> int:
        """Process an open file into another one, whole: first pass, blocks, flush.

        Parameters
        ----------
        reader : object
            An audio file open for reading: pedalboard's ``AudioFile``, soundfile's ``SoundFile``,
            or a reader of ours. It is read from where it stands.
        writer : object
            The same, open for writing, of the same rate and channels. Neither is closed.
        block_size : int
            Samples per block; never changes the result.

        Returns
        -------
        int
            The samples written, per channel: as many as were read.

        Raises
        ------
        AudioError
            Where rates or channels differ, or a first pass is wanted of what is read once.
        TypeError
            For what is no open audio file.
        """
        return stream_file(self, reader, writer, check_buffer_size(block_size))

    def stream_to(self, writer: Any) -> StreamTo:
        """Return a context in which blocks are processed into an open file, flushed at its end.

        Parameters
        ----------
        writer : object
            As of :meth:`stream`; its rate is that of the blocks.

        Examples
        --------
        >>> with chain.stream_to(output) as stream:
        ...     while source.tell() < source.frames:
        ...         stream.write(source.read(8192))
        """
        return StreamTo(self, writer)

    def process_file(self, open_blocks: OpenBlocks, sample_rate: float) -> Iterator[Rows]:
        """Yield the blocks of a whole file, processed; a first pass made for it is forgotten.

        Parameters
        ----------
        open_blocks : callable
            Opens the file's blocks anew.
        sample_rate : float
            In Hz.
        """
        learners = [self] if self.wants_first_pass else []
        with learning_for_one_signal(learners):
            for learner in learners:
                learner.prepare(open_blocks, sample_rate)
            self.reset()
            for block in open_blocks():
                rows, _ = to_rows(block)
                if self._stream is None:
                    self.start(sample_rate, rows.shape[0])
                yield self.advance(rows)
            if self._stream is not None:
                yield self.end()

    @locked
    def reset(self) -> None:
        """Drop the signal state; keep what was learned. Samples still inside are warned of."""
        self._warn_of_samples_inside()
        self._stream = None

    @locked
    def abandon(self) -> None:
        """Drop a stream without a warning, as after an error."""
        self._stream = None
        self.reset()

    def _warn_of_samples_inside(self) -> None:
        stream = self._stream
        if stream is not None and stream.by_caller and stream.taken > stream.returned:
            warn_unflushed(type(self).__name__, stream.taken - stream.returned)

    def __del__(self) -> None:
        """Warn of a stream that nobody flushed."""
        if self.__dict__.get("_stream") is not None:
            self._warn_of_samples_inside()

    @locked
    def forget(self) -> None:
        """Drop the signal state and what was learned."""
        self.reset()
        self._prepared_rate = None
        self._unlearn()

    @locked
    def prepare(self, blocks: OpenBlocks | Iterable[Any], sample_rate: float) -> None:
        """Make the first pass over a whole file.

        Parameters
        ----------
        blocks : callable or iterable
            The file's blocks in order, or a function that opens them anew.
        sample_rate : float
            In Hz.
        """
        rate = check_sample_rate(sample_rate)
        self.forget()
        opened = blocks() if callable(blocks) else blocks
        self._learn(even_blocks(opened), rate)
        self._prepared_rate = rate

    def _recover(self) -> None:
        """Drop what a thread left half done that was not copied by a fork."""
        self.abandon()
        if self._learns_for_one:
            self._learns_for_one = False
            self.forget()

    def _continue(self, rows: Rows, rate: float, layout: Layout) -> Rows:
        stream = self._stream
        if stream is None:
            if self.wants_first_pass:
                warn_unprepared(type(self).__name__)
            self.start(rate, rows.shape[0])
            begun = self._require_stream()
            begun.layout, begun.by_caller = layout, True
        elif (rate, rows.shape[0]) != (stream.sample_rate, stream.channels):
            raise AudioError(
                f"{rows.shape[0]} channels at {rate:g} Hz in a stream of {stream.channels} "
                f"at {stream.sample_rate:g} Hz",
                rule="a stream keeps its channels and its rate",
                remedy="call flush() or reset() between signals",
            )
        return self.advance(rows)

    def _whole_file(self, rows: Rows, rate: float, buffer_size: int) -> Rows:
        """Process a whole file; a first pass made for it alone is forgotten with it."""
        if not self.needs_preparation or self.is_prepared:
            return self._one_stream(rows, rate, buffer_size)
        with learning_for_one_signal([self]):
            self.prepare(lambda: [rows], rate)
            return self._one_stream(rows, rate, buffer_size)

    def _one_stream(self, rows: Rows, rate: float, buffer_size: int) -> Rows:
        self.reset()
        self.start(rate, rows.shape[0])
        parts = [
            self.advance(rows[:, at : at + buffer_size])
            for at in range(0, rows.shape[1], buffer_size)
        ]
        parts.append(self.end())
        return np.concatenate(parts, axis=1)

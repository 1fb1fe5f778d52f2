"""Streams from and into open audio files: first pass, blocks, flush."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from restorack.dsp.arrays import Layout, Rows, to_rows
from restorack.errors import AudioError

if TYPE_CHECKING:
    from restorack.core.stage import Stage

BLOCK = 1 << 16
"""Samples per block."""


class OpenInput:
    """An audio file that is open for reading.

    Parameters
    ----------
    reader : object
        pedalboard's ``AudioFile``, soundfile's ``SoundFile``, or a reader of ours
        (:class:`restorack.io.reader.AudioReader`).
    block : int
        Samples per block.
    """

    def __init__(self, reader: Any, block: int) -> None:
        self._reader, self._block = reader, block
        info = getattr(reader, "info", reader)
        self.sample_rate = _rate_of(info)
        self.channels = _channels_of(info)
        if not hasattr(reader, "read") and not hasattr(reader, "blocks"):
            raise _no_file(reader, "to read")

    @property
    def can_rewind(self) -> bool:
        """Whether the file can be read twice."""
        seekable = getattr(self._reader, "seekable", None)
        return hasattr(self._reader, "seek") and (seekable is None or bool(seekable()))

    def opener(self) -> Callable[[], Iterator[Rows]]:
        """Return what opens the blocks anew, from where the file stands now."""
        if not hasattr(self._reader, "tell"):  # a reader of ours: its blocks are the whole file
            return lambda: iter(self._reader.blocks(self._block))
        first = self._reader.tell()

        def blocks() -> Iterator[Rows]:
            if self._reader.tell() != first:
                self._reader.seek(first)
            return self._blocks()

        return blocks

    def _blocks(self) -> Iterator[Rows]:
        by_frames = hasattr(self._reader, "always_2d") or not hasattr(self._reader, "num_channels")
        while True:
            if by_frames:  # soundfile
                block = self._reader.read(self._block, dtype="float32", always_2d=True).T
            else:
                block = self._reader.read(self._block)
            if not block.shape[-1]:
                return
            yield np.ascontiguousarray(block, np.float32)


class OpenOutput:
    """An audio file that is open for writing.

    Parameters
    ----------
    writer : object
        pedalboard's ``AudioFile``, soundfile's ``SoundFile``, or a writer of ours.
    """

    def __init__(self, writer: Any) -> None:
        if not hasattr(writer, "write") or not hasattr(writer, "__exit__"):
            raise _no_file(writer, "to write")
        self._writer = writer
        self.sample_rate = _rate_of(writer)
        self.channels = _channels_of(writer)
        module = type(writer).__module__.partition(".")[0]
        self._by_frames = module == "soundfile"

    def write(self, rows: Rows) -> None:
        """Write rows."""
        if rows.shape[-1]:
            self._writer.write(np.ascontiguousarray(rows.T) if self._by_frames else rows)


def _rate_of(file: Any) -> float:
    for name in ("samplerate", "sample_rate"):
        rate = getattr(file, name, None)
        if isinstance(rate, (int, float)):
            return float(rate)
    raise _no_file(file, "with a sample rate")


def _channels_of(file: Any) -> int | None:
    for name in ("num_channels", "channels"):
        count = getattr(file, name, None)
        if isinstance(count, int):
            return count
    return None


def _no_file(candidate: Any, purpose: str) -> TypeError:
    hint = "; restorack.render(source, output, chain) takes paths" if _is_path(candidate) else ""
    return TypeError(f"{candidate!r} is no open audio file {purpose}{hint}")


def _is_path(candidate: Any) -> bool:
    return isinstance(candidate, str) or hasattr(candidate, "__fspath__")


def stream_file(stage: Stage, reader: Any, writer: Any, block: int) -> int:
    """Send what is left of an open file through a stage into another; see :meth:`Stage.stream`."""
    source, target = OpenInput(reader, block), OpenOutput(writer)
    _require_equal("sample rate", source.sample_rate, target.sample_rate, "Hz")
    _require_equal("channels", source.channels, target.channels, "channels")
    if stage.wants_first_pass and not source.can_rewind and hasattr(reader, "tell"):
        raise AudioError(
            "the input cannot be read twice",
            where=type(stage).__name__,
            rule="a stage that hears the whole file first needs a file that can seek",
            remedy="prepare() it before, or read the file into memory",
        )
    written = 0
    for rows in stage.process_file(source.opener(), source.sample_rate):
        target.write(rows)
        written += rows.shape[1]
    return written


def _require_equal(what: str, read: Any, written: Any, unit: str) -> None:
    if None not in (read, written) and read != written:
        raise AudioError(
            f"{what}: {read:g} {unit} are read, {written:g} {unit} written",
            rule="input and output have the same rate and channels",
            remedy="open the output with those of the input, or resample with .resampled_to()",
        )


class StreamTo:
    """A stream into an open file, flushed where its context ends.

    Parameters
    ----------
    stage : Stage
    writer : object
        Open for writing, see :class:`OpenOutput`.
    """

    def __init__(self, stage: Stage, writer: Any) -> None:
        self._stage, self._target = stage, OpenOutput(writer)
        self._layout: Layout | None = None
        self._channels: int | None = None

    def __enter__(self) -> StreamTo:
        """Begin a stream."""
        self._stage.reset()
        return self

    def write(self, block: Any) -> None:
        """Process the next block, and write what is ready.

        Parameters
        ----------
        block : array_like of float, shape (samples,) or (channels, samples)
        """
        rows, self._layout = to_rows(block, self._channels, self._layout)
        self._channels = rows.shape[0]
        self._target.write(self._stage.process(rows, self._target.sample_rate, reset=False))

    def write_all(self, blocks: Iterable[Any]) -> None:
        """Process blocks one after the other."""
        for block in blocks:
            self.write(block)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write what the stage still holds, unless the stream failed."""
        if kind is None:
            self._target.write(self._stage.flush())
        else:
            self._stage.abandon()

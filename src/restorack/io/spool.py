"""Samples on disk, written once and read any number of times: what memory must not hold."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from restorack.errors import AudioError, FileError
from restorack.io.atomic import write_error
from restorack.io.closing import Closing
from restorack.system import files


class Spool(Closing):
    """A nameless temporary file of interleaved samples.

    It lies in the folder that ``TMPDIR`` names. It has no name there, so that even a killed
    process leaves nothing behind.

    Parameters
    ----------
    channels : int
    dtype : {float32, float64}
        What is kept; exactly what is written is read.
    expected : int
        Samples per channel that are going to come, where known: their space is then checked at
        once instead of when the disk is full.

    Raises
    ------
    FileError
        Where the temporary folder is full or cannot be written.
    """

    def __init__(self, channels: int, dtype: DTypeLike = np.float32, expected: int = 0) -> None:
        self._dtype = np.dtype(dtype)
        if self._dtype not in (np.float32, np.float64) or channels < 1:
            raise AudioError(
                f"a spool of {channels} channels of {self._dtype}",
                rule="at least one channel of float32 or float64",
            )
        self.channels = channels
        self.frames = 0
        self._frame_bytes = channels * self._dtype.itemsize
        self._folder = tempfile.gettempdir()
        self._require_space(expected)
        try:
            self._file = tempfile.TemporaryFile(prefix="restorack-", buffering=0)  # noqa: SIM115  closed in close()
        except OSError as error:
            raise self._failure(error) from None

    def close(self) -> None:
        """Delete the samples; closing twice does no harm."""
        self._file.close()

    def write(self, rows: NDArray[Any]) -> None:
        """Append samples.

        Parameters
        ----------
        rows : ndarray, shape (channels, samples)
            In the spool's own type, since a conversion might lose bits.

        Raises
        ------
        AudioError
            For another shape or type.
        FileError
            Where the disk is full, naming TMPDIR.
        """
        if rows.ndim != 2 or rows.shape[0] != self.channels or rows.dtype != self._dtype:
            raise AudioError(
                f"block of {rows.dtype} with shape {rows.shape}",
                rule=f"({self.channels}, samples) of {self._dtype}",
            )
        view = np.ascontiguousarray(rows.T).view(np.uint8).reshape(-1).data
        offset = self.frames * self._frame_bytes
        try:
            while view:
                done = files.write_at(self._file.fileno(), view, offset)
                view, offset = view[done:], offset + done
        except OSError as error:
            raise self._failure(error) from None
        self.frames += rows.shape[1]

    def blocks(
        self, size: int = 65_536, start: int = 0, stop: int | None = None
    ) -> Iterator[NDArray[Any]]:
        """Return what has been written so far, from its first sample.

        Parameters
        ----------
        size : int
            Samples per block; the last one may have fewer.
        start, stop : int
            First sample, and the one after the last.

        Yields
        ------
        ndarray, shape (channels, samples)
            In the spool's type, contiguous, and the caller's own.

        Raises
        ------
        AudioError
            For a span outside of what was written.
        """
        stop = self.frames if stop is None else stop
        if not 0 <= start <= stop <= self.frames or size < 1:
            raise AudioError(
                f"samples {start} to {stop} in blocks of {size}",
                where="spool",
                rule=f"a span within 0 to {self.frames}, blocks of 1 sample or more",
            )
        for position in range(start, stop, size):
            count = min(size, stop - position)
            yield self._read(position, count)

    def opener(self, size: int = 65_536) -> Callable[[], Iterator[NDArray[Any]]]:
        """Return a function that opens the blocks anew, as a chain's first pass wants it."""
        return lambda: self.blocks(size)

    def _read(self, position: int, count: int) -> NDArray[Any]:
        frames = np.empty((count, self.channels), self._dtype)
        view, offset = frames.view(np.uint8).reshape(-1).data, position * self._frame_bytes
        while view:
            done = files.read_into(self._file.fileno(), view, offset)
            if not done:
                raise FileError("a temporary file was cut short", where=self._folder)
            view, offset = view[done:], offset + done
        return np.ascontiguousarray(frames.T)

    def _require_space(self, expected: int) -> None:
        free, needed = shutil.disk_usage(self._folder).free, expected * self._frame_bytes
        if needed > free:
            raise FileError(
                f"{needed / 1e9:.3g} GB of temporary space needed, {free / 1e9:.3g} GB free",
                where=self._folder,
                rule="what a stage must hear twice is kept on disk",
                remedy="set TMPDIR to a folder on a larger disk",
            )

    def _failure(self, error: OSError) -> FileError:
        cause = write_error(error, Path(self._folder))
        return type(cause)(
            cause.what,
            where=f"temporary folder {self._folder}",
            rule="what a stage must hear twice is kept on disk",
            remedy="set TMPDIR to a folder on a larger disk that can be written",
        )

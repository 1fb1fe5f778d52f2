"""A file as bytes to look at, of which a small part is in memory at a time."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from restorack.system import files

_BLOCK = 1 << 20
"""Bytes in memory at a time."""


class FileWindow:
    """A file that is sliced and searched like ``bytes``, with bounded memory.

    Holes of sparse files hold zeros, and are passed over without being read.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = files.open_to_read(path)
        self._size = os.fstat(self._descriptor).st_size
        self._block, self._start = b"", 0

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def __len__(self) -> int:
        """Return the file's size in bytes."""
        return self._size

    def __getitem__(self, place: slice) -> bytes:
        """Return the bytes between two places; they count from the beginning."""
        start, stop = place.start or 0, self._size if place.stop is None else place.stop
        at = start - self._start
        if at < 0 or stop - self._start > len(self._block):
            if stop - start > _BLOCK // 2:
                return files.read_at(self._descriptor, max(stop - start, 0), start)
            self._block, self._start, at = files.read_at(self._descriptor, _BLOCK, start), start, 0
        return self._block[at : at + max(stop - start, 0)]

    def find(self, wanted: bytes, start: int, stop: int | None = None) -> int:
        """Return where bytes, not all zero, come first between two places; -1 if nowhere."""
        stop = self._size if stop is None else min(stop, self._size)
        at = start - self._start
        if 0 <= at < len(self._block):
            found = self._block.find(wanted, at, max(min(stop - self._start, len(self._block)), 0))
            if found >= 0:
                return self._start + found
            start = max(start, self._start + len(self._block) - len(wanted) + 1)
        while start + len(wanted) <= stop:
            start = self._next_data(start, len(wanted))
            block = files.read_at(self._descriptor, min(_BLOCK, max(stop - start, 0)), start)
            found = block.find(wanted)
            if found >= 0:
                return start + found
            start += max(len(block) - len(wanted) + 1, 1)
        return -1

    def end_of_content(self, start: int = 0) -> int:
        """Return where the zeros begin that reach to the end of the file."""
        end = self._size
        while end > start:
            begin = max(start, end - _BLOCK)
            if self._next_data(begin, 0) < end:
                block = files.read_at(self._descriptor, end - begin, begin)
                if block != bytes(len(block)):
                    return begin + len(block.rstrip(b"\0"))
            end = begin
        return start

    def _next_data(self, start: int, length: int) -> int:
        """Return where the next bytes are that are not in a hole."""
        found = files.next_data(self._descriptor, start)
        return self._size if found is None else max(start, found - length)

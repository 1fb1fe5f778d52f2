"""A file-like view of chosen parts of a file, with other bytes between them."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path

from restorack.io.formats.layout import Part

_COPIED = 1 << 16
"""Bytes that are copied at a time."""


class FileView:
    """Chosen parts of a file, as if they were a file of their own; nothing is copied.

    Parameters
    ----------
    path : Path
    parts : sequence of bytes or (offset, size)
    """

    def __init__(self, path: Path, parts: Sequence[Part]) -> None:
        self._parts = tuple(parts)
        sizes = [len(part) if isinstance(part, bytes) else part[1] for part in self._parts]
        self._starts = [0, *accumulate(sizes)]
        self._at = 0
        self._file = path.open("rb")

    def read(self, count: int = -1) -> bytes:
        """Return up to ``count`` bytes; all that is left where it is negative."""
        left = max(self._starts[-1] - self._at, 0)
        wanted = left if count < 0 else min(count, left)
        pieces = []
        while wanted > 0:
            piece = self._piece(wanted)
            if not piece:
                break  # the file has shrunk meanwhile
            pieces.append(piece)
            self._at += len(piece)
            wanted -= len(piece)
        return b"".join(pieces)

    def _piece(self, wanted: int) -> bytes:
        number = bisect_right(self._starts, self._at) - 1
        part, inside = self._parts[number], self._at - self._starts[number]
        if isinstance(part, bytes):
            return part[inside : inside + wanted]
        self._file.seek(part[0] + inside)
        return self._file.read(min(wanted, part[1] - inside))

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place, as files do."""
        self._at = max((0, self._at, self._starts[-1])[whence] + offset, 0)
        return self._at

    def tell(self) -> int:
        """Return the place."""
        return self._at

    def blocks(self) -> Iterator[bytes]:
        """Yield what is left, piece by piece."""
        while piece := self.read(_COPIED):
            yield piece

    def close(self) -> None:
        """Close the file behind."""
        self._file.close()

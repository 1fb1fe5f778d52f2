"""Signals on disk that are read anywhere, and read along a time map."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.sinc_reader import HALF, SincReader
from restorack.io.closing import Closing
from restorack.io.spool import Spool

Floats = NDArray[np.float64]

EXACT = float(1 << 23)
"""Positions are kept to 1 / EXACT of a sample, so that a sample on its place is that sample."""


class Signal(Closing):
    """Samples on disk, with silence before and behind them.

    Parameters
    ----------
    channels : int
    expected : int
        Samples that are going to come.
    """

    def __init__(self, channels: int, expected: int = 0) -> None:
        self.channels = channels
        self._spool = Spool(channels, np.float32, expected)

    def close(self) -> None:
        """Delete the samples."""
        self._spool.close()

    @property
    def frames(self) -> int:
        """Samples per channel that are there."""
        return self._spool.frames

    def write(self, rows: Rows) -> None:
        """Append samples."""
        self._spool.write(np.ascontiguousarray(rows, np.float32))

    def fill(self, blocks: Iterable[Rows]) -> Signal:
        """Append blocks; return the signal."""
        for block in blocks:
            self.write(block)
        return self

    def read(self, start: int, stop: int) -> Rows:
        """Return a span, shape (channels, stop - start); silence where there is nothing."""
        out = np.zeros((self.channels, max(0, stop - start)), np.float32)
        first, last = max(0, start), min(self.frames, stop)
        if first < last:
            (block,) = self._spool.blocks(last - first, first, last)
            out[:, first - start : last - start] = block
        return out

    def read_at(self, positions: Floats) -> Rows:
        """Return the samples at positions that rise, by the sinc of 128 points."""
        whole = np.floor(positions)
        places = whole + np.rint((positions - whole) * EXACT) / EXACT
        reach = np.clip(places, -2.0 * HALF, self.frames + 2.0 * HALF)
        first = int(np.floor(reach.min())) - HALF
        last = int(np.ceil(reach.max())) + HALF + 1
        reader = SincReader(self.channels)
        reader.push(self.read(first, last))
        reader.end(last - first + HALF)
        return reader.read(places - first)


def spans(samples: int, size: int) -> Iterator[tuple[int, int]]:
    """Return the pieces of a signal one after another."""
    for start in range(0, samples, size):
        yield start, min(samples, start + size)

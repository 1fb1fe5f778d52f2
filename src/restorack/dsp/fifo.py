"""A queue of samples: pushed in blocks of any size, popped in blocks of any other."""

from __future__ import annotations

from collections import deque

import numpy as np

from restorack.dsp.arrays import Rows


class SampleFifo:
    """First in, first out, for rows of audio.

    Parameters
    ----------
    channels : int
        Number of rows of every block.
    """

    def __init__(self, channels: int) -> None:
        self._channels = channels
        self._blocks: deque[Rows] = deque()
        self._skip = 0
        self._length = 0

    def __len__(self) -> int:
        """Return the number of samples waiting."""
        return self._length

    def push(self, block: Rows) -> None:
        """Append a copy of a block, since callers reuse their buffers."""
        if block.shape[1]:
            self._blocks.append(np.array(block, dtype=np.float32))
            self._length += block.shape[1]

    def pop(self, count: int) -> Rows:
        """Remove and return the first ``count`` samples; fewer if fewer are there."""
        count = min(count, self._length)
        out = np.empty((self._channels, count), np.float32)
        filled = 0
        while filled < count:
            head = self._blocks[0]
            take = min(count - filled, head.shape[1] - self._skip)
            out[:, filled : filled + take] = head[:, self._skip : self._skip + take]
            filled += take
            self._skip += take
            if self._skip == head.shape[1]:
                self._blocks.popleft()
                self._skip = 0
        self._length -= count
        return out

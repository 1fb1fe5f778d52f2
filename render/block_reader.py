"""Streams of blocks cut to equal pieces, and to an exact length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 1 << 16
"""Samples of a block of a render."""


class BlockReader:
    """Take any number of samples from a stream of blocks; silence follows its end.

    Parameters
    ----------
    blocks : iterable of ndarray, shape (channels, samples)
    channels : int
    dtype : dtype
    """

    def __init__(self, blocks: Iterable[NDArray[Any]], channels: int, dtype: Any) -> None:
        self._blocks = iter(blocks)
        self._left = np.zeros((channels, 0), dtype)

    def pull(self, count: int) -> NDArray[Any]:
        """Return the next ``count`` samples."""
        parts, have = [self._left], self._left.shape[1]
        while have < count:
            block = next(self._blocks, None)
            if block is None:
                missing = np.zeros((self._left.shape[0], count - have), self._left.dtype)
                block = missing
            parts.append(block)
            have += block.shape[1]
        joined = np.concatenate(parts, axis=1) if len(parts) > 1 else parts[0]
        self._left = joined[:, count:]
        return joined[:, :count]


def pieces(frames: int, size: int) -> Iterator[int]:
    """Yield the sizes of the pieces that ``frames`` samples are cut into."""
    for at in range(0, frames, size):
        yield min(size, frames - at)

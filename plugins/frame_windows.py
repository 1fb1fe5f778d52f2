"""Frames in, windows of frames with context out: the grid of chunked networks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class FrameWindows:
    """Cut a stream of frames into blocks, each with the frames around it.

    Blocks are counted from the first frame and have one size, so that what is computed from a
    window never depends on how many frames arrive together.

    Parameters
    ----------
    block : int
        Frames per block.
    reach : int
        Frames of context before and after; before the first frame there are zeros.
    shape : tuple of int
        Of one frame.
    """

    def __init__(self, block: int, reach: int, shape: tuple[int, ...]) -> None:
        self._block, self._reach = block, reach
        self._held = np.zeros((reach, *shape), np.float32)

    def push(self, frames: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Take frames, return the windows that they complete."""
        self._held = np.concatenate([self._held, frames])
        windows = []
        length = self._block + 2 * self._reach
        while len(self._held) >= length:
            windows.append(self._held[:length].copy())
            self._held = self._held[self._block :].copy()
        return windows

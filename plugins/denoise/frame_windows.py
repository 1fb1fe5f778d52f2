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
        self._parts = [np.zeros((reach, *shape), np.float32)]
        self._count = reach

    def push(self, frames: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Take frames, return the windows that they complete."""
        self._parts.append(frames)
        self._count += len(frames)
        length = self._block + 2 * self._reach
        if self._count < length:
            return []
        held = np.concatenate(self._parts)
        windows = []
        while len(held) >= length:
            windows.append(held[:length].copy())
            held = held[self._block :]
        self._parts, self._count = [held.copy()], len(held)
        return windows


class LateFrames:
    """Pair frames with what a network says of them, which comes late.

    Parameters
    ----------
    late : int
        How many frames later it comes; so many it says before, of no frame.
    shape : tuple of int
        Of one frame.
    """

    def __init__(self, late: int, shape: tuple[int, ...]) -> None:
        self._to_skip = late
        self._held = np.zeros((0, *shape), np.float32)

    def pair(
        self, frames: NDArray[np.float32], said: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Take a block of frames and a block of what is said, return pairs of equal length."""
        skipped = min(self._to_skip, len(said))
        self._to_skip -= skipped
        said = said[skipped:]
        held = np.concatenate([self._held, frames])
        self._held = held[len(said) :].copy()
        return held[: len(said)], said

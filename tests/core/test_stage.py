"""The call contract: what a first pass sees, whoever cuts the blocks and whatever they reuse."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from toys import Gain

from restorack.core.first_pass import LEARN_BLOCK

RATE = 44_100.0


class Listener(Gain):
    """Keeps the blocks that it learns from."""

    def _learn(self, blocks, sample_rate):
        self.blocks = [block.copy() for block in blocks]


@pytest.mark.parametrize("size", [1000, 40_000, LEARN_BLOCK, 200_001])
def test_a_first_pass_may_be_given_one_buffer_that_is_filled_again_and_again(size: int) -> None:
    audio = np.random.default_rng(1).standard_normal((2, 200_001)).astype(np.float32)
    buffer = np.zeros((2, size), np.float32)

    def blocks() -> Iterator[np.ndarray]:
        for at in range(0, audio.shape[1], size):
            piece = audio[:, at : at + size]
            buffer[:, : piece.shape[1]] = piece
            yield buffer[:, : piece.shape[1]]
            buffer.fill(np.nan)

    listener = Listener()
    listener.prepare(blocks, RATE)
    lengths = [block.shape[1] for block in listener.blocks]
    assert lengths == [LEARN_BLOCK] * 3 + [200_001 - 3 * LEARN_BLOCK]
    assert np.array_equal(np.concatenate(listener.blocks, axis=1), audio)

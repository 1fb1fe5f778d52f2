"""First passes: blocks that do not depend on the caller's, and what is learned for one signal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from restorack.dsp.arrays import Layout, Rows, bounded, to_rows
from restorack.errors import AudioError

if TYPE_CHECKING:
    from restorack.core.stage import Stage

LEARN_BLOCK = 1 << 16
"""First passes see blocks of this many samples, so that they cannot depend on the caller's."""


@contextmanager
def learning_for_one_signal(stages: Iterable[Stage]) -> Iterator[None]:
    """Have stages forget at the end what they learn meanwhile."""
    learners = list(stages)
    for stage in learners:
        stage._learns_for_one = True
    try:
        yield
    finally:
        for stage in learners:
            stage._learns_for_one = False
            stage.forget()


def even_blocks(blocks: Iterable[Any]) -> Iterator[Rows]:
    """Re-cut blocks of any size to ``LEARN_BLOCK`` samples."""
    pending: list[Rows] = []
    waiting = 0
    channels: int | None = None
    layout: Layout | None = None
    for block in blocks:
        rows, layout = to_rows(block, channels, layout)
        if channels not in (None, rows.shape[0]):
            raise AudioError(
                f"a block of {rows.shape[0]} channels after one of {channels}",
                rule="a file keeps its channels",
            )
        channels = rows.shape[0]
        pending.append(bounded(rows).copy())  # callers reuse their buffers
        waiting += rows.shape[1]
        if waiting >= LEARN_BLOCK:
            joined = np.concatenate(pending, axis=1)
            whole = waiting - waiting % LEARN_BLOCK
            for at in range(0, whole, LEARN_BLOCK):
                yield joined[:, at : at + LEARN_BLOCK]
            pending, waiting = [joined[:, whole:].copy()], waiting - whole
    if waiting:
        yield np.concatenate(pending, axis=1)

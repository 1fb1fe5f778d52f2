"""The input of a render: its span and tail as blocks, at the rate that is wanted."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.resampling import resample_blocks
from restorack.io.reader import AudioReader
from restorack.render.block_reader import BLOCK
from restorack.render.plan import Plan

__all__ = ["BLOCK", "Source"]


class Source:
    """A span of a file, opened any number of times.

    Parameters
    ----------
    reader : AudioReader
    plan : Plan
    """

    def __init__(self, reader: AudioReader, plan: Plan) -> None:
        self._reader = reader
        self._plan = plan

    def at_input_rate(self) -> Iterator[Rows]:
        """Return float32 blocks of the span and its tail."""
        yield from self._reader.blocks(BLOCK, self._plan.first, self._plan.last)
        for at in range(0, self._plan.tail, BLOCK):
            yield np.zeros((self._plan.channels, min(BLOCK, self._plan.tail - at)), np.float32)

    def at_work_rate(self) -> Iterator[Rows]:
        """Return float32 blocks at the rate that the chain works at."""
        return self._resampled(self.at_input_rate(), self._plan.input_rate, self._plan.work_rate)

    def dry(self) -> Iterator[Rows]:
        """Return the unprocessed signal at the output's rate, by the restored one's resampler."""
        plan = self._plan
        if plan.output_rate == plan.input_rate:
            return self.at_input_rate()
        return self._resampled(self.at_work_rate(), plan.work_rate, plan.output_rate)

    def exact(self) -> Iterator[NDArray[np.float64]]:
        """Return the decoded input in float64, or the dry signal where the rate changes."""
        if self._plan.output_rate != self._plan.input_rate:
            return (block.astype(np.float64) for block in self.dry())
        return self._reader.blocks64(BLOCK, self._plan.first, self._plan.last)

    def _resampled(self, blocks: Iterator[Rows], rate_in: float, rate_out: float) -> Iterator[Rows]:
        if rate_in == rate_out:
            return blocks
        return resample_blocks(blocks, rate_in, rate_out, self._plan.channels)

"""Recordings that are to be merged, at one rate and with channels that fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.dsp.resampling import resample_blocks, resampled_length
from restorack.errors import AudioError
from restorack.io.closing import Closing
from restorack.io.reader import AudioReader
from restorack.merging.signal import Signal
from restorack.merging.tracking import RATE_HZ

SHORTEST_S = 8.0
"""Least length: an oboe of 3 s was aligned wrongly and not refused. By hand."""
SILENT = 1e-5
"""Peak below which a recording is silent, -100 dBFS."""
CANCELS = 1e-3
"""Power of the channels' mean over theirs, below which one channel is taken alone."""


@dataclass(frozen=True)
class Layout:
    """What the channels of the merge are.

    Attributes
    ----------
    channels : int
        Of the output.
    middle_and_side : bool
        The first one is the mean of left and right, the second one half their difference: a mono
        copy has no part in what only stereo ones have.
    """

    channels: int
    middle_and_side: bool = False

    @classmethod
    def of(cls, channels: Sequence[int], names: Sequence[str]) -> Layout:
        """Return the layout for copies of so many channels, the reference first."""
        if len(set(channels)) == 1 or channels[0] == 1:
            return cls(channels[0])
        if set(channels) == {1, 2}:
            return cls(2, True)
        at = next(index for index, count in enumerate(channels) if count != channels[0])
        raise AudioError(
            f"{channels[at]} channels, the reference has {channels[0]}",
            where=names[at],
            rule="copies have the reference's channels, or one, or are merged into mono",
        )

    def taken(self, block: Rows) -> Rows:
        """Return a copy's block as channels of the merge."""
        if self.channels == 1:
            return np.asarray(block.mean(axis=0, keepdims=True), np.float32)
        if not self.middle_and_side:
            return block
        if len(block) == 1:
            return np.concatenate([block, np.zeros_like(block)])
        left, right = block.astype(np.float64)
        return np.stack([0.5 * (left + right), 0.5 * (left - right)]).astype(np.float32)

    def returned(self, rows: Rows) -> Rows:
        """Return channels of the merge as those of the output."""
        if not self.middle_and_side:
            return rows
        middle, side = rows.astype(np.float64)
        return np.stack([middle + side, middle - side]).astype(np.float32)

    def has(self, channels: int) -> list[bool]:
        """Return which channels of the merge a copy of so many channels has."""
        return [True] * self.channels if not self.middle_and_side else [True, channels == 2]


class Copy(Closing):
    """One recording: its samples at the rate of the reference, and a mono one to align by.

    Parameters
    ----------
    reader : AudioReader
    rate : float
        Of the reference, in Hz.
    layout : Layout

    Raises
    ------
    AudioError
        Where it is too short, silent, or has NaN.
    """

    def __init__(self, reader: AudioReader, rate: float, layout: Layout) -> None:
        info = reader.info
        self.path, self.info, self.layout = Path(info.path), info, layout
        if info.duration < SHORTEST_S:
            raise AudioError(
                f"{info.duration:.3g} s long",
                where=str(self.path),
                rule=f"copies of {SHORTEST_S:g} s or more can be aligned",
            )
        expected = resampled_length(info.frames, info.sample_rate, rate)
        self.signal = Signal(layout.channels, expected)
        blocks = resample_blocks(reader.blocks(), info.sample_rate, rate, info.channels)
        peak, own, of_mean = 0.0, 0.0, 0.0
        for block in blocks:
            taken = layout.taken(block)
            self.signal.write(taken)
            peak = max(peak, float(np.abs(block).max(initial=0.0)))
            own += float(np.mean(taken.astype(np.float64) ** 2) * taken.shape[1])
            of_mean += float(np.sum(taken.mean(axis=0, dtype=np.float64) ** 2))
        if peak < SILENT:
            raise AudioError(
                "is silent", where=str(self.path), rule=f"a peak of {SILENT:g} or more"
            )
        self._takes_first = layout.middle_and_side or of_mean < CANCELS * own
        self.mono = Signal(1, self.signal.frames).fill(self._mono_blocks())
        blocks = resample_blocks(self._read(self.mono), rate, RATE_HZ, 1)
        self.low = Signal(1).fill(blocks)

    def close(self) -> None:
        """Delete the samples."""
        for signal in (self.signal, self.mono, self.low):
            signal.close()

    def mono_blocks(self) -> Iterator[Rows]:
        """Return the mono signal block by block."""
        return self._read(self.mono)

    def _mono_blocks(self) -> Iterator[Rows]:
        for block in self._read(self.signal):
            if self._takes_first:
                yield block[:1]
            else:
                yield block.mean(axis=0, keepdims=True)

    @staticmethod
    def _read(signal: Signal, size: int = 1 << 16) -> Iterator[Rows]:
        for start in range(0, signal.frames, size):
            yield signal.read(start, min(signal.frames, start + size))

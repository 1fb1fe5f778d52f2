"""A track's audio as blocks: a file, or one file minus another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.dsp.resampling import resample_blocks, resampled_length
from restorack.io.reader import AudioReader

BLOCK = 1 << 16
"""Samples that are read at a time."""
MOST_CHANNELS = 2
"""That the page plays; more are averaged into one."""


@dataclass(frozen=True)
class Sound:
    """Audio that can be read again and again.

    Attributes
    ----------
    path : Path
        An audio file.
    minus : Path or None
        Is subtracted, sample by sample; of the same rate.
    start, stop : float or None
        The part of ``path`` that counts, in seconds.
    """

    path: Path
    minus: Path | None = None
    start: float | None = None
    stop: float | None = None

    def shape(self) -> tuple[float, int, int]:
        """Return rate in Hz, channels as the page plays them, and samples."""
        with AudioReader(self.path) as reader:
            first, last = reader.span(self.start, self.stop)
            rate, channels = float(reader.info.sample_rate), _heard(reader.info.channels)
        if self.minus is None:
            return rate, channels, last - first
        with AudioReader(self.minus) as reader:
            return rate, channels, min(last - first, reader.info.frames)

    def blocks(self) -> Iterator[Rows]:
        """Yield the samples, float32 of shape (channels, samples), of one or two channels."""
        with AudioReader(self.path) as first:
            span = first.span(self.start, self.stop)
            if self.minus is None:
                yield from map(_folded, first.blocks(BLOCK, *span))
                return
            with AudioReader(self.minus) as second:
                frames = min(span[1] - span[0], second.info.frames)
                of_first = first.blocks(BLOCK, span[0], span[0] + frames)
                for one, other in zip(of_first, second.blocks(BLOCK, 0, frames), strict=True):
                    yield _folded(one - other)

    def blocks_at(self, rate: float, frames: int) -> Iterator[Rows]:
        """Yield the samples at a rate, cut or filled with silence to so many."""
        own, channels, _ = self.shape()
        left = frames
        for block in resample_blocks(self.blocks(), own, rate, channels):
            part = block[:, :left]
            left -= part.shape[1]
            if part.shape[1]:
                yield part
        while left:
            silence = np.zeros((channels, min(left, BLOCK)), np.float32)
            left -= silence.shape[1]
            yield silence


def frames_at(sound: Sound, rate: float) -> int:
    """Return how many samples a sound has at a rate."""
    own, _, frames = sound.shape()
    return resampled_length(frames, own, rate)


def _heard(channels: int) -> int:
    return channels if channels <= MOST_CHANNELS else 1


def _folded(rows: Rows) -> Rows:
    if rows.shape[0] <= MOST_CHANNELS:
        return rows
    mean: Rows = rows.mean(axis=0, keepdims=True, dtype=np.float32)
    return mean

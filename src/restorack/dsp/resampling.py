"""Change the sample rate of a stream, by soxr at its best quality."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction

import numpy as np
import soxr

from restorack.dsp.arrays import Rows, check_sample_rate
from restorack.errors import AudioError

# One push takes the engine's buffers to its own length: pieces bound them.
_PIECE = 1 << 16


def resampled_length(frames: int, rate_in: float, rate_out: float) -> int:
    """Return how many samples come out of ``frames``: ``frames * out / in``, halves rounded up."""
    exact = frames * Fraction(rate_out) / Fraction(rate_in)
    return math.floor(exact + Fraction(1, 2))


class StreamResampler:
    """Resample blocks; what comes out never depends on how the stream was cut.

    The output has :func:`resampled_length` samples and is aligned in time with the input. At equal
    rates the input passes bit for bit.

    Parameters
    ----------
    rate_in, rate_out : float
        In Hz, 1 kHz to 768 kHz.
    channels : int

    Raises
    ------
    AudioError
        For a rate outside of that range.
    """

    def __init__(self, rate_in: float, rate_out: float, channels: int) -> None:
        self.rate_in, self.rate_out = check_sample_rate(rate_in), check_sample_rate(rate_out)
        self.channels = channels
        self.taken = self.returned = 0
        self._engine: soxr.ResampleStream | None = None
        if self.rate_in != self.rate_out:
            self._engine = soxr.ResampleStream(
                self.rate_in, self.rate_out, channels, dtype="float32", quality="VHQ"
            )
        self._ended = False

    def push(self, block: Rows) -> Rows:
        """Take samples ``(channels, n)``, return those that are ready: possibly none."""
        if self._ended:
            raise AudioError("a block after the end of the stream", rule="finish comes last")
        if block.ndim != 2 or block.shape[0] != self.channels:
            raise AudioError(
                f"block of shape {block.shape}", rule=f"({self.channels}, samples) of float32"
            )
        self.taken += block.shape[1]
        if self._engine is None:
            return self._given(np.array(block, np.float32))
        frames = np.ascontiguousarray(block.T, np.float32)
        pieces = [
            self._engine.resample_chunk(frames[start : start + _PIECE])
            for start in range(0, len(frames), _PIECE)
        ]
        ready = np.concatenate(pieces) if pieces else np.empty((0, self.channels), np.float32)
        return self._given(np.ascontiguousarray(ready.T))

    def finish(self) -> Rows:
        """Return the rest; the stream has ended."""
        nothing = np.empty((0, self.channels), np.float32)
        rest = nothing
        if self._engine is not None and not self._ended:
            rest = self._engine.resample_chunk(nothing, last=True)
        self._ended = True
        return self._given(np.ascontiguousarray(rest.T))

    def _given(self, rows: Rows) -> Rows:
        self.returned += rows.shape[1]
        return rows


def resample_blocks(
    blocks: Iterable[Rows], rate_in: float, rate_out: float, channels: int
) -> Iterator[Rows]:
    """Resample a stream of blocks to its end.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (channels, samples)
    rate_in, rate_out : float
        In Hz.
    channels : int

    Yields
    ------
    ndarray of float32, shape (channels, samples)
        Blocks of any length, none of them empty.
    """
    resampler = StreamResampler(rate_in, rate_out, channels)
    for block in blocks:
        ready = resampler.push(block)
        if ready.shape[1]:
            yield ready
    rest = resampler.finish()
    if rest.shape[1]:
        yield rest

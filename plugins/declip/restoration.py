"""Clipped samples restored: sparse in short-time spectra, and beyond the clipping level."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from restorack.dsp import _core
from restorack.dsp.arrays import Rows
from restorack.dsp.windowed_stream import WindowedStream, latency_of_windows

Floats = NDArray[np.float64]
Values = NDArray[np.float32]

# Frames of 93 ms, four of them over each sample, and a threshold that rises with frequency; found
# on six recordings of music and speech, clipped to an SDR of 5, 10 and 15 dB.
FRAME_S, OVERLAP = 0.0929, 4
CORNER_HZ, RISE = 1000.0, 0.25
LAST = 6e-4
RELAXATION = 1.7
"""Restores 0.7 to 1.1 dB more than none in as many steps, for the price that rounding grows from
step to step where much is clipped: docs/inside/declipper.md."""
FEW, MANY = 0.01, 0.1
"""Shares of clipped samples up to which there is little to do, and from which there is much: how
many steps are taken, and the first threshold."""
STEPS, FIRST = (40, 250), (0.06, 0.6)
"""Where there is little to do, and much. Tried on the recordings of docs/inside/declipper.md."""

BLOCK_FRAMES = 8
"""Frames' lengths in a block ..."""
AROUND = 3
"""... and around it: one before, one restored with it, and one that completes its frames."""


class Restoration:
    """Restore the clipped samples of one channel's windows.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    """

    def __init__(self, sample_rate: float) -> None:
        self.size = 2 ** max(6, round(np.log2(FRAME_S * sample_rate)))
        hop = self.size // OVERLAP
        hann = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(self.size) / self.size)
        self._window = hann / np.sqrt((hann**2).reshape(OVERLAP, hop).sum(axis=0)[0])
        hertz = np.arange(self.size // 2 + 1) * sample_rate / self.size
        self._weights = (1.0 + hertz / CORNER_HZ) ** RISE

    def __call__(self, signal: Floats, bound: Floats, sides: Values) -> None:
        """Restore samples in place.

        Parameters
        ----------
        signal : ndarray, shape (samples,)
            A whole number of frames' lengths. Overwritten where sides are not 0.
        bound : ndarray, shape (samples,)
            What a restored sample is at least (side 1), or at most (side -1).
        sides : ndarray of float32, shape (samples,)
            0 in the first and the last frame's length.
        """
        share = float(np.mean(sides != 0.0))
        much = float(np.clip(np.log(share / FEW) / np.log(MANY / FEW), 0.0, 1.0))
        steps = round(STEPS[0] + much * (STEPS[1] - STEPS[0]))
        first = FIRST[0] * (FIRST[1] / FIRST[0]) ** much
        whole, real = (self.size // OVERLAP, 0, 0, steps), (first, LAST, RELAXATION)
        fft = _transform(self.size)  # not kept: stages are copied
        _core.declip(fft, signal, bound, sides, self._window, self._weights, whole, real)


@lru_cache(maxsize=16)
def _transform(size: int) -> _core.FftHandle:
    return _core.new_fft(size)


class DeclippingStream(WindowedStream):
    """Restore a stream block by block; what is known of one counts as heard in the next.

    A run of clipped samples is restored with the block in which it begins. The samples of a block
    see a frame's length of restored signal before them, and one of signal that is restored with
    them, and anew with the next block, after them.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    channels : int
        Rows of every block.
    mark : callable
        Given a window and the place of its first sample, returns sides and bounds as
        :meth:`~restorack.plugins.declip.clip_map.ClipMap.mark` does.
    note : callable
        Given the sides of a block, and what it became.
    """

    def __init__(
        self,
        sample_rate: float,
        channels: int,
        mark: Callable[[Rows, int], tuple[Values, Values]],
        note: Callable[[Values, Rows], None],
    ) -> None:
        self._restore = Restoration(sample_rate)
        size = self._restore.size
        super().__init__(channels, BLOCK_FRAMES * size, overlap=AROUND * size, before=size)
        self._known = [np.zeros(self._restore.size) for _ in range(channels)]
        self._first = -self._restore.size
        self._mark, self._note = mark, note

    def _process(self, window: Rows) -> Rows:
        """Return a block of a window, restored where it is clipped."""
        size, block = self._restore.size, self._step
        sides, bounds = self._mark(window, self._first)
        out = window[:, size : size + block].copy()
        clipped = sides[:, size : size + block].copy()
        for channel, (side, bound) in enumerate(zip(sides, bounds, strict=True)):
            known = self._known[channel]
            signal = window[channel].astype(np.float64)
            signal[: len(known)] = known
            side[: len(known)], side[-size:] = 0.0, 0.0
            end = size + block
            if side[:end].any():
                self._restore(signal, bound.astype(np.float64), side)
            end += _run_length(side[end:]) if side[end - 1] else 0
            out[channel] = signal[size : size + block]
            self._known[channel] = signal[block:end].astype(np.float32).astype(np.float64)
        self._first += block
        self._note(clipped, out)
        return out


def _run_length(sides: Values) -> int:
    """Return how many samples a run of clipped ones goes on for."""
    clear = np.flatnonzero(sides == 0.0)
    return int(clear[0]) if len(clear) else len(sides)


def latency(sample_rate: float) -> int:
    """Return the most samples that a :class:`DeclippingStream` ever holds back."""
    size = Restoration(sample_rate).size
    return latency_of_windows(BLOCK_FRAMES * size, overlap=AROUND * size, before=size)

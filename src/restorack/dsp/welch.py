"""Power densities of a stream: frames that never depend on the blocks, and their mean."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.fifo import SampleFifo
from restorack.dsp.frame_transform import frame_spectra


def hann(frame: int) -> NDArray[np.float64]:
    """Return the periodic Hann window of ``frame`` samples."""
    return 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(frame) / frame)


class DensityFrames:
    """Cut a stream into windowed frames and return their power densities, some at a time.

    A frame of white noise of variance 1 has the expected density 1 at every bin, whatever the
    frame's length: densities of different analyses can be compared and interpolated.

    Parameters
    ----------
    channels, frame, hop, count : int
        Rows; samples per frame; samples between frames; frames per group, which is handed out
        when all of them are complete.
    """

    def __init__(self, channels: int, frame: int, hop: int, count: int) -> None:
        self._frame, self._hop, self._count = frame, hop, count
        self._window = hann(frame)
        self._scale = 1.0 / float(np.sum(self._window**2))
        self._fifo = SampleFifo(channels)
        self._past = np.zeros((channels, 0), np.float32)

    def push(self, block: Rows) -> Iterator[NDArray[np.float64]]:
        """Take samples, yield groups of densities, shape ``(channels, count, bins)``."""
        self._fifo.push(block)
        needed = self._frame + (self._count - 1) * self._hop
        while len(self._fifo) + self._past.shape[1] >= needed:
            fresh = self._fifo.pop(needed - self._past.shape[1])
            joined = np.concatenate([self._past, fresh], axis=1)
            self._past = joined[:, self._count * self._hop :].copy()
            spectra = frame_spectra(joined, self._window, self._hop)
            yield (spectra.real**2 + spectra.imag**2) * self._scale


class MeanDensity:
    """Welch's mean of the densities of half-overlapping frames [1]_.

    Parameters
    ----------
    channels : int
        Rows; their densities are averaged too.
    frame : int
        Samples per frame.

    References
    ----------
    .. [1] P. Welch, "The use of fast Fourier transform for the estimation of power spectra",
       IEEE Trans. Audio Electroacoust. 15, 1967.
    """

    def __init__(self, channels: int, frame: int) -> None:
        self._frames = DensityFrames(channels, frame, frame // 2, 1)
        self._sum = np.zeros(frame // 2 + 1)
        self.count = 0

    def push(self, block: Rows) -> None:
        """Take samples."""
        for densities in self._frames.push(block):
            self._sum += densities.mean(axis=0)[0]
            self.count += 1

    def mean(self) -> NDArray[np.float64]:
        """Return the mean density per bin, zeros where no frame was complete."""
        return self._sum / max(1, self.count)

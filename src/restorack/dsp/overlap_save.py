"""Long linear-phase filters of a stream, by overlap-save in steps of one fixed size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.frame_transform import row_spectra, rows_of
from restorack.dsp.windowed_stream import WindowedStream, latency_of_windows

Floats = NDArray[np.float64]

STOP_DB = 80.0
"""Attenuation of the kernels' stop bands; the ripple of their pass bands is 0.001 dB."""

DESIGN_DB = STOP_DB + 5.0
"""What Kaiser's formulas are asked for, since both edges of a narrow stop band leak into it."""


class OverlapSave(WindowedStream):
    """Convolve rows with a symmetric kernel; what comes out is aligned with what went in.

    Every transform has the same length and begins at a multiple of the step, so the result does
    not depend on the blocks that are pushed.

    Parameters
    ----------
    kernels : ndarray of float64, shape (channels, taps) or (taps,)
        Symmetric, an odd number of taps: a delay of ``taps // 2`` samples, which is compensated.
    channels : int
        Rows of every block.
    """

    def __init__(self, kernels: Floats, channels: int) -> None:
        taps = kernels.shape[-1]
        step = step_size(taps)
        self._size = 2 * step
        super().__init__(
            channels, step, overlap=step, before=step, lead=taps // 2, dtype=np.float64
        )
        self.replace(kernels)

    def replace(self, kernels: Floats) -> None:
        """Filter with other kernels of the same length from the next transform on."""
        self._spectrum = np.fft.rfft(np.atleast_2d(kernels), self._size, axis=1)

    def _process(self, window: Rows) -> Floats:
        if not window.any():
            return np.zeros((len(window), self._step))
        return rows_of(row_spectra(window) * self._spectrum, self._size)[:, -self._step :]


def step_size(taps: int) -> int:
    """Return the samples per transform: half its length, so that the kernel always fits."""
    return int(2 ** np.ceil(np.log2(2 * taps))) // 2


def overlap_save_latency(taps: int) -> int:
    """Return the most samples that :class:`OverlapSave` ever keeps back."""
    return latency_of_windows(step_size(taps), lead=taps // 2)


def kaiser_taps(transition_hz: float, sample_rate: float) -> int:
    """Return the odd length of a filter with 80 dB and a transition in Hz (Kaiser 1974)."""
    width = 2 * np.pi * transition_hz / sample_rate
    return 2 * int(np.ceil((DESIGN_DB - 7.95) / (2.285 * width) / 2)) + 1


def highpass_kernel(middle_hz: float, sample_rate: float, taps: int) -> Floats:
    """Return a linear-phase high-pass: 6 dB down at ``middle_hz``, 80 dB in its stop band.

    A windowed sinc with the Kaiser window of 80 dB; ``taps`` is odd and sets the transition.
    """
    offset = np.arange(taps) - taps // 2
    ratio = 2 * middle_hz / sample_rate
    lowpass = ratio * np.sinc(ratio * offset) * np.kaiser(taps, 0.1102 * (DESIGN_DB - 8.7))
    lowpass /= lowpass.sum()
    lowpass *= -1.0
    lowpass[taps // 2] += 1.0
    return np.asarray(lowpass)

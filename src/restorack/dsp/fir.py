"""FIR filters over streams: design from a magnitude, filter in fixed partitions.

The output is aligned with the input (the filter's delay is taken out), and it is the same, bit
for bit, for every split of the stream, since the transforms cover fixed stretches of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.fifo import SampleFifo
from restorack.dsp.windowed_stream import WindowedStream, latency_of_windows
from restorack.errors import RestorackError

Floats: TypeAlias = NDArray[np.float64]

KAISER_BETA = 8.0
"""Side lobes of the window near -82 dB, main lobe from -2.74 to 2.74 bins of the length."""

GRID_FACTOR = 8
"""The magnitude is sampled this much finer than the filter resolves, against time aliasing."""

# Samples of a block of the filter: smaller ones cost time, larger ones latency. By hand.
SMALLEST_PARTITION = 512
LARGEST_PARTITION = 8192


def linear_phase_taps(
    magnitude: Callable[[Floats], Floats], sample_rate: float, half_length: int
) -> Floats:
    """Design a symmetric FIR filter from its magnitude by windowed frequency sampling.

    Parameters
    ----------
    magnitude : callable
        Takes frequencies in Hz, 0 to half the rate, and returns the gain at each, >= 0.
    sample_rate : float
        In Hz.
    half_length : int
        Taps on each side of the centre. The magnitude is smoothed over about
        ``2.7 * sample_rate / (2 * half_length + 1)`` Hz to each side.

    Returns
    -------
    ndarray of float64, shape (2 * half_length + 1,)
        Exactly symmetric.

    Notes
    -----
    Oppenheim and Schafer, Discrete-Time Signal Processing, section 7.5: the inverse transform
    of the wanted response, times a Kaiser window.
    """
    size = _power_of_two(GRID_FACTOR * (2 * half_length + 1))
    frequencies = np.arange(size // 2 + 1, dtype=np.float64) * (sample_rate / size)
    response = np.fft.irfft(magnitude(frequencies), size)
    right = response[: half_length + 1] * np.kaiser(2 * half_length + 1, KAISER_BETA)[half_length:]
    return np.concatenate([right[:0:-1], right])


def minimum_phase_taps(
    magnitude: Callable[[Floats], Floats], sample_rate: float, count: int
) -> Floats:
    """Design a causal FIR filter of minimum phase from its magnitude, by its cepstrum.

    Parameters
    ----------
    magnitude : callable
        Takes frequencies in Hz, 0 to half the rate, and returns the gain at each; below -120 dB
        of the largest it counts as -120 dB.
    sample_rate : float
        In Hz.
    count : int
        Taps; the last eighth is faded out.

    Returns
    -------
    ndarray of float64, shape (count,)

    Notes
    -----
    Oppenheim and Schafer, Discrete-Time Signal Processing, section 13.7: the real cepstrum of the
    magnitude, folded onto positive times, is the complex one of the minimum-phase response.
    """
    size = _power_of_two(GRID_FACTOR * count)
    frequencies = np.arange(size // 2 + 1, dtype=np.float64) * (sample_rate / size)
    gain = magnitude(frequencies)
    floor = max(1e-6 * float(gain.max()), 1e-30)
    cepstrum = np.fft.irfft(np.log(np.maximum(gain, floor)), size)
    cepstrum[1 : size // 2] *= 2.0
    cepstrum[size // 2 + 1 :] = 0.0
    taps = np.fft.irfft(np.exp(np.fft.rfft(cepstrum)), size)[:count].copy()
    fade = max(1, count // 8)
    taps[count - fade :] *= 0.5 + 0.5 * np.cos(np.pi * (np.arange(fade) + 1.0) / (fade + 1.0))
    return taps


def smooth_rise(frequencies: Floats, from_hz: float, to_hz: float) -> Floats:
    """Return a gain that rises from 0 to 1 along a half cosine over the logarithm of frequency.

    Parameters
    ----------
    frequencies : ndarray of float64
        In Hz, from 0 on.
    from_hz, to_hz : float
        Where the rise begins and ends; ``0 < from_hz < to_hz``.
    """
    octaves = np.log2(np.maximum(frequencies, 1e-3) / from_hz) / np.log2(to_hz / from_hz)
    rise: Floats = 0.5 - 0.5 * np.cos(np.pi * np.clip(octaves, 0.0, 1.0))
    return rise


class PartitionedFilter(WindowedStream):
    """An FIR filter over a stream, of any kernel, its lead taken out.

    ``out[n] = sum_k taps[k] * x[n + lead - k]`` with silence before and after the stream.

    Parameters
    ----------
    channels : int
        Rows of every block.
    taps : ndarray of float64, shape (count,) or (channels, count)
        One kernel for all rows, or one for each.
    lead : int
        The tap that belongs to the present sample: 0 for a causal kernel.

    Notes
    -----
    Uniformly partitioned overlap-save: Wefers, Partitioned convolution algorithms for real-time
    auralization (2015), section 5.2. All arithmetic is in float64.
    """

    def __init__(self, channels: int, taps: Floats, lead: int = 0) -> None:
        step = partition_length(taps.shape[-1] // 2)
        super().__init__(channels, step, overlap=step, before=step, lead=lead, dtype=np.float64)
        self._parts = self._transform_taps(np.atleast_2d(taps))
        count, _, bins = self._parts.shape
        self._spectra = np.zeros((count, channels, bins), np.complex128)
        self._newest = 0

    @staticmethod
    def latency(count: int, lead: int = 0) -> int:
        """Return the most samples that a filter of ``count`` taps ever holds back."""
        return latency_of_windows(partition_length(count // 2), lead=lead)

    def _process(self, window: Rows) -> Floats:
        count = self._parts.shape[0]
        self._newest = (self._newest + 1) % count
        self._spectra[self._newest] = np.fft.rfft(window.astype(np.float64), axis=1)
        total = np.zeros_like(self._spectra[0])
        for index in range(count):  # from the newest on, so that sums round alike
            total += self._parts[index] * self._spectra[self._newest - index]
        return np.fft.irfft(total, 2 * self._step, axis=1)[:, self._step :]

    def _transform_taps(self, taps: Floats) -> NDArray[np.complex128]:
        rows, length = taps.shape
        count = -(-length // self._step)
        padded = np.zeros((rows, count * self._step))
        padded[:, :length] = taps
        parts = padded.reshape(rows, count, self._step).transpose(1, 0, 2)
        return np.fft.rfft(parts, 2 * self._step, axis=2)


class LinearPhaseFilter(PartitionedFilter):
    """A symmetric FIR filter over a stream, its delay taken out.

    Parameters
    ----------
    channels : int
        Rows of every block.
    taps : ndarray of float64, shape (2 * half + 1,)
        Symmetric; see :func:`linear_phase_taps`.

    Raises
    ------
    RestorackError
        Where the taps are even in number or not symmetric.
    """

    def __init__(self, channels: int, taps: Floats) -> None:
        if taps.size % 2 == 0 or not np.array_equal(taps, taps[::-1]):
            raise RestorackError(
                f"{taps.size} taps of a linear-phase filter", rule="odd in number and symmetric"
            )
        super().__init__(channels, taps, taps.size // 2)

    @staticmethod
    def latency_of(half_length: int) -> int:
        """Return the most samples that a filter of ``2 * half_length + 1`` taps holds back."""
        return PartitionedFilter.latency(2 * half_length + 1, half_length)


class LinearPhaseBranch:
    """A stream beside its filtered self, aligned: what equalisers add a band to.

    Parameters
    ----------
    channels, taps
        As in :class:`LinearPhaseFilter`.
    """

    def __init__(self, channels: int, taps: Floats) -> None:
        self._filter = LinearPhaseFilter(channels, taps)
        self._dry = SampleFifo(channels)

    def push(self, block: Rows) -> tuple[Rows, Floats]:
        """Take samples, return those that are ready: dry and filtered."""
        self._dry.push(block)
        filtered = self._filter.push(block)
        return self._dry.pop(filtered.shape[1]), filtered

    def finish(self) -> tuple[Rows, Floats]:
        """Return the rest."""
        filtered = self._filter.finish()
        return self._dry.pop(filtered.shape[1]), filtered


def partition_length(half_length: int) -> int:
    """Return the samples per transform step for a filter of ``2 * half_length + 1`` taps."""
    wanted = _power_of_two(half_length // 2)
    return min(LARGEST_PARTITION, max(SMALLEST_PARTITION, wanted))


def _power_of_two(at_least: int) -> int:
    return 1 << max(0, at_least - 1).bit_length()

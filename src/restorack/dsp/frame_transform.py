"""Frames of a signal to spectra and back, by the native core where it has the size."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from restorack.dsp import _core
from restorack.dsp.arrays import Rows

Floats = NDArray[np.float64]
Spectra = NDArray[np.complex128]


def frame_spectra(rows: Rows, window: Floats, hop: int) -> Spectra:
    """Return the spectra of windowed frames that begin every ``hop`` samples.

    Parameters
    ----------
    rows : ndarray of float32, shape (channels, samples)
    window : ndarray, shape (frame,)
    hop : int

    Returns
    -------
    ndarray of complex, shape (channels, frames, frame // 2 + 1)
        Of all frames that lie in the samples.
    """
    channels, samples = rows.shape
    size = len(window)
    fft = _transform(size)
    if fft is None or not channels:
        frames = np.lib.stride_tricks.sliding_window_view(rows, size, axis=1)
        return np.asarray(np.fft.rfft(frames[:, ::hop] * window, axis=-1))
    spectra = np.empty((channels, (samples - size) // hop + 1, size // 2 + 1), np.complex128)
    given = np.ascontiguousarray(rows, np.float32)
    _core.frame_spectra(fft, given, spectra.view(np.float64), window, channels, hop)
    return spectra


def add_frames(out: Floats, spectra: Spectra, window: Floats, hop: int) -> None:
    """Add the windowed frames of spectra to samples, every ``hop`` of them.

    Parameters
    ----------
    out : ndarray, shape (channels, samples)
    spectra : ndarray of complex, shape (channels, frames, frame // 2 + 1)
    window : ndarray, shape (frame,)
    hop : int
    """
    size = len(window)
    fft = _transform(size)
    if fft is not None and len(out):
        given = np.ascontiguousarray(spectra, np.complex128).view(np.float64)
        _core.add_frames(fft, out, given, window, len(out), hop)
        return
    frames = np.fft.irfft(spectra, size, axis=-1) * window
    for index in range(spectra.shape[1]):
        out[:, index * hop : index * hop + size] += frames[:, index]


def row_spectra(rows: Rows) -> Spectra:
    """Return the spectrum of each row.

    Parameters
    ----------
    rows : ndarray of float32, shape (rows, samples)

    Returns
    -------
    ndarray of complex, shape (rows, samples // 2 + 1)
    """
    size = rows.shape[1]
    return np.asarray(frame_spectra(rows, _ones(size), size)[:, 0])


def rows_of(spectra: Spectra, size: int) -> Floats:
    """Return the rows of spectra, shape (..., size).

    Parameters
    ----------
    spectra : ndarray of complex, shape (..., size // 2 + 1)
    size : int
    """
    out = np.zeros((*spectra.shape[:-1], size))
    flat = spectra.reshape(-1, 1, spectra.shape[-1])
    add_frames(out.reshape(-1, size), flat, _ones(size), size)
    return out


def mean_power(spectra: Spectra) -> Floats:
    """Return the power of each cell, shape (frames, bins): the mean of the channels'."""
    power = spectra.real**2 + spectra.imag**2
    return power[0] if len(power) == 1 else np.asarray(power.mean(axis=0))


@lru_cache(maxsize=8)
def _ones(size: int) -> Floats:
    return np.ones(size)


@lru_cache(maxsize=64)
def _transform(size: int) -> _core.FftHandle | None:
    """Return the native transform of a size; None for one with prime factors beyond 5."""
    try:
        return _core.new_fft(size)
    except ValueError:
        return None

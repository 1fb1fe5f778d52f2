"""How near the spectrum is to the truth: log-spectral distance, multi-resolution STFT, flatness.

Conventions
-----------
Amplitudes are those of :mod:`restorack.metrics.stft`: frames of 2048 samples with a Hann window
every 512, a full-scale sine is 1, and nothing below -100 dB is told apart. Distances are 0 where
both spectra agree and say nothing about phase: a polarity turned round costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from restorack.dsp.welch import hann
from restorack.metrics.inputs import Floats, checked_pair, checked_rate, checked_rows
from restorack.metrics.stft import FLOOR, bin_range, magnitudes

RESOLUTIONS = ((1024, 120, 600), (2048, 240, 1200), (512, 50, 240))
"""FFT size, hop and window of each resolution, in samples, as in the paper."""

POWER_EPSILON = 1e-8
"""Least power of a bin in the multi-resolution distance."""


def log_spectral_distance(
    reference: ArrayLike,
    estimate: ArrayLike,
    sample_rate: float = 48_000.0,
    *,
    low_hz: float = 0.0,
    high_hz: float | None = None,
) -> float:
    """Return the log-spectral distance.

    Parameters
    ----------
    reference, estimate : array_like of float, shape (samples,) or (channels, samples)
    sample_rate : float
        In Hz; only the limits of the band need it.
    low_hz, high_hz : float
        Compare this band alone; up to the Nyquist frequency by default.

    Returns
    -------
    float
        In decades of power (10 dB), 0 for equal spectra; NaN for an empty band.

    Notes
    -----
    The mean over frames of ``sqrt(mean over bins of (log10 |S|^2 - log10 |E|^2)^2)``.

    References
    ----------
    A. H. Gray, J. D. Markel: "Distance measures for speech processing", IEEE Trans. ASSP 24, 1976;
    in the form of H. Liu et al.: "AudioSR", ICASSP 2024.
    """
    truth, heard = checked_pair(reference, estimate)
    band = bin_range(low_hz, high_hz, checked_rate(sample_rate))
    total, count = 0.0, 0
    for one, other in zip(magnitudes(truth), magnitudes(heard), strict=True):
        if one[:, band].shape[1] == 0:
            return float("nan")
        apart = 2.0 * (_log10(one[:, band]) - _log10(other[:, band]))
        total += float(np.sqrt((apart * apart).mean(axis=1)).sum())
        count += len(apart)
    return total / count


def multi_resolution_stft(reference: ArrayLike, estimate: ArrayLike) -> float:
    """Return the multi-resolution STFT distance: spectral convergence plus log-magnitude error.

    Parameters
    ----------
    reference, estimate : array_like of float, shape (samples,) or (channels, samples)

    Returns
    -------
    float
        0 for equal spectra, without an upper limit. About 0.1 is near, above 1 far away.

    Notes
    -----
    For each of three resolutions ``||S - E|| / ||S|| + mean |ln |S| - ln |E||``; the mean of the
    three. Frames are centred, the signal's ends reflected, powers below 1e-8 raised to it.

    References
    ----------
    R. Yamamoto, E. Song, J.-M. Kim: "Parallel WaveGAN", ICASSP 2020, equations 4 to 6.
    """
    truth, heard = checked_pair(reference, estimate)
    return float(np.mean([_resolution(truth, heard, *sizes) for sizes in RESOLUTIONS]))


def _resolution(truth: Floats, heard: Floats, size: int, hop: int, length: int) -> float:
    difference = energy = logs = 0.0
    count = 0
    frames = (_centred(rows, size, hop, length) for rows in (truth, heard))
    for one, other in zip(*frames, strict=True):
        difference += float(((one - other) ** 2).sum())
        energy += float((one**2).sum())
        logs += float(np.abs(np.log(one) - np.log(other)).sum())
        count += one.size
    return float(np.sqrt(difference / energy)) + logs / count


def _centred(rows: Floats, size: int, hop: int, length: int) -> Iterator[Floats]:
    """Yield magnitudes of frames that are centred on every ``hop``-th sample."""
    window = np.zeros(size)
    window[(size - length) // 2 : (size - length) // 2 + length] = hann(length)
    for row in rows:
        mode = "reflect" if len(row) > size // 2 else "constant"  # too short to be reflected
        padded = np.pad(row, size // 2, mode=mode)  # type: ignore[call-overload]
        frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
        for at in range(0, len(frames), 1024):
            spectra = np.fft.rfft(frames[at : at + 1024] * window, axis=1)
            yield np.sqrt(np.maximum(spectra.real**2 + spectra.imag**2, POWER_EPSILON))


def spectral_flatness(audio: ArrayLike) -> float:
    """Return the mean spectral flatness of a signal: 1 is noise-like, 0 tonal.

    Parameters
    ----------
    audio : array_like of float, shape (samples,) or (channels, samples)

    Returns
    -------
    float
        0 to 1. White noise has 0.56 (the chi-squared spread of a periodogram: ``exp(-0.577)``), a
        sine nearly 0. Frames below -100 dB throughout are left out; NaN where all are.

    Notes
    -----
    The mean over frames of the geometric over the arithmetic mean of the power of the bins.

    References
    ----------
    J. D. Johnston: "Transform coding of audio signals using perceptual noise criteria", IEEE J.
    Sel. Areas Commun. 6, 1988.
    """
    total, count = 0.0, 0
    for group in magnitudes(checked_rows(audio)):
        heard = group[group.max(axis=1) > FLOOR]
        power = np.maximum(heard, FLOOR) ** 2
        total += float((np.exp(np.log(power).mean(axis=1)) / power.mean(axis=1)).sum())
        count += len(power)
    return total / count if count else float("nan")


def spectral_flatness_change(reference: ArrayLike, estimate: ArrayLike) -> float:
    """Return the flatness of the estimate minus that of the truth.

    Returns
    -------
    float
        -1 to 1, 0 is right: above it noise was left, below it noise-like sound was lost, or
        musical noise came. NaN where one of them is silent.
    """
    truth, heard = checked_pair(reference, estimate)
    return spectral_flatness(heard) - spectral_flatness(truth)


def _log10(amplitudes: Floats) -> Floats:
    return np.log10(np.maximum(amplitudes, FLOOR))

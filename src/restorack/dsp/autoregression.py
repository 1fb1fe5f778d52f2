"""Autoregressive signal models: estimation, residuals, least-squares interpolation of gaps.

A model says that ``e[n] = sum_i a[i] x[n - i]`` with ``a[0] = 1`` is white. The kernels
are compiled and add in one order each, so that equal input gives equal bits. Their inner loops run
along memory; where they reduce, the order of additions is left to the compiler, which lets it use
the whole vector unit.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

import numba
import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

FLOOR = 1e-14
"""White noise added to every frame, -140 dBFS: half a step of 24 bits; makes silence solvable."""
LEAST_RIDGE = 1e-11
"""Added to the diagonal of normal equations, in proportion to it."""
DIRECT_ORDER = 200
"""Up to here the autocorrelation is summed, beyond it is made by FFT, which is then quicker."""
RIDGE = 1e-9
"""White noise added in proportion to a frame's power, -90 dB: keeps pure tones solvable."""


@numba.njit(cache=True)
def axpy(target: Floats, weight: float, source: Floats) -> None:
    """Add ``weight * source`` to ``target`` in place; both of one length."""
    for i in range(len(target)):
        target[i] += weight * source[i]


@numba.njit(cache=True)
def _add_four(target: Floats, weights: Floats, source: Floats) -> None:
    """Add four weighted stretches of ``source``, each a sample further back than the last."""
    first, second, third, fourth = weights[0], weights[1], weights[2], weights[3]
    for i in range(len(target)):
        target[i] += (fourth * source[i] + third * source[i + 1]) + (
            second * source[i + 2] + first * source[i + 3]
        )


@numba.njit(cache=True)
def _add_both(target: Floats, weights: Floats, before: Floats, after: Floats) -> None:
    """Add what lies one to four samples further back in ``before``, and on in ``after``."""
    first, second, third, fourth = weights[0], weights[1], weights[2], weights[3]
    for i in range(len(target)):
        target[i] += (
            first * (before[i + 3] + after[i]) + second * (before[i + 2] + after[i + 1])
        ) + (third * (before[i + 1] + after[i + 2]) + fourth * (before[i] + after[i + 3]))


@numba.njit(cache=True, fastmath={"reassoc"})
def dot(a: Floats, b: Floats) -> float:
    """Return the sum of products; free to add in the order that suits the vector unit."""
    total = 0.0
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


@numba.njit(cache=True)
def _levinson(correlation: Floats, model: Floats) -> float:
    """Solve the Yule-Walker equations into ``model``; return the error power."""
    order = len(correlation) - 1
    model[:] = 0.0
    model[0] = 1.0
    mirrored = np.empty(order + 1)
    backwards = correlation[::-1].copy()
    error = correlation[0]
    for k in range(1, order + 1):
        total = dot(model[:k], backwards[order - k : order])
        reflection = -total / error
        for j in range(k + 1):
            mirrored[j] = model[k - j]
        for j in range(1, k + 1):
            model[j] += reflection * mirrored[j]
        error *= 1.0 - reflection * reflection
    return float(error)


@numba.njit(cache=True)
def _levinson_rows(correlations: Floats, models: Floats) -> None:
    for row in range(correlations.shape[0]):
        _levinson(correlations[row], models[row])


@numba.njit(cache=True, fastmath={"reassoc"})
def _correlate_four(frame: Floats, lag: int, count: int, out: Floats) -> None:
    """Sum the products at four lags from ``lag`` on, over the samples that all four have."""
    first = second = third = fourth = 0.0
    later = frame[lag:]
    for i in range(count):
        here = frame[i]
        first += here * later[i]
        second += here * later[i + 1]
        third += here * later[i + 2]
        fourth += here * later[i + 3]
    out[0], out[1], out[2], out[3] = first, second, third, fourth


@numba.njit(cache=True)
def _correlate_rows(frames: Floats, correlations: Floats) -> None:
    length, lags = frames.shape[1], correlations.shape[1]
    whole = lags // 4 * 4
    for row in range(len(frames)):
        frame = frames[row]
        for lag in range(0, whole, 4):
            count = length - lag - 3
            four = correlations[row, lag : lag + 4]
            _correlate_four(frame, lag, count, four)
            for extra in range(3):
                for i in range(count, length - lag - extra):
                    four[extra] += frame[i] * frame[i + lag + extra]
        for lag in range(whole, lags):
            correlations[row, lag] = dot(frame[lag:], frame[: length - lag])


@lru_cache(maxsize=32)
def _hann(count: int) -> Floats:
    window: Floats = np.sin(np.pi * (np.arange(count) + 0.5) / count) ** 2
    window.flags.writeable = False
    return window


def estimate_models(frames: Floats, order: int) -> Floats:
    """Estimate a model per frame from its Hann-windowed autocorrelation.

    Parameters
    ----------
    frames : ndarray, shape (frames, samples)
        Signal; every call of a stage uses one shape.
    order : int
        Number of coefficients, below the number of samples.

    Returns
    -------
    ndarray, shape (frames, order + 1)
        Coefficients, the first of each row is 1. Minimum phase, so that residuals are stable.
    """
    correlations = correlate(frames, order)
    correlations[:, 0] = correlations[:, 0] * (1.0 + RIDGE) + FLOOR * frames.shape[1]
    models = np.empty((len(frames), order + 1))
    _levinson_rows(correlations, models)
    return models


@lru_cache(maxsize=32)
def _fast_length(least: int) -> int:
    """Return the first length from ``least`` on that has no prime factor beyond 5."""
    while True:
        rest = least
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return least
        least += 1


def correlate(frames: Floats, order: int) -> Floats:
    """Return the autocorrelations of Hann-windowed frames, up to a lag of ``order``, a row each."""
    count = frames.shape[1]
    windowed = frames * _hann(count)
    if order <= DIRECT_ORDER:
        correlations = np.empty((len(frames), order + 1))
        _correlate_rows(windowed, correlations)
        return correlations
    size = _fast_length(count + order + 1)
    spectra = np.fft.rfft(windowed, size, axis=1)
    power = spectra.real**2 + spectra.imag**2
    return np.ascontiguousarray(np.fft.irfft(power, size, axis=1)[:, : order + 1])


def ar_from_autocorrelation(correlation: Floats, samples: int) -> Floats:
    """Return the model that an autocorrelation, summed over so many samples, asks for."""
    regular = correlation.copy()
    regular[0] = regular[0] * (1.0 + RIDGE) + FLOOR * samples
    model = np.empty(len(correlation))
    _levinson(regular, model)
    return model


@numba.njit(cache=True)
def inverse_correlation(model: Floats) -> Floats:
    """Return ``b[l] = sum_i a[i] a[i + l]``: the spectrum of b is that of the whitener, squared."""
    order = len(model) - 1
    b = np.empty(order + 1)
    for lag in range(order + 1):
        b[lag] = dot(model[: order + 1 - lag], model[lag:])
    return b


@numba.njit(cache=True)
def residual(signal: Floats, model: Floats, start: int, stop: int) -> Floats:
    """Return the prediction errors of samples ``start`` to ``stop``; needs ``order`` before."""
    out = signal[start:stop].copy()
    whole = 1 + (len(model) - 1) // 4 * 4
    for lag in range(1, whole, 4):
        _add_four(out, model[lag : lag + 4], signal[start - lag - 3 : stop - lag])
    for lag in range(whole, len(model)):
        axpy(out, model[lag], signal[start - lag : stop - lag])
    return out


@numba.njit(cache=True)
def apply_inverse_covariance(signal: Floats, b: Floats, start: int, stop: int) -> Floats:
    """Return ``sum_l b[|l|] x[n + l]``, needs ``order`` samples on both sides.

    It is the gradient of the residual energy by the samples, half of it; divided by ``b[0]`` it is
    the error of interpolating each sample from all its neighbours.
    """
    out: Floats = b[0] * signal[start:stop]
    whole = 1 + (len(b) - 1) // 4 * 4
    for lag in range(1, whole, 4):
        before, after = signal[start - lag - 3 : stop - lag], signal[start + lag : stop + lag + 3]
        _add_both(out, b[lag : lag + 4], before, after)
    for lag in range(whole, len(b)):
        axpy(out, b[lag], signal[start - lag : stop - lag])
        axpy(out, b[lag], signal[start + lag : stop + lag])
    return out


@numba.njit(cache=True)
def toeplitz_cholesky(b: Floats, added: float, count: int) -> Floats:
    """Return upper U with ``U'U = Toeplitz(b) + added I``, of ``count`` rows.

    Schur's algorithm in its mixed form: two rows generate the matrix, a hyperbolic rotation a
    step gives the next row of the factor, in ``count**2`` operations instead of ``count**3 / 6``.
    """
    upper = np.zeros((count, count))
    first = np.zeros(count)
    known = min(count, len(b))
    first[:known] = b[:known]
    first[0] += added
    first /= np.sqrt(first[0])
    other = first.copy()
    upper[0] = first
    for k in range(1, count):
        row, rest = upper[k, k:], other[k:]
        row[:] = upper[k - 1, k - 1 : count - 1]
        turn = rest[0] / row[0]
        scale = np.sqrt(max((1.0 - turn) * (1.0 + turn), 1e-12))
        grow = 1.0 / scale
        for j in range(len(row)):
            row[j] = (row[j] - turn * rest[j]) * grow
            rest[j] = scale * rest[j] - turn * row[j]
    return upper


@numba.njit(cache=True)
def solve(upper: Floats, right: Floats, order: int) -> Floats:
    """Solve ``U'U x = right``."""
    count = len(right)
    out = right.copy()
    for i in range(count):
        end = min(count, i + order + 1)
        out[i] /= upper[i, i]
        axpy(out[i + 1 : end], -out[i], upper[i, i + 1 : end])
    for i in range(count - 1, -1, -1):
        end = min(count, i + order + 1)
        out[i] = (out[i] - dot(upper[i, i + 1 : end], out[i + 1 : end])) / upper[i, i]
    return out


@numba.njit(cache=True)
def interpolation_error(signal: Floats, b: Floats, start: int, stop: int) -> Floats:
    """Return samples minus their least-squares interpolation from all others.

    Godsill and Rayner, Digital Audio Restoration (1998), section 5.2: the gap that makes the
    residual energy least. ``signal`` needs ``order`` samples on both sides of the gap.
    """
    gradient = apply_inverse_covariance(signal, b, start, stop)
    upper = toeplitz_cholesky(b, LEAST_RIDGE * b[0], stop - start)
    return solve(upper, gradient, len(b) - 1)


@numba.njit(cache=True)
def interpolate(signal: Floats, model: Floats, start: int, stop: int) -> None:
    """Fill ``signal[start:stop]`` in place by least squares, whatever was in it."""
    signal[start:stop] = 0.0
    signal[start:stop] -= interpolation_error(signal, inverse_correlation(model), start, stop)


def decimation_taps(factor: int) -> Floats:
    """Return the taps of the low-pass for :func:`decimate`: -80 dB in the stop band."""
    if factor == 1:
        return np.ones(1)
    half = 8 * factor
    offsets = np.arange(-half, half + 1) / factor
    taps = 0.9 * np.sinc(0.9 * offsets) * np.kaiser(2 * half + 1, 8.0)
    return np.asarray(taps / taps.sum())


@numba.njit(cache=True)
def decimate(signal: Floats, taps: Floats, factor: int) -> Floats:
    """Return low-passed samples, one in ``factor``, of all that the taps fit around."""
    out = np.empty((len(signal) - len(taps)) // factor + 1)
    for i in range(len(out)):
        out[i] = dot(signal[i * factor : i * factor + len(taps)], taps)
    return out

"""Autoregressive signal models: estimation, residuals, least-squares interpolation of gaps.

A model says that ``e[n] = sum_i a[i] x[n - i]`` with ``a[0] = 1`` is white. The native core
computes; its sums have one order on one processor, so that equal input gives equal bits.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.dsp import _core

Floats: TypeAlias = NDArray[np.float64]

_estimator = lru_cache(maxsize=32)(_core.new_estimator)


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
    models = np.empty((len(frames), order + 1))
    estimator = _estimator(order, frames.shape[1])
    for frame, model in zip(frames, models, strict=True):
        _core.estimate(estimator, np.ascontiguousarray(frame), model)
    return models


def inverse_correlation(model: Floats) -> Floats:
    """Return ``b[l] = sum_i a[i] a[i + l]``: the spectrum of b is that of the whitener, squared."""
    b = np.empty(len(model))
    _core.fir(np.pad(model, (0, len(model) - 1)), np.ascontiguousarray(model), b)
    return b


def residual(signal: Floats, model: Floats, start: int, stop: int) -> Floats:
    """Return the prediction errors of samples ``start`` to ``stop``; needs ``order`` before."""
    out = np.empty(stop - start)
    part = np.ascontiguousarray(signal[start - len(model) + 1 : stop])
    _core.fir(part, np.ascontiguousarray(model[::-1]), out)
    return out


def apply_inverse_covariance(signal: Floats, b: Floats, start: int, stop: int) -> Floats:
    """Return ``sum_l b[|l|] x[n + l]``, needs ``order`` samples on both sides.

    It is the gradient of the residual energy by the samples, half of it; divided by ``b[0]`` it is
    the error of interpolating each sample from all its neighbours.
    """
    out = np.empty(stop - start)
    _core.fir(_with_sides(signal, b, start, stop), _both_sides(b), out)
    return out


def interpolation_error(signal: Floats, b: Floats, start: int, stop: int) -> Floats:
    """Return samples minus their least-squares interpolation from all others.

    Godsill and Rayner, Digital Audio Restoration (1998), section 5.2: the gap that makes the
    residual energy least. ``signal`` needs ``order`` samples on both sides of the gap.
    """
    out = np.empty(stop - start)
    _core.interpolation_error(_with_sides(signal, b, start, stop), _both_sides(b), out)
    return out


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


def decimate(signal: Floats, taps: Floats, factor: int) -> Floats:
    """Return low-passed samples, one in ``factor``, of all that the taps fit around."""
    windows = np.lib.stride_tricks.sliding_window_view(signal, len(taps))[::factor]
    return np.asarray(windows @ taps)


def _with_sides(signal: Floats, b: Floats, start: int, stop: int) -> Floats:
    return np.ascontiguousarray(signal[start - len(b) + 1 : stop + len(b) - 1])


def _both_sides(b: Floats) -> Floats:
    """Return the taps of a symmetric filter, given them from the middle on."""
    return np.concatenate([b[:0:-1], b])

"""What a network sees of a candidate: waveform, residuals and levels around it, free of scale."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from restorack.dsp.autoregression import (
    Floats,
    interpolation_error,
    inverse_correlation,
    residual,
)

# The shape of what the click classifiers see: rows by samples, rows by blocks of 1.45 ms (46 ms to
# both sides), numbers of the candidate, the first three of them the classical evidence. Part of
# the trained weights.
WAVE_CHANNELS, WAVE_LENGTH = 5, 512
LEVEL_CHANNELS, LEVEL_BLOCKS = 5, 64
FACTS, EVIDENCE = 9, 3
LEAST_LEVEL = 1e-6
"""-120 dBFS: what is softer is seen at its true size, not blown up."""
FAINT = 1e-6
"""Least ratio of powers under a logarithm."""


@dataclass(frozen=True)
class CandidateFeatures:
    """One candidate, of whatever level, on the grid of its detector.

    Attributes
    ----------
    wave : ndarray of float32, shape (5, 512)
        Around the middle of the run, compressed by arcsinh: the signal over its level, and over
        the deviation of the residual: what repair would take away, the residual of the signal
        predicted forwards and backwards, that of the repaired signal.
    levels : ndarray of float32, shape (5, 64)
        Logarithms of powers in blocks of 1.45 ms: the repaired signal, its residual forwards, the
        largest error of the signal, the repaired residual backwards, the second difference.
    facts : ndarray of float32, shape (9,)
        Logarithms: prominence, contrast, their product; length in ms, predictability, size of the
        change over the residual and over the signal, sample rate; and the share of the window
        that the run fills.
    """

    wave: NDArray[np.float32]
    levels: NDArray[np.float32]
    facts: NDArray[np.float32]


def extract_features(
    signal: Floats,
    model: Floats,
    start: int,
    stop: int,
    block: int,
    rate: float,
    evidence: tuple[float, float],
) -> CandidateFeatures:
    """Return the portrait of the run from ``start`` to ``stop`` under a model free of it.

    ``evidence`` is its prominence and contrast, ``block`` the samples of 1.45 ms at ``rate`` Hz.
    """
    wave = np.empty((WAVE_CHANNELS, WAVE_LENGTH))
    levels = np.empty((LEVEL_CHANNELS, LEVEL_BLOCKS))
    sizes = np.empty(3)
    _fill(signal, model, start, stop, block, wave, levels, sizes)
    prominence, contrast = evidence
    facts = np.log(
        [
            max(prominence, FAINT),
            max(contrast, FAINT),
            max(prominence * contrast, FAINT),
            (stop - start) / rate * 1e3,
            *sizes,
            rate / 44_100.0,
            1.0,
        ]
    )
    facts[-1] = (stop - start) / WAVE_LENGTH
    return CandidateFeatures(
        wave.astype(np.float32), levels.astype(np.float32), facts.astype(np.float32)
    )


def features_reach(order: int, block: int) -> int:
    """Return the samples that a portrait needs on both sides of the middle of its run."""
    return max(LEVEL_BLOCKS // 2 * block, WAVE_LENGTH // 2) + 2 * order + 4


@numba.njit(cache=True)
def _fill(
    signal: Floats,
    model: Floats,
    start: int,
    stop: int,
    block: int,
    wave: Floats,
    levels: Floats,
    sizes: Floats,
) -> None:
    order = len(model) - 1
    middle = (start + stop) // 2
    half = max(levels.shape[1] // 2 * block, wave.shape[1] // 2)
    low = middle - half - order - 2
    given = signal[low : middle + half + order + 2].copy()
    first, last, begin, end = start - low, stop - low, order + 2, order + 2 + 2 * half
    change = interpolation_error(signal, inverse_correlation(model), start, stop)
    repaired = given.copy()
    repaired[first:last] -= change
    forward = residual(repaired, model, begin, end)
    mirrored = repaired[::-1].copy()
    backward = residual(mirrored, model, begin, end)[::-1].copy()
    given_forward, given_backward = forward.copy(), backward.copy()
    reach = min(last + order, end)  # only there do the residuals of the given signal differ
    given_forward[first - begin : reach - begin] = residual(given, model, first, reach)
    total, reach = len(given), max(first - order, begin)
    mirrored = given[::-1].copy()
    given_backward[reach - begin : last - begin] = residual(
        mirrored, model, total - last, total - reach
    )[::-1]

    count, offset = levels.shape[1], half - levels.shape[1] // 2 * block
    powers = np.empty(count)
    for j in range(count):
        powers[j] = np.mean(forward[offset + j * block : offset + (j + 1) * block] ** 2)
    deviation = np.sqrt(np.median(powers)) + LEAST_LEVEL
    near = half - wave.shape[1] // 2
    inner = slice(begin + near, begin + near + wave.shape[1])
    level = np.sqrt(np.mean(repaired[inner] ** 2)) + LEAST_LEVEL
    for j in range(count):
        a, b = offset + j * block, offset + (j + 1) * block
        here = repaired[begin + a : begin + b]
        bends = repaired[begin + a - 1 : begin + b - 1] + repaired[begin + a + 1 : begin + b + 1]
        levels[0, j] = 0.5 * np.log(np.mean(here**2) / level**2 + FAINT)
        levels[1, j] = 0.5 * np.log(powers[j] / deviation**2 + FAINT)
        levels[2, j] = np.log(np.max(np.abs(given_forward[a:b])) / deviation + FAINT)
        levels[3, j] = 0.5 * np.log(np.mean(backward[a:b] ** 2) / deviation**2 + FAINT)
        levels[4, j] = 0.5 * np.log(np.mean((bends - 2.0 * here) ** 2) / level**2 + FAINT)
    wave[0] = np.arcsinh(given[inner] / level)
    wave[1] = 0.0
    for i in range(last - first):
        at = first + i - inner.start
        if 0 <= at < wave.shape[1]:
            wave[1, at] = np.arcsinh(change[i] / deviation)
    wave[2] = np.arcsinh(given_forward[near : near + wave.shape[1]] / deviation)
    wave[3] = np.arcsinh(given_backward[near : near + wave.shape[1]] / deviation)
    wave[4] = np.arcsinh(forward[near : near + wave.shape[1]] / deviation)
    largest = np.max(np.abs(change))
    sizes[0] = deviation / level
    sizes[1] = largest / deviation + FAINT
    sizes[2] = largest / level + FAINT

"""Gains for noisy spectra whose noise floor is known, compiled.

All functions see the a posteriori signal-to-noise ratio of a window of 24 frames, that is the
power over the floor's, and return the gain of the middle 8. The log-spectral gains and what
they are made of take longer windows too, and return the same as for each 8 of their frames.

The default is the log-spectral amplitude estimator [1]_. Its a priori ratio does not come from
the decision-directed recursion, which lags behind attacks and flattens decays, but from block
thresholding [2]_: the plane is cut into macro-blocks of 8 frames by 16 bins, each is divided
into the blocks whose estimated risk is least (long for partials, flat for attacks), and each
block is attenuated by the James-Stein rule. Four cuts, shifted against each other, are averaged.
The ratio that follows is averaged with one from median filters [3]_, whose errors lie elsewhere:
together they leave less trace than either.

References
----------
.. [1] Y. Ephraim, D. Malah, "Speech enhancement using a minimum mean-square error log-spectral
   amplitude estimator", IEEE Trans. Acoust. Speech Signal Process. 33(2), 1985.
.. [2] G. Yu, S. Mallat, E. Bacry, "Audio denoising by time-frequency block thresholding",
   IEEE Trans. Signal Process. 56(5), 2008.
.. [3] D. FitzGerald, "Harmonic/percussive separation using median filtering", Proc. DAFx 2010.
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from restorack.dsp.decibels import db_to_power

Floats: TypeAlias = NDArray[np.floating[Any]]

GROUP = 8
CONTEXT = 3 * GROUP
LARGEST_RATIO = 1e9
SMALLEST_PRIOR = db_to_power(-25.0)
"""A priori signal-to-noise ratio that no bin falls below."""
FALSE_ALARMS = 0.01

BLOCK_FRAMES = (8, 4, 2)
BLOCK_BINS = (16, 8, 4, 2, 1)
FIRST_ROW = (6, 4, 0)
FIRST_COLUMN = (30, 28, 24, 16, 0)


def block_thresholds() -> Floats:
    """Return the threshold of each block size, as a multiple of the floor's power.

    The mean power of a block of noise stays below it with a probability of 99 %. Cells of
    square-root-Hann frames that overlap by three quarters are correlated: their power by
    .57, .10, .002 at one to three frames, and by .25 at the next bin.

    Returns
    -------
    ndarray, shape (3, 5)
        For 8, 4 and 2 frames by 16, 8, 4, 2 and 1 bins.
    """
    from scipy.special import gammaincinv

    found = np.empty((len(BLOCK_FRAMES), len(BLOCK_BINS)))
    for i, frames in enumerate(BLOCK_FRAMES):
        lag = np.arange(1, 4)[: frames - 1]
        shared = np.array([0.57, 0.10, 0.002])[: len(lag)]
        in_time = frames / (1.0 + 2.0 * np.sum((1.0 - lag / frames) * shared))
        for j, bins in enumerate(BLOCK_BINS):
            in_frequency = bins / (1.0 + 2.0 * 0.25 * (1.0 - 1.0 / bins))
            shape = in_time * in_frequency
            found[i, j] = gammaincinv(shape, 1.0 - FALSE_ALARMS) / shape
    return found


@njit(cache=True)
def exponential_integral(x: float) -> float:
    """Return E1(x) for x > 0.

    Abramowitz & Stegun 5.1.53 (error below 2e-7) up to 1 and 5.1.56 (5e-8 of exp(-x)/x) above.
    """
    if x <= 1.0:
        series = -0.57721566 + x * (
            0.99999193 + x * (-0.24991055 + x * (0.05519968 + x * (-0.00976004 + x * 0.00107857)))
        )
        return series - math.log(x)
    above = 0.2677737343 + x * (8.6347608925 + x * (18.0590169730 + x * (8.5733287401 + x)))
    below = 3.9584969228 + x * (21.0996530827 + x * (25.6329561486 + x * (9.5733223454 + x)))
    return math.exp(-x) / x * above / below


@njit(cache=True)
def log_mmse_gain(prior: float, posterior: float) -> float:
    """Return the gain of Ephraim & Malah 1985, equation 20, at most 1."""
    share = prior / (1.0 + prior)
    v = max(1e-8, share * posterior)
    if v > 20.0:
        return share
    return min(1.0, share * math.exp(0.5 * exponential_integral(v)))


@njit(cache=True)
def _mean(cells: Floats, t: int, k: int, frames: int, bins: int) -> float:
    """Return the mean of a block of cells."""
    total = 0.0
    for a in range(t, t + frames):
        for b in range(k, k + bins):
            total += cells[a, b]
    return total / (frames * bins)


@njit(cache=True)
def _copy_block(ratio: Floats, frame: int, bottom: int, cells: Floats) -> None:
    """Copy a macro-block; beyond the first and the last bin these repeat."""
    top = ratio.shape[1] - 1
    for t in range(8):
        for k in range(16):
            cells[t, k] = ratio[frame + t, min(max(bottom + k, 0), top)]


@njit(cache=True)
def _sum_blocks(cells: Floats, sums: Floats) -> None:
    """Write the sums of all blocks of all sizes, each from two of half its size.

    Rows hold four blocks of 2 frames, two of 4, one of 8; columns sixteen of 1 bin, eight of 2,
    four of 4, two of 8, one of 16.
    """
    for t in range(4):
        for k in range(16):
            sums[t, k] = cells[2 * t, k] + cells[2 * t + 1, k]
    for k in range(16):
        sums[4, k] = sums[0, k] + sums[1, k]
        sums[5, k] = sums[2, k] + sums[3, k]
        sums[6, k] = sums[4, k] + sums[5, k]
    for t in range(7):
        for k in range(15):
            sums[t, 16 + k] = sums[t, 2 * k] + sums[t, 2 * k + 1]


@njit(cache=True, fastmath=True)
def _least_risky(sums: Floats, thresholds: Floats) -> tuple[int, int]:
    """Return the division into blocks whose risk, by Stein's unbiased estimate, is least [2]_."""
    best, row, column = 1e300, 0, 0
    for i in range(3):
        for j in range(5):
            size = float((8 >> i) * (16 >> j))
            limit = thresholds[i, j]
            extra = limit * limit - 2.0 * limit * (size - 1.0) / size
            risk = 0.0
            for t in range(FIRST_ROW[i], FIRST_ROW[i] + (1 << i)):
                for k in range(FIRST_COLUMN[j], FIRST_COLUMN[j] + (1 << j)):
                    mean = sums[t, k] / size
                    risk += size * ((1.0 + extra / mean) if mean > limit else mean - 1.0)
            if risk < best:
                best, row, column = risk, i, j
    return row, column


@njit(cache=True)
def _attenuate(sums: Floats, thresholds: Floats, out: Floats) -> None:
    """Write the James-Stein factors of the least risky division of one macro-block."""
    row, column = _least_risky(sums, thresholds)
    frames, bins, limit = 8 >> row, 16 >> column, thresholds[row, column]
    for t in range(8):
        for k in range(16):
            total = sums[FIRST_ROW[row] + t // frames, FIRST_COLUMN[column] + k // bins]
            mean = max(1e-30, total / (frames * bins))
            out[t, k] = max(0.0, 1.0 - limit / mean)


@njit(cache=True)
def block_factors(ratio: Floats, thresholds: Floats) -> Floats:
    """Return block-thresholding factors of the middle frames [2]_.

    Parameters
    ----------
    ratio : ndarray, shape (frames + 16, bins)
        A posteriori signal-to-noise ratio; the frames are a multiple of 8.
    thresholds : ndarray, shape (3, 5)
        From :func:`block_thresholds`.

    Returns
    -------
    ndarray, shape (frames, bins)
        From 0 to 1: the mean of four shifted cuts.
    """
    frames, count = ratio.shape[0] - 16, ratio.shape[1]
    kind = ratio.dtype
    total = np.zeros((frames, count), kind)
    cells, sums = np.empty((8, 16), kind), np.empty((7, 31), kind)
    block = np.empty((8, 16), kind)
    for cut in range(4):
        first = 8 - 2 * cut
        for frame in range(first, frames + 8, 8):
            for bottom in range(-4 * cut, count, 16):
                _copy_block(ratio, frame, bottom, cells)
                _sum_blocks(cells, sums)
                _attenuate(sums, thresholds, block)
                for t in range(max(0, 8 - frame), min(8, frames + 8 - frame)):
                    for k in range(max(0, -bottom), min(16, count - bottom)):
                        total[frame + t - 8, bottom + k] += 0.25 * block[t, k]
    return total


@njit(cache=True)
def median7(a: float, b: float, c: float, d: float, e: float, f: float, g: float) -> float:
    """Return the median of seven values, by thirteen exchanges."""
    a, f = min(a, f), max(a, f)
    a, d = min(a, d), max(a, d)
    b, g = min(b, g), max(b, g)
    c, e = min(c, e), max(c, e)
    a, b = min(a, b), max(a, b)
    d, f = min(d, f), max(d, f)
    c, g = min(c, g), max(c, g)
    c, d = min(c, d), max(c, d)
    d, g = min(d, g), max(d, g)
    e, f = min(e, f), max(e, f)
    b, e = min(b, e), max(b, e)
    return min(max(b, d), e)


@njit(cache=True)
def median_ratio(ratio: Floats) -> Floats:
    """Return the signal-to-noise ratio of median-filtered powers, shape (frames, bins).

    A median over 7 frames keeps partials, one over 7 bins keeps attacks [3]_; the larger of the
    two is the signal's, since noise stands out in neither: there it is near 1, seldom above 2.
    """
    frames, count = ratio.shape[0] - 16, ratio.shape[1]
    found = np.empty((frames, count), ratio.dtype)
    row = np.empty(count + 6, ratio.dtype)
    for t in range(frames):
        r = ratio[5 + t : 12 + t]
        row[3 : count + 3] = r[3]
        row[:3] = r[3, 0]
        row[count + 3 :] = r[3, count - 1]
        for k in range(count):
            along = median7(r[0, k], r[1, k], r[2, k], r[3, k], r[4, k], r[5, k], r[6, k])
            v = row[k : k + 7]
            across = median7(v[0], v[1], v[2], v[3], v[4], v[5], v[6])
            found[t, k] = max(0.0, max(along, across) - 2.0)
    return found


@njit(cache=True)
def prior_ratio(ratio: Floats, median: Floats, thresholds: Floats) -> Floats:
    """Return the a priori signal-to-noise ratio of the middle frames, at least -25 dB."""
    factors = block_factors(ratio, thresholds)
    prior = np.empty_like(median)
    for t in range(prior.shape[0]):
        for k in range(prior.shape[1]):
            power = factors[t, k] * factors[t, k] * ratio[8 + t, k]
            prior[t, k] = max(SMALLEST_PRIOR, 0.5 * (power + median[t, k]))
    return prior


@njit(cache=True)
def logmmse_beside(ratio: Floats, median: Floats, thresholds: Floats) -> Floats:
    """Return log-spectral amplitude gains, given :func:`median_ratio`, shape (frames, bins)."""
    gain = prior_ratio(ratio, median, thresholds)
    for t in range(gain.shape[0]):
        for k in range(gain.shape[1]):
            gain[t, k] = log_mmse_gain(gain[t, k], ratio[8 + t, k])
    return gain


@njit(cache=True)
def logmmse(ratio: Floats, thresholds: Floats) -> Floats:
    """Return log-spectral amplitude gains, shape (frames, bins)."""
    return logmmse_beside(ratio, median_ratio(ratio), thresholds)


@njit(cache=True)
def wiener(ratio: Floats, thresholds: Floats) -> Floats:
    """Return Wiener gains ``prior / (1 + prior)``, shape (8, bins)."""
    prior = prior_ratio(ratio, median_ratio(ratio), thresholds)
    return prior / (1.0 + prior)


@njit(cache=True)
def _mean_around(ratio: Floats, t: int, k: int, frames: int, bins: int) -> float:
    """Return the mean over ``2 * frames + 1`` by ``2 * bins + 1`` cells."""
    low, high = max(0, k - bins), min(ratio.shape[1], k + bins + 1)
    return float(_mean(ratio, t - frames, low, 2 * frames + 1, high - low))


@njit(cache=True)
def subtract(ratio: Floats, thresholds: Floats) -> Floats:
    """Return gains of power subtraction, shape (8, bins).

    Magnitudes are averaged over neighbouring frames (Boll 1979); the oversubtraction falls from
    4 at 0 dB to 1 at 20 dB (Berouti, Schwartz & Makhoul 1979, equation 5), per cell here, since
    music's signal-to-noise ratio differs more between bins than between frames.
    """
    gain = np.empty((8, ratio.shape[1]))
    for t in range(8):
        for k in range(gain.shape[1]):
            mean = max(1e-9, _mean_around(ratio, 8 + t, k, 2, 0))
            over = min(4.0, max(1.0, 4.0 - 0.15 * 10.0 * math.log10(mean)))
            gain[t, k] = math.sqrt(max(0.0, 1.0 - over / mean))
    return gain


@njit(cache=True)
def gate(ratio: Floats, thresholds: Floats) -> Floats:
    """Return gains of a spectral gate with soft edges, shape (8, bins).

    A cell is open where the mean of its neighbours (3 frames by 3 bins) exceeds the floor by
    4 dB, half open there, closed 3 dB below; around it the gate opens by the mean over 7 frames
    by 5 bins.
    """
    count = ratio.shape[1]
    opening = np.zeros((CONTEXT, count))
    for t in range(4, 20):
        for k in range(count):
            level = 10.0 * math.log10(max(1e-9, _mean_around(ratio, t, k, 1, 1)))
            opening[t, k] = 1.0 / (1.0 + math.exp(-1.5 * (level - 4.0)))
    gain = np.empty((8, count))
    for t in range(8):
        for k in range(count):
            gain[t, k] = max(opening[8 + t, k], _mean_around(opening, 8 + t, k, 3, 2))
    return gain


@njit(cache=True)
def median(ratio: Floats, thresholds: Floats) -> Floats:
    """Return Wiener gains of :func:`median_ratio`, shape (8, bins)."""
    power = median_ratio(ratio)
    return power / (1.0 + power)

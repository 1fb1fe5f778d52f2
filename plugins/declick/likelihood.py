"""Evidence for clicks under an autoregressive model: how much better the signal is without them.

For a run of samples U the energy of the residual falls by ``z_U' B_UU^-1 z_U`` when they are
interpolated from all others (Godsill and Rayner 1998, chapters 5 and 10). One triangular factor
gives that for every length of U that begins at a sample. The likelihood ratio of "the run carries
an added disturbance" against "it does not" pays for the run's length, so that its maximum finds
the extent of a click too.
"""

from __future__ import annotations

import numba
import numpy as np

from restorack.dsp.autoregression import (
    LEAST_RIDGE,
    Floats,
    apply_inverse_covariance,
    axpy,
    interpolation_error,
    inverse_correlation,
    residual,
    toeplitz_cholesky,
)

EARLY_STOP_DROP = 30.0
"""A run whose score has fallen this far below its best is not followed further."""


@numba.njit(cache=True)
def block_deviations(errors: Floats, block: int) -> Floats:
    """Return the robust standard deviation of each block of errors, from its median."""
    out = np.empty(len(errors) // block)
    for j in range(len(out)):
        out[j] = np.median(np.abs(errors[j * block : (j + 1) * block])) / 0.6745
    return out


@numba.njit(cache=True)
def larger_side(deviations: Floats, reach: int, floor: float) -> Floats:
    """Return for each block the larger of the medians of ``reach`` blocks before and after it.

    A click stands between two quiet sides; the noise of an attack goes on after it.
    """
    count = len(deviations)
    out = np.empty(count)
    for j in range(count):
        here = floor
        if j >= 3:
            here = max(here, np.median(deviations[max(0, j - 1 - reach) : j - 1]))
        if j + 3 < count:
            here = max(here, np.median(deviations[j + 2 : min(count, j + 2 + reach)]))
        out[j] = here
    return out


@numba.njit(cache=True)
def scan_segment(
    signal: Floats,
    model: Floats,
    start: int,
    deviation: Floats,
    power: float,
    longest: int,
    stride: int,
    prefilter: float,
    scores: Floats,
    lengths: Floats,
) -> None:
    """Score runs that begin at every ``stride`` samples of a segment.

    Parameters
    ----------
    signal, model : ndarray
        Samples, and the model that holds in the segment.
    start : int
        First sample of the segment.
    deviation : ndarray, shape (samples,)
        Standard deviation of the residual at each sample of the segment.
    power : float
        Variance that a disturbance is expected to have.
    longest : int
        Longest run, in samples.
    stride : int
        Samples between beginnings.
    screen : float
        Least square of a leave-one-out error, in variances, where a run is looked for.
    scores, lengths : ndarray, shape (samples // stride,)
        Filled with the log likelihood ratio of the best run and its length.
    """
    order, count = len(model) - 1, len(deviation)
    b = inverse_correlation(model)
    ridge = float(np.mean(deviation**2)) / power
    upper = toeplitz_cholesky(b, ridge, longest)
    penalty, root = np.empty(longest), np.sqrt(ridge)
    for i in range(longest):
        penalty[i] = np.log(upper[i, i] / root)
    z = apply_inverse_covariance(signal, b, start, start + count + longest)
    for turn in range(count // stride):
        at = turn * stride
        variance = deviation[at] ** 2
        scores[turn] = -1.0
        lengths[turn] = 0.0
        alone = 0.0
        for i in range(at, at + stride):
            alone = max(alone, z[i] * z[i])
        if alone < prefilter * variance * (b[0] + ridge):  # no run worth its price begins here
            continue
        work = z[at : at + longest].copy()
        gain = 0.0
        for i in range(longest):
            value = work[i] / upper[i, i]
            end = min(longest, i + order + 1)
            axpy(work[i + 1 : end], -value, upper[i, i + 1 : end])
            gain += 0.5 * value * value / variance - penalty[i]
            if gain > scores[turn]:
                scores[turn] = gain
                lengths[turn] = i + 1
            elif gain < scores[turn] - EARLY_STOP_DROP:
                break


@numba.njit(cache=True)
def loud_runs(
    signal: Floats, start: int, block: int, longest: int, side: int, loud: float, scores: Floats
) -> None:
    """Mark with 1 the blocks where a pop begins: ``loud`` times the power of both sides.

    ``scores`` has an entry per block from ``start`` on. The sides are the ``side`` samples before
    the block, and those that follow once the longest click is over.
    """
    total = np.zeros(len(scores) * block + longest + 2 * side + 1)  # of squares, up to a sample
    low = start - side
    for i in range(len(total) - 1):
        total[i + 1] = total[i] + signal[low + i] ** 2
    armed = True
    for turn in range(len(scores)):
        at = side + turn * block
        power = (total[at + block] - total[at]) / block
        before = (total[at] - total[at - side]) / side
        after = (total[at + longest + side] - total[at + longest]) / side
        above = power > loud * (max(before, after, 0.0) + 1e-12)
        scores[turn] = 1.0 if above and armed else 0.0
        armed = not above


@numba.njit(cache=True)
def refine_run(
    signal: Floats,
    model: Floats,
    first: int,
    last: int,
    step: int,
    longest: int,
    side: int,
    penalty: float,
    floor: float,
) -> tuple[int, int]:
    """Return start and length of the likeliest run that begins from ``first`` to ``last``.

    The residual's variance is the larger one of the two sides, ``side`` samples before all these
    runs and after them. A sample is worth interpolating where that takes more than ``2 * price``
    variances off the residual's energy; by chance it takes one.
    """
    order = len(model) - 1
    b = inverse_correlation(model)
    upper = toeplitz_cholesky(b, LEAST_RIDGE * b[0], longest)
    z = apply_inverse_covariance(signal, b, first, last + longest)
    end = last + longest
    before = float(np.mean(residual(signal, model, first - side, first) ** 2))
    after = float(np.mean(residual(signal, model, end, end + side) ** 2))
    variance = max(before, after, floor)
    best = 0.0
    found, count = first, 0
    for start in range(first, last + 1, step):
        work = z[start - first : start - first + longest].copy()
        gain = highest = 0.0
        for i in range(longest):
            value = work[i] / upper[i, i]
            stop = min(longest, i + order + 1)
            axpy(work[i + 1 : stop], -value, upper[i, i + 1 : stop])
            gain += 0.5 * value * value / variance - penalty
            highest = max(highest, gain)
            if gain > best:
                best, found, count = gain, start, i + 1
            elif gain < highest - EARLY_STOP_DROP:
                break
    return found, count


@numba.njit(cache=True)
def prominence(
    signal: Floats,
    model: Floats,
    start: int,
    stop: int,
    side: int,
    length_regulariser: float,
    floor: float,
) -> float:
    """Return how far a run stands out of its surroundings once it is interpolated.

    The energy that interpolation takes off the residual, per sample of the run (and
    ``length_regulariser`` more, which asks more of short runs), over the largest mean square of
    what is left before, within and after it, predicting forwards and backwards. A click leaves
    nothing behind; an attack leaves its own decay, and a misplaced run the rest of the click.
    """
    order = len(model) - 1
    b = inverse_correlation(model)
    low = start - side - 2 * order
    local = signal[low : stop + side + 2 * order].copy()
    first, last = start - low, stop - low
    z = apply_inverse_covariance(local, b, first, last)
    change = interpolation_error(local, b, first, last)
    local[first:last] -= change
    left = floor
    begin, end = first - side, last + side
    for _ in range(2):
        errors = residual(local, model, begin, end) ** 2
        width = end - begin
        left = max(left, float(np.mean(errors[:side])))
        left = max(left, float(np.mean(errors[side : width - side])))
        left = max(left, float(np.mean(errors[width - side :])))
        local = local[::-1].copy()
        begin, end = len(local) - end, len(local) - begin
    return float(np.sum(z * change) / (stop - start + length_regulariser) / left)


@numba.njit(cache=True)
def contrast(
    signal: Floats,
    model: Floats,
    start: int,
    stop: int,
    side: int,
    rise: float,
    fall: float,
    loud: float,
    floor: float,
) -> float:
    """Return how much the levels around a run speak for a click: below 1 against, above for it.

    Powers over ``side`` samples and four times as many are compared. What is ``rise`` times
    louder after the run than before it is an attack, not a click; what is ``fall`` times softer
    is an end. A disturbance ``loud`` times louder than both sides is a click, however smooth.
    """
    change = interpolation_error(signal, inverse_correlation(model), start, stop)
    power = float(np.mean(change**2))
    step, louder = 1.0, np.inf
    for width in (side, 4 * side):
        before = float(np.mean(signal[start - width : start] ** 2)) + floor
        after = float(np.mean(signal[stop : stop + width] ** 2)) + floor
        step = max(step, after / before / rise, before / after / fall)
        louder = min(louder, power / max(before, after))
    return max(1.0, louder / loud) / step

"""The time between two copies to a few hundredths of a sample, where the music allows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.frame_transform import frame_spectra
from restorack.merging.signal import Signal
from restorack.merging.time_map import Bools, TimeMap, deviation_of, smoothed

Floats = NDArray[np.float64]

# By hand, tried on the recordings that docs/guides/disc-transfers.md names.
GROUP = 512
"""Frames that are worked on at a time."""
COHERENCE_S = 0.7
"""Time over which the coherence of a bin is measured."""
LOWEST_HZ, HIGHEST_SHARE = 80.0, 0.42
"""Band that tells the time: rumble lies below, a resampler's edge above that share of the rate."""
MOST_WEIGHT = 100.0
"""Of one bin: a squared coherence of 0.99."""
OUTLIER = 3.0
"""Errors beyond this many standard ones lose weight."""


@dataclass(frozen=True)
class Pass:
    """One pass: frame in seconds, frames averaged, highest frequency, phases averaged or not."""

    frame_s: float
    averaged: float
    highest_hz: float
    is_averaged: bool


PASSES = (
    Pass(0.093, 2.0, 2_500.0, True),
    Pass(0.046, 1.5, 8_000.0, True),
    Pass(0.046, 1.5, 20_000.0, False),
    Pass(0.046, 1.5, 20_000.0, False),
)
PRIORS = (
    (False, 0.03), (False, 0.1), (False, 0.3),
    (True, 0.001), (True, 0.003), (True, 0.01), (True, 0.03), (True, 0.1),
)  # fmt: skip
"""Third differences that are allowed: of all the map, or of what differs from its slow part. The
one is taken that best predicts delays that it has not seen."""
SLOW = 0.0069
"""Roughness of the slow part: waves of up to 2.6 Hz, wow of discs."""
LEFT_OUT = 5
"""Knots in a row that are left out, every second such row: frames overlap."""


@dataclass(frozen=True)
class Refined:
    """A map, and how far each of its knots may be off.

    Attributes
    ----------
    time_map : TimeMap
    deviation : ndarray, shape (knots,)
        Standard deviation in samples.
    """

    time_map: TimeMap
    deviation: Floats


def refine(one: Signal, other: Signal, rate: float, time_map: TimeMap, inverted: bool) -> Refined:
    """Refine a map by the phases of the cross-spectrum, in Gauss-Newton steps.

    Parameters
    ----------
    one, other : Signal
        One channel each, at one rate.
    rate : float
        In Hz.
    time_map : TimeMap
    inverted : bool
        Whether the copy's polarity is turned round.
    """
    deviation = np.full(time_map.positions.size, np.inf)
    for each in PASSES:
        delays, information = _measured(one, other, rate, time_map, inverted, each)
        base, roughness = _prior(delays, information, time_map)
        curve = _robust(delays, information, time_map.breaks, roughness, base)
        deviation = deviation_of(information, roughness)
        time_map = time_map.moved(curve)
    return Refined(time_map, deviation)


def _robust(
    delays: Floats, information: Floats, breaks: Bools, roughness: float, base: Floats
) -> Floats:
    """Return the smooth curve, without what lies far from it."""
    weights = information
    for _ in range(4):
        curve = smoothed(delays, weights, breaks, roughness, base)
        error = np.abs(delays - curve) * np.sqrt(information)
        weights = information * np.minimum(1.0, OUTLIER / np.maximum(error, 1e-9)) ** 2
    return curve


def _prior(delays: Floats, information: Floats, time_map: TimeMap) -> tuple[Floats, float]:
    """Return what is to be smooth, and how smooth: by cross-validation over short gaps."""
    at, breaks = np.arange(delays.size), time_map.breaks
    line = np.linspace(time_map.positions[0], time_map.positions[-1], delays.size)
    bent = time_map.positions - line
    slow = smoothed(bent, np.ones(delays.size), breaks, SLOW)
    best = (np.inf, bent, PRIORS[0][1])
    for is_fast, roughness in PRIORS:
        base = bent - slow if is_fast else bent
        score = 0.0
        for part in (0, 1):
            is_out = (at // LEFT_OUT) % 2 == part
            seen = np.where(is_out, 0.0, information)
            curve = smoothed(delays, seen, breaks, roughness, base)
            middle = is_out & (at % LEFT_OUT == LEFT_OUT // 2)
            error = information[middle] * (delays - curve)[middle] ** 2
            score += float(np.sum(np.minimum(error, 25.0)))
        if score < best[0]:
            best = (score, base, roughness)
    return best[1], best[2]


def _measured(
    one: Signal, other: Signal, rate: float, time_map: TimeMap, inverted: bool, each: Pass
) -> tuple[Floats, Floats]:
    """Return delay and information around every knot."""
    hop = time_map.hop
    count = time_map.positions.size
    size = 1 << int(np.round(np.log2(each.frame_s * rate)))
    window = np.sin(np.pi * (np.arange(size) + 0.5) / size) ** 2
    delays, information = np.zeros(count), np.zeros(count)
    margin = max(1, round(2 * COHERENCE_S * rate / hop))
    for start in range(0, count, GROUP):
        stop = min(count, start + GROUP)
        low, high = max(0, start - margin), min(count, stop + margin)
        first = low * hop - size // 2
        last = (high - 1) * hop + size - size // 2
        mine = one.read(first, last)
        theirs = other.read_at(time_map.at(first, last))
        if inverted:
            theirs = -theirs
        a, b = (frame_spectra(rows, window, hop)[0] for rows in (mine, theirs))
        found = _delays(a, b, rate, size, hop, each)
        delays[start:stop], information[start:stop] = (
            values[start - low : stop - low] for values in found
        )
    return delays, information


def _delays(
    a: NDArray[np.complex128], b: NDArray[np.complex128], rate: float, size: int, hop: int,
    each: Pass,
) -> tuple[Floats, Floats]:  # fmt: skip
    from scipy.ndimage import gaussian_filter1d

    top = min(each.highest_hz, HIGHEST_SHARE * rate)
    low, high = max(1, round(LOWEST_HZ * size / rate)), round(top * size / rate)
    a, b = a[:, low:high], b[:, low:high]
    turn = 2.0 * np.pi * np.arange(low, high) / size
    cross = np.conj(a) * b
    one, other = a.real**2 + a.imag**2, b.real**2 + b.imag**2
    # Loud frames do not decide alone how coherent a bin is.
    scale = 1.0 / (one.sum(axis=1) + other.sum(axis=1) + 1e-20)[:, np.newaxis]
    wide = COHERENCE_S * rate / hop
    together = _smooth(cross.real * scale, wide) ** 2 + _smooth(cross.imag * scale, wide) ** 2
    square = together / (_smooth(one * scale, wide) * _smooth(other * scale, wide) + 1e-30)
    frames = max(2.0, 2.0 * wide * hop / size * 1.7)
    square = np.clip((square - 1.0 / frames) / (1.0 - 1.0 / frames), 0.0, 0.9999)
    weight = np.minimum(square / (1.0 - square), MOST_WEIGHT)
    loud = gaussian_filter1d(np.sqrt(one * other), each.averaged, axis=0)
    if each.is_averaged:
        cross = gaussian_filter1d(cross.real, each.averaged, axis=0) + 1j * gaussian_filter1d(
            cross.imag, each.averaged, axis=0
        )
    phase = cross / (loud + 1e-20)
    slope = (weight * turn * phase.imag).sum(axis=1)
    bend = (weight * turn**2 * phase.real).sum(axis=1)
    curvature = (weight * turn**2).sum(axis=1) + 1e-12
    # Copies late by x have the phase -x turn.
    delays = np.clip(-slope / np.maximum(bend, 0.1 * curvature), -3.0, 3.0)
    repeated = size / hop / 1.7
    # Of noise, and of copies that do not agree, the phases point anywhere: little is known there.
    agreeing = np.clip(bend / curvature, 0.0, 1.0)
    return delays, 2.0 * curvature * agreeing / repeated


def _smooth(values: Floats, wide: float) -> Floats:
    from scipy.ndimage import uniform_filter1d

    return np.asarray(uniform_filter1d(values, max(1, round(2 * wide)), axis=0, mode="nearest"))

"""The time between two copies to a few hundredths of a sample, where the music allows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.frame_transform import frame_spectra
from restorack.merging.signal import Signal
from restorack.merging.time_map import Bools, TimeMap, deviation_of, smoothed

Floats = NDArray[np.float64]

# By hand, tried on the recordings that docs/guides/disc-transfers.md names.
GROUP = 512
"""Frames that are worked on at a time."""
NOISE_S = 0.5
"""Pieces by which what differs is measured: medians of three, which clicks leave alone."""
ABOVE = 3.0
"""Times what differs: cells below lose weight."""
CHANCE = 2.5
"""Standard deviations of the agreement that noise alone has by chance."""
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
        base, roughness, is_fast = _prior(delays, information, time_map)
        curve = _robust(delays, information, time_map.breaks, roughness, base)
        deviation = deviation_of(information, time_map.breaks, roughness)
        if is_fast:
            slow = deviation_of(information, time_map.breaks, SLOW)
            deviation = np.hypot(deviation, slow)
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


def _for_slow(information: Floats) -> Floats:
    """Return what the slow part is known by: no moment counts for more than a sample's variance."""
    return np.minimum(information, 1.0)


def _prior(delays: Floats, information: Floats, time_map: TimeMap) -> tuple[Floats, float, bool]:
    """Return what is to be smooth, how smooth, and whether that is beside the slow part.

    By cross-validation over short gaps.
    """
    at, breaks = np.arange(delays.size), time_map.breaks
    line = np.linspace(time_map.positions[0], time_map.positions[-1], delays.size)
    bent = time_map.positions - line
    slow = smoothed(bent, _for_slow(information), breaks, SLOW)
    best = (np.inf, bent, PRIORS[0][1], False)
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
            best = (score, base, roughness, is_fast)
    return best[1:]


def _measured(
    one: Signal, other: Signal, rate: float, time_map: TimeMap, inverted: bool, each: Pass
) -> tuple[Floats, Floats]:
    """Return delay and information at every knot."""
    hop, count = time_map.hop, time_map.positions.size
    size = 1 << int(np.round(np.log2(each.frame_s * rate)))
    delays, information, late = np.zeros((3, count))
    margin = max(1, round(2 * NOISE_S * rate / hop))
    for start in range(0, count, GROUP):
        stop = min(count, start + GROUP)
        low, high = max(0, start - margin), min(count, stop + margin)
        first = low * hop - size // 2
        last = (high - 1) * hop + size - size // 2
        mine = one.read(first, last)
        theirs = other.read_at(time_map.at(first, last))
        if inverted:
            theirs = -theirs
        found = _Frames(mine, theirs, size, hop).delays(rate, each)
        for whole, part in zip((delays, information, late), found, strict=True):
            whole[start:stop] = part[start - low : stop - low]
    return _where_it_sounded(delays, information, late / hop)


def _where_it_sounded(delays: Floats, information: Floats, late: Floats) -> tuple[Floats, Floats]:
    """Return delays and information at the knots where a frame's sound was, not its middle.

    All frames that an attack lies in measure the delay at the attack.
    """
    count = delays.size
    index = np.clip(np.round(np.arange(count) + late).astype(int), 0, count - 1)
    known = np.bincount(index, information, count)
    sums = np.bincount(index, information * delays, count)
    return sums / np.maximum(known, 1e-12), np.asarray(known, np.float64)


class _Frames:
    """Frames of two copies, a spectrum each."""

    def __init__(self, one: Rows, other: Rows, size: int, hop: int) -> None:
        window = np.sin(np.pi * (np.arange(size) + 0.5) / size) ** 2
        moment = window * (np.arange(size) + 0.5 - 0.5 * size)
        self._size, self._hop = size, hop
        self._one, self._other = (frame_spectra(rows, window, hop)[0] for rows in (one, other))
        self._moment = frame_spectra(one, moment, hop)[0]

    def delays(self, rate: float, each: Pass) -> tuple[Floats, Floats, Floats]:
        """Return for every frame the delay, the information, and where in it the sound is."""
        from scipy.ndimage import gaussian_filter1d

        size, hop = self._size, self._hop
        top = min(each.highest_hz, HIGHEST_SHARE * rate)
        low, high = max(1, round(LOWEST_HZ * size / rate)), round(top * size / rate)
        a, b, moment = (rows[:, low:high] for rows in (self._one, self._other, self._moment))
        turn = 2.0 * np.pi * np.arange(low, high) / size
        cross = np.conj(a) * b
        one, other = a.real**2 + a.imag**2, b.real**2 + b.imag**2
        weight = _weights(cross.real, one, other, rate / hop)
        loud = gaussian_filter1d(np.sqrt(one * other), each.averaged, axis=0)
        if each.is_averaged:
            cross = gaussian_filter1d(cross.real, each.averaged, axis=0) + 1j * gaussian_filter1d(
                cross.imag, each.averaged, axis=0
            )
        phase = cross / (loud + 1e-20)
        slope = (weight * turn * phase.imag).sum(axis=1)
        heard = weight * turn**2
        bend, curvature = (heard * phase.real).sum(axis=1), heard.sum(axis=1) + 1e-12
        # Copies late by x have the phase -x turn.
        delays = np.clip(-slope / np.maximum(bend, 0.1 * curvature), -3.0, 3.0)
        # Of noise, and of copies that do not agree, the phases point anywhere: nothing is known
        # where they agree no better than by chance.
        chance = CHANCE * np.sqrt(0.5 * (heard**2).sum(axis=1)) / curvature
        agreeing = (bend / curvature - chance) / np.maximum(1.0 - chance, 0.1)
        information = 2.0 * curvature * np.clip(agreeing, 0.0, 1.0) * 1.7 * hop / size
        # The middle of a bin's energy in time, as in reassigned spectra (Auger and Flandrin, 1995).
        middle = (np.conj(a) * moment).real / (one + 1e-20)
        late = (heard * np.clip(middle, -0.5 * size, 0.5 * size)).sum(axis=1) / curvature
        return delays, information, late


def _weights(cross: Floats, one: Floats, other: Floats, frames_per_s: float) -> Floats:
    """Return the weight of every cell: its common power over what differs around it."""
    span = max(1, min(len(one), round(NOISE_S * frames_per_s)))
    ratio = _medians(one, span) / (_medians(other, span) + 1e-30)
    apart = one + ratio * other - 2.0 * np.sqrt(ratio) * cross
    noise = _medians(np.maximum(apart, 0.0), span) + 1e-20
    heard = np.sqrt(ratio * one * other)
    sure = (heard / (heard + ABOVE * noise)) ** 2
    return np.asarray(np.minimum(heard / noise * sure, MOST_WEIGHT))


def _medians(values: Floats, span: int) -> Floats:
    """Return the medians of every bin around each frame, by pieces of so many frames."""
    count = max(1, len(values) // span)
    edges = np.linspace(0, len(values), count + 1).astype(int)
    parts = np.array([np.median(values[a:b], axis=0) for a, b in pairwise(edges)])
    beside = np.pad(parts, ((1, 1), (0, 0)), mode="edge")
    smooth = (beside[:-2] + parts + beside[2:]) / 3.0
    return np.repeat(smooth, np.diff(edges), axis=0)

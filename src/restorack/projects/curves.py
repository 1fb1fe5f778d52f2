"""Faders' curves: straight lines in dB, as sessions have them, and in amplitude, as DAWs do."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise

from restorack.projects.model import Points

LOWEST_DB = -120.0
"""The lowest gain of a session, in dB: what an amplitude of 0 becomes."""

STEP_DB = 1.0
"""Longest straight line that is left alone, in dB: the two curves differ by 0.014 dB within it."""

SAME_DB = 1e-6
"""Distance from a straight line, in dB, up to which a point is part of it. By hand: inaudible."""

DIGITS = 10
"""Decimals of dB that are kept: what a double of an amplitude holds, and no noise of conversion."""

JUMP_S = 1e-6
"""Between two points at one time, which a session does not have, in seconds: below a sample."""


def amplitude(decibels: float) -> float:
    """Return the amplitude of a gain in dB."""
    return float(10.0 ** (decibels / 20.0))


def decibels(gain: float) -> float:
    """Return a gain in dB of an amplitude from 0 on, rounded to what it holds."""
    if gain <= 0.0:
        return LOWEST_DB
    return round(20.0 * math.log10(gain), DIGITS) + 0.0  # no -0.0


def to_amplitudes(points: Points) -> Points:
    """Return lines that are straight in dB as ones that are straight in amplitude."""
    out: list[tuple[float, float]] = [points[0]]
    for (t0, low), (t1, high) in pairwise(points):
        count = max(1, math.ceil(abs(high - low) / STEP_DB - SAME_DB))
        out += [
            (t0 + (t1 - t0) * n / count, low + (high - low) * n / count) for n in range(1, count)
        ]
        out.append((t1, high))
    return tuple((time, amplitude(value)) for time, value in out)


def from_amplitudes(points: Points) -> Points:
    """Return lines that are straight in amplitude as ones that are straight in dB."""
    lowest = amplitude(LOWEST_DB)
    points = tuple((time, max(gain, lowest)) for time, gain in points)
    out: list[tuple[float, float]] = [(points[0][0], decibels(points[0][1]))]
    for (t0, first), (t1, last) in pairwise(points):
        low, high = decibels(first), decibels(last)
        count = max(1, math.ceil(abs(high - low) / STEP_DB - SAME_DB))
        for n in range(1, count):
            value = low + (high - low) * n / count
            part = (amplitude(value) - first) / (last - first)
            out.append((t0 + (t1 - t0) * part, round(value, DIGITS)))
        out.append((t1, high))
    return thinned(rising(out))


def thinned(points: Points) -> Points:
    """Return a curve without the points that lie on a straight line between others."""
    if len({value for _, value in points}) == 1:
        return ((0.0, points[0][1]),)
    kept = [points[0]]
    for (time, value), (later, after) in pairwise(points[1:]):
        t0, before = kept[-1]
        on_line = before + (after - before) * (time - t0) / (later - t0)
        if abs(on_line - value) > SAME_DB:
            kept.append((time, value))
    return (*kept, points[-1])


def rising(points: Iterable[tuple[float, float]]) -> Points:
    """Return points in order of time, those at one time next to each other."""
    out: list[tuple[float, float]] = []
    for time, value in sorted(points, key=lambda point: point[0]):
        at_once = bool(out) and time <= out[-1][0]
        out.append((out[-1][0] + JUMP_S if at_once else time, value))
    return tuple(out)

"""The time between two copies followed through them, to a part of a millisecond."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.frame_transform import frame_spectra
from restorack.merging.paths import best_path
from restorack.merging.signal import Signal, spans
from restorack.merging.time_map import TimeMap, smoothed_at_knots

Floats = NDArray[np.float64]

# By hand, tried on the recordings that docs/guides/disc-transfers.md names.
RATE_HZ = 11_025.0
"""About the rate that is looked at; the time between copies is in the music's middle."""
LOWEST_HZ, HIGHEST_HZ = 60.0, 4_500.0
"""Band that is tracked, between rumble and what the lower rate holds."""
WHITENING = 0.7
"""Exponent of the cross-spectrum's whitening: 0 is plain correlation, 1 phase alone."""
PEAKS = 4.0
"""Samples beyond this many RMS of their surroundings are cut: clicks."""
CHANCE, SURE = 0.1, 0.35
"""Height of a correlation that noise has, too, and of one that is as sure as one can be."""


@dataclass(frozen=True)
class Pass:
    """One pass: window and hop in seconds, how far is looked, what moves cost, how sure it is."""

    window_s: float
    hop_s: float
    reach_s: float
    steepest: float
    slope_cost: float
    error: float
    roughness: float


PASSES = (
    Pass(0.16, 0.04, 0.060, 0.012, 0.0005, 3.0, 0.03),
    Pass(0.16, 0.03, 0.012, 0.012, 0.001, 1.5, 0.03),
    Pass(0.09, 0.03, 0.004, 0.008, 0.004, 1.0, 0.03),
)
"""Steepest: the largest change of the delay, seconds a second. Errors and roughness in samples."""


@dataclass(frozen=True)
class Tracked:
    """A map that follows wow, and whether the copy's polarity is turned round."""

    time_map: TimeMap
    inverted: bool
    height: float


def track(one: Signal, other: Signal, rate: float, time_map: TimeMap, samples: int) -> Tracked:
    """Follow the delay of a copy along a first map.

    Parameters
    ----------
    one, other : Signal
        One channel each, of the reference and the copy, at the low rate.
    rate : float
        The low rate over the rate of the map.
    time_map : TimeMap
        At the full rate.
    samples : int
        Of the reference at the low rate.
    """
    inverted, height = False, 0.0
    for number, each in enumerate(PASSES):
        table, hop, reach = _correlations(one, other, rate, time_map, samples, each)
        if not len(table):
            break
        steps = max(1, int(np.ceil(each.steepest * hop)))
        cost = each.slope_cost
        if number == 0:
            sums = []
            for sign in (1.0, -1.0):
                path = best_path(sign * table, steps, cost)
                sums.append(float(np.sum(sign * table[np.arange(len(path)), path])))
            inverted = sums[1] > sums[0]
        table = -table if inverted else table
        path = best_path(table, steps, cost)
        rows = np.arange(len(path))
        heights = table[rows, path]
        found = heights[heights > 0.0]
        height = float(np.mean(found)) if found.size else 0.0
        lags = path - reach + _tops(table, path)
        centres = hop * rows / rate
        information = np.clip((heights - CHANCE) / (SURE - CHANCE), 0.0, 1.0) ** 4 / each.error**2
        roughness = each.roughness * (time_map.hop / 512)
        curve = smoothed_at_knots(time_map, centres, lags / rate, information, roughness)
        time_map = time_map.moved(curve * time_map.slopes())
    return Tracked(time_map, inverted, height)


def _correlations(
    one: Signal, other: Signal, rate: float, time_map: TimeMap, samples: int, each: Pass
) -> tuple[NDArray[np.float32], int, int]:
    """Return a table of correlations, frame k around sample k hop; hop and reach in samples."""
    low = RATE_HZ
    size = 2 * round(0.5 * each.window_s * low)
    hop, reach = round(each.hop_s * low), round(each.reach_s * low)
    window = np.hanning(size)
    turns = np.arange(size + 1) / (2 * size) * low
    inside = (turns > LOWEST_HZ) & (turns < HIGHEST_HZ)
    padded = np.concatenate([window, np.zeros(size)])
    parts = []
    for start, stop in spans(-(-samples // hop), 256):
        first, last = start * hop - size // 2, (stop - 1) * hop + size - size // 2
        mine = _capped(one.read(first, last + size))
        theirs = _capped(other.read_at(_low_positions(time_map, rate, first, last + size)))
        a, b = (frame_spectra(rows, padded, hop)[0] for rows in (mine, theirs))
        cross = np.conj(a) * b * inside
        height = np.abs(cross)
        least = 1e-6 * height.max(axis=1, keepdims=True) + 1e-20
        white = cross / np.maximum(height, least) ** WHITENING
        scale = np.abs(white).sum(axis=1, keepdims=True) + 1e-20
        values = np.fft.irfft(white, 2 * size, axis=1) * (size / scale)
        lags = np.r_[np.arange(-reach, 0), np.arange(reach + 1)]
        parts.append(values[: stop - start, lags].astype(np.float32))
    parts = parts or [np.zeros((0, 2 * reach + 1), np.float32)]
    return np.concatenate(parts), hop, reach


def _low_positions(time_map: TimeMap, rate: float, first: int, last: int) -> Floats:
    """Return positions at the low rate, for samples at the low rate."""
    return np.interp(np.arange(first, last) / rate, time_map.knots, time_map.positions) * rate


def _capped(rows: Rows) -> Rows:
    from scipy.ndimage import uniform_filter1d

    power = uniform_filter1d(rows.astype(np.float64) ** 2, round(0.1 * RATE_HZ), axis=1)
    most = PEAKS * np.sqrt(np.maximum(power, 0.0)) + 1e-9
    return np.clip(rows, -most, most).astype(np.float32)


def _tops(table: NDArray[np.float32], path: NDArray[np.int_]) -> Floats:
    inner = np.clip(path, 1, table.shape[1] - 2)
    rows = np.arange(len(path))
    a, b, c = (table[rows, inner + step].astype(float) for step in (-1, 0, 1))
    bend = np.minimum(a - 2.0 * b + c, -1e-9)
    return np.asarray(np.clip(0.5 * (a - c) / bend, -1.0, 1.0) + inner - path)

"""Where copies lie to each other, to a few milliseconds, by how loud their bands are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.frame_transform import frame_spectra
from restorack.merging.paths import best_path
from restorack.merging.time_map import TimeMap, smoothed

Floats = NDArray[np.float64]

# All by hand, tried on the recordings that docs/guides/disc-transfers.md names.
FRAMES_PER_S = 50.0
FRAME_S = 0.046
BANDS, LOWEST_HZ, HIGHEST_HZ = 20, 80.0, 7_000.0
MEAN_S = 3.0
"""Loudness counts against its mean over this time: equalisation and fading do not."""
LIMIT = 3.0
"""Deviations beyond this many standard ones are cut: clicks, gaps."""
LOST = 1e-5
"""Power over the median's of frames that tell nothing, -50 dB: gaps, whose edges are no music."""
OVERLAP = 0.7
"""Energy under a piece, over the piece's, that a match is judged by at least."""
SPEEDS = 0.08
"""Speeds that are tried, either way."""
SPEED_STEP = 0.004
"""From one speed that is tried to the next, by hand: a piece still matches half of it away."""
PIECE_S = 25.0
"""Length of a piece, by hand."""
PIECES = 4
"""Pieces of the reference that are looked for in all of the other copy."""
WINDOW_S, STEP_S, REACH_S = 6.0, 1.0, 10.0
"""Windows that are followed, their hop, and the largest leap."""
LEAP = 1.0
"""What a leap costs, in correlations of one window."""
SPEED_ERROR_FRAMES = 0.3
"""Error of a lag, by which a speed is known over the time between windows."""
LEAP_FRAMES = 2.5
"""Frames from window to window that are a leap, no change of speed."""
ERROR, ROUGHNESS = 0.3, 0.003
"""Expected error of a window in frames; third difference of the delays."""
LEAST = 0.2
"""Correlation below which nothing was found."""


@dataclass(frozen=True)
class Coarse:
    """A first alignment.

    Attributes
    ----------
    time_map : TimeMap
    ratio : float
        The copy's samples per sample of the reference.
    correlation : float
        Of the loudness of bands along the map, -1 to 1.
    """

    time_map: TimeMap
    ratio: float
    correlation: float


def band_loudness(mono: Iterator[NDArray[np.float32]], rate: float) -> Floats:
    """Return the normalised loudness of bands, shape (bands, frames), 50 frames a second."""
    from scipy.ndimage import minimum_filter1d, uniform_filter1d

    hop, size = round(rate / FRAMES_PER_S), 2 * round(0.5 * FRAME_S * rate)
    window = np.hanning(size)
    edges = np.geomspace(LOWEST_HZ, min(HIGHEST_HZ, 0.45 * rate), BANDS + 1) * size / rate
    firsts = np.maximum.accumulate(np.maximum(1, np.round(edges).astype(int)))
    firsts = firsts + np.arange(BANDS + 1) * (np.diff(firsts, prepend=0).min() < 1)
    parts, rest = [], np.zeros((1, size // 2), np.float32)
    for block in mono:
        rest = np.concatenate([rest, block], axis=1)
        count = (rest.shape[1] - size) // hop + 1
        if count > 0:
            spectra = frame_spectra(rest, window, hop)[0]
            power = spectra.real**2 + spectra.imag**2
            parts.append(np.add.reduceat(power[:, : firsts[-1]], firsts[:-1], axis=1))
            rest = rest[:, count * hop :]
    levels = np.concatenate(parts).T if parts else np.zeros((BANDS, 0))
    if levels.shape[1] < 2:
        return np.zeros((BANDS, levels.shape[1]))
    total = levels.sum(axis=0)
    heard = minimum_filter1d((total > LOST * np.median(total)).astype(np.float64), 5)
    if not heard.any():
        return np.zeros_like(levels)
    floor = np.quantile(levels[:, heard > 0.0], 0.1, axis=1, keepdims=True) + 1e-12
    loud, wide = np.log(levels + floor), round(MEAN_S * FRAMES_PER_S)
    mean = uniform_filter1d(loud * heard, wide, axis=1)
    loud = heard * (loud - mean / np.maximum(uniform_filter1d(heard, wide), 1e-3))
    loud /= np.sqrt((loud**2).sum(axis=1, keepdims=True) / heard.sum()) + 1e-3
    return np.asarray(np.clip(loud, -LIMIT, LIMIT))


def align_coarsely(one: Floats, other: Floats, rate: float, hop: int, samples: int) -> Coarse:
    """Find offset, speed and leaps from the loudness of both copies.

    Parameters
    ----------
    one, other : ndarray, shape (bands, frames)
        Of the reference and the copy.
    rate : float
        In Hz.
    hop, samples : int
        Of the map that is made: samples between knots, and of the reference.
    """
    start, ratio = _first_match(one, other)
    for _ in range(2):  # the speeds that were tried lie apart: go by what is followed along them
        centres, lags, heights = _followed(one, other, start, ratio)
        if centres.size > 2 and np.abs(np.diff(lags)).max() <= LEAP_FRAMES:
            slope, first = np.polyfit(centres, lags, 1, w=np.clip(heights, 0.02, 1.0))
            # As far as the lags are known to a frame: short recordings tell no speed so finely.
            part = 1.0 / (
                1.0 + (SPEED_ERROR_FRAMES / max(float(np.ptp(centres)), 1.0) / 0.001) ** 2
            )
            start, ratio = start + float(first * part), ratio + float(slope * part)
    frame = round(rate / FRAMES_PER_S)
    centres, lags, heights = _followed(one, other, start, ratio)
    first = TimeMap.straight(hop, samples, frame * start, ratio)
    leaps = np.abs(np.diff(lags)) > LEAP_FRAMES
    curve = smoothed(lags, (np.clip(heights, 0.02, 1.0) / ERROR) ** 2, leaps, ROUGHNESS)
    later = np.empty(first.positions.size)
    pieces = np.split(np.arange(curve.size), np.flatnonzero(leaps) + 1)
    begin = 0
    for piece, following in zip(pieces, [*pieces[1:], None], strict=True):
        end = later.size
        if following is not None:
            middle = 0.5 * frame * (centres[piece[-1]] + centres[following[0]])
            end = min(int(middle // hop) + 1, later.size - 1)
            first.breaks[end - 1] = True
        knots = first.knots[begin:end] / frame
        later[begin:end] = frame * _between(knots, centres[piece], curve[piece])
        begin = end
    inside = (centres + lags > -start / ratio) & (start + ratio * centres < other.shape[1])
    heights = heights[inside] if inside.any() else heights
    return Coarse(first.moved(later), ratio, float(np.mean(heights)))


def _between(at: Floats, x: Floats, y: Floats) -> Floats:
    """Return values between points, and beyond them on the line of the outermost ten."""
    from scipy.interpolate import CubicSpline

    if x.size < 2:
        return np.full(at.size, y[0])
    out = CubicSpline(x, y)(at) if x.size > 3 else np.interp(at, x, y)
    last = min(10, x.size - 1)
    head = (y[last] - y[0]) / (x[last] - x[0])
    tail = (y[-1] - y[-1 - last]) / (x[-1] - x[-1 - last])
    out = np.where(at < x[0], y[0] + head * (at - x[0]), out)
    return np.where(at > x[-1], y[-1] + tail * (at - x[-1]), out)


def _first_match(one: Floats, other: Floats) -> tuple[float, float]:
    """Return where frame 0 of the reference is in the copy, in frames, and the speed ratio."""
    from scipy.fft import irfft, next_fast_len, rfft

    length = min(one.shape[1], round(PIECE_S * FRAMES_PER_S))
    starts = np.unique(np.linspace(0, one.shape[1] - length, PIECES + 2)[1:-1].astype(int))
    size = next_fast_len(other.shape[1] + 2 * length, real=True)
    spectra = rfft(other, size, axis=1)
    squares = np.concatenate(
        [
            [0.0],
            np.cumsum((other**2).sum(axis=0)),
        ]
    )
    best = (-np.inf, 0.0, 1.0)
    for ratio in 1.0 + np.arange(-SPEEDS, SPEEDS + 1e-9, SPEED_STEP):
        for start in starts:
            piece = _stretched(one[:, start : start + length], 1.0 / ratio)
            lags = irfft((spectra * np.conj(rfft(piece, size, axis=1))).sum(axis=0), size)
            # Lags from -piece to the copy's end; the energy is that of what lies under the piece.
            places = np.arange(-piece.shape[1] + 1, other.shape[1])
            low = np.clip(places, 0, other.shape[1])
            high = np.clip(places + piece.shape[1], 0, other.shape[1])
            energy = squares[high] - squares[low]
            own = (piece**2).sum()
            score = lags[places] / np.sqrt(own * np.maximum(energy, OVERLAP * own) + 1e-9)
            at = int(np.argmax(score))
            if score[at] > best[0]:
                best = (float(score[at]), float(places[at] - ratio * start), float(ratio))
    return best[1], best[2]


def _stretched(rows: Floats, factor: float) -> Floats:
    """Return rows read at ``factor`` frames a frame."""
    places = np.arange(int((rows.shape[1] - 1) / factor) + 1) * factor
    return np.stack([np.interp(places, np.arange(rows.shape[1]), row) for row in rows])


def _followed(
    one: Floats, other: Floats, start: float, ratio: float
) -> tuple[Floats, Floats, Floats]:
    """Return centres of windows, by how many frames the copy is later there, and how sure."""
    from scipy.fft import irfft, next_fast_len, rfft

    reach = round(REACH_S * FRAMES_PER_S)
    count = one.shape[1]
    width = min(max(count // 5, 1), round(WINDOW_S * FRAMES_PER_S))
    places = start + ratio * np.arange(-reach, count + reach)
    moved = np.stack(
        [np.interp(places, np.arange(row.size), row, left=0.0, right=0.0) for row in other]
    )
    firsts = np.arange(0, count - width + 1, round(STEP_S * FRAMES_PER_S))
    size = next_fast_len(width + 2 * reach, real=True)
    table = np.zeros((firsts.size, 2 * reach + 1))
    squares = np.concatenate([[0.0], np.cumsum((moved**2).sum(axis=0))])
    for row, first in zip(table, firsts, strict=True):
        piece = one[:, first : first + width]
        under = moved[:, first : first + width + 2 * reach]
        both = rfft(under, size, axis=1) * np.conj(rfft(piece, size, axis=1))
        found = irfft(both.sum(axis=0), size)[: 2 * reach + 1]
        energy = squares[first + width :][: found.size] - squares[first:][: found.size]
        own = (piece**2).sum()
        row[:] = found / np.sqrt(own * np.maximum(energy, 0.25 * own) + 1e-9)
    path = best_path(table, steps=1, slope_cost=0.01, leap=LEAP)
    heights = table[np.arange(firsts.size), path]
    lags = ratio * (path - reach + _peak_offset(table, path))
    return firsts + 0.5 * (width - 1), lags, heights


def _peak_offset(table: Floats, path: NDArray[np.int_]) -> Floats:
    """Return how far the top of a parabola through three points lies from the middle one."""
    inner = np.clip(path, 1, table.shape[1] - 2)
    rows = np.arange(len(path))
    a, b, c = (table[rows, inner + step] for step in (-1, 0, 1))
    bend = a - 2.0 * b + c
    return np.where(bend < -1e-9, np.clip(0.5 * (a - c) / np.minimum(bend, -1e-9), -1, 1), 0.0)

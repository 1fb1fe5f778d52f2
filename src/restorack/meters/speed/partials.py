"""Partials of music: peaks of short-time spectra, linked from frame to frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.resampling import StreamResampler

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RATE_HZ = 11_025.0
"""Sample rate of the spectra: room for HIGHEST_HZ, in few samples. By hand."""
FRAME, HOP = 2048, 256
"""At 11,025 Hz: 186 ms, 43 frames a second."""

GROUP = 64
"""Frames that are transformed at a time."""
LOWEST_HZ, HIGHEST_HZ = 100.0, 4_500.0
"""Where partials are looked for. By hand."""
DEPTH_DB = 50.0
"""Peaks that are farther below their frame's highest are left out."""
ABOVE_FLOOR = 5.0
"""Magnitude of a peak over the median around it."""
FLOOR_BINS = 32
"""Width of the median around a peak, 172 Hz. By hand."""
MOST_PEAKS = 40
"""Peaks of a frame, the strongest. By hand."""
LARGEST_STEP = 0.008
"""Change of a partial's frequency from frame to frame, as a logarithm: 14 cents."""
LEAST_FRAMES = 8
"""Length from which a partial counts, 0.19 s. By hand."""


@dataclass(frozen=True)
class Partials:
    """Points of linked partials, one after the other.

    Attributes
    ----------
    seconds, pitches, powers : ndarray of float64, shape (points,)
        When, natural logarithm of the frequency in Hz, power of the peak.
    starts : ndarray of int64, shape (partials,)
        First point of each partial; a partial has at least 8 points.
    """

    seconds: Floats
    pitches: Floats
    powers: Floats
    starts: Ints

    @property
    def ends(self) -> Ints:
        """The point after the last one of each partial."""
        return np.asarray(np.r_[self.starts, len(self.seconds)][1:])


class SlowSignal:
    """A recording's channels added up, at 11,025 Hz: 2.6 MB a minute.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    """

    def __init__(self, sample_rate: float) -> None:
        self.rate = min(RATE_HZ, sample_rate)
        self._resampler = StreamResampler(sample_rate, self.rate, 1)
        self._parts: list[Rows] = []

    def push(self, block: Rows) -> None:
        """Take samples of all channels."""
        mono = block.mean(axis=0, dtype=np.float64, keepdims=True).astype(np.float32)
        self._parts.append(self._resampler.push(mono))

    def result(self) -> Rows:
        """Return the samples, shape (1, samples); the stream ends here."""
        rest = self._resampler.finish()
        return np.concatenate([*self._parts, rest], axis=1)


def find_partials(samples: NDArray[np.float32], rate: float) -> Partials:
    """Find the partials of a signal.

    Parameters
    ----------
    samples : ndarray of float32, shape (samples,)
    rate : float
        In Hz, 11,025 or less.

    Notes
    -----
    Frequencies are those of the reassigned spectrogram (Auger and Flandrin 1995).
    """
    frames = np.arange(0, max(0, len(samples) - FRAME + 1), HOP)
    window = np.hanning(FRAME + 1)[:-1]
    slope = np.pi / FRAME * np.sin(2 * np.pi * np.arange(FRAME) / FRAME)
    peaks = []
    for first in range(0, len(frames), GROUP):
        starts = frames[first : first + GROUP]
        pieces = samples[starts[:, np.newaxis] + np.arange(FRAME)].astype(np.float64)
        whole = np.fft.rfft(pieces * window, axis=1)
        peaks += _peaks(whole, np.fft.rfft(pieces * slope, axis=1), rate)
    return _linked(peaks, np.asarray((frames + FRAME / 2) / rate, np.float64))


def _peaks(
    whole: NDArray[np.complex128], turned: NDArray[np.complex128], rate: float
) -> list[tuple[Floats, Floats]]:
    """Return the pitches and powers of each frame's peaks, in rising order."""
    from scipy.ndimage import median_filter

    size = np.abs(whole)
    middle = size[:, 1:-1]
    floor = median_filter(size[:, ::4], size=(1, FLOOR_BINS // 4), mode="nearest")
    floor = np.repeat(floor, 4, axis=1)[:, 1 : middle.shape[1] + 1]
    bins = np.arange(1, size.shape[1] - 1)
    hertz = bins * rate / FRAME
    is_peak = (middle > size[:, :-2]) & (middle >= size[:, 2:])
    is_peak &= (hertz >= LOWEST_HZ) & (hertz <= min(HIGHEST_HZ, 0.42 * rate))
    is_peak &= middle > ABOVE_FLOOR * floor
    is_peak &= middle > 10 ** (-DEPTH_DB / 20) * middle.max(axis=1, keepdims=True)
    found = []
    for frame, mask in enumerate(is_peak):
        at = bins[mask]
        power = size[frame, at] ** 2
        if at.size > MOST_PEAKS:
            keep = np.sort(np.argsort(power)[-MOST_PEAKS:])
            at, power = at[keep], power[keep]
        off = -np.imag(turned[frame, at] * np.conj(whole[frame, at])) / power
        exact = at + np.clip(off * FRAME / (2 * np.pi), -1.0, 1.0)
        order = np.argsort(exact)
        found.append((np.log(exact[order] * rate / FRAME), power[order]))
    return found


def _linked(peaks: list[tuple[Floats, Floats]], seconds: Floats) -> Partials:
    """Link each peak with the nearest one of the frame before, where both choose each other."""
    counts = np.array([len(pitches) for pitches, _ in peaks], np.int64)
    total = int(counts.sum())
    firsts = np.concatenate([[0], counts.cumsum()])
    parents = np.full(total, -1, np.int64)
    for frame in range(1, len(peaks)):
        before, now = peaks[frame - 1][0], peaks[frame][0]
        if not (before.size and now.size):
            continue
        back, forth = _nearest(before, now), _nearest(now, before)
        mutual = (forth[back] == np.arange(now.size)) & (np.abs(before[back] - now) <= LARGEST_STEP)
        own = firsts[frame] + np.flatnonzero(mutual)
        parents[own] = firsts[frame - 1] + back[mutual]
    names = np.arange(total)
    for frame in range(1, len(peaks)):
        own = np.arange(firsts[frame], firsts[frame + 1])
        linked = own[parents[own] >= 0]
        names[linked] = names[parents[linked]]
    return _gathered(names, peaks, np.repeat(seconds, counts))


def _nearest(sorted_values: Floats, wanted: Floats) -> Ints:
    right = np.clip(np.searchsorted(sorted_values, wanted), 1, max(1, sorted_values.size - 1))
    if sorted_values.size == 1:
        return np.zeros(wanted.size, np.int64)
    nearer = wanted - sorted_values[right - 1] <= sorted_values[right] - wanted
    return np.asarray(right - nearer, np.int64)


def _gathered(names: Ints, peaks: list[tuple[Floats, Floats]], seconds: Floats) -> Partials:
    """Return the points partial by partial, those of short ones left out."""
    none = np.zeros(0)
    pitches = np.concatenate([none, *(pitch for pitch, _ in peaks)])
    powers = np.concatenate([none, *(power for _, power in peaks)])
    order = np.argsort(names, kind="stable")
    ordered = names[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if order.size else order
    lengths = np.diff(np.r_[starts, order.size])
    kept = order[np.repeat(lengths >= LEAST_FRAMES, lengths)]
    lengths = lengths[lengths >= LEAST_FRAMES]
    first = np.r_[0, lengths.cumsum()[:-1]] if lengths.size else np.zeros(0, np.int64)
    return Partials(seconds[kept], pitches[kept], powers[kept], first.astype(np.int64))

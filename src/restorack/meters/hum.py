"""Mains hum: where its lines could be, frame by frame, and the path of its frequency.

Spectra of one-second frames are kept around the low harmonics. A line's phasor is the projection
of a frame on a windowed tone; its noise is taken from the bins around. The path of the mains
frequency through the file is the one on which the phasors of all harmonics add up best.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.fifo import SampleFifo

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]

# Bins of 1 Hz, frames that overlap by three quarters: harmonics of notes and mains are apart.
FRAME_SECONDS = 1.0
HOPS_PER_FRAME = 4
SEARCH_SHARE = 0.015
"""Mains and playback speed may be off by this share of the nominal frequency."""

# The search's grid: frequencies, harmonics that vote, and windows (4 s, every 2 s), within which
# phases turn by less than a cycle. By hand.
SEARCH_STEP_HZ = 0.02
SEARCH_HARMONICS = 8
WINDOW_FRAMES = 16
STEP_FRAMES = 8
MOST_STEPS = 2
"""Grid steps that the frequency may move between two windows: 0.02 Hz per second."""

# Bins to both sides of a line that hold it, more than Hann's main lobe, and that its noise is read
# from.
LINE_BINS = 3
NOISE_BINS = (4, 8)
PROJECTION_NOISE = 5.185
"""Noise power of a projection over that of a bin, times the squared frame: Hann to the fourth."""

CORRELATION = 2.7
"""Frames that overlap by three quarters repeat each other's noise: so many count as one."""

CLIP = 3.0
"""A frame counts for no more than this many times its noise, so that notes cannot outvote hum."""


class HumSpectra:
    """Low spectra of a stream, in one-second Hann frames with three quarters overlap.

    Parameters
    ----------
    channels : int
        Rows of every block.
    sample_rate : float
        In Hz.
    top_hz : float
        Highest frequency that is kept.
    keep : int or None
        Frames that are remembered; None for all.
    """

    def __init__(
        self, channels: int, sample_rate: float, top_hz: float, keep: int | None = None
    ) -> None:
        self.hop = max(1, round(FRAME_SECONDS * sample_rate / HOPS_PER_FRAME))
        self.size = HOPS_PER_FRAME * self.hop
        self.sample_rate = sample_rate
        self.count = 0
        self._keep = keep
        bins = int(top_hz * self.size / sample_rate) + NOISE_BINS[1] + 2
        self._bins = min(self.size // 2 + 1, bins)
        self._window = np.hanning(self.size + 1)[:-1]
        # Frames are turned so that phases refer to their centres.
        self._turn = np.where(np.arange(self._bins) % 2, -1.0, 1.0)
        self._fifo = SampleFifo(channels)
        self._past = np.zeros((channels, 0), np.float32)
        self._frames: list[NDArray[np.complex64]] = []

    @property
    def bin_hz(self) -> float:
        """Distance of bins in Hz, very nearly 1."""
        return self.sample_rate / self.size

    def push(self, block: Rows) -> None:
        """Take samples."""
        self._fifo.push(block)
        while len(self._fifo) >= self.hop:
            self._past = np.concatenate([self._past, self._fifo.pop(self.hop)], axis=1)
            if self._past.shape[1] == self.size:
                self._add(self._past)
                self._past = self._past[:, self.hop :].copy()

    def _add(self, samples: Rows) -> None:
        spectrum = np.fft.rfft(samples * self._window, axis=1)[:, : self._bins] * self._turn
        self._frames.append(spectrum.astype(np.complex64))
        self.count += 1
        if self._keep is not None and len(self._frames) > self._keep:
            del self._frames[0]

    def array(self) -> NDArray[np.complex64]:
        """Return the kept frames, shape ``(channels, frames, bins)``: 110 MB an hour and row."""
        return np.stack(self._frames, axis=1)

    def centres(self) -> Floats:
        """Return the centres of the kept frames in seconds from the start of the stream."""
        first = self.count - len(self._frames)
        starts = np.arange(first, self.count) * self.hop
        return np.asarray((starts + self.size / 2) / self.sample_rate)


def hann_line(offset: Floats) -> Floats:
    """Return the transform of a centred Hann window at offsets in bins; 0.5 at offset 0."""
    near_pole = np.abs(np.abs(offset) - 1.0) < 1e-7
    safe = np.where(near_pole, 0.0, offset)
    return np.where(near_pole, 0.25, 0.5 * np.sinc(safe) / (1.0 - safe**2))


def line_phasors(spectra: NDArray[np.complex64], bins: Floats, size: int) -> Complexes:
    """Return the complex amplitude of a line in every frame.

    Parameters
    ----------
    spectra : ndarray of complex64, shape (channels, frames, bins)
        From :meth:`HumSpectra.array`.
    bins : ndarray of float64, shape (frames,)
        The line's frequency in bins.
    size : int
        Samples per frame.

    Returns
    -------
    ndarray of complex128, shape (channels, frames)
        ``a * exp(1j * p)`` for a line ``a * cos(... + p)``, ``p`` at the frame's centre.
    """
    nearest = np.rint(bins).astype(int)
    index = nearest[:, np.newaxis] + np.arange(-LINE_BINS, LINE_BINS + 1)
    shape = hann_line(bins[:, np.newaxis] - index)
    index = np.clip(index, 0, spectra.shape[2] - 1)
    values = spectra[:, np.arange(len(bins))[:, np.newaxis], index]
    return np.asarray((values * shape).sum(axis=2) / (shape**2).sum(axis=1) * 2.0 / size)


def line_noise(spectra: NDArray[np.complex64], bins: Floats, size: int) -> Floats:
    """Return the noise power of the phasors of a line, shape ``(channels, frames)``."""
    away = np.arange(*NOISE_BINS)
    index = np.rint(bins).astype(int)[:, np.newaxis] + np.concatenate([-away, away])
    index = np.clip(np.abs(index), 0, spectra.shape[2] - 1)
    values = spectra[:, np.arange(len(bins))[:, np.newaxis], index]
    # The median of noise powers is log 2 of their mean, and a partial beside does not move it.
    power = np.median(values.real**2 + values.imag**2, axis=2) / np.log(2.0)
    return np.asarray(4.0 * PROJECTION_NOISE * power / size**2 + 1e-24)


def find_path(spectra: HumSpectra, nominal_hz: float, harmonics: int) -> tuple[Floats, float]:
    """Follow the mains frequency through a file.

    Parameters
    ----------
    spectra : HumSpectra
        At least one frame.
    nominal_hz : float
        Fundamental to look around.
    harmonics : int
        Harmonics that count, the fundamental included; more than eight do not help.

    Returns
    -------
    frequencies : ndarray of float64, shape (frames,)
        Fundamental in Hz at every frame.
    score : float
        Mean over the windows of the summed line-to-noise ratio; about ``harmonics`` for noise.
    """
    steps = int(SEARCH_SHARE * nominal_hz / SEARCH_STEP_HZ)
    grid: Floats = nominal_hz + SEARCH_STEP_HZ * np.arange(-steps, steps + 1.0)
    times = spectra.centres()
    frames = spectra.array()
    width = min(WINDOW_FRAMES, len(times))
    starts = np.arange(0, len(times) - width + 1, STEP_FRAMES)
    scores = np.zeros((len(starts), len(grid)))
    for harmonic in range(1, min(harmonics, SEARCH_HARMONICS) + 1):
        scores += _window_scores(spectra, frames, harmonic * grid, times, starts, width)
    path, total = _best_path(scores)
    middles = times[starts] + (times[width - 1] - times[0]) / 2
    return np.interp(times, middles, grid[path]), total / len(starts)


def _window_scores(
    spectra: HumSpectra,
    frames: NDArray[np.complex64],
    hertz: Floats,
    times: Floats,
    starts: NDArray[np.int_],
    width: int,
) -> Floats:
    """Return line-to-noise ratios of coherent sums, shape ``(windows, frequencies)``."""
    bins = hertz / spectra.bin_hz
    first, last = int(bins[0]) - LINE_BINS, int(bins[-1]) + LINE_BINS + 2
    if first < 0 or last >= frames.shape[2]:
        return np.zeros((len(starts), len(hertz)))
    shape = hann_line(bins - np.arange(first, last)[:, np.newaxis])
    shape *= 2.0 / spectra.size / (shape**2).sum(axis=0)
    middle = np.full(len(times), bins[len(bins) // 2])
    noise = line_noise(frames, middle, spectra.size)
    units = frames[:, :, first:last] @ shape / np.sqrt(noise)[:, :, np.newaxis]
    units /= np.maximum(1.0, np.abs(units) / CLIP)
    units *= np.exp(-2j * np.pi * np.outer(times, hertz))
    sums = np.concatenate([np.zeros_like(units[:, :1]), units.cumsum(axis=1)], axis=1)
    power = np.abs(sums[:, starts + width] - sums[:, starts]) ** 2
    return np.asarray(power.mean(axis=0) / (width * CORRELATION))


def _best_path(scores: Floats) -> tuple[NDArray[np.int_], float]:
    """Return the path of the largest sum that moves at most ``MOST_STEPS`` per window."""
    best = scores[0]
    came_from = []
    for row in scores[1:]:
        padded = np.pad(best, MOST_STEPS, constant_values=-np.inf)
        choices = np.stack([padded[i : i + len(best)] for i in range(2 * MOST_STEPS + 1)])
        choices -= np.abs(np.arange(-MOST_STEPS, MOST_STEPS + 1))[:, np.newaxis]
        pick = choices.argmax(axis=0)
        came_from.append(pick - MOST_STEPS)
        best = choices.max(axis=0) + row
    at = int(best.argmax())
    total, path = float(best[at]), [at]
    for moves in reversed(came_from):
        at = at + int(moves[at])
        path.append(at)
    return np.array(path[::-1]), total

"""Loudness and true peak of a stream by ITU-R BS.1770-5, loudness range by EBU Tech 3342.

Memory is bounded: what is kept of an hour is one float64 per 100 ms.
"""

from __future__ import annotations

import copy
import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_amplitude, db_to_power, power_to_db
from restorack.dsp.fifo import SampleFifo
from restorack.dsp.frame_transform import row_spectra, rows_of
from restorack.dsp.sections import filter_sections
from restorack.errors import AudioError

Floats: TypeAlias = NDArray[np.float64]

ABSOLUTE_GATE_LUFS = -70.0
"""ITU-R BS.1770-5: blocks below do not count."""
MOMENTARY_HOPS = 4
"""400 ms: the gating block, and the window of momentary loudness."""
SHORT_TERM_HOPS = 30
"""3 s: the window of short-term loudness and of the loudness range."""

SURROUND = 1.41
"""ITU-R BS.1770-5, +1.5 dB of power."""
CHANNEL_WEIGHTS = {
    4: (1.0, 1.0, SURROUND, SURROUND),
    5: (1.0, 1.0, 1.0, SURROUND, SURROUND),
    6: (1.0, 1.0, 1.0, 0.0, SURROUND, SURROUND),
    8: (1.0, 1.0, 1.0, 0.0, 1.0, 1.0, SURROUND, SURROUND),
}
"""Weights in the channel order of WAV (L R C LFE, rear, side), BS.1770-5 tables 3 and 4: 1.41 for
loudspeakers 60 to 120 degrees from the front (for the only pair at the back too), 0 for the LFE."""


@dataclass(frozen=True)
class LoudnessResult:
    """Loudness of a signal; None where nothing lies above the gates or the signal is too short.

    Attributes
    ----------
    integrated_lufs : float or None
        Gated loudness of the whole; needs 400 ms.
    range_lu : float or None
        Loudness range, EBU Tech 3342; needs 3 s.
    max_momentary_lufs, max_short_term_lufs : float or None
        The loudest 400 ms and 3 s, EBU Tech 3341.
    """

    integrated_lufs: float | None
    range_lu: float | None
    max_momentary_lufs: float | None
    max_short_term_lufs: float | None


def k_weighting(sample_rate: float) -> Floats:
    """Return the K weighting of BS.1770 as second-order sections.

    Parameters
    ----------
    sample_rate : float
        In Hz. At 48 kHz these are the coefficients that the recommendation prints; elsewhere
        the same analogue prototypes, warped at their corners.

    Returns
    -------
    ndarray of float64, shape (2, 6)
        The shelf of the head, then the high-pass (RLB); rows ``b0 b1 b2 1 a1 a2``.

    Notes
    -----
    The prototypes follow from the printed coefficients by inverting the bilinear transform
    (corner, quality and gain below). The printed high-pass has ``b = 1, -2, 1``, which is a gain
    of 0.04 dB at the top, kept at every rate. At rates below 4 kHz the shelf lies beyond the band.
    """
    sections = [_high_pass(sample_rate)]
    if sample_rate >= 4_000.0:
        sections.insert(0, _shelf(sample_rate))
    else:
        sections.insert(0, np.array([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]))
    return np.stack(sections)


def _shelf(sample_rate: float) -> Floats:
    corner_hz, quality, gain_db = 1681.974450955533, 0.7071752369554196, 3.999843853973347
    warped = math.tan(math.pi * corner_hz / sample_rate)
    high = db_to_amplitude(gain_db)
    band = high**0.4996667741545416
    damping, square = warped / quality, warped * warped
    unit = 1.0 + damping + square
    numerator = [high + band * damping + square, 2.0 * (square - high)]
    numerator.append(high - band * damping + square)
    denominator = [unit, 2.0 * (square - 1.0), 1.0 - damping + square]
    return np.array(numerator + denominator) / unit


def _high_pass(sample_rate: float) -> Floats:
    def unit_of(rate: float) -> tuple[float, float, float]:
        warped = math.tan(math.pi * 38.13547087602444 / rate)
        damping, square = warped / 0.5003270373238773, warped * warped
        return 1.0 + damping + square, damping, square

    unit, damping, square = unit_of(sample_rate)
    gain = unit_of(48_000.0)[0] / unit
    poles = [1.0, 2.0 * (square - 1.0) / unit, (1.0 - damping + square) / unit]
    return np.array([gain, -2.0 * gain, gain, *poles])


class LoudnessMeter:
    """Measure loudness over a stream; the result is the same for every split.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    channels : int
        Rows of every block.
    weights : sequence of float, optional
        Of each channel; by default those of WAV's channel order (see ``CHANNEL_WEIGHTS``), and
        1 for mono, stereo and orders that the recommendation does not name.

    Raises
    ------
    AudioError
        Where the number of weights is not that of the channels.
    """

    def __init__(
        self, sample_rate: float, channels: int, weights: Sequence[float] | None = None
    ) -> None:
        given = CHANNEL_WEIGHTS.get(channels, (1.0,) * channels) if weights is None else weights
        if len(given) != channels:
            raise AudioError(f"{len(given)} weights for {channels} channels", rule="one for each")
        self._weights = np.array(given, np.float64)
        self._rate = sample_rate
        self._sections = k_weighting(sample_rate)
        self._state = np.zeros((channels, 2, 2))
        self._fifo = SampleFifo(channels)
        self._energies = array("d")

    def push(self, block: Rows) -> None:
        """Take samples."""
        self._fifo.push(block)
        while len(self._fifo) >= self._hop(len(self._energies)):
            self._energies.append(self._energy(self._fifo.pop(self._hop(len(self._energies)))))

    def integrated(self) -> float | None:
        """Return the gated loudness so far in LUFS, None where nothing lies above the gates."""
        blocks = self._windows(MOMENTARY_HOPS)
        above = blocks[blocks > _power(ABSOLUTE_GATE_LUFS)]
        above = above[above > 0.1 * above.mean()] if above.size else above  # 10 LU below the mean
        return _lufs(float(above.mean())) if above.size else None

    def result(self) -> LoudnessResult:
        """Return the loudness of what was taken so far."""
        momentary, short_term = self._windows(MOMENTARY_HOPS), self._windows(SHORT_TERM_HOPS)
        return LoudnessResult(
            self.integrated(),
            _loudness_range(short_term),
            _lufs(float(momentary.max(initial=0.0))),
            _lufs(float(short_term.max(initial=0.0))),
        )

    def _hop(self, index: int) -> int:
        """Return the samples of the 100 ms with that index, also where a rate has no whole ones."""
        tenth = self._rate / 10.0
        return int((index + 1) * tenth + 0.5) - int(index * tenth + 0.5)

    def _energy(self, hop: Rows) -> float:
        weighted = filter_sections(self._sections, self._state, hop)
        squares: Floats = (weighted * weighted).sum(axis=1)
        return float(self._weights @ squares)

    def _windows(self, hops: int) -> Floats:
        """Return the mean square of every window of so many hops, one beginning with each hop."""
        energies = np.frombuffer(self._energies) if len(self._energies) else np.zeros(0)
        if energies.size < hops:
            return np.zeros(0)
        ends = (np.arange(energies.size + 1) * (self._rate / 10.0) + 0.5).astype(np.int64)
        sums = np.lib.stride_tricks.sliding_window_view(energies, hops).sum(axis=1)
        result: Floats = sums / (ends[hops:] - ends[:-hops])
        return result


def _loudness_range(short_term: Floats) -> float | None:
    """Return the spread of short-term loudness from 10 to 95 %, EBU Tech 3342 section 3."""
    above = short_term[short_term > _power(ABSOLUTE_GATE_LUFS)]
    above = np.sort(above[above > 0.01 * above.mean()]) if above.size else above  # 20 LU below
    if not above.size:
        return None
    low, high = (above[int((above.size - 1) * part + 0.5)] for part in (0.10, 0.95))
    return float(power_to_db(high / low))


def _lufs(power: float) -> float | None:
    # A float of Python's: one of numpy's would turn gains, and what they scale, into float64.
    return -0.691 + float(power_to_db(power)) if power > 0.0 else None


def _power(lufs: float) -> float:
    return float(db_to_power(lufs + 0.691))


TRUE_PEAK_REACH = 24
"""Samples on each side that an interpolated value sees; Annex 2 has 6."""
TRUE_PEAK_BETA = 6.0
"""Of the interpolators' Kaiser window: flat to 0.46 of the rate."""
TRUE_PEAK_SIZE = 4096
"""Length of an FFT of the oversampling filter; any power of two gives the same to rounding."""
TRUE_PEAK_STEP = TRUE_PEAK_SIZE - 2 * TRUE_PEAK_REACH + 1


class TruePeakMeter:
    """Measure the true peak of a stream by polyphase oversampling, BS.1770-5 Annex 2.

    Parameters
    ----------
    sample_rate : float
        In Hz. Below 88.2 kHz the signal is oversampled 8 times, below 176.4 kHz 4 times, else
        twice, so that a peak is read at most 0.17 dB too low even at half the rate (4 times at
        48 kHz, the least that the recommendation asks for, may read 0.69 dB too low).
    channels : int
        Rows of every block.

    Notes
    -----
    The interpolators are windowed sincs (Kaiser, beta 6), flat to 0.46 of the rate. Every sample
    counts itself, so the true peak is never below the sample peak.
    """

    def __init__(self, sample_rate: float, channels: int) -> None:
        self._factor = 8 if sample_rate < 88_200 else 4 if sample_rate < 176_400 else 2
        self._fifo = SampleFifo(channels)
        self._past = np.zeros((channels, 2 * TRUE_PEAK_REACH - 1), np.float32)
        self._peaks = np.zeros(channels)

    def push(self, block: Rows) -> None:
        """Take samples."""
        self._fifo.push(block)
        if block.shape[1]:
            self._peaks = np.maximum(self._peaks, np.abs(block).max(axis=1))
        while len(self._fifo) >= TRUE_PEAK_STEP:
            fresh = self._fifo.pop(TRUE_PEAK_STEP)
            joined = np.concatenate([self._past, fresh], axis=1)
            self._past = joined[:, TRUE_PEAK_STEP:]
            self._measure(joined)

    def result(self) -> Floats:
        """Return the true peak of each channel, linear, where the signal ends here.

        A signal that ends within a wave overshoots behind its last sample; that counts.
        """
        ended = copy.deepcopy(self)
        ended.push(np.zeros((self._peaks.size, 2 * TRUE_PEAK_STEP), np.float32))
        return ended.so_far

    @property
    def so_far(self) -> Floats:
        """The true peak of each channel up to 85 ms ago at 48 kHz, samples up to now; linear."""
        return self._peaks

    def _measure(self, joined: Rows) -> None:
        spectra, gain = _interpolators(self._factor)
        if (np.abs(joined).max(axis=1) * gain <= self._peaks).all():
            return  # no value between these samples can exceed what was found before
        product = row_spectra(joined)[:, np.newaxis] * spectra
        between = rows_of(product, TRUE_PEAK_SIZE)[:, :, 2 * TRUE_PEAK_REACH - 1 :]
        self._peaks = np.maximum(self._peaks, np.abs(between).max(axis=(1, 2)))


def true_peak_taps(
    factor: int, reach: int = TRUE_PEAK_REACH, beta: float = TRUE_PEAK_BETA
) -> Floats:
    """Return interpolators for the points between two samples.

    Parameters
    ----------
    factor : int
        Points to a sample, the sample itself among them.
    reach : int
        Samples on each side that a point sees.
    beta : float
        Of the Kaiser window.

    Returns
    -------
    ndarray of float64, shape (factor - 1, 2 * reach)
        Windowed sincs; the taps of each sum to 1.
    """
    fractions = np.arange(1, factor)[:, np.newaxis] / factor
    distance = np.arange(2 * reach) - (reach - 1) - fractions
    taps = np.sinc(distance) * np.i0(beta * np.sqrt(1.0 - (distance / reach) ** 2))
    return np.asarray(taps / taps.sum(axis=1, keepdims=True))


@lru_cache(maxsize=3)
def _interpolators(factor: int) -> tuple[NDArray[np.complex128], float]:
    """Return the spectra of the filters for each point between samples, and their largest gain."""
    taps = true_peak_taps(factor)
    return np.fft.rfft(taps, TRUE_PEAK_SIZE, axis=1), float(np.abs(taps).sum(axis=1).max())

"""How much later one channel is than the other, moment by moment, to a hundredth of a sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.stft import FrameAnalysis, Spectra

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]

FRAME_S = 0.09
"""Least length of a frame, taken up to a power of two. By hand."""
OVERLAPS = 2
"""Frames that cover a moment."""
GROUP = 8
"""Frames that are transformed at a time."""
SEGMENT_S = 1.0
"""Length of a segment, which has one delay. By hand; see docs/guides/disc-transfers.md."""
LOWEST_HZ, HIGHEST_SHARE = 100.0, 0.45
"""Where the delay is measured; the upper end over the sample rate. By hand."""
HIGHEST_COHERENCE = 0.9999
"""Squared: bounds the weight of one bin, to 10,000. By hand."""
NEWTON_STEPS = 12
"""Steps of up to a quarter of a sample to the top of the correlation. By hand."""
GRID_FACTOR = 4
"""Lags a sample where the top is first looked for, so that the steps begin near it. By hand."""

LEAST_AGREEMENT = 0.5
"""Mean coherence that the delay explains, below which a segment tells nothing: what is panned, or
recorded by microphones apart, has no one delay."""


@dataclass(frozen=True)
class Delays:
    """Delays of the second channel after the first one.

    Attributes
    ----------
    seconds : ndarray of float64
        Centres of the segments that tell, by their power.
    samples, errors : ndarray of float64
        Delay and its standard error, in samples.
    correlations : ndarray of float64
        Of the channels without that delay, above 100 Hz.
    segments : int
        How many were heard, those that do not tell too.
    """

    seconds: Floats
    samples: Floats
    errors: Floats
    correlations: Floats
    segments: int


class DelayMeter:
    """Gather the cross-spectra of two channels over segments of a second.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    most_samples : float
        The largest delay that is looked for, either way.

    References
    ----------
    C. H. Knapp, G. C. Carter: "The generalized correlation method for estimation of time delay",
    IEEE Trans. ASSP 24, 1976: the maximum-likelihood weights, and the error of the delay.
    """

    def __init__(self, sample_rate: float, most_samples: float) -> None:
        self._rate, self._most = sample_rate, most_samples
        least = max(FRAME_S * sample_rate, 8.0 * most_samples)
        self._frame = 1 << int(np.ceil(np.log2(least)))
        self._hop = self._frame // OVERLAPS
        self._analysis = FrameAnalysis(2, self._frame, self._hop, GROUP)
        self._groups = max(1, round(SEGMENT_S * sample_rate / (GROUP * self._hop)))
        self._sums: list[NDArray[np.float64 | np.complex128]] = []
        self._count = self._segment = self._frames = 0
        self._moment = self._mass = 0.0
        self._found: list[tuple[float, ...]] = []

    def push(self, block: Rows) -> None:
        """Take samples of both channels."""
        for group in self._analysis.push(block):
            self._take(group)

    def result(self) -> Delays:
        """Return what was measured; the stream ends here."""
        for group in self._analysis.finish():
            self._take(group)
        # What is left over is measured less well than the rest: only where there is no other.
        if self._count and (not self._segment or 2 * self._count >= self._groups):
            self._close()
        found = np.array(self._found).reshape(-1, 4)
        return Delays(found[:, 0], found[:, 1], found[:, 2], found[:, 3], self._segment)

    def _take(self, group: Spectra) -> None:
        one, other = group
        parts = [
            (one.real**2 + one.imag**2).sum(axis=0),
            (other.real**2 + other.imag**2).sum(axis=0),
            (np.conj(one) * other).sum(axis=0),
        ]
        if not self._count:
            self._sums = [np.zeros_like(part) for part in parts]
        self._sums = [total + part for total, part in zip(self._sums, parts, strict=True)]
        power = np.abs(one * np.conj(other)).sum(axis=1)
        # Frame k lies around sample (k + 1 - overlaps / 2) times the hop.
        places = self._frames + np.arange(1, len(power) + 1) - OVERLAPS / 2
        self._moment += float(np.sum(power * places))
        self._mass += float(power.sum())
        self._frames += len(power)
        self._count += 1
        if self._count == self._groups:
            self._close()

    def _close(self) -> None:
        measured = self._delay(self._count * GROUP)
        if measured is not None:
            centre = self._moment / self._mass * self._hop / self._rate
            self._found.append((centre, *measured))
        self._segment += 1
        self._moment = self._mass = 0.0
        self._count = 0

    def _delay(self, frames: int) -> tuple[float, float, float] | None:
        """Return delay, error and correlation; None where the segment does not tell."""
        one, other, cross = self._sums
        turn = 2.0 * np.pi * np.arange(len(cross)) / self._frame
        inside = (turn >= 2.0 * np.pi * LOWEST_HZ / self._rate) & (
            turn <= 2.0 * np.pi * HIGHEST_SHARE
        )
        product = np.real(one * other)
        there = inside & (product > 0.0)
        if not there.any():
            return None
        height = np.abs(cross)
        square = np.where(there, height**2 / np.where(there, product, 1.0), 0.0)
        # Of this many frames even two noises seem to agree: by one in as many.
        independent = max(2.0, 0.7 * frames)
        square = np.clip((square - 1.0 / independent) / (1.0 - 1.0 / independent), 0.0, 1.0)
        square = np.minimum(square, HIGHEST_COHERENCE)
        weight = square / (1.0 - square)
        phase = cross / np.where(height > 0.0, height, 1.0)
        delay = self._refined(phase, weight, turn, self._coarse(phase, weight))
        agreement = float(np.sum(square * np.real(phase * np.exp(1j * turn * delay))))
        if not agreement >= LEAST_AGREEMENT * max(float(there.sum()) * 1e-9, square.sum()):
            return None
        information = float(np.sum(2.0 * independent * weight * turn**2))
        together = float(np.sum(np.real(cross * np.exp(1j * turn * delay))[inside]))
        powers = float(one[inside].sum()) * float(other[inside].sum())
        error = float(1.0 / np.sqrt(max(information, 1e-12)))
        return delay, error, together / float(np.sqrt(powers))

    def _coarse(self, phase: Complexes, weight: Floats) -> float:
        size = GRID_FACTOR * self._frame
        values = np.fft.irfft(np.sqrt(weight) * phase, size)
        reach = int(min(GRID_FACTOR * self._most, size // 2 - 1))
        lags = np.r_[np.arange(reach + 1), np.arange(-reach, 0)]
        return float(lags[np.argmax(values[lags])]) / GRID_FACTOR

    def _refined(self, phase: Complexes, weight: Floats, turn: Floats, delay: float) -> float:
        """Climb to the top of the weighted sum of cosines by Newton's steps."""
        for _ in range(NEWTON_STEPS):
            left = phase * np.exp(1j * turn * delay)
            slope = float(np.sum(weight * turn * left.imag))
            bend = float(np.sum(weight * turn**2 * np.maximum(left.real, 0.1)))
            if bend <= 0.0:
                break
            delay -= float(np.clip(slope / bend, -0.25, 0.25))
        return delay

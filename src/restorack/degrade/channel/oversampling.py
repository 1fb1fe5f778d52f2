"""Nonlinear damage at several times the sample rate, so that its harmonics do not fold back."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.dsp.fir import Floats
from restorack.dsp.windowed_stream import WindowedStream, latency_of_windows

STEP = 2048
"""Samples that are distorted at once, counted from sample 0."""
HALF = 48
"""Samples at the lower rate to both sides of the resampling filter. By hand."""
KAISER_BETA = 10.0
"""The filters between the rates: 48 samples to each side, 100 dB, flat up to 0.46 of the rate."""
FULL_RATE = 352_800.0
"""Distortion is made at about this rate: eight times 44.1 kHz."""

Distort = Callable[[Floats, int], Floats]
"""Takes oversampled rows and the stream's sample, possibly negative, at which they begin; returns
what the distortion adds to them."""


def oversampling_factor(sample_rate: float) -> int:
    """Return how many times a rate in Hz is oversampled: a power of two, 2 to 32."""
    return int(2 ** np.clip(np.round(np.log2(FULL_RATE / sample_rate)), 1, 5))


class OversampledDistortion(WindowedStream):
    """A stream plus what a distortion adds to it, made at several times its rate.

    Only what is added runs through the filters between the rates; the signal passes unfiltered.

    Parameters
    ----------
    channels, factor : int
    distort : callable
        Returns what is added.
    moved : int
        How many samples around a sample ``distort`` looks at.
    afterwards : callable, optional
        Takes what is added, stretch by stretch at the stream's rate, and may hold a state.

    Notes
    -----
    Rows are taken to the higher rate and back by transforms of whole stretches, whose margins hold
    the filters' impulse responses. Stretches count from sample 0: no split changes the result.
    """

    def __init__(
        self,
        channels: int,
        factor: int,
        distort: Distort,
        moved: int = 0,
        afterwards: Callable[[Floats], Floats] | None = None,
    ) -> None:
        self._factor, self._distort, self._afterwards = factor, distort, afterwards
        self._margin = _margin(moved)
        super().__init__(channels, STEP, overlap=2 * self._margin, before=self._margin)
        self._size = STEP + 2 * self._margin
        self._response = _lowpass_response(self._size, factor)
        self._position = -self._margin

    @staticmethod
    def latency(moved: int = 0) -> int:
        """Return the most samples that are ever held back."""
        return latency_of_windows(STEP, overlap=2 * _margin(moved), before=_margin(moved))

    def _process(self, window: Rows) -> Rows:
        inside = slice(self._margin, self._margin + STEP)
        added = np.zeros((window.shape[0], STEP))
        if window.any():
            high = self._up(window.astype(np.float64))
            added = self._down(self._distort(high, self._position))[:, inside]
        if self._afterwards is not None:
            added = self._afterwards(added)
        self._position += STEP
        return (window[:, inside] + added).astype(np.float32)

    def _up(self, rows: Floats) -> Floats:
        """Put zeros between the samples, which repeats their spectrum, and filter the first."""
        spectra = np.fft.rfft(rows, axis=1)
        mirrored = np.conj(spectra[:, -2::-1])
        repeated = np.concatenate([spectra, mirrored], axis=1) * (self._response * self._factor)
        return np.fft.irfft(repeated, self._size * self._factor, axis=1)

    def _down(self, rows: Floats) -> Floats:
        """Filter, and take every so-manieth sample, which folds the spectrum."""
        spectra = np.fft.rfft(rows, axis=1)[:, : self._size + 1] * self._response
        half = self._size // 2 + 1
        folded = (spectra[:, :half] + np.conj(spectra[:, : -half - 1 : -1])) / self._factor
        return np.fft.irfft(folded, self._size, axis=1)


def _margin(moved: int) -> int:
    """Return the samples on each side of a stretch: two filters and what is looked at."""
    return 32 * -(-(2 * HALF + moved) // 32)


def _lowpass_response(size: int, factor: int) -> Floats:
    """Return the zero-phase gain of the filter at the first ``size + 1`` bins of the high rate.

    It is 6 dB down at half the low rate; the bins beyond lie in its stop band.
    """
    half = HALF * factor
    offsets = np.arange(-half, half + 1)
    taps = np.sinc(offsets / factor) * np.kaiser(offsets.size, KAISER_BETA)
    circular = np.zeros(size * factor)
    circular[offsets] = taps / taps.sum()
    return np.asarray(np.fft.rfft(circular).real[: size + 1])

"""DeconvolutionPeaks: the comb that the decoder of a music generator leaves in its output."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from restorack.core.parameters import FloatParameter
from restorack.degrade.degradation import Degradation
from restorack.degrade.randomness import random_at
from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_amplitude

Floats = NDArray[np.float64]

CHUNK = 8192
"""The comb is made in stretches of this many samples, counted from sample 0."""
FOLLOW_S = 0.05
"""Time constant of the level that the peaks follow. By hand."""
HIGHEST = 0.48
"""Peaks beyond this part of the sample rate are left out."""


class DeconvolutionPeaks(Degradation):
    """Add peaks at multiples of one frequency, whose level follows the music's.

    A decoder raises its rate by transposed convolutions: zeros between samples, then a short
    kernel. What the samples have in common, their mean, becomes a pulse train with the period of
    the stride. The peaks lie where rate and stride put them, whatever is played, and are as loud
    as the layer is active.

    Notes
    -----
    Afchar et al., A Fourier explanation of AI-music artifacts (ISMIR 2025). The mean activation
    is modelled by the level of the signal, channel by channel, and the kernel by a slope and
    seeded deviations from it. A decoder with several layers has several combs: use one stage for
    each.
    """

    level_db = FloatParameter(
        -35.0,
        -90.0,
        0.0,
        unit="dB",
        description="RMS of all peaks over the signal's RMS of the moment (50 ms).",
    )
    fundamental_hz = FloatParameter(
        2_000.0,
        20.0,
        12_000.0,
        unit="Hz",
        description="The decoder's rate over its last strides: 2000 is 32 kHz over 4 times 4 "
        "(EnCodec), 689.0625 is 44.1 kHz over 2, 4 and 8 (DAC).",
        logarithmic=True,
        automatable=False,
    )
    slope_db_per_octave = FloatParameter(
        -4.0,
        -12.0,
        0.0,
        unit="dB per octave",
        description="How the peaks fall with frequency.",
        automatable=False,
    )
    spread_db = FloatParameter(
        3.0,
        0.0,
        12.0,
        unit="dB",
        description="Standard deviation of the peaks from the slope.",
        automatable=False,
    )
    highest_hz = FloatParameter(
        16_000.0,
        1_000.0,
        24_000.0,
        unit="Hz",
        description="The last peak lies below: half the decoder's rate.",
        logarithmic=True,
        automatable=False,
    )

    def partials(self, sample_rate: float) -> NDArray[np.complex128]:
        """Return the complex amplitudes of the peaks at a rate in Hz; their RMS is 1."""
        top = min(self.highest_hz, HIGHEST * sample_rate)
        count = math.ceil(top / self.fundamental_hz) - 1
        if count < 1:
            return np.zeros(0, np.complex128)
        random = random_at(self.seed, "DeconvolutionPeaks", -1, 0)
        level_db = self.slope_db_per_octave * np.log2(np.arange(1, count + 1))
        amplitudes = db_to_amplitude(level_db + self.spread_db * random.standard_normal(count))
        amplitudes /= math.sqrt(float(np.sum(amplitudes**2)) / 2.0)
        turned: NDArray[np.complex128] = amplitudes * np.exp(
            2j * np.pi * random.uniform(size=count)
        )
        return turned

    def findings(self) -> dict[str, Any]:
        """Return the fundamental and the number of peaks."""
        stream = self._stream
        count = 0 if stream is None else len(self._partials)
        return {"fundamental_hz": self.fundamental_hz, "peaks": count}

    def _begin(self, sample_rate: float, channels: int) -> None:
        self._rate, self._position = sample_rate, 0
        self._partials = self.partials(sample_rate)
        self._keep = math.exp(-1.0 / (FOLLOW_S * sample_rate))
        self._state = np.zeros((channels, 1))

    def _push(self, block: Rows) -> Rows:
        level, out, at = self._level(block), np.empty_like(block), 0
        while at < block.shape[1]:
            inside = self._position % CHUNK
            if inside == 0:
                self._comb = self._next_comb()
            stop = min(block.shape[1], at + CHUNK - inside)
            comb = self._comb[inside : inside + stop - at]
            added = (db_to_amplitude(self.level_db) * level[:, at:stop] * comb).astype(np.float32)
            out[:, at:stop] = block[:, at:stop] + added
            self._note(added)
            self._position += stop - at
            at = stop
        return out

    def _finish(self) -> Rows:
        nothing = np.zeros((len(self._state), 0), np.float32)
        self._note(nothing)
        return nothing

    def _note(self, added: Rows) -> None:
        if self._truth is not None:
            self._truth.add_track("peaks", added)

    def _level(self, block: Rows) -> Floats:
        """Return the RMS of the moment, channel by channel."""
        from scipy.signal import lfilter

        power, self._state = lfilter(
            [1.0 - self._keep],
            [1.0, -self._keep],
            np.square(block, dtype=np.float64),
            axis=1,
            zi=self._state,
        )
        return np.asarray(np.sqrt(power))

    def _next_comb(self) -> Floats:
        """Return the next stretch of the comb, by Horner's rule over its partials."""
        places = (self._position + np.arange(CHUNK)) * (self.fundamental_hz / self._rate)
        turning = np.exp(2j * np.pi * (places % 1.0))
        total = np.zeros(CHUNK, np.complex128)
        for partial in self._partials[::-1]:
            total = (total + partial) * turning
        return np.asarray(total.real)

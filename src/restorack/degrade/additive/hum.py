"""Hum: mains and its harmonics."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from restorack.core.parameters import FloatParameter, IntParameter
from restorack.degrade.additive.noise import NoiseDegradation
from restorack.degrade.additive.once_around import straight_lines
from restorack.degrade.additive.programme import Reference
from restorack.degrade.additive.stage import (
    CHUNK,
    Chunk,
    DamageSource,
)
from restorack.degrade.randomness import random_at
from restorack.dsp.decibels import db_to_amplitude
from restorack.dsp.fir import Floats

# Sines that the frequency wanders by, and the range of their periods in s. By hand.
DRIFTS = 4
DRIFT_PERIODS_S = (3.0, 60.0)
STEP = 64
"""The drift is worked out every so many samples, with straight lines between."""

HIGHEST = 0.45
"""Harmonics beyond this part of the sample rate are left out."""


class Hum(NoiseDegradation):
    """Add mains hum: a fundamental that drifts a little, and its harmonics.

    The same on all channels. The seed draws the phases, how each harmonic deviates from the slope,
    and the drift.

    Notes
    -----
    The phase has a closed form: ``2 pi f0 t`` plus the integral of four slow sines, whose sum
    stays within ``drift_hz``.
    """

    tracks_made: ClassVar[dict[str, Reference]] = {"hum": "rms"}

    mains_hz = FloatParameter(
        50.0,
        15.0,
        480.0,
        unit="Hz",
        description="The fundamental: 50 or 60 Hz, or what a wrong speed made of it.",
        logarithmic=True,
        automatable=False,
    )
    harmonics = IntParameter(10, 1, 60, description="Number of partials, with the fundamental.")
    slope_db_per_octave = FloatParameter(
        -6.0,
        -24.0,
        0.0,
        unit="dB per octave",
        description="How the harmonics fall: -6 hum of transformers, -2 buzz of dimmers.",
        automatable=False,
    )
    spread_db = FloatParameter(
        5.0,
        0.0,
        12.0,
        unit="dB",
        description="Standard deviation of the harmonics from the slope.",
        automatable=False,
    )
    drift_hz = FloatParameter(
        0.05,
        0.0,
        2.0,
        unit="Hz",
        description="The fundamental wanders by up to so much, over seconds to a minute.",
        automatable=False,
    )

    def _open_source(self, sample_rate: float, channels: int) -> DamageSource:
        random = random_at(self.seed, "Hum", -1, 0)
        orders = np.arange(1, self.harmonics + 1)
        level_db = self.slope_db_per_octave * np.log2(orders)
        level_db = level_db + self.spread_db * random.standard_normal(orders.size)
        amplitudes = db_to_amplitude(level_db)
        amplitudes[orders * (self.mains_hz + self.drift_hz) > HIGHEST * sample_rate] = 0.0
        power = float(np.sum(amplitudes**2)) / 2.0
        phases = np.exp(2j * np.pi * random.uniform(size=orders.size))
        partials = amplitudes / math.sqrt(power or 1.0) * phases
        low, high = np.log(DRIFT_PERIODS_S)
        drift_hz = self.drift_hz * random.dirichlet(np.ones(DRIFTS))
        rates_hz = np.exp(-random.uniform(low, high, DRIFTS))
        starts = random.uniform(0.0, 2.0 * np.pi, DRIFTS)
        return _HumSource(
            self.mains_hz,
            partials.astype(np.complex64),
            (drift_hz, rates_hz, starts),
            sample_rate,
            channels,
        )


class _HumSource(DamageSource):
    def __init__(
        self,
        fundamental: float,
        partials: NDArray[np.complex64],
        drift: tuple[Floats, Floats, Floats],
        sample_rate: float,
        channels: int,
    ) -> None:
        self._fundamental, self._partials, self._drift = fundamental, partials, drift
        self._rate, self._channels = sample_rate, channels
        self._index = 0

    def next_chunk(self) -> Chunk:
        """Return the next hum."""
        first, self._index = self._index * CHUNK, self._index + 1
        cycles = self._fundamental * ((first + np.arange(CHUNK)) / self._rate)
        cycles += straight_lines(self._drifted(first), STEP)
        turning = np.exp((2j * np.pi * (cycles % 1.0)).astype(np.complex64))
        total = np.zeros(CHUNK, np.complex64)
        for partial in self._partials[::-1]:  # Horner: sum of partials times powers of the turn
            total = (total + partial) * turning
        return Chunk({"hum": np.tile(total.real, (self._channels, 1))})

    def _drifted(self, first: int) -> Floats:
        """Return the cycles that the drift has added, every ``STEP`` samples."""
        time = (first + np.arange(0, CHUNK + STEP, STEP)) / self._rate
        depths_hz, rates_hz, starts = self._drift
        angles = 2.0 * np.pi * np.outer(rates_hz, time) + starts[:, np.newaxis]
        cycles: Floats = (depths_hz / (2.0 * np.pi * rates_hz)) @ np.sin(angles)
        return cycles

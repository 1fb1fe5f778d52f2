"""Surface noise of a turning record."""

from __future__ import annotations

import math

from restorack.core.parameters import FloatParameter
from restorack.degrade.additive.noise import (
    ColouredNoiseDegradation,
    grain_parameter,
    level_parameter,
    swing_parameter,
    tilt_parameter,
)
from restorack.degrade.additive.once_around import TurnPattern, rpm_parameter
from restorack.degrade.additive.shaped_noise import ShapedNoise
from restorack.degrade.additive.stage import Chunk, DamageSource

CROSSING_HZ = 1500.0
"""Below and above this the noise has patterns of its own: the spectrum turns with the record."""


class SurfaceNoise(ColouredNoiseDegradation):
    """Add the noise of a record's surface, whose level and spectrum swing with every turn.

    Part of the pattern recurs from turn to turn, and it drifts slowly, as the groove passes over
    a disc that is worn and pressed unevenly. Single grains of the material stand out of the noise.

    Notes
    -----
    Two noises, below and above 1.5 kHz, each with a level of its own around the turn
    (:class:`TurnPattern`); half of each pattern is common to both.
    """

    level_db = level_parameter(-22.0)
    tilt_db_per_octave = tilt_parameter(-2.0)
    rpm = rpm_parameter()
    swing_db = swing_parameter(2.0)
    recurrence = FloatParameter(
        0.85,
        0.0,
        1.0,
        description="How much of a turn's pattern the next turn repeats.",
        automatable=False,
    )
    grain = grain_parameter(0.4)

    def _open_source(self, sample_rate: float, channels: int) -> DamageSource:
        noise = ShapedNoise(
            self.seed,
            "SurfaceNoise",
            sample_rate,
            channels,
            self.colour(),
            self.width,
            self.grain,
            CROSSING_HZ,
        )
        turn_samples = sample_rate * 60.0 / self.rpm
        part_db = self.swing_db * math.sqrt(0.5)
        patterns = [
            TurnPattern(self.seed, f"SurfaceNoise {name}", turn_samples, part_db, self.recurrence)
            for name in ("common", "low", "high")
        ]
        # The bands are coherent where they meet, their own levels are not: two gains of mean
        # power 1 whose levels spread by s dB have the mean product exp(-(s ln 10 / 10)^2 / 4).
        lost = noise.overlap * -math.expm1(-((part_db * math.log(10.0) / 10.0) ** 2) / 4.0)
        return _SurfaceSource(noise, patterns, 1.0 / math.sqrt(1.0 - lost))


class _SurfaceSource(DamageSource):
    def __init__(self, noise: ShapedNoise, patterns: list[TurnPattern], scale: float) -> None:
        self._noise, self._patterns, self._scale = noise, patterns, scale

    def next_chunk(self) -> Chunk:
        """Return the sum of the bands, each at its level around the turn."""
        common, below, above = (pattern.next_chunk() for pattern in self._patterns)
        common = self._scale * common
        low, high = self._noise.next_chunk()
        return Chunk({"noise": (common * below) * low + (common * above) * high})

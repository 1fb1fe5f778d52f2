"""Surface noise of a turning record."""

from __future__ import annotations

import math

import numpy as np

from restorack.contract.parameters import FloatParameter
from restorack.degrade.additive import DamageSource, Stretch
from restorack.degrade.noise import (
    ColouredNoiseDegradation,
    grain_parameter,
    level_parameter,
    swing_parameter,
    tilt_parameter,
)
from restorack.degrade.shaped_noise import SIDES, Grainy, ShapedNoise
from restorack.degrade.turning import TurnPattern, rpm_parameter

CROSSING_HZ = 1500.0
"""Below and above this the noise has patterns of its own: the spectrum turns with the record."""


class SurfaceNoise(ColouredNoiseDegradation):
    """Add the noise of a record's surface, whose level and spectrum swing with every turn.

    Part of the pattern recurs from turn to turn, and it drifts slowly, as the groove passes over
    a disc that is worn and pressed unevenly. Single grains of the material stand out of the noise.

    Notes
    -----
    Two noises, below and above 1.5 kHz, each with a level of its own around the turn
    (:class:`~restorack.degrade.turning.TurnPattern`); half of each pattern is common to both.
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
        whole = self.colour()
        frequencies = np.linspace(0.0, sample_rate / 2, 1 << 12)
        colours = [whole.split(side, CROSSING_HZ) for side in SIDES]
        powers = [float(np.mean(colour.magnitude(frequencies) ** 2)) for colour in colours]
        noises = [
            ShapedNoise(
                self.seed,
                f"SurfaceNoise {side}",
                sample_rate,
                channels,
                colour,
                self.width,
                Grainy(self.grain),
            )
            for side, colour in zip(SIDES, colours, strict=True)
        ]
        shares = [math.sqrt(power / sum(powers)) for power in powers]
        turn_samples = sample_rate * 60.0 / self.rpm
        patterns = [
            TurnPattern(
                self.seed,
                f"SurfaceNoise {name}",
                turn_samples,
                self.swing_db * math.sqrt(0.5),
                self.recurrence,
            )
            for name in ("common", *SIDES)
        ]
        return _SurfaceSource(noises, shares, patterns)


class _SurfaceSource(DamageSource):
    def __init__(
        self, noises: list[ShapedNoise], shares: list[float], patterns: list[TurnPattern]
    ) -> None:
        self._noises, self._shares, self._patterns = noises, shares, patterns

    def next_stretch(self) -> Stretch:
        """Return the sum of the bands, each at its level around the turn."""
        common, *levels = [pattern.next_stretch() for pattern in self._patterns]
        noise = np.zeros(1)
        for band, share, level in zip(self._noises, self._shares, levels, strict=True):
            noise = noise + (share * common * level) * band.next_stretch()
        return Stretch({"noise": noise})

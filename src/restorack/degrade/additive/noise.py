"""What the noises have in common: a level, a width, a colour that the seed may draw."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from restorack.core.parameters import FloatParameter
from restorack.degrade.additive.programme import Reference
from restorack.degrade.additive.shaped_noise import NoiseColour
from restorack.degrade.additive.stage import AdditiveDegradation
from restorack.degrade.randomness import random_at
from restorack.dsp.decibels import db_to_amplitude

OCTAVES = 10
"""Octave steps of a random ripple, 62.5 Hz to 32 kHz."""

NO_LOW_HZ = 20.0
"""A low edge down to here means none: noise goes down to the lowest frequency."""
NO_HIGH_HZ = 40_000.0
"""Edges at these values are left out."""


def level_parameter(default_db: float) -> FloatParameter:
    """Return the declaration of a noise's level."""
    return FloatParameter(
        default_db,
        -120.0,
        20.0,
        unit="dB",
        description="RMS over the programme's RMS (minus the signal-to-noise ratio), or over an "
        "RMS of 1.",
    )


def width_parameter() -> FloatParameter:
    """Return the declaration of a noise's width."""
    return FloatParameter(
        1.0,
        0.0,
        1.0,
        description="0: the same noise in all channels, 1: noise of its own in each.",
        automatable=False,
    )


def tilt_parameter(default: float) -> FloatParameter:
    """Return the declaration of a spectrum's slope."""
    return FloatParameter(
        default,
        -12.0,
        12.0,
        unit="dB per octave",
        description="Slope of the noise's spectrum: 0 white, -3 pink, -6 brown.",
        automatable=False,
    )


def upper_edge_parameter(default_hz: float) -> FloatParameter:
    """Return the declaration of a spectrum's upper edge."""
    return FloatParameter(
        default_hz,
        500.0,
        NO_HIGH_HZ,
        unit="Hz",
        description="Upper edge of the noise (-3 dB, 24 dB per octave); none beyond half the rate.",
        logarithmic=True,
        automatable=False,
    )


def swing_parameter(default_db: float) -> FloatParameter:
    """Return the declaration of a level's swing around the turn."""
    return FloatParameter(
        default_db,
        0.0,
        10.0,
        unit="dB",
        description="Standard deviation of the level around a turn.",
        automatable=False,
    )


def grain_parameter(default: float) -> FloatParameter:
    """Return the declaration of a noise's grain."""
    return FloatParameter(
        default,
        0.0,
        1.0,
        description="0: smooth Gaussian noise; more: single grains stand out of it.",
        automatable=False,
    )


class NoiseDegradation(AdditiveDegradation):
    """Base of the stages that add noise on one track, at a level in dB."""

    tracks_made: ClassVar[dict[str, Reference]] = {"noise": "rms"}

    level_db = level_parameter(-30.0)

    def _gains(self) -> dict[str, float]:
        return {name: db_to_amplitude(self.level_db) for name in self.tracks_made}


class ColouredNoiseDegradation(NoiseDegradation):
    """Base of the noises whose spectrum is set by a tilt, two edges and a random ripple."""

    width = width_parameter()
    tilt_db_per_octave = tilt_parameter(0.0)
    tilt_spread_db_per_octave = FloatParameter(
        0.0,
        0.0,
        6.0,
        unit="dB per octave",
        description="The seed draws the slope from the tilt plus or minus this.",
        automatable=False,
    )
    ripple_db = FloatParameter(
        0.0,
        0.0,
        12.0,
        unit="dB",
        description="Standard deviation of a smooth random curve over octaves that the seed draws.",
        automatable=False,
    )
    low_hz = FloatParameter(
        NO_LOW_HZ,
        NO_LOW_HZ,
        5_000.0,
        unit="Hz",
        description="Lower edge of the noise (-3 dB, 12 dB per octave); at 20 Hz there is none.",
        logarithmic=True,
        automatable=False,
    )
    high_hz = upper_edge_parameter(NO_HIGH_HZ)

    def colour(self) -> NoiseColour:
        """Return the spectrum that the parameters and the seed give."""
        random = random_at(self.seed, f"{type(self).__name__} colour", -1, 0)
        tilt = self.tilt_db_per_octave + self.tilt_spread_db_per_octave * random.uniform(-1.0, 1.0)
        ripple = self.ripple_db * random.standard_normal(OCTAVES)
        return NoiseColour(
            float(tilt),
            self.low_hz if self.low_hz > NO_LOW_HZ else 0.0,
            self.high_hz if self.high_hz < NO_HIGH_HZ else 1e9,
            tuple(float(value) for value in ripple) if np.any(ripple) else (),
        )

"""Rumble: what the turntable itself adds below the music."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from restorack.core.parameters import FloatParameter
from restorack.degrade.additive.low_noise import LowNoise
from restorack.degrade.additive.noise import NoiseDegradation, swing_parameter, width_parameter
from restorack.degrade.additive.once_around import TurnPattern, rpm_parameter, straight_lines
from restorack.degrade.additive.programme import Reference
from restorack.degrade.additive.stage import CHUNK, Chunk, DamageSource
from restorack.degrade.randomness import random_at
from restorack.dsp.fir import Floats

# Width of the motor's line, whose speed wanders, and the low edge of the bearing's noise. By hand.
MOTOR_BANDWIDTH_HZ = 1.5
BEARING_LOW_HZ = 6.0
STEP = 8
"""The warp is worked out every so many samples, with straight lines between."""

WARP_HARMONICS = np.arange(1, 5)


class Rumble(NoiseDegradation):
    """Add a turntable's rumble: bearing noise, the motor's line, the warp of the record.

    Notes
    -----
    Bearings: noise from 6 Hz to ``high_hz`` (Butterworth, 12 dB per octave each side); motor: a
    resonance 1.5 Hz wide; both swing with the turn. Warp: harmonics of the turn's frequency,
    falling as 1 / order^2.
    """

    tracks_made: ClassVar[dict[str, Reference]] = {"rumble": "rms"}

    width = width_parameter()
    high_hz = FloatParameter(
        50.0,
        15.0,
        300.0,
        unit="Hz",
        description="Upper edge of the bearing's noise.",
        logarithmic=True,
        automatable=False,
    )
    motor_hz = FloatParameter(
        28.0,
        10.0,
        130.0,
        unit="Hz",
        description="The motor's line: 24 to 30 Hz with idler drive, 100 or 120 Hz from its poles.",
        logarithmic=True,
        automatable=False,
    )
    motor = FloatParameter(
        0.2,
        0.0,
        1.0,
        description="Power of the motor's line against the bearing's noise at 1.",
        automatable=False,
    )
    warp = FloatParameter(
        0.1,
        0.0,
        1.0,
        description="Power of the warp against the bearing's noise at 1.",
        automatable=False,
    )
    swing_db = swing_parameter(2.0)
    rpm = rpm_parameter()

    def _open_source(self, sample_rate: float, channels: int) -> DamageSource:
        half = MOTOR_BANDWIDTH_HZ / 2
        bands = (
            ("bearing", 1.0, BEARING_LOW_HZ, self.high_hz, 2),
            ("motor", self.motor, self.motor_hz - half, self.motor_hz + half, 1),
        )
        total = 1.0 + self.motor + self.warp
        noises = [
            (
                math.sqrt(power / total),
                LowNoise(
                    self.seed, f"Rumble {name}", sample_rate, channels, low, high, order, self.width
                ),
            )
            for name, power, low, high, order in bands
            if power
        ]
        turn = sample_rate * 60.0 / self.rpm
        swing = TurnPattern(self.seed, "Rumble", turn, self.swing_db, recurrence=0.9)
        warp = _Warp.draw(self.seed, turn, math.sqrt(self.warp / total))
        return _RumbleSource(noises, swing, warp)


@dataclass
class _Warp:
    """Harmonics of the turn, the same in all channels."""

    turn_samples: float
    amplitudes: Floats
    phases: Floats
    index: int = 0

    @staticmethod
    def draw(seed: int, turn_samples: float, rms: float) -> _Warp:
        random = random_at(seed, "Rumble warp", -1, 0)
        falling = random.uniform(0.5, 1.0, WARP_HARMONICS.size) / WARP_HARMONICS**2
        amplitudes = falling * (rms * math.sqrt(2.0 / float(np.sum(falling**2))))
        return _Warp(turn_samples, amplitudes, random.uniform(0.0, 2.0 * np.pi, falling.size))

    def next_chunk(self) -> Floats:
        turns = (self.index * CHUNK + np.arange(0, CHUNK + STEP, STEP)) / self.turn_samples
        self.index += 1
        angles = 2.0 * np.pi * np.outer(WARP_HARMONICS, turns) + self.phases[:, np.newaxis]
        return straight_lines(self.amplitudes @ np.sin(angles), STEP)


class _RumbleSource(DamageSource):
    def __init__(
        self, noises: list[tuple[float, LowNoise]], swing: TurnPattern, warp: _Warp
    ) -> None:
        self._noises, self._swing, self._warp = noises, swing, warp

    def next_chunk(self) -> Chunk:
        """Return the next noise, with the warp."""
        swing = self._swing.next_chunk()
        total = self._warp.next_chunk()[np.newaxis]
        for share, noise in self._noises:
            total = total + share * swing * noise.next_chunk()
        return Chunk({"rumble": total})

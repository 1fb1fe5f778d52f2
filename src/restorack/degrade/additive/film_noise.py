"""Noise of optical film sound: grain, the beat of the frames, dust."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from restorack.core.parameters import FloatParameter
from restorack.degrade.additive.click_shapes import ClickShape, Pickup
from restorack.degrade.additive.impulses import (
    Impulse,
    ImpulseMaker,
    ImpulseSource,
    PointProcess,
    Wave,
)
from restorack.degrade.additive.noise import (
    ColouredNoiseDegradation,
    grain_parameter,
    tilt_parameter,
    upper_edge_parameter,
)
from restorack.degrade.additive.once_around import TurnPattern
from restorack.degrade.additive.programme import Reference
from restorack.degrade.additive.shaped_noise import ShapedNoise
from restorack.degrade.additive.stage import Chunk, DamageSource
from restorack.dsp.decibels import db_to_amplitude

FRAME_RECURRENCE = 0.93
"""Share of a pattern that the next frame keeps: it changes over about 14 frames. By hand."""
SHORTEST_S, LONGEST_S = 0.00008, 0.0015
"""Of dust on a sound track, in s. By hand."""
CELL = Pickup(4000.0, 9000.0)
"""A photocell rings little; its amplifier's resonances stand for it."""


class FilmNoise(ColouredNoiseDegradation):
    """Add the noise of an optical sound track: grain noise, frame flutter, dust and dirt.

    The noise is on the track ``noise``; dust passing the slit makes ticks that mostly go one way,
    since dirt only takes light away (track and events ``dust``).

    Notes
    -----
    The grain's level follows a pattern of the frame and its harmonics (the fourth is the sprocket
    holes') that changes from frame to frame. Its spectrum falls towards the slit's loss near
    8 kHz.
    """

    tracks_made: ClassVar[dict[str, Reference]] = {"noise": "rms", "dust": "peak"}

    tilt_db_per_octave = tilt_parameter(-3.0)
    high_hz = upper_edge_parameter(8_000.0)
    frame_hz = FloatParameter(
        24.0, 8.0, 60.0, unit="Hz", description="Frames per second.", automatable=False
    )
    flutter_db = FloatParameter(
        1.5,
        0.0,
        8.0,
        unit="dB",
        description="Standard deviation of the noise's level within and between frames.",
        automatable=False,
    )
    grain = grain_parameter(0.5)
    dust_per_s = FloatParameter(
        12.0,
        0.0,
        200.0,
        unit="per second",
        description="Ticks of dust per second.",
        automatable=False,
    )
    dust_min = FloatParameter(
        0.01,
        0.001,
        4.0,
        description="Peak of the quietest ticks, as a part of the programme's peak (or of 1).",
        logarithmic=True,
        automatable=False,
    )
    dust_max = FloatParameter(
        0.2,
        0.001,
        4.0,
        description="Peak of the loudest ticks, as a part of the programme's peak (or of 1).",
        logarithmic=True,
        automatable=False,
    )

    def _gains(self) -> dict[str, float]:
        return {"noise": db_to_amplitude(self.level_db), "dust": 1.0}

    def track_of(self, kind: str) -> str:
        """Return the track that holds the events of a kind."""
        return "dust"

    def _open_source(self, sample_rate: float, channels: int) -> DamageSource:
        noise = ShapedNoise(
            self.seed,
            "FilmNoise",
            sample_rate,
            channels,
            self.colour(),
            self.width,
            self.grain,
        )
        frame = sample_rate / self.frame_hz
        flutter = TurnPattern(
            self.seed, "FilmNoise frames", frame, self.flutter_db, FRAME_RECURRENCE, harmonics=4
        )
        point_process = PointProcess(
            self.seed,
            "FilmNoise dust",
            self.dust_per_s,
            recurring=0.0,
            turn_s=1.0,
            quietest=self.dust_min,
            loudest=self.dust_max,
            stereo="same",
        )
        dust = ImpulseSource(point_process, _DustMaker(), {"dust": "peak"}, sample_rate, channels)
        return _FilmSource(noise, flutter, dust)


class _FilmSource(DamageSource):
    def __init__(self, noise: ShapedNoise, flutter: TurnPattern, dust: ImpulseSource) -> None:
        self._noise, self._flutter, self._dust = noise, flutter, dust

    def next_chunk(self) -> Chunk:
        """Return the next noise and dust."""
        chunk = self._dust.next_chunk()
        (grain,) = self._noise.next_chunk()
        chunk.tracks["noise"] = self._flutter.next_chunk() * grain
        return chunk


@dataclass(frozen=True)
class _DustMaker(ImpulseMaker):
    def draw(self, random: np.random.Generator) -> Impulse:
        """Return a new tick: a pulse one way, hardly any ringing."""
        shape = ClickShape.draw(random, CELL, SHORTEST_S, LONGEST_S)
        swing = 0.3 * random.uniform()
        ring = (0.3 * shape.ring[0], 0.3 * shape.ring[1])
        sign = -1.0 if random.uniform() < 0.85 else 1.0
        return _Dust(replace(shape, bipolar=float(swing), ring=ring, sign=sign))

    def longest_s(self) -> float:
        """Return the longest that a tick lasts, in seconds."""
        return LONGEST_S


@dataclass(frozen=True)
class _Dust(Impulse):
    shape: ClickShape

    def vary(self, random: np.random.Generator) -> Impulse:
        """Return the same tick: film passes but once."""
        return self

    def render(self, sample_rate: float, delay: float, recurring: bool) -> list[Wave]:
        """Return the tick on its track."""
        return [Wave("dust", "dust", self.shape.render(sample_rate, delay))]

"""Clicks: isolated ones, and scratches that come back with every turn of the record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from restorack.core.parameters import FloatParameter
from restorack.degrade.additive.click_shapes import ClickShape, Pickup
from restorack.degrade.additive.impulse_stage import ImpulseDegradation
from restorack.degrade.additive.impulses import Impulse, ImpulseMaker, ImpulseSource, Wave
from restorack.degrade.additive.programme import Reference
from restorack.degrade.additive.stage import DamageSource
from restorack.degrade.randomness import random_at

STRETCHING = 1.5
"""A scratch that varies from turn to turn stays shorter than this times the longest click."""


class Clicks(ImpulseDegradation):
    """Add clicks as a stylus makes them: asymmetric pulses, ringing, short scuffs.

    Isolated ones fall anywhere (events of the kind ``click``); scratches recur once a turn, drift
    along the groove, change a little in level and shape, and end after some turns (``scratch``).
    Peak and length of every click are within the set ranges, a scratch's length within 1.5 times.

    Notes
    -----
    A click is the response of a damped mechanical system to a short push: a swing of 0.07 to
    0.3 ms, there and back as pickups of velocity make it, or a slower bump; then the ringing of
    two resonances of stylus and groove that one record's clicks have in common; scuffs are rough.
    Looked up on real vinyl: swings of 0.1 to 0.3 ms whose halves are about as high, then 1 to 2 ms
    of ringing near 4 kHz, 10 to 25 dB lower. Lengths as in Godsill and Rayner, Digital Audio
    Restoration (1998), chapter 5.
    """

    tracks_made: ClassVar[dict[str, Reference]] = {"clicks": "peak"}

    length_min_ms = FloatParameter(
        0.1,
        0.02,
        20.0,
        unit="ms",
        description="The shortest clicks; lengths are drawn evenly over their logarithm.",
        logarithmic=True,
        automatable=False,
    )
    length_max_ms = FloatParameter(
        3.0,
        0.02,
        20.0,
        unit="ms",
        description="The longest clicks.",
        logarithmic=True,
        automatable=False,
    )

    def _open_source(self, sample_rate: float, channels: int) -> DamageSource:
        shortest, longest = sorted((self.length_min_ms / 1000.0, self.length_max_ms / 1000.0))
        pickup = Pickup.draw(random_at(self.seed, "Clicks pickup", -1, 0))
        maker = _ClickMaker(pickup, shortest, longest)
        return ImpulseSource(self.point_process(), maker, self.tracks_made, sample_rate, channels)


@dataclass(frozen=True)
class _ClickMaker(ImpulseMaker):
    pickup: Pickup
    shortest: float
    longest: float

    def draw(self, random: np.random.Generator) -> Impulse:
        """Return a new click."""
        shape = ClickShape.draw(random, self.pickup, self.shortest, self.longest)
        return _Click(shape, STRETCHING * self.longest)

    def longest_s(self) -> float:
        """Return the longest that a click lasts, in seconds."""
        return STRETCHING * self.longest


@dataclass(frozen=True)
class _Click(Impulse):
    shape: ClickShape
    longest: float

    def vary(self, random: np.random.Generator) -> Impulse:
        """Return the same scratch one turn later."""
        shape = self.shape.vary(random)
        return _Click(shape.no_longer_than(self.longest), self.longest)

    def render(self, sample_rate: float, delay: float, recurring: bool) -> list[Wave]:
        """Return the click on its track."""
        kind = "scratch" if recurring else "click"
        return [Wave("clicks", kind, self.shape.render(sample_rate, delay))]

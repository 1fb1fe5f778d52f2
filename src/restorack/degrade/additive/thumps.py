"""Thumps: low-frequency tails after pops and deep scratches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from restorack.core.parameters import FloatParameter
from restorack.degrade.additive.click_shapes import ClickShape, Pickup
from restorack.degrade.additive.impulse_stage import ImpulseDegradation
from restorack.degrade.additive.impulses import Impulse, ImpulseMaker, ImpulseSource, Wave
from restorack.degrade.additive.programme import Reference
from restorack.degrade.additive.stage import DamageSource
from restorack.degrade.randomness import random_at
from restorack.dsp.fir import Floats

# Seconds of the pop that causes a thump; how much longer than its mean a thump may get. By hand.
POP_SHORTEST_S, POP_LONGEST_S = 0.0005, 0.003
STRETCHING = 1.5
FALLING = 0.45
"""How far a tail's frequency falls while it dies away."""


class Thumps(ImpulseDegradation):
    """Add thumps: the tone arm swings after a deep scratch or a crack struck it.

    Each is a damped swing of half to three cycles whose frequency falls, on the track ``thumps``
    (events ``thump``). A part of them begins with the pop that caused them, on the track
    ``clicks`` (events ``pop``).

    Notes
    -----
    Scratch pulses as in Vaseghi and Frayling-Cork, Restoration of old gramophone recordings,
    JAES 40 (1992), 791-801: a short burst, and the low-frequency response of the pickup to it.
    """

    tracks_made: ClassVar[dict[str, Reference]] = {"thumps": "peak", "clicks": "peak"}

    rate_per_s = FloatParameter(
        0.7, 0.0, 20.0, unit="per second", description="Thumps per second.", automatable=False
    )
    amplitude_min = FloatParameter(
        0.05,
        0.001,
        4.0,
        description="Peak of the quietest thumps, as a part of the programme's peak (or of 1); "
        "peaks are drawn evenly in dB between both.",
        logarithmic=True,
        automatable=False,
    )
    amplitude_max = FloatParameter(
        0.3,
        0.001,
        4.0,
        description="Peak of the loudest thumps, as a part of the programme's peak (or of 1).",
        logarithmic=True,
        automatable=False,
    )
    recurring = FloatParameter(
        0.6,
        0.0,
        1.0,
        description="The part of the thumps that comes back once a turn.",
        automatable=False,
    )
    length_min_ms = FloatParameter(
        10.0,
        2.0,
        400.0,
        unit="ms",
        description="The shortest tails; lengths are drawn evenly over their logarithm.",
        logarithmic=True,
        automatable=False,
    )
    length_max_ms = FloatParameter(
        80.0,
        2.0,
        400.0,
        unit="ms",
        description="The longest tails.",
        logarithmic=True,
        automatable=False,
    )
    pops = FloatParameter(
        0.7,
        0.0,
        1.0,
        description="The part of the thumps that begins with a pop.",
        automatable=False,
    )

    def track_of(self, kind: str) -> str:
        """Return the track that holds the events of a kind."""
        return "clicks" if kind == "pop" else "thumps"

    def _open_source(self, sample_rate: float, channels: int) -> DamageSource:
        shortest, longest = sorted((self.length_min_ms / 1000.0, self.length_max_ms / 1000.0))
        pickup = Pickup.draw(random_at(self.seed, "Thumps pickup", -1, 0))
        maker = _ThumpMaker(pickup, shortest, longest, self.pops)
        return ImpulseSource(self.point_process(), maker, self.tracks_made, sample_rate, channels)


@dataclass(frozen=True)
class _ThumpMaker(ImpulseMaker):
    pickup: Pickup
    shortest: float
    longest: float
    pops: float

    def draw(self, random: np.random.Generator) -> Impulse:
        """Return a new thump, with or without a pop."""
        length = np.exp(random.uniform(np.log(self.shortest), np.log(self.longest)))
        pop = ClickShape.draw(random, self.pickup, POP_SHORTEST_S, POP_LONGEST_S)
        return _Thump(
            length_s=float(length),
            longest_s=STRETCHING * self.longest,
            cycles=float(random.uniform(0.5, 3.0)),
            damping=float(random.uniform(2.5, 5.0)),
            sign=1.0 if random.uniform() < 0.5 else -1.0,
            pop=pop if random.uniform() < self.pops else None,
            pop_level=float(random.uniform(0.3, 1.0)),
        )

    def longest_s(self) -> float:
        """Return the longest that a thump or its pop lasts, in seconds."""
        return max(STRETCHING * self.longest, 2.0 * POP_LONGEST_S)


@dataclass(frozen=True)
class _Thump(Impulse):
    length_s: float
    longest_s: float
    cycles: float
    damping: float
    sign: float
    pop: ClickShape | None
    pop_level: float

    def vary(self, random: np.random.Generator) -> Impulse:
        """Return the same thump one turn later."""
        stretched = self.length_s * float(np.exp(random.normal(0.0, 0.05)))
        pop = self.pop and self.pop.vary(random).no_longer_than(2.0 * POP_LONGEST_S)
        return replace(self, length_s=min(stretched, self.longest_s), pop=pop)

    def render(self, sample_rate: float, delay: float, recurring: bool) -> list[Wave]:
        """Return the tail, and the pop before it."""
        waves = [Wave("thumps", "thump", self._tail(sample_rate, delay))]
        if self.pop is not None:
            samples = self.pop_level * self.pop.render(sample_rate, delay)
            waves.append(Wave("clicks", "pop", samples))
        return waves

    def _tail(self, sample_rate: float, delay: float) -> Floats:
        count = max(2, round(self.length_s * sample_rate))
        place = (np.arange(count) + 1.0 - delay) / (count + 1.0)
        phase = 2.0 * np.pi * self.cycles * place * (1.0 - 0.5 * FALLING * place)
        wave = np.exp(-self.damping * place) * np.sin(phase)
        wave *= np.sin(0.5 * np.pi * np.clip((1.0 - place) / 0.3, 0.0, 1.0)) ** 2
        tail: Floats = wave * (self.sign / np.abs(wave).max())
        return tail

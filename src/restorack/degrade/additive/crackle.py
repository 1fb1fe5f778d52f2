"""Crackle: dense small impulses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from restorack.core.parameters import FloatParameter
from restorack.degrade.additive.click_shapes import ClickShape, Pickup
from restorack.degrade.additive.once_around import TurnPattern, rpm_parameter
from restorack.degrade.additive.programme import Reference
from restorack.degrade.additive.stage import (
    CHUNK,
    AdditiveDegradation,
    Chunk,
    DamageSource,
)
from restorack.degrade.degradation import DamageEvent
from restorack.degrade.randomness import random_at
from restorack.dsp.decibels import db_to_amplitude
from restorack.dsp.fir import Floats

BANK = 128
"""So many different shapes are mixed."""

SHORTEST_S, LONGEST_S = 0.00003, 0.0004
"""Shorter than clicks (0.1 to 3 ms): the small end of one distribution. By hand."""

FARTHEST = 3.0
"""Levels lie within so many standard deviations."""


class Crackle(AdditiveDegradation):
    """Add hundreds of small impulses per second, whose levels have a heavy tail.

    They are 0.03 to 0.4 ms long and fall more densely in some parts of the turn than in others.

    Notes
    -----
    Levels are log-normal: Gaussian in dB, within three deviations. Density follows a pattern
    around the turn (:class:`TurnPattern`); its mean is the set rate.
    """

    tracks_made: ClassVar[dict[str, Reference]] = {"crackle": "peak"}

    rate_per_s = FloatParameter(
        400.0,
        0.0,
        4_000.0,
        unit="per second",
        description="Impulses per second.",
        automatable=False,
    )
    level_db = FloatParameter(
        -36.0,
        -90.0,
        0.0,
        unit="dB",
        description="Median peak of the impulses over the programme's peak (or over 1).",
    )
    spread_db = FloatParameter(
        6.0,
        0.0,
        12.0,
        unit="dB",
        description="Standard deviation of the impulses' peaks.",
        automatable=False,
    )
    swing_db = FloatParameter(
        2.5,
        0.0,
        8.0,
        unit="dB",
        description="Standard deviation of the density around a turn.",
        automatable=False,
    )
    rpm = rpm_parameter()

    def _gains(self) -> dict[str, float]:
        return {"crackle": db_to_amplitude(self.level_db)}

    def _open_source(self, sample_rate: float, channels: int) -> DamageSource:
        turn = sample_rate * 60.0 / self.rpm
        density = TurnPattern(self.seed, "Crackle", turn, self.swing_db, recurrence=0.9)
        draws = _Draws(self.seed, self.rate_per_s / sample_rate, self.spread_db)
        return _CrackleSource(draws, density, _bank(self.seed, sample_rate), channels)


@dataclass(frozen=True)
class _Bank:
    """Shapes as rows, padded with zeros, and their lengths."""

    shapes: Floats
    lengths: np.ndarray[tuple[int], np.dtype[np.int64]]


def _bank(seed: int, sample_rate: float) -> _Bank:
    """Draw the shapes of a record."""
    random = random_at(seed, "Crackle shapes", -1, 0)
    pickup = Pickup.draw(random)
    drawn = [ClickShape.draw(random, pickup, SHORTEST_S, LONGEST_S) for _ in range(BANK)]
    waves = [shape.render(sample_rate, float(random.uniform())) for shape in drawn]
    lengths = np.array([wave.size for wave in waves])
    shapes = np.zeros((BANK, int(lengths.max())))
    for row, wave in zip(shapes, waves, strict=True):
        row[: wave.size] = wave
    return _Bank(shapes, lengths)


@dataclass(frozen=True)
class _Draws:
    seed: int
    rate_per_sample: float
    spread_db: float

    def at(self, index: int) -> np.random.Generator:
        """Return the random numbers of a stretch."""
        return random_at(self.seed, "Crackle", -1, index)

    def levels(self, random: np.random.Generator, count: int) -> Floats:
        """Draw linear levels around 1."""
        spread = np.clip(random.standard_normal(count), -FARTHEST, FARTHEST) * self.spread_db
        return np.asarray(db_to_amplitude(spread), np.float64)


class _CrackleSource(DamageSource):
    def __init__(self, draws: _Draws, density: TurnPattern, bank: _Bank, channels: int) -> None:
        self._draws, self._density, self._bank = draws, density, bank
        self._channels = channels
        self._longest = bank.shapes.shape[1]
        self._tail = np.zeros((channels, self._longest))
        self._index = 0

    def next_chunk(self) -> Chunk:
        """Return the next impulses."""
        random = self._draws.at(self._index)
        start, self._index = self._index * CHUNK, self._index + 1
        places = self._places(random)
        chosen = random.integers(0, BANK, places.size)
        levels = self._draws.levels(random, places.size)
        gains = levels[:, np.newaxis] * self._walls(random, places.size)
        where = (places[:, np.newaxis] + np.arange(self._longest)).ravel()
        total = np.zeros((self._channels, CHUNK + self._longest))
        total[:, : self._longest] = self._tail
        for channel in range(self._channels):
            weights = (self._bank.shapes[chosen] * gains[:, channel, np.newaxis]).ravel()
            total[channel] += np.bincount(where, weights, total.shape[1])
        self._tail = total[:, CHUNK:].copy()
        lengths = self._bank.lengths[chosen].tolist()
        events = [
            DamageEvent("crackle", start + place, length, abs(gain), channel)
            for place, length, walls in zip(places.tolist(), lengths, gains.tolist(), strict=True)
            for channel, gain in enumerate(walls)
        ]
        return Chunk({"crackle": total[:, :CHUNK]}, events)

    def _places(self, random: np.random.Generator) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Draw a Poisson process whose density follows the pattern of the turn."""
        density = np.cumsum(
            self._draws.rate_per_sample * self._density.next_chunk().astype(np.float64) ** 2
        )
        count = random.poisson(density[-1])
        return np.searchsorted(density, np.sort(random.uniform(0.0, density[-1], count)))

    def _walls(self, random: np.random.Generator, count: int) -> Floats:
        """Draw gains for the channels: each impulse strikes one of them fully."""
        if self._channels == 1:
            return np.ones((count, 1))
        gains = random.uniform(-1.0, 1.0, (count, self._channels))
        largest: Floats = gains / np.abs(gains).max(axis=1, keepdims=True)
        return largest

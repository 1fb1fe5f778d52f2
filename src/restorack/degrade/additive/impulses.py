"""Impulses in time: those that fall anywhere, and those that come back with every turn."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from restorack.degrade.additive.programme import Reference
from restorack.degrade.additive.stage import CHUNK, Chunk, DamageSource, Tracks
from restorack.degrade.degradation import DamageEvent
from restorack.degrade.randomness import log_uniform, random_at
from restorack.dsp.decibels import db_to_amplitude
from restorack.dsp.fir import Floats

MEAN_TURNS = 14.0
"""A scratch is heard in so many turns on average (geometric), at least two."""

DRIFT_TURNS = 0.012
"""Scratches are not radial: from turn to turn they move by up to so much of a turn."""

VARIATION_DB = 1.2
"""Standard deviation of a scratch's level from turn to turn."""


class Wave(NamedTuple):
    """Samples of one mark on one track, of peak 1 or less, and what they are called."""

    track: str
    kind: str
    samples: Floats


class Impulse(ABC):
    """What makes an impulse; a scratch is a mark that recurs."""

    @abstractmethod
    def vary(self, random: np.random.Generator) -> Impulse:
        """Return what the next turn makes of it."""

    @abstractmethod
    def render(self, sample_rate: float, delay: float, recurring: bool) -> list[Wave]:
        """Return its samples on every track that it touches."""


class ImpulseMaker(ABC):
    """Draws marks of one sort."""

    @abstractmethod
    def draw(self, random: np.random.Generator) -> Impulse:
        """Return a new mark."""

    @abstractmethod
    def longest_s(self) -> float:
        """Return the longest that a mark of this sort lasts, in seconds."""


@dataclass(frozen=True)
class Level:
    """A mark's peak: in the range where it began, carried on from turn to turn."""

    amplitude: float
    gains: tuple[float, ...]


@dataclass(frozen=True)
class Event:
    """A mark at a place in the stream, in samples with fraction."""

    position: float
    mark: Impulse
    level: Level
    recurring: bool


@dataclass(frozen=True)
class PointProcess:
    """How often marks come, how loud, and on which walls of the groove.

    Parameters
    ----------
    seed, purpose : int, str
        See :func:`~restorack.degrade.randomness.random_at`.
    rate_per_s : float
        All marks together.
    recurring : float
        The part of them that comes from scratches, 0 to 1.
    turn_s : float
        Seconds per turn.
    quietest, loudest : float
        Peaks are drawn between them, evenly in dB.
    stereo : {"mixed", "same", "one"}
        See :func:`wall_gains`.
    """

    seed: int
    purpose: str
    rate_per_s: float
    recurring: float
    turn_s: float
    quietest: float
    loudest: float
    stereo: str

    def level(self, random: np.random.Generator, channels: int) -> Level:
        """Draw a mark's level."""
        low, high = sorted((self.quietest, self.loudest))
        return Level(log_uniform(random, low, high), wall_gains(random, channels, self.stereo))

    def vary(self, level: Level, random: np.random.Generator) -> Level:
        """Return a scratch's level in the next turn: about the same, within the range."""
        low, high = sorted((self.quietest, self.loudest))
        moved = level.amplitude * db_to_amplitude(random.normal(0.0, VARIATION_DB))
        return Level(float(min(high, max(low, moved))), level.gains)


STEREO = ("mixed", "same", "one")


def wall_gains(random: np.random.Generator, channels: int, stereo: str) -> tuple[float, ...]:
    """Return one mark's gain on every channel; the largest is 1.

    Parameters
    ----------
    random : Generator
        Draws where there is a choice.
    channels : int
        A stereo pickup gives a groove's walls as two channels.
    stereo : {"mixed", "same", "one"}
        ``same`` on all channels, ``one`` on a single one, ``mixed``: across the groove (in phase)
        in 45 % of the marks, up and down in it (channels in turn inverted) in 20 %, one wall
        alone in 35 %.
    """
    if channels == 1 or stereo == "same":
        return (1.0,) * channels
    kind = 2 if stereo == "one" else random.choice(3, p=(0.45, 0.2, 0.35))
    if kind == 2:
        struck = int(random.integers(channels))
        return tuple(float(channel == struck) for channel in range(channels))
    gains = random.uniform(0.6, 1.0, channels)
    gains[random.integers(channels)] = 1.0
    if kind == 1:
        gains[1::2] *= -1.0
    return tuple(float(gain) for gain in gains)


@dataclass
class _Scratch:
    angle: float
    drift: float
    mark: Impulse
    level: Level
    turns_left: int
    audible: bool


class _Scratches:
    """A constant number of scratches under the stylus, each replaced where it ends."""

    def __init__(self, point_process: PointProcess, maker: ImpulseMaker, channels: int) -> None:
        self._train, self._maker, self._channels = point_process, maker, channels
        wanted = point_process.rate_per_s * point_process.recurring * point_process.turn_s
        self._count = int(np.ceil(wanted))
        self._last_audible = wanted - (self._count - 1)
        self._present: list[_Scratch] = []
        self._turn = 0

    def next_turn(self) -> list[tuple[float, Impulse, Level]]:
        """Return angle (0 to 1), mark and level of every scratch in the next turn."""
        random = random_at(self._train.seed, f"{self._train.purpose} scratches", -1, self._turn)
        first, self._turn = self._turn == 0, self._turn + 1
        for slot in range(self._count):
            if first:
                self._present.append(self._new(random, slot))
            elif self._present[slot].turns_left == 0:
                self._present[slot] = self._new(random, slot)
            else:
                self._age(self._present[slot], random)
        return [(s.angle, s.mark, s.level) for s in self._present if s.audible]

    def _new(self, random: np.random.Generator, slot: int) -> _Scratch:
        return _Scratch(
            angle=float(random.uniform()),
            drift=float(random.uniform(-DRIFT_TURNS, DRIFT_TURNS)),
            mark=self._maker.draw(random),
            level=self._train.level(random, self._channels),
            turns_left=int(random.geometric(1.0 / (MEAN_TURNS - 1.0))),
            audible=slot < self._count - 1 or random.uniform() < self._last_audible,
        )

    def _age(self, scratch: _Scratch, random: np.random.Generator) -> None:
        scratch.turns_left -= 1
        scratch.angle = (scratch.angle + scratch.drift) % 1.0
        scratch.mark = scratch.mark.vary(random)
        scratch.level = self._train.vary(scratch.level, random)


class ImpulseSource(DamageSource):
    """Lay the marks of a train over tracks.

    Parameters
    ----------
    train : Train
        When and how loud.
    maker : ImpulseMaker
        What.
    tracks : dict of str to Reference
        The names of the tracks.
    sample_rate, channels : float, int
        Of the stream.
    """

    def __init__(
        self,
        point_process: PointProcess,
        maker: ImpulseMaker,
        tracks: dict[str, Reference],
        sample_rate: float,
        channels: int,
    ) -> None:
        self._train, self._maker = point_process, maker
        self._rate, self._channels = sample_rate, channels
        self._scratches = _Scratches(point_process, maker, channels)
        self._turn_samples = point_process.turn_s * sample_rate
        self._turns = 0
        self._index = 0
        self._waiting: list[Event] = []
        longest = int(np.ceil(maker.longest_s() * sample_rate)) + 2
        self._sums = {name: np.zeros((channels, CHUNK + longest)) for name in tracks}

    def next_chunk(self) -> Chunk:
        """Return the next tracks and the impulses that start in them."""
        start = self._index * CHUNK
        events: list[DamageEvent] = []
        for arrival in self._arrivals(start):
            events += self._lay(arrival, start)
        self._index += 1
        tracks: Tracks = {}
        for name, total in self._sums.items():
            tracks[name] = total[:, :CHUNK].copy()
            total[:, :-CHUNK] = total[:, CHUNK:].copy()
            total[:, -CHUNK:] = 0.0
        return Chunk(tracks, sorted(events, key=lambda event: event.start_sample))

    def _arrivals(self, start: int) -> list[Event]:
        """Return all marks that begin in the present stretch."""
        while self._turns * self._turn_samples < start + CHUNK:
            for angle, mark, level in self._scratches.next_turn():
                position = (self._turns + angle) * self._turn_samples
                self._waiting.append(Event(position, mark, level, True))
            self._turns += 1
        due = [one for one in self._waiting if one.position < start + CHUNK]
        self._waiting = [one for one in self._waiting if one.position >= start + CHUNK]
        return due + self._isolated(start)

    def _isolated(self, start: int) -> list[Event]:
        point_process = self._train
        random = random_at(point_process.seed, f"{point_process.purpose} isolated", -1, self._index)
        mean = point_process.rate_per_s * (1.0 - point_process.recurring) * CHUNK / self._rate
        places = start + CHUNK * np.sort(random.uniform(size=random.poisson(mean)))
        return [
            Event(
                float(place),
                self._maker.draw(random),
                point_process.level(random, self._channels),
                False,
            )
            for place in places
        ]

    def _lay(self, arrival: Event, start: int) -> list[DamageEvent]:
        first = int(arrival.position)
        events = []
        for wave in arrival.mark.render(self._rate, arrival.position - first, arrival.recurring):
            samples = arrival.level.amplitude * wave.samples
            inside = slice(first - start, first - start + samples.size)
            for channel, gain in enumerate(arrival.level.gains):
                if gain:
                    self._sums[wave.track][channel, inside] += gain * samples
                    peak = abs(gain) * float(np.abs(samples).max())
                    events.append(DamageEvent(wave.kind, first, samples.size, peak, channel))
        return events

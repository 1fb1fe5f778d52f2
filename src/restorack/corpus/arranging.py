"""Make a performance of a score: instruments, tempo, key, dynamics, sometimes drums."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from restorack.corpus.instruments import instruments_for
from restorack.corpus.notes import Note

DRUMS = 9
"""General MIDI's channel for drums, from 0."""

_KICK, _SNARE, _HAT, _RIDE, _STICK, _CLAVES, _TAMBOURINE = 36, 38, 42, 51, 37, 75, 54
"""Keys of General MIDI's percussion."""


@dataclass(frozen=True)
class Played:
    """A note as it is played.

    Attributes
    ----------
    channel : int
        From 0 to 15.
    onset, length : float
        In seconds.
    pitch, velocity : int
        MIDI's, up to 127.
    """

    channel: int
    onset: float
    length: float
    pitch: int
    velocity: int


@dataclass(frozen=True)
class Performance:
    """What is played on what.

    Attributes
    ----------
    notes : list of Played
        By their onset.
    programs, pans : dict of int to int
        By channel; pans from 0 to 127.
    seconds : float
        Until the last note ends.
    """

    notes: list[Played]
    programs: dict[int, int]
    pans: dict[int, int]
    seconds: float


def arrange(notes: list[Note], rng: np.random.Generator, longest: float = 60.0) -> Performance:
    """Perform a stretch of a score.

    Parameters
    ----------
    notes : list of Note
        Sorted by onset.
    rng : numpy.random.Generator
        Draws tempo (50 to 150), transposition (a fourth up or down), instruments, dynamics.
    longest : float
        Seconds that are played, from a random place on.
    """
    quarter = 60.0 / float(rng.uniform(50.0, 150.0))
    shift = int(rng.integers(-5, 6))
    first = _first_onset(notes, longest / quarter, rng)
    parts = sorted({note.part for note in notes})
    medians = [
        float(np.median([note.pitch for note in notes if note.part == part])) + shift
        for part in parts
    ]
    free = [channel for channel in range(16) if channel != DRUMS]
    channels = {part: free[place % len(free)] for place, part in enumerate(parts)}
    swell = _swell(rng)
    looseness, legato = rng.uniform(0.0, 0.015), rng.uniform(0.7, 1.05)
    played = []
    for note in notes:
        onset = (note.onset - first) * quarter
        if 0.0 <= onset < longest:
            loose = abs(float(rng.normal(0.0, looseness)))
            velocity = int(np.clip(swell(onset) + rng.normal(0.0, 6.0), 20, 127))
            length = min(max(0.03, note.length * quarter * legato), longest - onset)
            pitch = int(np.clip(note.pitch + shift, 12, 115))
            played.append(Played(channels[note.part], onset + loose, length, pitch, velocity))
    if rng.random() < 0.2:
        played += _drums(quarter, max(note.onset for note in played) if played else 0.0, rng)
    played.sort(key=lambda one: (one.onset, one.channel, one.pitch))
    programs = dict(zip(channels.values(), instruments_for(medians, rng), strict=False))
    pans = {channel: int(rng.integers(24, 104)) for channel in programs}
    end = max((one.onset + one.length for one in played), default=0.0)
    return Performance(played, programs, pans, end)


def _first_onset(notes: list[Note], quarters: float, rng: np.random.Generator) -> float:
    """Return where to begin: anywhere that leaves enough to play."""
    last = notes[-1].onset - quarters
    begin = notes[0].onset + max(0.0, last - notes[0].onset) * rng.random()
    return next(note.onset for note in notes if note.onset >= begin - 1e-9)


def _swell(rng: np.random.Generator) -> Callable[[float], float]:
    """Return loudness over time: a slow wave around a level of its own."""
    level, depth = rng.uniform(50.0, 100.0), rng.uniform(0.0, 25.0)
    period, phase = rng.uniform(4.0, 20.0), rng.uniform(0.0, 2 * np.pi)
    return lambda seconds: float(level + depth * np.sin(2 * np.pi * seconds / period + phase))


def _drums(quarter: float, end: float, rng: np.random.Generator) -> list[Played]:
    """Return a pattern of one bar of eighths that repeats, with small changes."""
    sounds = rng.choice([_KICK, _SNARE, _HAT, _RIDE, _STICK, _CLAVES, _TAMBOURINE], 4, False)
    chances = rng.random((4, 8)) ** 2
    pattern = rng.random((4, 8)) < chances
    found = []
    for step in range(int(end / (0.5 * quarter))):
        for sound, hits in zip(sounds, pattern, strict=True):
            if hits[step % 8] != (rng.random() < 0.05):
                velocity = int(np.clip(rng.normal(85.0, 18.0), 25, 127))
                found.append(Played(DRUMS, 0.5 * quarter * step, 0.1, int(sound), velocity))
    return found

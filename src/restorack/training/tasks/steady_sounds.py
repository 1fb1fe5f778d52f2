"""Sounds that are steady or noise-like and no noise: held chords, claps, cymbals, drones."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from restorack.degrade.randomness import log_uniform
from restorack.dsp.decibels import db_to_amplitude
from restorack.training.tasks.denoise_noise import RATE, Samples, coloured, hiss, swell, unit

# All ranges below are by hand: they cover what organs, strings, pads, audiences and cymbals do.
MOST_PARTIALS_HZ = 14_000.0
EDGE_S = 0.02
DRONE_STRINGS = (1.0, 1.002, 1.5, 1.503, 2.0, 3.01)

Floats = NDArray[np.float64]


def steady_sound(rng: np.random.Generator, count: int) -> Samples:
    """Return a sound of a mean power of 1, shape (count,)."""
    kinds: tuple[Callable[[np.random.Generator, int], Floats | Samples], ...]
    kinds = (organ, pad, strings, claps, cymbals, breath, drone)
    return unit(np.asarray(kinds[rng.integers(len(kinds))](rng, count), np.float32))


def organ(rng: np.random.Generator, count: int) -> Floats:
    """Return chords without vibrato, half of them with the wind of the pipes."""
    out = _chords(rng, count, 0.0, 0.0)
    if rng.random() < 0.5:
        wind = db_to_amplitude(rng.uniform(-60, -25)) * (out.std() + 1e-9)
        out = out + wind * unit(hiss(rng, count))
    return out


def pad(rng: np.random.Generator, count: int) -> Floats:
    """Return chords of detuned voices that swell."""
    return _chords(rng, count, 0.004, 0.002) * swell(rng, count)


def strings(rng: np.random.Generator, count: int) -> Floats:
    """Return dense chords of many players, each with a vibrato of his own."""
    return _chords(rng, count, 0.003, 0.006)


def claps(rng: np.random.Generator, count: int) -> Samples:
    """Return applause, or rain: short bursts, 20 to 4000 a second."""
    out = np.zeros(count)
    number = rng.poisson(log_uniform(rng, 20, 4000) * count / RATE)
    np.add.at(out, rng.integers(0, count, number), rng.normal(0, 1, number))
    size = int(log_uniform(rng, 0.003, 0.05) * RATE)
    burst = rng.standard_normal(size) * np.exp(-5.0 * np.arange(size) / size)
    return coloured(rng, np.convolve(out, burst)[:count].astype(np.float32), mild=True)


def cymbals(rng: np.random.Generator, count: int) -> Floats:
    """Return noise struck again and again, which dies away."""
    time = np.arange(count) / RATE
    level, fall = np.zeros(count), rng.uniform(0.05, 3.0)
    for at in np.arange(0.0, count / RATE, rng.uniform(0.1, 1.5)):
        after = time >= at
        struck = rng.uniform(0.3, 1.0) * np.exp(-(time[after] - at) / fall)
        level[after] = np.maximum(level[after], struck)
    return coloured(rng, rng.standard_normal(count, dtype=np.float32)) * level


def breath(rng: np.random.Generator, count: int) -> Samples:
    """Return a note in the noise of the breath that blows it."""
    air = coloured(rng, rng.standard_normal(count, dtype=np.float32))
    air = air * np.clip(swell(rng, count), 0.05, 4.0)
    pitch, time = log_uniform(rng, 80, 800), np.arange(count) / RATE
    note = sum(np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, 8))
    loud = db_to_amplitude(rng.uniform(-5, 25))
    return unit(air) + np.float32(loud) * unit(np.asarray(note, np.float32))


def drone(rng: np.random.Generator, count: int) -> Floats:
    """Return strings that never stop, and beat."""
    pitch, time = log_uniform(rng, 50, 200), np.arange(count) / RATE
    out = np.zeros(count)
    for ratio in DRONE_STRINGS:
        for k in range(1, 25):
            beat = 1.0 + 0.5 * np.sin(2 * np.pi * rng.uniform(0.1, 2.0) * time)
            phase = rng.uniform(0, 2 * np.pi)
            out += beat * k**-1.1 * np.sin(2 * np.pi * pitch * ratio * k * time + phase)
    return out


def _chords(rng: np.random.Generator, count: int, detuned: float, vibrato: float) -> Floats:
    """Return chords, one after the other; both of a voice are shares of its frequency."""
    out = np.zeros(count)
    changes = rng.uniform(0, count, rng.integers(0, 3 + count // (4 * RATE)))
    borders = np.sort(np.concatenate([[0], changes, [count]])).astype(int)
    for begin, end in itertools.pairwise(borders):
        edge = min((end - begin) // 2, int(EDGE_S * RATE))
        if edge == 0:
            continue
        chord = _chord(rng, end - begin, detuned, vibrato)
        chord[:edge] *= np.linspace(0.0, 1.0, edge)
        chord[-edge:] *= np.linspace(1.0, 0.0, edge)
        out[begin:end] = chord
    return out


def _chord(rng: np.random.Generator, count: int, detuned: float, vibrato: float) -> Floats:
    time, out = np.arange(count) / RATE, np.zeros(count)
    root = log_uniform(rng, 40, 300)
    for _ in range(rng.integers(2, 14)):
        pitch = root * 2.0 ** (rng.integers(0, 37) / 12.0)
        partials = int(min(rng.integers(3, 40), MOST_PARTIALS_HZ // pitch))
        fall = rng.uniform(0.6, 2.2)
        for _ in range(rng.integers(1, 4) if detuned else 1):
            speed, phase = rng.uniform(3, 7), rng.uniform(0, 2 * np.pi)
            depth = rng.uniform(0, vibrato) if vibrato else 0.0
            wave = depth / (2 * np.pi * speed) * np.sin(2 * np.pi * speed * time + phase)
            turns = 2 * np.pi * pitch * (1.0 + rng.normal(0, 1) * detuned) * (time + wave)
            for k in range(1, partials + 1):
                out += k**-fall * np.sin(k * turns + rng.uniform(0, 2 * np.pi))
    return out

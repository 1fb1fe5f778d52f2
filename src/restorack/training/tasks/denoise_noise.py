"""Noise to train the denoiser on: hiss, crackle, film, and recorded noise, all of random kinds."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from restorack.degrade.randomness import log_uniform
from restorack.dsp.decibels import db_to_amplitude, power_to_db

Samples: TypeAlias = NDArray[np.float32]

# Hz; samples between values of slow curves; speeds that a recorded noise is played at; samples of
# the cross-fade of its loop. By hand.
RATE = 44_100
CONTROL = 64
SPEEDS = (0.75, 1.0, 1.35)
FADE = 2000


def unit(audio: Samples) -> Samples:
    """Return audio of a mean power of 1."""
    return np.asarray(audio / np.sqrt(np.mean(audio**2) + 1e-12), np.float32)


class NoiseMaker:
    """Noise of random kinds.

    Parameters
    ----------
    folder : Path, optional
        Recordings of noise alone, which are a quarter of what is made.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._recorded: list[list[Samples]] | None = None

    def make(self, rng: np.random.Generator, count: int) -> Samples:
        """Return noise of a mean power of 1, shape (count,)."""
        kind = rng.random()
        if kind < 0.46:
            noise = hiss(rng, count)
        elif kind < 0.65:
            noise = unit(hiss(rng, count)) + _quieter(rng, crackle(rng, count), -12, 6)
        elif kind < 0.77 or not self._bank():
            noise = film(rng, count)
        else:
            noise = self.recorded(rng, count, int(rng.integers(self.recordings)))
            if rng.random() < 0.7:
                noise = noise + _quieter(rng, hiss(rng, count), -20, 3)
        return unit(noise)

    def _bank(self) -> list[list[Samples]]:
        """Return the recordings at several speeds, read when first asked for."""
        if self._recorded is None:
            paths = sorted(self._folder.glob("*.flac")) if self._folder else []
            self._recorded = [_at_speeds(path) for path in paths]
        return self._recorded

    @property
    def recordings(self) -> int:
        """How many recordings of noise there are."""
        return len(self._bank())

    def recorded(self, rng: np.random.Generator, count: int, number: int) -> Samples:
        """Return a stretch of a recording of noise, of a mean power of 1, shape (count,)."""
        chosen = self._bank()[number][rng.integers(len(SPEEDS))]
        start = np.roll(chosen, rng.integers(len(chosen)))
        rise = np.sqrt(np.linspace(0.0, 1.0, FADE)).astype(np.float32)
        looped = start
        while len(looped) < count:
            crossed = looped[-FADE:] * rise[::-1] + start[:FADE] * rise
            looped = np.concatenate([looped[:-FADE], crossed, start[FADE:]])
        noise = looped[:count]
        return unit(coloured(rng, noise, mild=True) if rng.random() < 0.5 else noise)


def _at_speeds(path: Path) -> list[Samples]:
    import soundfile
    import soxr

    rows, rate = soundfile.read(path, always_2d=True, dtype="float32")
    variants = [soxr.resample(rows[:, 0], rate, RATE * speed) for speed in SPEEDS]
    return [unit(one - one.mean()) for one in variants]


def _quieter(
    rng: np.random.Generator, audio: Samples, lowest_db: float, highest_db: float
) -> Samples:
    return unit(audio) * np.float32(db_to_amplitude(rng.uniform(lowest_db, highest_db)))


def random_shape(rng: np.random.Generator, frequencies_hz: Samples, mild: bool) -> Samples:
    """Return a smooth random magnitude, 1 at its highest."""
    octaves = np.log2(np.maximum(frequencies_hz, 10.0) / 300.0)
    if mild:
        level = rng.uniform(-2, 2) * octaves
    else:
        below = rng.uniform(-4, 3) * (0.0 if rng.random() < 0.5 else -1.0)
        level = np.where(octaves > 0, rng.uniform(-5, 1.5) * octaves, below * octaves)
    if rng.random() < 0.4:
        corner = np.log2(log_uniform(rng, 150, 1500) / 300.0)
        level = level + rng.uniform(1.5, 6) * np.maximum(0.0, corner - octaves)
    for _ in range(rng.integers(0, 7)):
        away = (octaves - rng.uniform(-3, 6.2)) / rng.uniform(0.2, 1.2)
        level = level + rng.normal(0, 3) * np.exp(-0.5 * away**2)
    if rng.random() < 0.7:
        top = log_uniform(rng, 3000, 22_000)
        level = level - power_to_db(1 + (frequencies_hz / top) ** rng.choice([2, 4, 8, 12]))
    if rng.random() < 0.65:
        bottom = log_uniform(rng, 15, 110)
        level = level - power_to_db(1 + (bottom / np.maximum(frequencies_hz, 1.0)) ** 4)
    return np.asarray(db_to_amplitude(level - level.max()), np.float32)


def coloured(
    rng: np.random.Generator, audio: Samples, *, mild: bool = False, split: bool = False
) -> Samples:
    """Return audio with a random spectrum; split: in a lower and an upper part, (2, count)."""
    count = len(audio)
    size = fft.next_fast_len(count, True)
    frequencies = np.fft.rfftfreq(size, 1 / RATE).astype(np.float32)
    spectrum = fft.rfft(audio, size) * random_shape(rng, frequencies, mild)
    if not split:
        return np.asarray(fft.irfft(spectrum, size)[:count])
    share = 1 / (1 + (frequencies / log_uniform(rng, 500, 8000)) ** 4)
    parts = [fft.irfft(spectrum * np.sqrt(w), size)[:count] for w in (share, 1 - share)]
    return np.asarray(parts, np.float32)


def hiss(rng: np.random.Generator, count: int) -> Samples:
    """Return coloured noise whose level turns with a record and drifts."""
    white = rng.standard_normal(count, dtype=np.float32)
    if rng.random() < 0.5:
        noise = coloured(rng, white)
        return np.asarray(noise * swell(rng, count)) if rng.random() < 0.8 else noise
    low, high = coloured(rng, white, split=True)
    return np.asarray(low * swell(rng, count) + high * swell(rng, count))


def swell(rng: np.random.Generator, count: int) -> Samples:
    """Return a factor over time: once a turn, a slow drift, sometimes a step."""
    time = np.arange(0, count, CONTROL) / RATE
    turn = 60 / rng.choice([78, 78, 78, 45, 33.3]) if rng.random() < 0.8 else rng.uniform(0.3, 2.5)
    depths = (rng.uniform(0, 1), rng.uniform(1, 4), rng.uniform(4, 9))
    depth = rng.choice(depths, p=[0.4, 0.4, 0.2])
    turns = time / turn + rng.uniform(0, 1)
    if rng.random() < 0.6:
        second = 0.4 * np.sin(4 * np.pi * turns + rng.uniform(0, 6))
        level = depth * (np.sin(2 * np.pi * turns) + second)
    else:
        level = 2 * depth * np.exp(-0.5 * (((turns % 1) - 0.5) / rng.uniform(0.05, 0.2)) ** 2)
    drift = np.sin(2 * np.pi * rng.uniform(0.02, 0.3) * time + rng.uniform(0, 6))
    level = level + rng.normal(0, 1.2) * drift
    if rng.random() < 0.15:
        level = level + rng.uniform(3, 8) * rng.choice([-1, 1]) * (time > rng.uniform(0, time[-1]))
    factor = db_to_amplitude(np.clip(level, -15, 15))
    control = np.arange(0, count, CONTROL)
    return np.asarray(np.interp(np.arange(count), control, factor), np.float32)


def _pulse(rng: np.random.Generator) -> Samples:
    """Return a burst, a ringing or a scratch of 3 to 60 samples, of unit energy."""
    count = int(log_uniform(rng, 3, 60))
    at = np.arange(count)
    kind = rng.integers(3)
    shape: NDArray[np.floating[Any]]
    if kind == 0:
        shape = rng.standard_normal(count) * np.exp(-3 * at / count)
    elif kind == 1:
        ringing = np.cos(2 * np.pi * rng.uniform(0.02, 0.3) * at + rng.uniform(-0.6, 0.6))
        shape = np.exp(-rng.uniform(2, 5) * at / count) * ringing
    else:
        place = (at - 0.35 * count) / (count / 6 + 0.5)
        shape = (rng.uniform(0, 0.5) - place) * np.exp(-place * place / 2)
    return np.asarray(shape / np.sqrt(np.sum(shape**2) + 1e-9), np.float32)


def crackle(rng: np.random.Generator, count: int) -> Samples:
    """Return small impulses, 3 to 3000 a second, as a declicker leaves them: none stands out."""
    out = np.zeros(count + 128, np.float32)
    rate = log_uniform(rng, 3, 3000)
    pulses = [_pulse(rng) for _ in range(8)]
    where = rng.integers(0, count, rng.poisson(rate * count / RATE))
    if rng.random() < 0.3:
        turns = where / (60 / 78 * RATE) + rng.random()
        near = np.exp(-0.5 * (((turns % 1) - 0.5) / 0.12) ** 2)
        where = where[rng.random(len(where)) < 0.3 + 0.7 * near]
    height = np.exp(rng.normal(0, rng.uniform(0.5, 1.3), len(where))).astype(np.float32)
    height = np.minimum(height, np.exp(rng.uniform(0, 2))) * rng.choice([-1, 1], len(where))
    kinds = rng.integers(0, len(pulses), len(where))
    for kind, pulse in enumerate(pulses):
        chosen = kinds == kind
        places = where[chosen][:, None] + np.arange(len(pulse))
        np.add.at(out, places.ravel(), (height[chosen][:, None] * pulse).ravel())
    return out[:count]


def film(rng: np.random.Generator, count: int) -> Samples:
    """Return noise of an optical track: its level at the frame's rate, ticks, dull ticks."""
    time = np.arange(count) / RATE
    beat = np.sin(2 * np.pi * rng.choice([16, 24, 48, 96]) * time + rng.uniform(0, 6))
    level = (1 + rng.uniform(0, 0.5) * beat).astype(np.float32)
    noise = unit(unit(hiss(rng, count)) * level) + _quieter(rng, crackle(rng, count), -15, 3)
    if rng.random() < 0.3:
        noise = noise + _quieter(rng, coloured(rng, crackle(rng, count)), -12, 0)
    return noise

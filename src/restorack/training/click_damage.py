"""Clicks of many kinds, crackle and hiss, to train a click judge on: wider than any record.

Not the stages of ``degrade``, which sound as records do: a judge that knew those alone would take
what they never make for music.
"""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from restorack.degrade.randomness import log_uniform

Floats = NDArray[np.float64]
Random = np.random.Generator

TURNS_PER_MINUTE = (33.3, 45.0, 78.26)
"""Of LPs, singles and shellac: scratches come back once a turn."""
POPS = 0.25
"""Share of clicks drawn from 1 ms up: with log-uniform widths alone pops were missed most."""


def clicks(random: Random, samples: int, rate: float, per_second: float) -> tuple[Floats, Floats]:
    """Return clicks at random places, and the slow swings that some of them leave behind.

    Sometimes a scratch recurs with every turn; sometimes the arm swings after it, or without it.
    """
    out, swings = np.zeros(samples), np.zeros(samples)
    seconds = samples / rate
    places = list(random.uniform(0.02, seconds - 0.02, random.poisson(per_second * seconds)))
    shapes = [click(random, rate) for _ in places]
    if random.random() < 0.3:
        turn, scratch = 60.0 / random.choice(TURNS_PER_MINUTE), click(random, rate)
        for at in np.arange(random.uniform(0.05, turn), seconds - 0.02, turn):
            places.append(float(at + random.normal(0.0, 2e-4)))
            shapes.append(scratch * random.uniform(0.6, 1.0))
    swinging = random.choice([0.0, random.uniform(0.1, 1.0)], p=[0.6, 0.4])
    for at, shape in zip(places, shapes, strict=True):
        start, loud = max(0, int(at * rate)), log_uniform(random, 0.004, 0.9)
        swings_too = random.random() < swinging
        if not swings_too or random.random() < 0.8:
            _add(out, start, loud * shape)
        if swings_too:
            height = min(0.9, loud * log_uniform(random, 0.3, 3.0))
            _add(swings, start, height * swing(random, rate))
    return out, swings


def _add(out: Floats, start: int, shape: Floats) -> None:
    part = out[start : start + len(shape)]
    part += shape[: len(part)]


def swing(random: Random, rate: float) -> Floats:
    """Return a swing of the tone arm of unit peak: 15 to 250 Hz, falling, gone in 10 to 150 ms."""
    length = log_uniform(random, 0.01, 0.15)
    time = np.arange(max(2, round(length * rate))) / rate
    pitch = log_uniform(random, 15.0, min(250.0, 4.0 / length))
    phase = 2 * np.pi * pitch * time * (1.0 - random.uniform(0.0, 0.3) * time / length)
    out = np.exp(-random.uniform(2.0, 5.0) * time / length) * np.sin(phase)
    out *= 1.0 - (time / length) ** 2
    return cast(Floats, out / np.abs(out).max() * random.choice([-1.0, 1.0]))


def click(random: Random, rate: float) -> Floats:
    """Return one click of unit peak, 0.07 to 3.3 ms long; a share of them are pops."""
    width = log_uniform(random, 1e-3 if random.random() < POPS else 0.07e-3, 3.3e-3)
    time = np.arange(max(2, round(width * rate))) / rate
    makers = (_resonance, _swing, _bump, _burst, _scuff, _step)
    out = makers[random.choice(len(makers), p=[0.3, 0.2, 0.15, 0.17, 0.08, 0.1])](
        random, time, width, rate
    )
    if random.random() < 0.25:  # through a slow cartridge
        corner = min(0.95, log_uniform(random, 4000.0, 20_000.0) / (rate / 2.0))
        out = signal.lfilter(*signal.butter(2, corner), np.append(out, np.zeros(4)))
    if random.random() < 0.6 and len(out) > 8:
        fade = max(1, len(out) // int(random.integers(4, 9)))
        out[-fade:] *= np.linspace(1.0, 0.0, fade)
    peak = np.abs(out).max()
    return out / peak * random.choice([-1.0, 1.0]) if peak > 0.0 else click(random, rate)


def _resonance(random: Random, time: Floats, width: float, rate: float) -> Floats:
    frequency = log_uniform(random, 500.0, min(12_000.0, 0.42 * rate))
    rise, fall = width * random.uniform(0.0, 0.25), width / random.uniform(2.0, 6.0)
    envelope = np.where(time < rise, time / max(rise, 1e-9), np.exp(-(time - rise) / fall))
    out = envelope * np.cos(2 * np.pi * frequency * time + random.uniform(0.0, 6.28))
    if random.random() < 0.4:
        second = 2 * np.pi * log_uniform(random, 300.0, 9000.0) * time + random.uniform(0.0, 6.28)
        out += random.uniform(0.2, 0.8) * np.exp(-time / fall) * np.cos(second)
    return cast(Floats, out)


def _swing(random: Random, time: Floats, width: float, rate: float) -> Floats:
    middle, before = width * random.uniform(0.15, 0.6), width / random.uniform(5.0, 12.0)
    after = before * random.uniform(0.7, 2.5)
    u = (time - middle) / np.where(time < middle, before, after)
    return (random.uniform(-0.6, 0.6) - u) * np.exp(-u * u / 2.0)


def _bump(random: Random, time: Floats, width: float, rate: float) -> Floats:
    middle, side = width * random.uniform(0.05, 0.4), width / random.uniform(6.0, 20.0)
    late = np.maximum(time - middle, 0.0)
    under = np.exp(-late / (width / random.uniform(2.0, 4.0))) * (1.0 - np.exp(-late / side))
    u = (time - middle) / side
    return cast(Floats, np.exp(-u * u / 2.0) - random.uniform(0.0, 0.5) * under)


def _burst(random: Random, time: Floats, width: float, rate: float) -> Floats:
    colour = [1.0, random.uniform(-0.9, 0.9)], [1.0, random.uniform(-0.5, 0.5)]
    noise = signal.lfilter(*colour, random.standard_normal(len(time)))
    if random.random() < 0.7:
        return cast(Floats, noise * np.exp(-time / (width / log_uniform(random, 1.5, 6.0))))
    return cast(Floats, noise * np.hanning(len(time) + 2)[1:-1])


def _scuff(random: Random, time: Floats, width: float, rate: float) -> Floats:
    out = np.zeros(len(time))
    for _ in range(int(random.integers(2, 5))):
        length = min(len(out), max(2, int(log_uniform(random, 0.05e-3, 0.5e-3) * rate)))
        start = int(random.integers(0, len(out) - length + 1))
        pulse = np.hanning(length + 2)[1:-1] * random.choice([-1.0, 1.0])
        out[start : start + length] += random.uniform(0.3, 1.0) * pulse
    return out


def _step(random: Random, time: Floats, width: float, rate: float) -> Floats:
    rise = 1.0 - np.exp(-(time + 1.0 / rate) / log_uniform(random, 1e-5, 1e-4))
    return rise * np.exp(-time / (width / random.uniform(1.5, 4.0)))


def crackle(random: Random, samples: int, rate: float) -> Floats:
    """Return 50 to 1,200 impulses a second, most of them small."""
    out = np.zeros(samples)
    level, per_second = log_uniform(random, 0.001, 0.02), log_uniform(random, 50.0, 1200.0)
    for start in random.integers(0, samples - 64, random.poisson(per_second * samples / rate)):
        longest = max(3, min(60, int(log_uniform(random, 0.08e-3, 0.4e-3) * rate)))
        length = int(random.integers(2, longest))
        shape = random.standard_normal(length) * np.exp(-3.0 * np.arange(length) / length)
        out[start : start + length] += level * np.exp(random.normal(0.0, 0.7)) * shape
    return out


def hiss(random: Random, samples: int, rate: float) -> Floats:
    """Return coloured noise of unit power that swells with the turns."""
    frequency = np.maximum(np.fft.rfftfreq(samples, 1.0 / rate), 1.0)
    slope, top = random.uniform(0.0, 1.6), log_uniform(random, 4000.0, 20_000.0)
    shape = np.maximum(frequency / 200.0, 1.0) ** (-slope / 2.0)
    shape /= np.sqrt(1.0 + (frequency / top) ** (2 * int(random.integers(1, 5))))
    out = np.fft.irfft(np.fft.rfft(random.standard_normal(samples)) * shape, samples)
    time = np.arange(samples) / rate
    swell = 2 * np.pi * random.uniform(0.5, 1.4) * time + random.uniform(0.0, 6.28)
    out *= 1.0 + random.uniform(0.0, 0.25) * np.sin(swell)
    return cast(Floats, out / out.std())


def pulses(random: Random, samples: int, rate: float) -> Floats:
    """Return notes whose harmonics stand in phase: what voices and brass have of clicks."""
    out, start = np.zeros(samples), 0
    while start < samples - 2000:
        count = min(samples - start, int(rate * log_uniform(random, 0.1, 1.5)))
        time = np.arange(count) / rate
        vibrato = np.sin(2 * np.pi * random.uniform(3.0, 7.0) * time)
        pitch = log_uniform(random, 40.0, 900.0) * (1.0 + random.uniform(0.0, 0.02) * vibrato)
        make = _partials if random.random() < 0.5 else _formants
        note = make(random, pitch, rate)
        rise_s = log_uniform(random, 0.002, 0.1)
        note *= np.minimum(1.0, time / rise_s) / (np.abs(note).max() + 1e-9)
        note *= np.exp(-time / log_uniform(random, 0.1, 3.0))
        fade = min(count, 400)
        note[-fade:] *= np.linspace(1.0, 0.0, fade)
        out[start : start + count] += note * log_uniform(random, 0.1, 1.0)
        start += int(count * random.choice([0.3, 0.6, 1.0]))
    return out + hiss(random, samples, rate) * log_uniform(random, 1e-5, 1e-2)


def _partials(random: Random, pitch: Floats, rate: float) -> Floats:
    """Return partials that fall off like a power, their phases in a line or at random."""
    top = min(random.uniform(2000.0, 16_000.0), 0.45 * rate)
    numbers = np.arange(1, max(2, min(200, int(top / pitch.max()))))
    phases = random.uniform(0.0, 6.28, len(numbers))
    if random.random() < 0.5:
        phases = numbers * random.choice([0.0, 1.0])
    slope, phase, note = random.uniform(0.5, 2.0), np.cumsum(pitch) / rate, np.zeros(len(pitch))
    for number, offset in zip(numbers, phases, strict=True):
        note += np.sin(2 * np.pi * number * phase + offset) / number**slope
    return note


def _formants(random: Random, pitch: Floats, rate: float) -> Floats:
    """Return pulses through up to four resonances."""
    note = np.diff(np.floor(np.cumsum(pitch) / rate), prepend=0.0)
    note *= random.uniform(0.8, 1.2, len(note))
    for _ in range(int(random.integers(1, 5))):
        radius = np.exp(-np.pi * log_uniform(random, 30.0, 800.0) / rate)
        angle = 2 * np.pi * min(log_uniform(random, 200.0, 6000.0), 0.45 * rate) / rate
        note = signal.lfilter([1.0], [1.0, -2 * radius * np.cos(angle), radius**2], note)
    return note

"""Instruments of the example clips, up to the Nyquist frequency: tables, FM and shaped noise."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float64]

TABLE = 4096
"""Samples of one cycle; partials stay far below half of it."""

HIGHEST_HZ = 20_000.0
"""Where partials end: the end of hearing, so that nothing folds back at any usual rate."""


def bowed(hertz: float, seconds: float, rate: float, random: np.random.Generator) -> Signal:
    """Return a section of strings: four players, each with a vibrato and a pitch of his own."""
    time = _times(seconds + 0.3, rate)
    out = np.zeros(len(time))
    for detune in random.normal(0.0, 0.002, 4):
        vibrato = 0.003 * np.sin(2 * np.pi * (random.uniform(4.8, 6.0) * time + random.random()))
        phase = np.cumsum(hertz * (1 + detune + vibrato)) / rate + random.random()
        out += _cycle(phase, hertz, 1.25)
    bow = random.standard_normal(len(time)) * 0.015
    return np.asarray(0.25 * (out + np.diff(bow, prepend=0.0)) * _swell(time, seconds, 0.12, 0.1))


def struck(hertz: float, seconds: float, rate: float, random: np.random.Generator) -> Signal:
    """Return a piano's string: the higher its partials, the sooner they die away."""
    time = _times(seconds + 0.3, rate)
    phase = np.cumsum(np.full(len(time), hertz)) / rate + random.random()
    bright, dark = _cycle(phase, hertz, 1.1), _cycle(phase, hertz, 2.2)
    ring = 2.0 / (1.0 + hertz / 400.0)
    body = dark * np.exp(-time / ring) + 0.6 * bright * np.exp(-time / (0.12 * ring))
    knock = random.standard_normal(len(time)) * np.exp(-time / 0.004) * 0.08
    return (body + knock) * _swell(time, seconds, 0.002, 0.06)


def bell(hertz: float, seconds: float, rate: float, random: np.random.Generator) -> Signal:
    """Return an electric piano or a bell by frequency modulation (Chowning, 1973)."""
    time = _times(seconds + 0.5, rate)
    ratio, index = float(random.choice([1.0, 2.0, 3.5, 7.0])), random.uniform(1.0, 2.5)
    index = min(index, 0.5 * HIGHEST_HZ / (hertz * (1 + ratio)))
    turning = index * np.exp(-time / 0.25) * np.sin(2 * np.pi * ratio * hertz * time)
    tone = np.sin(2 * np.pi * hertz * time + turning) * np.exp(-time / 0.9)
    return np.asarray(tone * _swell(time, seconds, 0.002, 0.15))


def synthesiser(hertz: float, seconds: float, rate: float, random: np.random.Generator) -> Signal:
    """Return three saws whose brightness falls as a filter closes."""
    time = _times(seconds + 0.1, rate)
    out = np.zeros(len(time))
    opening = np.exp(-time / random.uniform(0.08, 0.4))
    for detune in (-0.004, 0.0, 0.005):
        phase = np.cumsum(np.full(len(time), hertz * (1 + detune))) / rate + random.random()
        out += opening * _cycle(phase, hertz, 1.0) + (1 - opening) * _cycle(phase, hertz, 2.0)
    return 0.33 * out * _swell(time, seconds, 0.003, 0.03)


def bass(hertz: float, seconds: float, rate: float, random: np.random.Generator) -> Signal:
    """Return a bass: few partials, a finger or a key at the beginning."""
    time = _times(seconds + 0.1, rate)
    phase = np.cumsum(np.full(len(time), hertz)) / rate
    finger = random.standard_normal(len(time)) * np.exp(-time / 0.006) * 0.05
    tone = _cycle(phase, hertz, 2.4) * np.exp(-time / 1.2)
    return (tone + finger) * _swell(time, seconds, 0.004, 0.05)


def kick(rate: float, random: np.random.Generator) -> Signal:
    """Return a bass drum whose pitch falls from 160 to 48 Hz."""
    time = _times(0.45, rate)
    phase = np.cumsum(48.0 + 112.0 * np.exp(-time / 0.03)) / rate
    beater = random.standard_normal(len(time)) * np.exp(-time / 0.002) * 0.4
    return np.asarray(np.sin(2 * np.pi * phase) * np.exp(-time / 0.13) + beater)


def snare(rate: float, random: np.random.Generator) -> Signal:
    """Return a drum's head and its wires."""
    time = _times(0.35, rate)
    head = np.sin(2 * np.pi * 185.0 * time) + 0.6 * np.sin(2 * np.pi * 331.0 * time)
    wires = _high_passed(random.standard_normal(len(time)), 0.6) * np.exp(-time / 0.07)
    return np.asarray(0.5 * head * np.exp(-time / 0.05) + 0.5 * wires)


def cymbal(rate: float, random: np.random.Generator, ring: float = 0.03) -> Signal:
    """Return a hi-hat, or with a longer ``ring`` in seconds a ride or an open one."""
    time = _times(min(2.0, 7 * ring), rate)
    metal = sum(
        np.sign(np.sin(2 * np.pi * (hertz * time + random.random())))
        for hertz in (2_051.0, 3_029.0, 4_441.0, 5_393.0, 6_301.0)
    )
    mixed = 0.15 * metal + random.standard_normal(len(time))
    return np.asarray(0.3 * _high_passed(mixed, 0.95) * np.exp(-time / ring))


def _times(seconds: float, rate: float) -> Signal:
    return np.arange(round(seconds * rate)) / rate


def _swell(time: Signal, held: float, attack: float, release: float) -> Signal:
    """Return an envelope that rises, is held, and dies away before the sound ends."""
    rise = np.minimum(1.0, time / attack)
    fall = np.where(time < held, 1.0, np.exp(-(time - held) / release))
    return np.asarray(rise * fall * np.clip((time[-1] - time) / 0.02, 0.0, 1.0))


def _cycle(phase: Signal, hertz: float, fall: float) -> Signal:
    """Return a tone whose partial k has the level ``k ** -fall``, read from a table."""
    table = _table(max(1, min(TABLE // 4, int(HIGHEST_HZ / (1.01 * hertz)))), fall)
    place = (phase % 1.0) * TABLE
    whole = place.astype(int)
    return np.asarray(table[whole] + (place - whole) * (table[whole + 1] - table[whole]))


@lru_cache(maxsize=256)
def _table(partials: int, fall: float) -> Signal:
    """Return one cycle and its first sample again; scattered phases keep it from being a pulse."""
    spectrum = np.zeros(TABLE // 2 + 1, np.complex128)
    order = np.arange(1, partials + 1)
    turns = np.random.default_rng(partials).uniform(0, 2 * np.pi, partials)
    spectrum[1 : partials + 1] = order**-fall * np.exp(1j * turns)
    cycle = np.fft.irfft(spectrum) * TABLE / 2
    cycle /= np.sqrt(2 * np.mean(cycle**2))
    return np.append(cycle, cycle[0])


def _high_passed(noise: Signal, amount: float) -> Signal:
    return noise - amount * np.concatenate([[0.0], noise[:-1]])

"""Sides made of single recordings: needle drop, lead-in, tracks, gaps, run-out, lift-off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_amplitude
from restorack.splitting.levels import measure_levels

Floats = NDArray[np.float64]

BEFORE_NEEDLE_DB = -45.0
"""Noise of the amplifier under that of the groove. By hand."""
THUMP_S, THUMP_HZ, THUMP_TIMES = 0.25, 28.0, 12.0
"""A needle drop: how long it swings, at what frequency, how many times the groove's noise."""
AUDIBLE_DB = 0.0
"""Music begins where a third octave of it rises over the noise by as much."""


@dataclass(frozen=True)
class MadeSide:
    """A side, and the truth about it.

    Attributes
    ----------
    audio : ndarray of float32, shape (channels, samples)
    sample_rate : float
        In Hz.
    starts_s, ends_s : tuple of float
        Where each track rises out of the noise and sinks into it, in seconds.
    """

    audio: Rows
    sample_rate: float
    starts_s: tuple[float, ...]
    ends_s: tuple[float, ...]


def make_side(
    tracks: Sequence[Rows],
    gaps_s: Sequence[float],
    noise: Rows,
    sample_rate: float,
    *,
    lead_in_s: float = 3.0,
    run_out_s: float = 4.0,
    outside_s: float = 1.0,
    has_needle: bool = True,
    seed: int = 0,
) -> MadeSide:
    """Return a side.

    Parameters
    ----------
    tracks : sequence of ndarray of float32, shape (channels, samples)
    gaps_s : sequence of float
        Seconds between them, one fewer than tracks.
    noise : ndarray of float32, shape (channels, samples)
        Of the groove or the tape; it is repeated as often as need be.
    sample_rate : float
        In Hz.
    lead_in_s, run_out_s : float
        Seconds of noise before the first and after the last track.
    outside_s : float
        Seconds before the needle is down and after it is up.
    has_needle : bool
        False of tapes: no thumps.
    seed : int
        Of the thumps.
    """
    at = round((outside_s + lead_in_s) * sample_rate)
    places = []
    for track, gap in zip(tracks, [*gaps_s, 0.0], strict=True):
        places.append(at)
        at += track.shape[1] + round(gap * sample_rate)
    samples = at + round((run_out_s + outside_s) * sample_rate)
    audio = _looped(noise, samples)
    outside = round(outside_s * sample_rate)
    faint = np.float32(db_to_amplitude(BEFORE_NEEDLE_DB))
    audio[:, :outside] *= faint
    audio[:, samples - outside :] *= faint
    if has_needle and outside:
        random = np.random.default_rng(seed)
        for moment in (outside, samples - outside):
            thump = _thump(random, sample_rate) * np.float32(noise.std())
            audio[:, moment : moment + thump.size] += thump[: samples - moment]
    floor = measure_levels([noise], sample_rate, noise.shape[0])
    starts, ends = [], []
    for track, place in zip(tracks, places, strict=True):
        audio[:, place : place + track.shape[1]] += track
        first, last = audible(track, floor.db.astype(np.float64), sample_rate)
        starts.append(place / sample_rate + first)
        ends.append(place / sample_rate + last)
    return MadeSide(audio, sample_rate, tuple(starts), tuple(ends))


def audible(track: Rows, floor_db: Floats, sample_rate: float) -> tuple[float, float]:
    """Return the first and the last moment in seconds at which a track is over the noise."""
    levels = measure_levels([track], sample_rate, track.shape[0])
    noise = 10.0 * np.log10(np.mean(10.0 ** (0.1 * floor_db), axis=1))
    over = (levels.db > noise[:, np.newaxis] + AUDIBLE_DB).any(axis=(0, 2))
    frames = np.flatnonzero(over)
    if not frames.size:
        return 0.0, track.shape[1] / sample_rate
    return levels.at(frames[0]), levels.at(frames[-1])


def _looped(noise: Rows, samples: int) -> Rows:
    times = -(-samples // noise.shape[1])
    return np.ascontiguousarray(np.tile(noise, (1, times))[:, :samples])


def _thump(random: np.random.Generator, sample_rate: float) -> NDArray[np.float32]:
    time = np.arange(round(4.0 * THUMP_S * sample_rate)) / sample_rate
    swing = np.sin(2.0 * np.pi * THUMP_HZ * time) * np.exp(-time / THUMP_S)
    scrape = random.standard_normal(time.size) * np.exp(-time / 0.03)
    return (THUMP_TIMES * (swing + 0.5 * scrape)).astype(np.float32)

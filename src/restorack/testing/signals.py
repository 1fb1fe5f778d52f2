"""Signals for the contract checks: made from formulas, seeded, of any rate and length.

Written out, since the stages of ``degrade`` are checked on them too, and must not make them.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows

NOTES_HZ = (220.7, 331.3, 277.9, 441.1, 173.3)
"""Fundamentals that share no partial with 50 or 60 Hz mains."""


def clean_music(sample_rate: float, seconds: float, channels: int) -> Rows:
    """Return notes with nothing wrong in them: no noise, no click, no hum, full band.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    seconds : float
        Length; a note begins every 0.4 s and ends in digital silence.
    channels : int
        Number of rows; each has its own level.

    Returns
    -------
    ndarray of float32, shape (channels, samples)
        Peak below 0.7.
    """
    count = round(sample_rate * seconds)
    out = np.zeros(count)
    for turn, begin in enumerate(np.arange(0.05, seconds, 0.4)):
        note = _note(sample_rate, NOTES_HZ[turn % len(NOTES_HZ)], 0.32)
        at = round(begin * sample_rate)
        out[at : at + len(note)] += note[: max(0, count - at)]
    levels = 0.6 - 0.05 * np.arange(channels)[:, np.newaxis] % 0.5
    return np.asarray(levels * out, np.float32)


@lru_cache(maxsize=32)
def _note(sample_rate: float, fundamental: float, seconds: float) -> NDArray[np.float64]:
    time = np.arange(round(sample_rate * seconds)) / sample_rate
    partials = np.arange(1, int(0.495 * sample_rate / fundamental) + 1)
    waves = np.sin(
        2 * np.pi * fundamental * np.outer(partials, time) + partials[:, np.newaxis] ** 2
    )
    tone = (waves / partials[:, np.newaxis]).sum(axis=0)
    envelope = np.sin(np.pi * time / seconds) ** 2 * np.exp(-4.0 * time)
    note = np.asarray(tone * envelope / 2.0)
    note.flags.writeable = False  # it is shared
    return note


def worn_music(sample_rate: float, seconds: float, channels: int) -> Rows:
    """Return the same notes with hiss, hum and clicks, so that every stage has work to do."""
    music = clean_music(sample_rate, seconds, channels).astype(float)
    count = music.shape[1]
    random = np.random.default_rng(1929)
    hiss = 0.01 * random.standard_normal((channels, count))
    hum = 0.02 * np.sin(2 * np.pi * 50.0 * np.arange(count) / sample_rate)
    clicks = np.zeros((channels, count))
    width = max(3, round(0.0004 * sample_rate))
    shape = np.hanning(width + 2)[1:-1] * np.cos(np.arange(width) * 1.3)
    for at in random.integers(0, max(1, count - width), round(12 * seconds)):
        clicks[:, at : at + width] += random.uniform(0.2, 0.6) * shape[: count - at]
    return np.asarray(music + hiss + hum + clicks, np.float32)

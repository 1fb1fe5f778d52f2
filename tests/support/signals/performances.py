"""Performances of one short piece: the notes are the same, the hands are not."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from restorack.dsp.arrays import Rows

RATE = 22_050.0
BEAT_S = 0.25
HARMONICS = 9


@lru_cache(maxsize=8)
def performance(take: int, seconds: float = 9.0, piece: int = 1, rate: float = RATE) -> Rows:
    """Return a take of a piece in mono, shape (1, samples), its peak at 0.5.

    Parameters
    ----------
    take : int
        Another take has the same notes, each up to 20 ms earlier or later, in another strength.
    seconds : float
    piece : int
        Another piece has other notes.
    rate : float
        In Hz.
    """
    score, hands = np.random.default_rng(piece), np.random.default_rng(1000 + take)
    out = np.zeros(round(seconds * rate))
    for beat in range(int(seconds / BEAT_S) - 1):
        for key in score.choice(np.arange(-20, 16), 3, replace=False):
            at = max(0.0, BEAT_S * beat + hands.uniform(-0.02, 0.02))
            _add(out, round(at * rate), 440.0 * 2 ** (key / 12), rate, hands)
    return np.asarray(0.5 * out / np.abs(out).max(), np.float32)[np.newaxis]


def _add(out, start, hertz, rate, hands):
    """Add a struck note, with a soft thud, to samples."""
    time = np.arange(min(out.size - start, round(1.2 * rate))) / rate
    note = np.zeros(time.size)
    for number in range(1, HARMONICS + 1):
        if number * hertz < 0.45 * rate:
            decay = np.exp(-time * (1.5 + 0.7 * number))
            phase = 2 * np.pi * (number * hertz * time + hands.uniform())
            note += decay * np.sin(phase) / number**1.2
    thud = hands.standard_normal(time.size) * np.exp(-time * 120.0)
    attack = np.minimum(1.0, time / 0.004)
    out[start : start + time.size] += hands.uniform(0.5, 1.0) * attack * (note + 0.3 * thud)

"""Find the pitch that a recording is tuned to, from its steady partials."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from restorack.meters.speed.partials import Floats, Partials

HIGHEST_HZ = 1_500.0
"""Where the partials that tell the tuning begin, at most. By hand."""
STEADY = 0.004
"""Scatter of a partial's pitch, as a logarithm, up to which it is a note: 7 cents."""
A4_HZ = 440.0
"""Concert pitch, ISO 16: tuning is measured from here."""
LEAST_PARTIALS = 20
"""Fewest steady partials for a tuning. By hand."""
LEAST_CONCENTRATION = 0.7
"""Mean resultant of the partials' distances from the scale, 1 where all agree. By hand."""
LARGEST_DIFFERENCE = 6.0
"""Cents by which the halves of a recording may differ."""


@dataclass(frozen=True)
class Tuning:
    """What the note A4 is at, if the notes are those of equal temperament.

    Attributes
    ----------
    a4_hz : float
        Within half a semitone of 440: nothing tells a semitone from another key.
    concentration : float
        0 for pitches anywhere, 1 for all on the scale.
    difference_cents : float
        Between the halves of the recording.
    """

    a4_hz: float
    concentration: float
    difference_cents: float


def find_tuning(partials: Partials) -> Tuning | None:
    """Return the tuning of a recording; None where its halves disagree or there is no scale."""
    notes = _notes(partials)
    if len(notes) < LEAST_PARTIALS:
        return None
    _, pitches, weights = notes[np.argsort(notes[:, 0])].T
    turn = weights * np.exp(2j * np.pi * 12.0 * (pitches - np.log(A4_HZ)) / np.log(2.0))
    half = np.searchsorted(np.cumsum(weights), 0.5 * weights.sum())
    whole, first, second = turn.sum(), turn[:half].sum(), turn[half:].sum()
    apart = abs(float(np.angle(first * np.conj(second)))) * 100.0 / (2 * np.pi)
    concentration = float(abs(whole) / weights.sum())
    if concentration < LEAST_CONCENTRATION or apart > LARGEST_DIFFERENCE:
        return None
    cents = float(np.angle(whole)) * 100.0 / (2 * np.pi)
    return Tuning(A4_HZ * 2.0 ** (cents / 1200.0), concentration, apart)


def _notes(partials: Partials) -> Floats:
    """Return time, pitch and weight of every steady partial, shape (partials, 3)."""
    found = []
    for start, end in zip(partials.starts, partials.ends, strict=True):
        pitches = partials.pitches[start:end]
        if pitches.std() > STEADY or pitches[0] > np.log(HIGHEST_HZ):
            continue
        weight = float(np.sum(partials.powers[start:end] ** 0.25))
        found.append((partials.seconds[start], float(np.median(pitches)), weight))
    return np.array(found).reshape(-1, 3)


def cents_over(a4_hz: float) -> float:
    """Return how far a pitch of A4 is above 440 Hz, in cents."""
    return float(1200.0 * np.log2(a4_hz / A4_HZ))

"""What became of the noise, and of the music that is hardly above it.

Conventions
-----------
These need the truth about the noise: ``reference`` is the music without it and ``noise`` what was
added (or ``degraded - reference``). Its floor is the root mean square of each frequency bin over
all frames and channels; frames are those of :mod:`restorack.metrics.stft`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from restorack.dsp.decibels import db_to_amplitude
from restorack.metrics.inputs import Floats, checked_pair, checked_rows, ratio_db
from restorack.metrics.stft import magnitudes

WEAK_DB = (0.0, 10.0)
"""Weak parts lie so far above the noise's floor."""

NOISE_ONLY_DB = -10.0
"""Where the music lies so far below the noise's floor, there is noise alone."""


def validate(
    reference: ArrayLike, estimate: ArrayLike, noise: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    """Return the three signals as rows of float64, or raise an error that says what is wrong."""
    truth, heard = checked_pair(reference, estimate)
    truth, added = checked_pair(truth, noise, "noise")
    return truth, heard, added


def noise_floor(noise: ArrayLike) -> Floats:
    """Return the root mean square of every bin, shape (bins,), as amplitude."""
    total, count = np.zeros(1), 0
    for group in magnitudes(checked_rows(noise, "noise")):
        total = total + (group**2).sum(axis=0)
        count += len(group)
    return np.sqrt(total / count)


def noise_attenuation_db(reference: ArrayLike, estimate: ArrayLike, noise: ArrayLike) -> float:
    """Return how much noise was taken where there is nothing else.

    Parameters
    ----------
    reference, estimate, noise : array_like of float, shape (samples,) or (channels, samples)

    Returns
    -------
    float
        In dB: 0 is none, 12 a quarter of the amplitude; more is not always better, see the weak
        parts. NaN where the music covers the noise everywhere, or without noise.

    Notes
    -----
    The energy of the degraded signal (``reference + noise``) over that of the estimate in those
    bins of time and frequency in which the music lies 10 dB or more below the noise's floor.
    """
    truth, heard, added = validate(reference, estimate, noise)
    floor = noise_floor(added)
    before = after = 0.0
    for music, now, then in _together(truth, heard, truth + added):
        alone = (music < floor * db_to_amplitude(NOISE_ONLY_DB)) & (floor > 0.0)
        before += float((then[alone] ** 2).sum())
        after += float((now[alone] ** 2).sum())
    return ratio_db(before, after) if before else float("nan")


def weak_partials_db(reference: ArrayLike, estimate: ArrayLike, noise: ArrayLike) -> float:
    """Return the level change of what is hardly above the noise: where denoisers eat music.

    Parameters
    ----------
    reference, estimate, noise : array_like of float, shape (samples,) or (channels, samples)

    Returns
    -------
    float
        In dB; 0 is right, negative: music was eaten, positive: noise was left. Noise that is as
        loud as these parts lifts them by 1 to 2 dB. NaN where nothing is weak.

    Notes
    -----
    The energy of the estimate over that of the music in those bins of time and frequency in which
    the music lies 0 to 10 dB above the noise's floor.
    """
    truth, heard, added = validate(reference, estimate, noise)
    low, high = (noise_floor(added) * db_to_amplitude(level) for level in WEAK_DB)
    before = after = 0.0
    for music, now in _together(truth, heard):
        weak = (music > low) & (music < high)
        before += float((music[weak] ** 2).sum())
        after += float((now[weak] ** 2).sum())
    return ratio_db(after, before) if before else float("nan")


def _together(*signals: Floats) -> Iterator[tuple[Floats, ...]]:
    return zip(*(magnitudes(rows) for rows in signals), strict=True)

"""Slow drift of speed, found blind: from how the notes of one pitch differ over time.

Within a note nothing tells a drift of the speed from the note's own glide; but the notes of an
instrument come back at their pitch, and what moves them all alike for seconds is the speed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.speed_curve import SpeedCurve
from restorack.meters.speed.partials import Floats, Partials, find_partials
from restorack.meters.speed.tuning import A4_HZ
from restorack.meters.speed.wow import dewarped

KNOT_S = 0.25
"""From one knot of the drift to the next, lines between them."""
CORRELATION_S = 1.5
"""Time over which the speed stays about the same before. By hand."""
DEVIATION = 0.006
"""How much it deviates before, as a logarithm. By hand."""
SLOWEST_S = 20.0
"""Slower parts are the music's own sinking as often, and would move all of it: they stay."""
TOGETHER_S = 0.07
"""Partials that begin so near each other are one note. By hand."""
LEAST_FRAMES = 8
"""Frames of a partial that is steady enough to have a pitch. By hand."""
LEAST_NOTES, LEAST_OF_A_PITCH = 30, 3
"""Notes of a recording, and of a pitch, at least. By hand."""
ROUNDS = 6
"""Times that pitches, drift and the weight of outliers are found from each other. By hand."""
OUTLIER = 2.0
"""Deviations from which a note counts less and less. By hand."""
LEAST_SCATTER = 1e-4
"""Of the notes about the drift, so that no weight is without end."""

LEAST_AGREEMENT, LEAST_DEPTH = 0.92, 0.0015
"""Correlation of the drifts of every other note with those of the rest, in both halves of the
recording; and the RMS of what they share, as chosen in docs/guides/disc-transfers.md."""
PASSES = 3
"""Estimates: one of the recording, the others of what is left after correction. By hand."""


@dataclass(frozen=True)
class Drift:
    """A speed that drifts.

    Attributes
    ----------
    seconds, logarithms : ndarray of float64
        Knots, and the natural logarithm of the speed there; 0 on the whole.
    depth : float
        RMS of what both sets of notes share.
    agreement : float
        Correlation of the sets' drifts, the lower one of both halves of the recording.
    """

    seconds: Floats
    logarithms: Floats
    depth: float
    agreement: float

    @property
    def is_sure(self) -> bool:
        """Whether the sets of notes agree on a drift that is worth correcting."""
        return self.agreement >= LEAST_AGREEMENT and self.depth >= LEAST_DEPTH

    def described(self) -> dict[str, float]:
        """Return its figures for reports."""
        deviation = float(np.std(self.logarithms))
        return {
            "drift_percent": round(100.0 * deviation, 4),
            "drift_agreement": round(self.agreement, 3),
        }

    def speed(self, seconds: Floats) -> Floats:
        """Return the speed at times in seconds, 1 where it is right."""
        return np.asarray(np.exp(np.interp(seconds, self.seconds, self.logarithms)))

    def curve(self) -> SpeedCurve:
        """Return the speed as a curve that moves nothing on the whole."""
        curve = SpeedCurve(self.seconds, np.exp(self.logarithms))
        moved = float(np.mean(curve.output_seconds(self.seconds) - self.seconds))
        return SpeedCurve(self.seconds, np.exp(self.logarithms), -moved)


def find_drift(samples: NDArray[np.float32], rate: float) -> Drift | None:
    """Find the drift of a recording, or nothing.

    Parameters
    ----------
    samples : ndarray of float32, shape (samples,)
        Without wow.
    rate : float
        In Hz, 11,025 or less.

    Returns
    -------
    Drift or None
        None unless every other note and the rest agree on it, in both halves of the recording.
    """
    found = measure_drift(samples, rate)
    if found is None or not found.is_sure:
        return None
    for _ in range(PASSES - 1):
        more = measure_drift(dewarped(samples, rate, found.curve()), rate)
        if more is None:
            break
        found = replace(found, logarithms=found.logarithms + more.logarithms)
    return found


def measure_drift(samples: NDArray[np.float32], rate: float) -> Drift | None:
    """Return the drift that the notes speak for, sure or not; None for too few notes.

    Parameters
    ----------
    samples : ndarray of float32, shape (samples,)
    rate : float
        In Hz, 11,025 or less.
    """
    seconds = len(samples) / rate
    notes = _notes(find_partials(samples, rate))
    if len(notes) < LEAST_NOTES or seconds < 2.0 * SLOWEST_S:
        return None
    count = int(seconds / KNOT_S) + 2
    every_other = _numbers(notes[:, 0]) % 2 == 0
    one, other = (_estimated(notes, part, count) for part in (every_other, ~every_other))
    whole = _estimated(notes, np.ones(len(notes), bool), count)
    halves = (slice(0, count // 2), slice(count // 2, count))
    agreement = min(_correlation(one[half], other[half]) for half in halves)
    shared = float(np.sqrt(max(0.0, float(np.mean(one * other)))))
    return Drift(np.arange(count, dtype=np.float64) * KNOT_S, whole, shared, agreement)


def _notes(partials: Partials) -> Floats:
    """Return begin, middle, pitch and scatter of every partial, shape (partials, 4)."""
    found = []
    for start, end in zip(partials.starts, partials.ends, strict=True):
        if end - start >= LEAST_FRAMES:
            times, pitches = partials.seconds[start:end], partials.pitches[start:end]
            found.append((times[0], times.mean(), np.median(pitches), pitches.std()))
    return np.array(found).reshape(-1, 4)


def _numbers(begins: Floats) -> NDArray[np.int64]:
    """Return the number of each partial's note: those that begin together are one."""
    order = np.argsort(begins, kind="stable")
    numbers = np.zeros(len(begins), np.int64)
    latest, number = -1.0, -1
    for at in order:
        if begins[at] - latest > TOGETHER_S:
            number, latest = number + 1, begins[at]
        numbers[at] = number
    return numbers


def _estimated(notes: Floats, chosen: NDArray[np.bool_], count: int) -> Floats:
    """Return the drift of chosen notes at the knots."""
    from scipy.linalg import solveh_banded

    notes = notes[chosen]
    place = notes[:, 1] / KNOT_S
    first = np.clip(place.astype(np.int64), 0, count - 2)
    right = place - first
    drift, prior = np.zeros(count), _prior(count)
    for _ in range(ROUNDS):
        heard = (1.0 - right) * drift[first] + right * drift[first + 1]
        steady = notes[:, 2] - heard
        away = notes[:, 2] - _centres(steady, _keys(steady))
        told = np.isfinite(away)
        if told.sum() < LEAST_NOTES // 2:
            return np.zeros(count)
        left = np.where(told, away - heard, 0.0)
        scatter = max(1.4826 * float(np.median(np.abs(left[told]))), LEAST_SCATTER)
        weight = told / (1.0 + (left / (OUTLIER * scatter)) ** 2) / (scatter**2 + notes[:, 3] ** 2)
        away = np.where(told, away, 0.0)
        bands, sums = prior.copy(), np.zeros(count)
        np.add.at(bands[0], first, weight * (1.0 - right) ** 2)
        np.add.at(bands[0], first + 1, weight * right**2)
        np.add.at(bands[1], first, weight * right * (1.0 - right))
        np.add.at(sums, first, weight * (1.0 - right) * away)
        np.add.at(sums, first + 1, weight * right * away)
        drift = solveh_banded(bands, sums, lower=True)
        drift -= drift.mean()
    return _without_slow(drift)


def _keys(pitches: Floats) -> NDArray[np.int64]:
    """Return the semitone that each pitch is nearest to, in the recording's own tuning."""
    semitones = 12.0 * (pitches - np.log(A4_HZ)) / np.log(2.0)
    tuning = np.angle(np.exp(2j * np.pi * semitones).sum()) / (2.0 * np.pi)
    return np.asarray(np.round(semitones - tuning), np.int64)


def _centres(pitches: Floats, keys: NDArray[np.int64]) -> Floats:
    """Return the median pitch of each key, NaN for keys of too few notes."""
    centres = np.full(len(pitches), np.nan)
    for key in np.unique(keys):
        same = keys == key
        if same.sum() >= LEAST_OF_A_PITCH:
            centres[same] = np.median(pitches[same])
    return centres


def _prior(count: int) -> Floats:
    """Return the precision of the drift before: a process of second order, as three diagonals."""
    kept = float(np.exp(-KNOT_S / CORRELATION_S))
    innovation = DEVIATION**2 * (1.0 - kept**2) ** 3 / (1.0 + kept**2)
    taps = np.array([1.0, -2.0 * kept, kept**2]) / innovation**0.5
    bands = np.zeros((3, count))
    for lag in range(3):
        for early in range(3 - lag):
            # Rows of the process begin at the third knot: taps[j] stands j knots back.
            product = taps[early] * taps[early + lag]
            at = 2 - early - lag
            bands[lag, at : count - 2 + at] += product
    bands[0] += 1e-3 / DEVIATION**2
    bands[0, :2] += 1.0 / DEVIATION**2  # the process has to begin somewhere
    return bands


def _without_slow(drift: Floats) -> Floats:
    from scipy.fft import dct, idct

    waves = dct(drift, norm="ortho")
    waves[: 1 + int(2.0 * len(drift) * KNOT_S / SLOWEST_S)] = 0.0
    return np.asarray(idct(waves, norm="ortho"))


def _correlation(one: Floats, other: Floats) -> float:
    size = float(np.sqrt(np.sum(one**2) * np.sum(other**2)))
    return float(np.sum(one * other)) / size if size > 0.0 else 0.0

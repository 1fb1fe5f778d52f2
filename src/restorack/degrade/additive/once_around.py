"""What a turning record repeats: a pattern around the turn that recurs and slowly changes."""

from __future__ import annotations

import numpy as np

from restorack.core.parameters import FloatParameter
from restorack.degrade.additive.stage import CHUNK
from restorack.degrade.randomness import random_at
from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_amplitude
from restorack.dsp.fir import Floats


def rpm_parameter() -> FloatParameter:
    """Return the declaration of a record's speed."""
    return FloatParameter(
        78.26,
        10.0,
        120.0,
        unit="rpm",
        description="Speed of the record: 78.26, 33.33, 45, ...",
        automatable=False,
    )


STEP = 32
"""Levels are worked out every so many samples, with straight lines between."""


def straight_lines(values: Floats, step: int) -> Floats:
    """Put ``step`` samples on each straight line between neighbouring values."""
    rise = np.arange(step) / step
    lines: Floats = values[:-1, np.newaxis] + np.diff(values)[:, np.newaxis] * rise
    return lines.ravel()


class TurnPattern:
    """A level in dB around the turn: of mean 0 and a set deviation, smooth, quasi-periodic.

    Parameters
    ----------
    seed, purpose : int, str
        See :func:`~restorack.degrade.randomness.random_at`.
    turn_samples : float
        Samples per turn.
    deviation_db : float
        Standard deviation of the level.
    recurrence : float
        Correlation of one turn's pattern with the next one's: 1 repeats it for ever.
    harmonics : int
        Detail: the pattern has this many harmonics of the turn, falling as 1 / order.

    Notes
    -----
    Patterns follow each other as ``P[k+1] = r P[k] + sqrt(1 - r^2) W``, W fresh; within turn
    k the level moves from P[k] to P[k+1], so that it has no steps.
    """

    def __init__(
        self,
        seed: int,
        purpose: str,
        turn_samples: float,
        deviation_db: float,
        recurrence: float,
        harmonics: int = 8,
    ) -> None:
        self._seed, self._purpose = seed, purpose
        self._turn = turn_samples
        self._deviation, self._recurrence = deviation_db, recurrence
        self._orders = np.arange(1, harmonics + 1)
        self._cells = 4 * harmonics
        self._angles = np.arange(self._cells) / self._cells
        self._patterns = {0: self._fresh(0)}
        self._index = 0

    def next_chunk(self) -> Rows:
        """Return the linear gain over the next ``CHUNK`` samples, of mean power 1."""
        turns = (self._index * CHUNK + np.arange(0, CHUNK + STEP, STEP)) / self._turn
        self._index += 1
        first, last = int(turns[0]), int(turns[-1]) + 1
        grid = np.arange(first * self._cells, (last + 1) * self._cells) / self._cells
        level = np.concatenate([self._blended(turn) for turn in range(first, last + 1)])
        for turn in [turn for turn in self._patterns if turn < last - 1]:
            del self._patterns[turn]
        # a level of s dB has the mean power exp((s ln 10 / 10)^2 / 2)
        power = np.exp(0.5 * (self._deviation * np.log(10.0) / 10.0) ** 2)
        gain = np.interp(turns, grid, db_to_amplitude(level)) / np.sqrt(power)
        return straight_lines(gain, STEP).astype(np.float32)

    def _blended(self, turn: int) -> Floats:
        here, following = self._pattern(turn), self._pattern(turn + 1)
        blend, kept = self._angles, self._recurrence
        variance = (1.0 - blend) ** 2 + blend**2 + 2.0 * blend * (1.0 - blend) * kept
        return (here + blend * (following - here)) / np.sqrt(variance)

    def _pattern(self, turn: int) -> Floats:
        if turn not in self._patterns:
            past = self._pattern(turn - 1)
            kept = self._recurrence
            fresh = np.sqrt(1.0 - kept**2) * self._fresh(turn)
            self._patterns[turn] = kept * past + fresh
        return self._patterns[turn]

    def _fresh(self, turn: int) -> Floats:
        """Return an independent pattern: random harmonics of the turn."""
        random = random_at(self._seed, f"{self._purpose} turns", -1, turn)
        spectrum = np.zeros(self._cells // 2 + 1, np.complex128)
        draws = random.standard_normal((2, self._orders.size)) / self._orders
        spectrum[self._orders] = draws[0] + 1j * draws[1]
        scale = self._cells * self._deviation / (2.0 * np.sqrt(np.sum(1.0 / self._orders**2)))
        pattern: Floats = np.fft.irfft(spectrum, self._cells) * scale
        return pattern

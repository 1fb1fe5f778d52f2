"""A speed that varies: where each moment of a recording belongs, and back, exactly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.errors import AudioError

Floats = NDArray[np.float64]

SLOWEST, FASTEST = 0.25, 4.0
"""Speeds that a curve may have, 1 where it is right: two octaves either way. By hand."""


class SpeedCurve:
    """Speed of a recording over its own time: lines between knots, level beyond them.

    A speed of 1.01 is one per cent too fast: what was played in it takes 1.01 times as long in the
    output.

    Parameters
    ----------
    seconds : ndarray of float64, shape (knots,)
        Rising.
    speeds : ndarray of float64, shape (knots,)
        0.25 to 4; 1 is right.
    offset : float
        Seconds that all of the output is moved later.

    Raises
    ------
    AudioError
        For times that do not rise, or speeds out of range.
    """

    def __init__(self, seconds: Floats, speeds: Floats, offset: float = 0.0) -> None:
        if seconds.size < 1 or seconds.shape != speeds.shape or (np.diff(seconds) <= 0.0).any():
            raise AudioError("times of a speed curve", rule="one or more, each after the last one")
        inside = (speeds >= SLOWEST) & (speeds <= FASTEST)
        if not inside.all():
            at = int(np.argmin(inside))
            raise AudioError(
                f"a speed of {speeds[at]:g} at {seconds[at]:g} s",
                rule=f"{SLOWEST:g} to {FASTEST:g}, 1 where it is right",
            )
        self.seconds, self.speeds, self.offset = seconds, speeds, offset
        steps = 0.5 * (speeds[1:] + speeds[:-1]) * np.diff(seconds)
        # Times before the first knot go on at its speed, from 0 on.
        self._out = seconds[0] * speeds[0] + np.concatenate([[0.0], steps.cumsum()])

    def output_seconds(self, seconds: Floats) -> Floats:
        """Return when moments of the recording are in the output."""
        index = self._piece(self.seconds, seconds)
        gone = seconds - self.seconds[index]
        speed, slope = self.speeds[index], self._slopes()[index]
        inside = (gone >= 0.0) & (seconds <= self.seconds[-1])
        bend = np.where(inside, 0.5 * slope * gone**2, 0.0)
        return np.asarray(self._out[index] + speed * gone + bend + self.offset)

    def source_seconds(self, seconds: Floats) -> Floats:
        """Return which moments of the recording are at times of the output."""
        wanted = seconds - self.offset
        index = self._piece(self._out, wanted)
        gone = wanted - self._out[index]
        speed, slope = self.speeds[index], self._slopes()[index]
        inside = (gone >= 0.0) & (wanted <= self._out[-1])
        # The root of slope / 2 x^2 + speed x = gone, in the form that keeps its digits.
        root = np.sqrt(np.maximum(speed**2 + 2.0 * slope * gone, 0.0))
        within = 2.0 * gone / (speed + root)
        return np.asarray(self.seconds[index] + np.where(inside, within, gone / speed))

    def _slopes(self) -> Floats:
        rises = np.diff(self.speeds) / np.diff(self.seconds)
        return np.concatenate([rises, [0.0]])

    def _piece(self, knots: Floats, places: Floats) -> NDArray[np.int64]:
        found = np.searchsorted(knots, places, side="right") - 1
        return np.asarray(np.clip(found, 0, knots.size - 1), np.int64)

"""Automation: a parameter's value over time, on a grid of 64 samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from restorack.core.parameters import FloatParameter
from restorack.errors import ParameterError

GRID = 64
"""Parameters move every 64 samples, counted from sample 0, whatever the blocks."""


class Automation:
    """Breakpoints with straight lines between them; constant before the first and after the last.

    Parameters
    ----------
    breakpoints : sequence of (seconds, value)
        At least one; times from 0 on, rising.
    parameter : FloatParameter, optional
        Checks every value against its range.
    where : str
        Named in errors.
    """

    def __init__(
        self,
        breakpoints: Sequence[Sequence[float]],
        parameter: FloatParameter | None = None,
        where: str = "automation",
    ) -> None:
        self.breakpoints = _checked(breakpoints, where)
        if parameter is not None:
            for _, value in self.breakpoints:
                parameter.check(value)
        self._times = np.array([time for time, _ in self.breakpoints])
        self._values = np.array([value for _, value in self.breakpoints])

    def at(self, seconds: float) -> float:
        """Return the value at a time in seconds."""
        return float(np.interp(seconds, self._times, self._values))

    def on_grid(self, position: int, sample_rate: float) -> float:
        """Return the value that holds at a sample position: that of its grid cell's start."""
        return self.at((position // GRID) * GRID / sample_rate)


def _checked(breakpoints: Any, where: str) -> list[tuple[float, float]]:
    try:
        pairs = [(float(time), float(value)) for time, value in breakpoints]
    except (TypeError, ValueError):
        pairs = []
    times = [time for time, _ in pairs]
    rising = all(first < second for first, second in pairwise(times))
    if not pairs or times[0] < 0 or not rising or not np.isfinite(pairs).all():
        raise ParameterError(
            f"automation {breakpoints!r}",
            where=where,
            rule="automation is a list of [seconds, value] with times from 0 on, rising",
        )
    return pairs


def grid_pieces(position: int, count: int) -> Iterator[tuple[int, int]]:
    """Cut ``count`` samples that begin at ``position`` where grid cells begin.

    Parameters
    ----------
    position : int
        Position of the first sample in its stream.
    count : int
        Number of samples.

    Yields
    ------
    tuple of int
        Start and stop, relative to the first sample.
    """
    start = 0
    while start < count:
        stop = min(count, start + GRID - (position + start) % GRID)
        yield start, stop
        start = stop

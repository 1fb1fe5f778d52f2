"""Where a moment of the source lies in what was rendered of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

Warp: TypeAlias = Callable[[float], float]
"""Takes seconds of what was rendered, returns when they are heard after a change of speed."""


@dataclass(frozen=True)
class TimeMap:
    """A span of the source, at another rate.

    Attributes
    ----------
    start : int
        First sample of the source that was taken.
    stop : int or None
        The one after the last, where the end was left out; None: all that follows is taken.
    rate_in, rate_out : int
        In Hz.
    warp : callable, optional
        Where the speed was changed: takes seconds of the span and returns those of the output.
    """

    start: int
    stop: int | None
    rate_in: int
    rate_out: int
    warp: Warp | None = None

    @property
    def is_identity(self) -> bool:
        """Whether every time stays as it is."""
        return not self.moves and self.stop is None

    @property
    def moves(self) -> bool:
        """Whether times change, and are not only left out."""
        return self.start != 0 or self.rate_in != self.rate_out or self.warp is not None

    def contains(self, sample: int) -> bool:
        """Return whether a sample of the source was taken."""
        return self.start <= sample and (self.stop is None or sample < self.stop)

    def position(self, sample: int) -> int:
        """Return where a sample of the source is now; whole numbers, so that none is too large."""
        moved = sample - self.start
        if self.warp is not None:
            return round(self.warp(moved / self.rate_in) * self.rate_out)
        return (2 * moved * self.rate_out + self.rate_in) // (2 * self.rate_in)

    def stretch(self, first: int, length: int) -> tuple[int, int] | None:
        """Return where a region is now and how long; None where nothing of it was taken.

        Parameters
        ----------
        first : int
            Sample of the source.
        length : int
            In samples of the source; of a point it is 0.
        """
        if not length:
            return (self.position(first), 0) if self.contains(first) else None
        begin, end = max(first, self.start), first + length
        if self.stop is not None:
            end = min(end, self.stop)
        if begin >= end:
            return None
        at = self.position(begin)
        return at, max(self.position(end) - at, 1)

    def is_whole(self, first: int, length: int) -> bool:
        """Return whether all of a region was taken."""
        return first >= self.start and (self.stop is None or first + length <= self.stop)

    @property
    def start_seconds(self) -> float:
        """When the span begins in the source."""
        return self.start / self.rate_in

    @property
    def stop_seconds(self) -> float:
        """When it ends; infinity where all was taken."""
        return float("inf") if self.stop is None else self.stop / self.rate_in

    def seconds(self, at: float) -> float:
        """Return when a moment of the source is now, in seconds; 0 for those before the span."""
        moved = max(0.0, at - self.start_seconds)
        return moved if self.warp is None else self.warp(moved)

    def ranges(self, starts: list[float]) -> list[float | None]:
        """Return when chapters now begin that last until the next one does.

        Parameters
        ----------
        starts : list of float
            In seconds of the source, in any order; a chapter ends with the next later one.

        Returns
        -------
        list of float or None
            In seconds; 0 for the chapter that the span begins in, None for those outside of it.
        """
        moved: list[float | None] = []
        for begin in starts:
            end = min((other for other in starts if other > begin), default=float("inf"))
            inside = end > self.start_seconds and begin < self.stop_seconds
            moved.append(self.seconds(begin) if inside else None)
        return moved

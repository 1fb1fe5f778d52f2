"""How far a render is: passes over the file, counted in samples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from restorack.dsp.arrays import Rows
from restorack.io.spool import Spool


@dataclass(frozen=True)
class Progress:
    """A moment of a render.

    Attributes
    ----------
    fraction : float
        0 to 1, over all passes.
    seconds_done : float
        Audio seconds that this corresponds to.
    elapsed : float
        Seconds since the render began.
    """

    fraction: float
    seconds_done: float
    elapsed: float

    @property
    def speed(self) -> float:
        """Times real time."""
        return self.seconds_done / self.elapsed if self.elapsed > 0 else 0.0

    @property
    def remaining(self) -> float:
        """Seconds left, at the speed so far."""
        return self.elapsed * (1 - self.fraction) / self.fraction if self.fraction > 0 else 0.0


OnProgress = Callable[[Progress], None]


class Meter:
    """Counts the samples that passes read.

    Parameters
    ----------
    passes : int
        How many passes there will be.
    frames : int
        Samples of one pass.
    seconds : float
        Length of the file.
    report : callable or None
        Called after each block.
    """

    def __init__(self, passes: int, frames: int, seconds: float, report: OnProgress | None) -> None:
        self._total = max(1, passes * frames)
        self._seconds = seconds
        self._report = report
        self._done = 0.0
        self._began = perf_counter()

    def counted(
        self, open_blocks: Callable[[], Iterable[Rows]], rate_ratio: float = 1.0
    ) -> Callable[[], Iterator[Rows]]:
        """Return an opener whose blocks are counted; ``rate_ratio`` is input over pass samples."""
        return lambda: self.count(open_blocks(), rate_ratio)

    def count(self, blocks: Iterable[Rows], rate_ratio: float = 1.0) -> Iterator[Rows]:
        """Yield the blocks of a pass and report after each."""
        for block in blocks:
            yield block
            self.advance(block.shape[1] * rate_ratio)

    def advance(self, samples: float) -> None:
        """Count samples that were read elsewhere, and report."""
        self._done += samples
        self._tell(min(1.0, self._done / self._total))

    def finish(self) -> float:
        """Report the end and return the elapsed seconds."""
        self._tell(1.0)
        return perf_counter() - self._began

    def _tell(self, fraction: float) -> None:
        if self._report is not None:
            elapsed = perf_counter() - self._began
            self._report(Progress(fraction, fraction * self._seconds, elapsed))


class CountedSpool(Spool):
    """A spool whose reading counts as a pass."""

    def __init__(self, meter: Meter, channels: int, expected: int) -> None:
        super().__init__(channels, expected=expected)
        self._meter = meter

    def blocks(self, size: int = 65_536, start: int = 0, stop: int | None = None) -> Iterator[Any]:
        """Return what was written, counted."""
        return self._meter.count(super().blocks(size, start, stop))

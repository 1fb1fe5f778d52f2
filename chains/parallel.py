"""Parallel: branches side by side, aligned by their latency and mixed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from restorack.chains.chain import Chain
from restorack.core.attributes import Bypassable
from restorack.core.stage import OpenBlocks, Stage
from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_amplitude
from restorack.dsp.fifo import SampleFifo
from restorack.errors import ParameterError

MAX_GAIN_DB = 60.0
"""Of a branch. Bounds a slip of the keyboard: more than any mix asks for, far from float32's
limits."""


class Parallel(Bypassable, Stage):
    """Mix branches that all get the same input.

    Parameters
    ----------
    branches : sequence of Chain or of stage lists
        An empty branch is the dry path.
    gains_db : sequence of float, optional
        One gain per branch in dB, -120 (silent) to 60; 0 each by default.

    Raises
    ------
    ParameterError
        Where there is no branch, or the gains do not match.
    """

    def __init__(
        self,
        branches: Sequence[Chain | Iterable[Any]],
        gains_db: Sequence[float] | None = None,
    ) -> None:
        super().__init__()
        self.branches = [b if isinstance(b, Chain) else Chain(b) for b in branches]
        self.gains_db = [float(g) for g in (gains_db or [0.0] * len(self.branches))]
        if not self.branches or len(self.gains_db) != len(self.branches):
            raise ParameterError(
                f"{len(self.branches)} branches with {len(self.gains_db)} gains",
                where="parallel",
                rule="at least one branch, and one gain for each",
            )
        if not all(-120.0 <= gain <= MAX_GAIN_DB for gain in self.gains_db):
            raise ParameterError(
                f"gains_db = {self.gains_db}", where="parallel", rule="each from -120 to 60 dB"
            )

    def __repr__(self) -> str:
        """Return the constructor call."""
        return f"Parallel({self.branches!r}, gains_db={self.gains_db!r})"

    @property
    def needs_preparation(self) -> bool:
        """Whether a branch wants a first pass."""
        return any(branch.needs_preparation for branch in self.branches)

    def held_with(self) -> Iterable[Any]:
        """Return what a call holds: the mix and every stage of its branches."""
        yield self
        for branch in tuple(self.branches):
            yield from branch.held_with()

    def predict_latency(self, sample_rate: float) -> int:
        """Return the latency of the slowest branch; the others wait for it."""
        return max(branch.predict_latency(sample_rate) for branch in self.branches)

    def prepare(self, blocks: OpenBlocks | Iterable[Any], sample_rate: float) -> None:
        """Make every branch's first pass on the same input."""
        self.forget()
        kept = None if callable(blocks) else [np.array(block) for block in blocks]
        for branch in self.branches:
            branch.prepare(blocks if callable(blocks) else (lambda: kept or []), sample_rate)
        self._prepared_rate = sample_rate

    def findings(self) -> dict[str, Any]:
        """Return each branch's findings."""
        return {"branches": [branch.findings() for branch in self.branches]}

    def compact_findings(self) -> dict[str, Any]:
        """Return each branch's compact findings."""
        return {"branches": [branch.compact_findings() for branch in self.branches]}

    def summary(self) -> str:
        """Return what the branches say, one after the other."""
        return "; ".join(said for branch in self.branches if (said := branch.summary()))

    def reset(self) -> None:
        """Drop the signal state; keep what was learned."""
        super().reset()
        for branch in self.branches:
            branch.reset()

    def _unlearn(self) -> None:
        for branch in self.branches:
            branch.forget()

    def _begin(self, sample_rate: float, channels: int) -> None:
        self._waiting = [SampleFifo(channels) for _ in self.branches]
        for branch in self.branches:
            branch.start(sample_rate, channels)

    def _push(self, block: Rows) -> Rows:
        for fifo, branch in zip(self._waiting, self.branches, strict=True):
            fifo.push(branch.advance(block))
        return self._mixed()

    def _finish(self) -> Rows:
        for fifo, branch in zip(self._waiting, self.branches, strict=True):
            fifo.push(branch.end())
        return self._mixed()

    def _mixed(self) -> Rows:
        count = min(len(fifo) for fifo in self._waiting)
        parts = [fifo.pop(count) for fifo in self._waiting]
        total = sum(
            part * (0.0 if gain <= -120.0 else db_to_amplitude(gain))
            for part, gain in zip((p.astype(np.float64) for p in parts), self.gains_db, strict=True)
        )
        return np.asarray(total, np.float32)

"""What all executors with workers have in common: jobs that wait, and outcomes until a deadline."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterable, Iterator

from restorack.errors import RenderError
from restorack.render.batch.job import Job, Outcome

AHEAD = 2
"""Jobs taken beyond those that run, so that no worker waits for its next one."""

THREADS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)  # fmt: skip
"""Libraries have one thread, so that results do not depend on the number of workers."""


class WorkerLostError(RenderError):
    """A worker process, or a machine, that died while it had a job."""


class QueueingExecutor(ABC):
    """Jobs wait until a worker is free; see :class:`~.protocol.Executor`."""

    def __init__(self) -> None:
        self._waiting: deque[Job] = deque()

    @property
    @abstractmethod
    def capacity(self) -> int:
        """How many jobs it takes at a time."""

    def submit(self, job: Job) -> None:
        """Take a job; it runs when a worker is free."""
        self._waiting.append(job)
        self._hand_out()

    def as_completed(self, timeout: float | None = None) -> Iterator[Outcome]:
        """Yield outcomes as jobs end; see the protocol."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while self._waiting or self._is_busy():
            self._hand_out()
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            for outcome in self._ended(left):
                self._hand_out()
                yield outcome
                deadline = None if timeout is None else time.monotonic() + timeout
            if deadline is not None and time.monotonic() >= deadline:
                return

    def cancel(self) -> list[Job]:
        """Return the jobs that no worker has begun; they will not run."""
        jobs = list(self._waiting)
        self._waiting.clear()
        return jobs

    @abstractmethod
    def _hand_out(self) -> None:
        """Give waiting jobs to free workers."""

    @abstractmethod
    def _is_busy(self) -> bool:
        """Return whether a worker has a job."""

    @abstractmethod
    def _ended(self, timeout: float | None) -> Iterable[Outcome]:
        """Yield the outcomes that come within so many seconds; none, where none comes."""


def lost(job: Job, what: str, remedy: str, worker: int = 0) -> Outcome:
    """Return the outcome of a job whose worker died: another attempt may go better."""
    error = WorkerLostError(
        what,
        where=str(job.source),
        rule="a file whose worker is lost is tried again elsewhere, then named",
        remedy=remedy,
    )
    return Outcome(job.key, "failed", error=error, transient=True, worker=worker)

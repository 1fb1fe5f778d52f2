"""What runs a batch's jobs: one small interface, whatever stands behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from restorack.render.batch.job import Job, Outcome

OnProgress = Callable[[str, float], None]
"""Gets a job's key and how much of it is done, 0 to 1, while it runs."""


class Executor(Protocol):
    """Runs jobs and reports their outcomes.

    An executor loses no job: whatever befalls its workers, each job that was submitted ends in one
    outcome, unless it was cancelled. It tries each job once; whether another attempt is made is
    the batch's business.
    """

    @property
    def capacity(self) -> int:
        """How many jobs it takes at a time: those that run, and some so that no worker waits."""

    def submit(self, job: Job) -> None:
        """Take a job; it runs when a worker is free."""

    def as_completed(self, timeout: float | None = None) -> Iterator[Outcome]:
        """Yield outcomes as jobs end, in whatever order.

        Ends when no submitted job is left, or after ``timeout`` seconds without an outcome. Jobs
        may be submitted meanwhile.
        """

    def cancel(self) -> list[Job]:
        """Return the jobs that no worker has begun; they will not run."""

    def close(self) -> None:
        """End the workers; jobs in progress are given up, and leave nothing half-written."""

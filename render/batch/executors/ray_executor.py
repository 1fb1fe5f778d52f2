"""Workers of a Ray cluster: an actor for each core, which keeps networks and plugins warm."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterator
from typing import Any

from restorack.errors import ParameterError
from restorack.render.batch.executors.pool import AHEAD, THREADS, WorkerLostError
from restorack.render.batch.executors.protocol import OnProgress
from restorack.render.batch.job import Job, Outcome
from restorack.render.batch.work import WorkerCache

_SILENT = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_DEDUP_LOGS": "0"}


class Worker:
    """What runs in an actor: one job after the other."""

    def __init__(self) -> None:
        for name in THREADS:  # as in the local pool: results do not depend on how many there are
            os.environ[name] = "1"
        self._cache = WorkerCache()

    def do(self, job: Job) -> Outcome:
        """Do a job and return its outcome."""
        return self._cache.do(job)


class RayExecutor:
    """Workers of a Ray cluster; see :class:`~restorack.render.batch.executors.protocol.Executor`.

    ``RAY_ADDRESS`` names the cluster; without it one is started on this machine, without dashboard
    and usage reports, and ended with the batch. A worker or a machine that is lost is a
    passing failure of its job, which the batch tries again on another one.

    Parameters
    ----------
    workers : int
        0: as many as the cluster has cores.
    on_progress : callable, optional
        Not called: Ray tells of no progress within a job.

    Raises
    ------
    ParameterError
        Without Ray.
    """

    def __init__(self, workers: int = 0, *, on_progress: OnProgress | None = None) -> None:
        del on_progress
        self._ray = require_ray()
        os.environ.update(_SILENT)
        self._owns = not self._ray.is_initialized()
        if self._owns:
            # An address in the environment is taken by Ray itself.
            given = {} if os.environ.get("RAY_ADDRESS") else {"num_cpus": workers or None}
            self._ray.init(include_dashboard=False, log_to_driver=False, **given)
        cores = int(self._ray.cluster_resources().get("CPU", 1))
        self._count = max(1, workers or cores)
        self._remote = self._ray.remote(num_cpus=1, max_restarts=0)(Worker)
        self._waiting: deque[Job] = deque()
        self._idle: list[Any] = []
        self._running: dict[Any, tuple[Any, Job]] = {}

    @property
    def capacity(self) -> int:
        """How many jobs it takes at a time: a few beyond those that run."""
        return self._count + AHEAD

    def submit(self, job: Job) -> None:
        """Take a job; it runs when a worker is free."""
        self._waiting.append(job)
        self._hand_out()

    def as_completed(self, timeout: float | None = None) -> Iterator[Outcome]:
        """Yield outcomes as jobs end; see the protocol."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while self._waiting or self._running:
            self._hand_out()
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            ready, _ = self._ray.wait(list(self._running), timeout=left)
            for reference in ready:
                yield self._outcome(reference)
                deadline = None if timeout is None else time.monotonic() + timeout
            if deadline is not None and time.monotonic() >= deadline:
                return

    def cancel(self) -> list[Job]:
        """Return the jobs that no worker has begun; they will not run."""
        jobs = list(self._waiting)
        self._waiting.clear()
        return jobs

    def close(self) -> None:
        """End the workers; jobs in progress are given up, and leave nothing half-written."""
        self._waiting.clear()
        for actor in [*self._idle, *(actor for actor, _ in self._running.values())]:
            self._ray.kill(actor)
        self._idle.clear()
        self._running.clear()
        if self._owns:
            self._ray.shutdown()

    def _hand_out(self) -> None:
        while self._waiting and len(self._running) < self._count:
            actor = self._idle.pop() if self._idle else self._remote.remote()
            job = self._waiting.popleft()
            self._running[actor.do.remote(job)] = (actor, job)

    def _outcome(self, reference: Any) -> Outcome:
        actor, job = self._running.pop(reference)
        try:
            outcome: Outcome = self._ray.get(reference)
        except self._ray.exceptions.RayError as error:
            lost = WorkerLostError(
                f"the worker died ({type(error).__name__})",
                where=str(job.source),
                rule="a worker or a machine that is lost is replaced, and its file tried again",
                remedy="look at the memory of the machines, and at Ray's logs",
            )
            return Outcome(job.key, "failed", error=lost, transient=True)
        self._idle.append(actor)
        return outcome


def require_ray() -> Any:
    """Return Ray; raise :class:`ParameterError` where it is not installed."""
    try:
        import ray
    except ImportError:
        raise ParameterError(
            "ray is not installed",
            rule="--executor ray needs it",
            remedy="pip install 'restorack[cluster]'",
        ) from None
    return ray

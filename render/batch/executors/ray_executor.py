"""Workers of a Ray cluster: an actor for each core, which keeps networks and plugins warm."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

from restorack.errors import ParameterError
from restorack.render.batch.executors.protocol import OnProgress
from restorack.render.batch.executors.queueing import AHEAD, THREADS, QueueingExecutor, lost
from restorack.render.batch.job import Job, Outcome
from restorack.render.batch.work import WorkerCache

_SILENT = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_DEDUP_LOGS": "0"}
_COUNT_EVERY = 5.0
"""Seconds between two looks at how many cores the cluster has: machines come and go."""


class Worker:
    """What runs in an actor: one job after the other."""

    def __init__(self) -> None:
        for name in THREADS:  # as in the local pool: results do not depend on how many there are
            os.environ[name] = "1"
        self._cache = WorkerCache()

    def do(self, job: Job) -> Outcome:
        """Do a job and return its outcome."""
        return self._cache.do(job)


class RayExecutor(QueueingExecutor):
    """Workers of a Ray cluster; see :class:`~restorack.render.batch.executors.protocol.Executor`.

    ``RAY_ADDRESS`` names the cluster; without it one is started on this machine, without dashboard
    and usage reports, and ended with the batch. A worker or a machine that is lost is a
    passing failure of its job, which the batch tries again on another one. Machines that join are
    used, too.

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
        super().__init__()
        del on_progress
        self._ray = require_ray()
        os.environ.update(_SILENT)
        self._owns = not self._ray.is_initialized()
        if self._owns:
            # An address in the environment is taken by Ray itself.
            given = {} if os.environ.get("RAY_ADDRESS") else {"num_cpus": workers or None}
            self._ray.init(include_dashboard=False, log_to_driver=False, **given)
        self._wanted, self._counted, self._next_count = workers, 0, 0.0
        self._remote = self._ray.remote(num_cpus=1, max_restarts=0)(Worker)
        self._idle: list[Any] = []
        self._running: dict[Any, tuple[Any, Job]] = {}

    @property
    def capacity(self) -> int:
        """How many jobs it takes at a time: a few beyond those that run."""
        return self._count() + AHEAD

    def close(self) -> None:
        """End the workers; jobs in progress are given up, and leave nothing half-written."""
        self._waiting.clear()
        for actor, _ in self._running.values():
            self._ray.kill(actor)
        self._end_idle()
        self._running.clear()
        if self._owns:
            self._ray.shutdown()

    def _count(self) -> int:
        """Return how many workers there are to be: never more than the cluster has cores."""
        if time.monotonic() >= self._next_count:
            cores = max(1, int(self._ray.cluster_resources().get("CPU", 1)))
            self._counted = min(self._wanted, cores) if self._wanted else cores
            self._next_count = time.monotonic() + _COUNT_EVERY
        return self._counted

    def _hand_out(self) -> None:
        while self._waiting and len(self._running) < self._count():
            actor = self._idle.pop() if self._idle else self._remote.remote()
            job = self._waiting.popleft()
            self._running[actor.do.remote(job)] = (actor, job)

    def _is_busy(self) -> bool:
        return bool(self._running)

    def _ended(self, timeout: float | None) -> Iterator[Outcome]:
        if not self._waiting:
            self._end_idle()  # an actor that waits for a machine may need their cores
        ready, _ = self._ray.wait(list(self._running), timeout=timeout)
        for reference in ready:
            yield self._outcome(reference)

    def _end_idle(self) -> None:
        for actor in self._idle:
            self._ray.kill(actor)
        self._idle.clear()

    def _outcome(self, reference: Any) -> Outcome:
        actor, job = self._running.pop(reference)
        try:
            outcome: Outcome = self._ray.get(reference)
        except self._ray.exceptions.RayError as error:
            self._next_count = 0.0
            self._end_idle()  # of the same machine, they are lost too
            return lost(
                job,
                f"the worker died ({type(error).__name__})",
                "look at the memory of the machines, and at Ray's logs",
            )
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

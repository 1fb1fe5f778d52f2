"""The executor of one machine: a pool of warm worker processes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from multiprocessing import Pipe
from multiprocessing.connection import wait
from typing import Any

from restorack.errors import RenderError
from restorack.render.batch.executors.protocol import OnProgress
from restorack.render.batch.executors.queueing import AHEAD, THREADS, QueueingExecutor, lost
from restorack.render.batch.job import Job, Outcome
from restorack.system import children
from restorack.system.machine import usable_cores
from restorack.system.signals import ask_to_stop, ended

GRACE = 5.0
"""Seconds that a worker has to clear its files when it is told to stop."""

MOST_FALSE_STARTS = 3
"""Workers that end before they are ready until the pool gives up. By hand."""
KEPT_WORDS = 600
"""Bytes of a dead worker's stderr that its error quotes: the last few lines."""


class LocalPool(QueueingExecutor):
    """Workers on this machine; see :class:`~restorack.render.batch.executors.protocol.Executor`.

    A worker that dies is replaced. It is also replaced after ``recycle`` jobs, so that what
    libraries leak does not add up. Workers share the cores: a job whose
    options leave the threads open gets as many as there are cores for each worker.

    Parameters
    ----------
    workers : int
        At least 1.
    recycle : int
        Jobs that a worker does before a fresh one takes its place.
    on_progress : callable, optional
        Gets a job's key and how much of it is done.
    """

    def __init__(
        self, workers: int, *, recycle: int = 1000, on_progress: OnProgress | None = None
    ) -> None:
        self._count, self._recycle = max(1, workers), recycle
        super().__init__()
        self._on_progress = on_progress
        self._workers: list[_Worker] = []
        self._false_starts = 0

    @property
    def capacity(self) -> int:
        """How many jobs it takes at a time: a few beyond those that run."""
        return self._count + AHEAD

    @property
    def numbers(self) -> list[int]:
        """Process numbers of the workers."""
        return [worker.process.pid for worker in self._workers]

    def close(self) -> None:
        """End the workers; jobs in progress are given up, and leave nothing half-written."""
        self._waiting.clear()
        for worker in self._workers:
            worker.ask_to_stop()
        deadline = time.monotonic() + GRACE
        for worker in self._workers:
            worker.end(deadline)
        self._workers.clear()

    def _hand_out(self) -> None:
        """Give waiting jobs to free workers, start what workers are wanted."""
        for worker in self._workers:
            if self._waiting and worker.is_free:
                worker.give(self._with_its_share(self._waiting.popleft()))
        starting = sum(not worker.is_ready for worker in self._workers)
        wanted = min(self._count - len(self._workers), len(self._waiting) - starting)
        for _ in range(wanted):
            self._workers.append(_Worker())

    def _is_busy(self) -> bool:
        return any(worker.job for worker in self._workers)

    def _ended(self, timeout: float | None) -> Iterator[Outcome]:
        links = {worker.link: worker for worker in self._workers}
        for link in wait(list(links), timeout):
            outcome = self._heard(links[link])  # type: ignore[index]
            if outcome is not None:
                yield outcome

    def _with_its_share(self, job: Job) -> Job:
        """Return a job with as many threads as there are cores for each worker."""
        options = job.recipe.options
        if options.threads is not None:
            return job
        options = replace(options, threads=max(1, usable_cores() // self._count))
        return replace(job, recipe=replace(job.recipe, options=options))

    def _heard(self, worker: _Worker) -> Outcome | None:
        """Take what a worker says: that it is ready, how far it is, an outcome, or its death."""
        try:
            said: Any = worker.link.recv()
        except (EOFError, OSError):
            return self._lost(worker)
        if said == "ready":
            worker.is_ready, self._false_starts = True, 0
            return None
        if isinstance(said, float):
            if self._on_progress is not None and worker.job is not None:
                self._on_progress(worker.job.key, said)
            return None
        worker.finished()
        if worker.done >= self._recycle:
            worker.ask_to_stop()
            worker.end(time.monotonic() + GRACE)
            self._workers.remove(worker)
        outcome: Outcome = said
        return outcome

    def _lost(self, worker: _Worker) -> Outcome | None:
        self._workers.remove(worker)
        how = worker.end(time.monotonic() + GRACE)
        words, job = worker.words, worker.job
        if not worker.is_ready:
            self._false_starts += 1
        if self._false_starts >= MOST_FALSE_STARTS:
            raise RenderError(
                f"workers cannot be started: {how}{words}",
                where="the pool of workers",
                remedy="try restorack render on one file",
            )
        if job is None:
            return None
        return lost(
            job,
            f"the worker process died ({how}){words}",
            "SIGKILL is mostly the system's word for too little memory: use fewer --jobs"
            if how == "SIGKILL"
            else "render it alone, with restorack render",
            worker.process.pid,
        )


class _Worker:
    """A worker process, the link to it, and the job that it has in hand."""

    def __init__(self) -> None:
        ours, theirs = Pipe()
        number = children.number_of(theirs)
        # Nameless: nothing is left of it.
        self._output = tempfile.TemporaryFile()  # noqa: SIM115  closed when the process has ended
        command = [
            sys.executable or "python3",
            "-P",
            "-m",
            "restorack.render.batch.executors.worker",
        ]
        command += [str(number), str(os.getpid())]
        paths = os.pathsep.join(path for path in sys.path if path)
        try:
            self.process = children.start(  # in a group of its own: Ctrl-C is the batch's to answer
                command,
                [number],
                stdout=self._output,
                env=os.environ | dict.fromkeys(THREADS, "1") | {"PYTHONPATH": paths},
            )
        except OSError as error:
            ours.close()
            raise RenderError(f"a worker cannot be started ({error.strerror})") from None
        finally:
            theirs.close()
        self.link = ours
        self.job: Job | None = None
        self.is_ready, self.done = False, 0
        self.words = ""

    @property
    def is_free(self) -> bool:
        """Whether it can take a job."""
        return self.is_ready and self.job is None

    def give(self, job: Job) -> None:
        """Have a job done."""
        self.job = job
        with suppress(OSError):  # it has died, which is heard next
            self.link.send(job)

    def finished(self) -> None:
        """Forget the job, and what was printed meanwhile."""
        self.job = None
        self.done += 1
        self._output.seek(0)
        self._output.truncate()

    def ask_to_stop(self) -> None:
        """Tell the process to clear its files and end."""
        with suppress(OSError):
            ask_to_stop(self.process)

    def end(self, deadline: float) -> str:
        """Wait until the process is gone, or end it; return how it ended."""
        try:
            status = self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self.link.close()
        self.words = self._last_words()
        return ended(status)

    def _last_words(self) -> str:
        """Return the end of what a dead worker printed."""
        with self._output as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - KEPT_WORDS))
            text = file.read().decode("utf-8", "replace")
        lines = " | ".join(line.strip() for line in text.splitlines() if line.strip())
        return f"; it said: {lines}" if lines else ""

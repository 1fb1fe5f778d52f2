"""Workers that Slurm starts: every job of the queue does several files."""

from __future__ import annotations

import shutil
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from restorack.errors import ParameterError
from restorack.render.batch.executors import outcome_file
from restorack.render.batch.executors.protocol import OnProgress
from restorack.render.batch.executors.queueing import AHEAD, QueueingExecutor, lost
from restorack.render.batch.executors.slurm_queue import Departures, make_queue
from restorack.render.batch.executors.slurm_worker import do_all
from restorack.render.batch.job import Job, Outcome

FILES = 16
"""Files in one job of the queue. By hand: a worker starts in 3 to 6 s, then a few percent."""
WORKERS = 32
"""Jobs of the queue at a time, unless the command says. By hand."""
POLL = 0.5
"""Seconds between two looks at the files that workers write."""


@dataclass
class _Submitted:
    """A job of the queue, the files that it has to do, and how far its outcomes were read."""

    task: Any
    outcomes: Path
    left: dict[str, Job]
    read: int = 0


class SlurmExecutor(QueueingExecutor):
    """Jobs of a Slurm queue; see :class:`~restorack.render.batch.executors.protocol.Executor`.

    Outcomes are read from files in a folder that all machines see as soon as each file of the batch
    ends, so that of a job of the queue that is lost only what it had not done is tried again.

    Parameters
    ----------
    workers : int
        Jobs in the queue at a time; 0: 32.
    folder : Path
        In which a private folder is made; all machines must see it.
    settings : dict
        ``partition``, ``account`` and others as ``sbatch`` calls them; ``time`` in minutes;
        ``files``: how many files of the batch one job of the queue does.
    cluster : str, optional
        ``local``: processes of this machine, for trying.
    on_progress : callable, optional
        Not called.

    Raises
    ------
    ParameterError
        Without submitit or Slurm, or for a setting that is wrong.
    """

    def __init__(
        self,
        workers: int,
        folder: Path,
        settings: Mapping[str, str] | None = None,
        *,
        cluster: str | None = None,
        on_progress: OnProgress | None = None,
    ) -> None:
        super().__init__()
        del on_progress
        given = dict(settings or {})
        files = given.pop("files", str(FILES))
        if not files.isdigit() or not int(files):
            raise ParameterError(f"--slurm files={files}", rule="a whole number from 1")
        self._files, self._workers = int(files), workers or WORKERS
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = Path(mkdtemp(prefix="slurm-", dir=folder))
        self._queue = make_queue(self._folder, given, cluster)
        self._departures = Departures() if cluster != "local" else None
        self._submitted: list[_Submitted] = []
        self._told: deque[Outcome] = deque()
        self._number, self._any_lost = 0, False

    @property
    def capacity(self) -> int:
        """How many jobs it takes at a time: those of all workers, and a few."""
        return self._workers * self._files + AHEAD

    def close(self) -> None:
        """Take back what is in the queue; files in progress are given up.

        The folder goes, unless its logs may say why a job was lost.
        """
        self._waiting.clear()
        for one in self._submitted:
            one.task.cancel(check=False)
        if not (self._submitted or self._any_lost):
            shutil.rmtree(self._folder, ignore_errors=True)
        self._submitted.clear()

    def _hand_out(self) -> None:
        """Put full parcels into the queue; what is left over waits until no more comes."""
        while len(self._waiting) >= self._files and len(self._submitted) < self._workers:
            self._put(self._files)

    def _put(self, count: int) -> None:
        jobs = [self._waiting.popleft() for _ in range(count)]
        self._number += 1
        path = self._folder / f"{self._number}.outcomes"
        task = self._queue.submit(do_all, jobs, str(path))
        self._submitted.append(_Submitted(task, path, {job.key: job for job in jobs}))

    def _is_busy(self) -> bool:
        return bool(self._submitted or self._told)

    def _ended(self, timeout: float | None) -> Iterator[Outcome]:
        # The batch has given what it has: what waits is shared among the workers that are free.
        while self._waiting and (free := self._workers - len(self._submitted)) > 0:
            self._put(min(self._files, -(-len(self._waiting) // free)))
        if self._departures is not None:
            self._departures.look(one.task.job_id for one in self._submitted)
        for one in list(self._submitted):
            self._told += self._read(one)
        if not self._told:
            time.sleep(POLL if timeout is None else min(timeout, POLL))
        while self._told:  # kept, not held here: whoever asks may stop after any of them
            yield self._told.popleft()

    def _read(self, one: _Submitted) -> list[Outcome]:
        """Return what a job of the queue has written; at its end, what it has not done is lost."""
        ended = self._has_ended(one.task)  # asked first: what it wrote before is there then
        found, one.read = outcome_file.read(one.outcomes, one.read)
        told = [outcome for outcome in found if one.left.pop(outcome.key, None) is not None]
        if one.left and not ended:
            return told
        self._submitted.remove(one)
        self._any_lost |= bool(one.left)
        number = one.task.job_id
        what = f"its job of the queue, {number}, ended before it"
        remedy = f"look at the logs in {self._folder / number}"
        return told + [lost(job, what, remedy) for job in one.left.values()]

    def _has_ended(self, task: Any) -> bool:
        if self._departures is None:
            return bool(task.done())
        # submitit itself asks sacct, which fails without a database, and says so every time.
        return task.paths.result_pickle.exists() or self._departures.has_left(task.job_id)

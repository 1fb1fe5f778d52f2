"""Run a batch: feed an executor, keep the manifest, try again, stop in order."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import sleep
from typing import Any, Literal, Protocol, TypeAlias

from restorack.errors import DiskFullError, FileError
from restorack.io.remote.listing import exists, look_again
from restorack.render.batch.executors.protocol import Executor
from restorack.render.batch.job import Job, Outcome, Record, Status
from restorack.render.batch.progress_counters import ProgressCounters
from restorack.system.signals import STOPPING

POLL = 0.25
"""Seconds after which signals and the folder that is watched are looked at again."""

Final: TypeAlias = Status | Literal["left"]


class JobRecords(Protocol):
    """What a batch keeps of its files: a manifest, or nothing."""

    @property
    def damaged(self) -> Set[str]:
        """Keys of which what was kept cannot be read."""

    def record(self, key: str) -> Record | None:
        """Return what is known of a file that was done."""

    def knows(self, key: str) -> bool:
        """Return whether a file was ever begun: what lies in its place is then the batch's own."""

    def tries(self, job: Job) -> int:
        """Return how often a file was tried without success, as it is now."""

    def begin(self, job: Job) -> None:
        """Note that a file is about to be worked on."""

    def finish(self, job: Job, outcome: Outcome) -> None:
        """Record the outcome of a file."""

    def refuse(self, job: Job, outcome: Outcome) -> None:
        """Note a file that was not begun, since another one is in its place."""


@dataclass(frozen=True)
class Entry:
    """What became of a file in the end; ``left``: the batch stopped before it was done."""

    job: Job
    status: Final
    outcome: Outcome | None = None

    @property
    def error(self) -> Exception | None:
        """Why it failed."""
        return self.outcome.error if self.outcome is not None else None


@dataclass
class BatchResult:
    """A finished batch.

    Attributes
    ----------
    entries : list of Entry
        In the order of the jobs, those of a watched folder in the order in which they ended.
    counters : ProgressCounters
    seconds : float
    interrupted : bool
        Files are left since it was told to stop.
    disk_full : bool
        Files are left since the disk is full.
    memory : dict
        Process number of a worker to the bytes that it and its plugins held after each file.
    swept : int
        Temporary files of killed runs that were deleted.
    damaged : list of str
        Keys whose row of the manifest was damaged: their files were done again.
    """

    entries: list[Entry]
    counters: ProgressCounters
    seconds: float
    interrupted: bool = False
    disk_full: bool = False
    memory: dict[int, list[int]] = field(default_factory=dict)
    swept: int = 0
    damaged: list[str] = field(default_factory=list)

    @property
    def clipped(self) -> int:
        """Files of this run with samples that were cut at full scale."""
        return sum(bool(entry.outcome and entry.outcome.clipped) for entry in self.entries)


class Stop:
    """Whether a batch is to stop: after the files in progress, or at once."""

    def __init__(self, on_ask: Callable[[bool], None] | None = None) -> None:
        self.asked = self.at_once = False
        self._on_ask = on_ask

    def ask(self, *signal_arguments: Any) -> None:
        """Stop after the files in progress; asked again, at once."""
        del signal_arguments
        self.at_once, self.asked = self.asked, True
        if self._on_ask is not None:
            self._on_ask(self.at_once)

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Have Ctrl-C, SIGTERM and SIGHUP ask, where this is the main thread."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        numbers = STOPPING
        before = {number: signal.getsignal(number) for number in numbers}
        heard = [number for number in numbers if before[number] is not signal.SIG_IGN]
        try:
            for number in heard:
                signal.signal(number, self.ask)
            yield
        finally:
            for number in heard:
                signal.signal(number, before[number])


@dataclass(frozen=True)
class RunOptions:
    """How a batch is run.

    Attributes
    ----------
    retries : int
        Attempts after the first one, where a plugin, a worker or a disk failed.
    verify : bool
        Read every file again, also where size and times say that it is as it was.
    skip_existing : bool
        Leave out files whose output exists, whoever wrote it.
    on_end : callable or None
        Gets each entry when it is final.
    on_retry : callable or None
        Gets a job that failed and will be tried again, with its outcome.
    quarantine : int
        Attempts without success, of all runs together, after which a file is not tried again until
        it changes; 0: never.
    """

    retries: int = 1
    verify: bool = False
    on_end: Callable[[Entry], None] | None = None
    on_retry: Callable[[Job, Outcome], None] | None = None
    skip_existing: bool = False
    quarantine: int = 0


class Batch:
    """A batch in progress.

    Parameters
    ----------
    executor : Executor
        Closed by the caller.
    records : JobRecords
    counters : ProgressCounters
    run_options : RunOptions
    stop : Stop
    """

    def __init__(
        self,
        executor: Executor,
        records: JobRecords,
        counters: ProgressCounters,
        run_options: RunOptions,
        stop: Stop,
    ) -> None:
        self._executor, self._records = executor, records
        self._counters, self._run_options, self._stop = counters, run_options, stop
        self._in_hand: dict[str, Job] = {}
        self._later: list[Job] = []
        self._entries: dict[str, Entry] = {}
        self._memory: dict[int, list[int]] = {}
        self._disk_full = self._folder_gone = False

    def run(self, feed: Iterable[Job | Entry | None], *, watching: bool = False) -> BatchResult:
        """Do jobs until there are no more, or until asked to stop.

        Parameters
        ----------
        feed : iterable of Job, Entry or None
            An entry: a file that failed before it could become a job. None: there is nothing at
            the moment, but something may come.
        watching : bool
            Others may take finished files away meanwhile. Otherwise a file that is no longer
            there at the end has failed.
        """
        jobs = iter(feed)
        try:
            self._work(jobs)
        except KeyboardInterrupt:  # in a job of this process: it is left, like those after it
            self._stop.asked = self._stop.at_once = True
        self._leave_rest(jobs)
        if not watching:
            look_again()
            self._miss_vanished()
        return self._result()

    def _work(self, jobs: Iterator[Job | Entry | None]) -> None:
        ended = False
        while not self._stop.at_once:
            if not (ended or self._stopping):
                ended = self._feed(jobs)
            elif self._stopping:
                self._leave_waiting()
            if self._in_hand:
                self._collect()
            elif ended or self._stopping:
                break
            else:
                sleep(POLL)

    def _miss_vanished(self) -> None:
        """Take files that were done and are no longer there for failed: nobody has them."""
        for key, entry in list(self._entries.items()):
            if entry.status not in ("done", "unchanged"):
                continue
            missing = [path for path in map(entry.job.product, entry.job.kinds)
                       if not exists(path)]  # fmt: skip
            if missing:
                before = entry.outcome or Outcome(key, "failed")
                outcome = replace(before, status="failed", error=_vanished(missing[0]))
                with suppress(FileError):  # which may be gone too; the next run sees for itself
                    self._records.finish(entry.job, outcome)
                self._counters.vanished(entry.status)
                self._end(Entry(entry.job, "failed", outcome))

    @property
    def _stopping(self) -> bool:
        return self._stop.asked or self._disk_full or self._folder_gone

    def _leave_rest(self, jobs: Iterator[Job | Entry | None]) -> None:
        """Name the files that are left since the batch was stopped."""
        for job in [*self._in_hand.values(), *self._later]:
            self._end(Entry(job, "left"))
        for rest in jobs:
            if rest is None:
                return
            self._end(rest if isinstance(rest, Entry) else Entry(rest, "left"))

    def _feed(self, jobs: Iterator[Job | Entry | None]) -> bool:
        """Submit what there is room for; return whether there are no more jobs."""
        waiting, self._later = self._later, []
        for job in waiting:
            self._submit(job)
        while len(self._in_hand) < self._executor.capacity and not self._stopping:
            try:
                given = next(jobs)
            except StopIteration:
                return not self._later
            if given is None:
                return False
            if isinstance(given, Entry):
                self._count_and_end(given.job, given.outcome or Outcome(given.job.key, "failed"))
            else:
                self._submit(given)
        return False

    def _submit(self, job: Job) -> None:
        """Have a job done, unless nothing is to do or a stranger's file is in its way."""
        if job.key in self._in_hand:  # its source has changed meanwhile
            self._later.append(job)
            return
        try:
            self._submit_checked(job)
        except DiskFullError:  # the manifest cannot be written
            self._disk_full = True
            self._end(Entry(job, "left"))

    def _submit_checked(self, job: Job) -> None:
        job = job.with_previous(self._records.record(job.key))
        if not self._run_options.verify and job.seems_unchanged():
            self._count_and_end(job, Outcome(job.key, "unchanged"))
            return
        if self._run_options.skip_existing and exists(job.product("output")):
            self._count_and_end(job, Outcome(job.key, "skipped"))
            return
        most = self._run_options.quarantine
        if most and (tries := self._records.tries(job)) >= most:
            outcome = Outcome(job.key, "quarantined", error=_quarantined(job, tries))
            self._records.finish(job, outcome)
            self._count_and_end(job, outcome)
            return
        if self._records.knows(job.key):
            job = replace(job, force=True)
        try:
            job.layout.check(job.key, job.kinds, force=job.force, source=job.source)
        except FileError as error:
            outcome = Outcome(job.key, "failed", error=error)
            self._records.refuse(job, outcome)
            self._count_and_end(job, outcome)
            return
        self._records.begin(job)
        self._counters.expect(job)
        self._hand_over(job)

    def _hand_over(self, job: Job) -> None:
        self._in_hand[job.key] = job
        self._counters.began_job(job)
        self._executor.submit(job)

    def _collect(self) -> None:
        """Take outcomes for a moment."""
        for outcome in self._executor.as_completed(POLL):
            job = self._in_hand.pop(outcome.key)
            self._memory.setdefault(outcome.worker, []).append(outcome.memory)
            if self._worth_another(job, outcome):
                if self._run_options.on_retry is not None:
                    self._run_options.on_retry(job, outcome)
                self._counters.retried += 1
                # What the first attempt left in its place is the batch's own.
                self._hand_over(replace(job, attempt=job.attempt + 1, force=True))
                continue
            self._settle(job, outcome)
            if self._stop.asked or len(self._in_hand) < self._executor.capacity:
                return

    def _worth_another(self, job: Job, outcome: Outcome) -> bool:
        wanted = outcome.transient and job.attempt <= self._run_options.retries
        return wanted and not self._stopping

    def _settle(self, job: Job, outcome: Outcome) -> None:
        """Write an outcome down; a full disk or a folder that is gone ends the batch."""
        if isinstance(outcome.error, DiskFullError):
            self._disk_full = True
        if outcome.error is not None and job.layout.is_gone():
            self._folder_gone = True  # every other file would meet it
        try:
            self._records.finish(job, outcome)
        except DiskFullError:
            self._disk_full = True
        self._counters.finished(job, outcome)
        self._end(Entry(job, outcome.status, outcome))

    def _count_and_end(self, job: Job, outcome: Outcome) -> None:
        self._counters.expect(job)
        self._counters.finished(job, outcome)
        self._end(Entry(job, outcome.status, outcome))

    def _leave_waiting(self) -> None:
        """Take back what no worker has begun."""
        for job in self._executor.cancel():
            del self._in_hand[job.key]
            self._end(Entry(job, "left"))

    def _end(self, entry: Entry) -> None:
        self._entries[entry.job.key] = entry
        if self._run_options.on_end is not None:
            self._run_options.on_end(entry)

    def _result(self) -> BatchResult:
        left = any(entry.status == "left" for entry in self._entries.values())
        return BatchResult(
            entries=list(self._entries.values()),
            counters=self._counters,
            seconds=self._counters.elapsed,
            interrupted=self._stop.asked and left,
            disk_full=self._disk_full,
            memory=self._memory,
            damaged=sorted(self._records.damaged),
        )


def _vanished(path: Path) -> FileError:
    return FileError(
        "was written, and is no longer there",
        where=str(path),
        rule="what a batch has done is there when it ends",
        remedy="find out what removed it, and run the batch again",
    )


def _quarantined(job: Job, tries: int) -> FileError:
    return FileError(
        f"is quarantined after {tries} attempts without success",
        where=str(job.source),
        rule="a file that fails again and again is not tried until it changes",
        remedy="mend or replace it, or run with --quarantine 0",
    )

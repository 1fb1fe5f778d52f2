"""A batch in this process: one job after the other, on a chain that is there, nothing kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext

from restorack.chains import Chain
from restorack.io.reader import AudioReader
from restorack.render.api import OnStage
from restorack.render.batch.job import Job, Outcome
from restorack.render.batch.progress_counters import ProgressCounters
from restorack.render.batch.run import Batch, BatchResult, Entry, RunOptions, Stop
from restorack.render.batch.work import options_of, render_job
from restorack.render.plan import make_plan
from restorack.render.progress import OnProgress

Work = Callable[[Job], Outcome]
Watch = Callable[[Job], AbstractContextManager[OnProgress | None]]
"""Returns what a job is surrounded with: it gives what is to be told of the render's progress."""
Listen = Callable[[Job], AbstractContextManager[OnStage | None]]
"""The same for what comes out of each stage; see :func:`restorack.render.api.render`."""


class InlineExecutor:
    """Does jobs in this process; see :class:`~restorack.render.batch.executors.protocol.Executor`.

    Parameters
    ----------
    work : callable
        Does a job and returns its outcome; raises nothing but what ends the batch.
    """

    capacity = 1

    def __init__(self, work: Work) -> None:
        self._work = work
        self._waiting: deque[Job] = deque()

    def submit(self, job: Job) -> None:
        """Take a job."""
        self._waiting.append(job)

    def as_completed(self, timeout: float | None = None) -> Iterator[Outcome]:
        """Yield outcomes as jobs end; none of them is ended by the timeout."""
        del timeout
        while self._waiting:
            yield self._work(self._waiting.popleft())

    def cancel(self) -> list[Job]:
        """Return the jobs that are not begun; they will not run."""
        jobs = list(self._waiting)
        self._waiting.clear()
        return jobs

    def close(self) -> None:
        """Do nothing: there are no workers."""


class Unrecorded:
    """The records of a batch that keeps none: what exists is another's."""

    damaged: frozenset[str] = frozenset()

    def record(self, key: str) -> None:
        """Return None: nothing is known of any file."""

    def knows(self, key: str) -> bool:
        """Return False."""
        del key
        return False

    def tries(self, job: Job) -> int:
        """Return 0: none is counted."""
        del job
        return 0

    def begin(self, job: Job) -> None:
        """Keep nothing."""

    def finish(self, job: Job, outcome: Outcome) -> None:
        """Keep nothing."""

    def refuse(self, job: Job, outcome: Outcome) -> None:
        """Keep nothing."""


def run_inline(jobs: Sequence[Job], work: Work, run_options: RunOptions) -> BatchResult:
    """Do jobs in turn; Ctrl-C ends the one in hand, and the rest is left.

    Returns
    -------
    BatchResult
        With an entry for each job, in their order.
    """
    batch = Batch(InlineExecutor(work), Unrecorded(), ProgressCounters(), run_options, Stop())
    result = batch.run(jobs)
    ended = {entry.job.key: entry for entry in result.entries}
    result.entries = [ended.get(job.key, Entry(job, "left")) for job in jobs]
    return result


def rendering(
    chain: Chain,
    watch: Watch = lambda job: nullcontext(),
    listen: Listen = lambda job: nullcontext(),
) -> Work:
    """Return the work of rendering jobs through one chain."""

    def render_it(job: Job) -> Outcome:
        try:
            with watch(job) as on_progress, listen(job) as on_stage:
                result = render_job(job, chain, on_progress, on_stage)
        except Exception as error:
            chain.reset()
            chain.forget()
            return Outcome(job.key, "failed", error=error)
        return Outcome.of_render(job, result, result=result)

    return render_it


def planning(chain: Chain) -> Work:
    """Return the work of a dry run: a job's plan, and nothing is written."""

    def plan_it(job: Job) -> Outcome:
        try:
            with AudioReader(job.source) as reader:
                plan = make_plan(reader, job.product("output"), chain, options_of(job))
        except Exception as error:
            return Outcome(job.key, "failed", error=error)
        return Outcome(job.key, "planned", result=plan)

    return plan_it

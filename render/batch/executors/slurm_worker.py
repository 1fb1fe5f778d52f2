"""What a job of a Slurm queue does: its files in turn, on chains that stay warm."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from restorack.render.batch.executors import outcome_file
from restorack.render.batch.executors.queueing import THREADS
from restorack.render.batch.job import Job
from restorack.render.batch.work import WorkerCache


def do_all(jobs: Sequence[Job], outcomes: str) -> int:
    """Do jobs; append each outcome to a file at once, so that none is lost with the machine.

    Parameters
    ----------
    jobs : sequence of Job
    outcomes : str
        Path of the file; where Slurm starts a job again, what is in it is not done again.

    Returns
    -------
    int
        How many there were to do.
    """
    for name in THREADS:  # as in the local pool: results do not depend on how many there are
        os.environ[name] = "1"
    path, cache = Path(outcomes), WorkerCache()
    done = {outcome.key for outcome in outcome_file.mend(path)}
    left = [job for job in jobs if job.key not in done]
    for job in left:
        outcome_file.append(path, cache.do(job))
    return len(left)

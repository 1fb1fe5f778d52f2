"""A whole batch: the folder is locked and swept, the files are named, done, and written down."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from restorack.errors import ParameterError
from restorack.render.batch.engine import Engine, OnProgress
from restorack.render.batch.inputs import Found, find_inputs
from restorack.render.batch.job import Job
from restorack.render.batch.manifest import Manifest
from restorack.render.batch.plan import Wanted, plan_batch
from restorack.render.batch.pool import LocalPool, usable_cores
from restorack.render.batch.progress_counters import Tally
from restorack.render.batch.run import Batch, BatchResult, Entry, Habits, Stop
from restorack.render.batch.watch import Watcher

MakeEngine = Callable[[OnProgress], Engine]


def run_batch(
    inputs: Iterable[Path],
    wanted: Wanted,
    *,
    recursive: bool = False,
    watch: float | None = None,
    make_engine: MakeEngine | None = None,
    habits: Habits | None = None,
    stop: Stop | None = None,
    tally: Tally | None = None,
) -> BatchResult:
    """Render files into a folder; what an earlier run has done is not done again.

    Parameters
    ----------
    inputs : iterable of Path
        Files and folders.
    wanted : Wanted
        The output folder, the recipe, the names, and what else is wanted of each file.
    recursive : bool
        Take what lies in the folders' folders, too.
    watch : float, optional
        Go on after the files that are there: take those that come, once they have rested for so
        many seconds, until ``stop`` is asked.
    make_engine : callable, optional
        Returns what runs the jobs, given who is to be told of progress; by default a
        :class:`~restorack.render.batch.pool.LocalPool` with a worker for each core.
    habits : Habits, optional
    stop : Stop, optional
        Ctrl-C, SIGTERM and SIGHUP ask it, in the main thread.
    tally : Tally, optional
        To be looked at meanwhile.

    Returns
    -------
    BatchResult

    Raises
    ------
    RestorackError
        Before anything is rendered: for inputs that are not there, names that meet, a folder
        that another batch works into.
    """
    given = [Path(path) for path in inputs]
    tally, stop = tally or Tally(), stop or Stop()
    if watch is not None and not any(path.is_dir() for path in given):
        raise ParameterError("no folder to watch", rule="--watch takes files that come to folders")
    places = wanted.places
    with places.owned(), Manifest(places.manifest) as manifest:
        find = _finder(given, recursive, wanted, manifest)
        jobs = plan_batch(find(), wanted) if watch is None else []
        known = {job.key for job in jobs} | set(manifest.keys())
        swept = places.sweep(known)
        manifest.note_recipe(wanted.recipe)
        tally.files = len(jobs)
        feed: Iterable[Job | Entry | None] = (
            jobs if watch is None else Watcher(find, wanted, settle=watch)
        )
        engine = (make_engine or _local_pool)(tally.advanced)
        with stop.on_signals():  # also while the workers are ended
            try:
                result = Batch(engine, manifest, tally, habits or Habits(), stop).run(
                    feed, watching=watch is not None
                )
            finally:
                engine.close()
                swept += places.sweep(known | set(manifest.keys()))
    order = {job.key: number for number, job in enumerate(jobs)}
    result.entries.sort(key=lambda entry: order.get(entry.job.key, 0))
    result.swept = swept
    return result


def plan_only(
    inputs: Iterable[Path], wanted: Wanted, *, recursive: bool = False
) -> list[tuple[Job, bool]]:
    """Return the jobs of a batch, and of each whether it seems to be done; nothing is written."""
    given, places = [Path(path) for path in inputs], wanted.places
    if not places.manifest.exists():
        found = find_inputs(given, recursive=recursive, leave_out=places.root, outputs=frozenset())
        return [(job, False) for job in plan_batch(found, wanted)]
    with Manifest(places.manifest) as manifest:
        jobs = plan_batch(_finder(given, recursive, wanted, manifest)(), wanted)
        known = [job.with_previous(manifest.record(job.key)) for job in jobs]
    return [(job, job.seems_unchanged()) for job in known]


def _finder(
    given: list[Path], recursive: bool, wanted: Wanted, manifest: Manifest
) -> Callable[[], list[Found]]:
    places = wanted.places
    return lambda: find_inputs(
        given, recursive=recursive, leave_out=places.root, outputs=manifest.outputs(places.root)
    )


def _local_pool(on_progress: OnProgress) -> Engine:
    return LocalPool(usable_cores(), on_progress=on_progress)

"""A whole batch: the folder is locked and swept, the files are named, done, and written down."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from restorack.errors import FileError, ParameterError
from restorack.io.remote.listing import kept
from restorack.io.remote.urls import as_path
from restorack.render.batch.executors.pool import LocalPool
from restorack.render.batch.executors.protocol import Executor, OnProgress
from restorack.render.batch.inputs import (
    Found,
    find_inputs,
    refuse_nested,
    refuse_watching_urls,
)
from restorack.render.batch.job import Job
from restorack.render.batch.manifest import Manifest
from restorack.render.batch.output_layout import OutputLayout
from restorack.render.batch.plan import OutputSpec, plan_batch
from restorack.render.batch.progress_counters import ProgressCounters
from restorack.render.batch.run import Batch, BatchResult, Entry, RunOptions, Stop
from restorack.render.batch.shards import JoinedRecords, Shard, other_manifests
from restorack.render.batch.watch import Watcher
from restorack.system.machine import usable_cores

MakeExecutor = Callable[[OnProgress], Executor]


def run_batch(
    inputs: Iterable[Path],
    wanted: OutputSpec,
    *,
    recursive: bool = False,
    watch: float | None = None,
    make_executor: MakeExecutor | None = None,
    run_options: RunOptions | None = None,
    stop: Stop | None = None,
    counters: ProgressCounters | None = None,
) -> BatchResult:
    """Render files into a folder; what an earlier run has done is not done again.

    Parameters
    ----------
    inputs : iterable of Path
        Files and folders.
    wanted : OutputSpec
        The output folder, the recipe, the names, and what else is wanted of each file.
    recursive : bool
        Take what lies in the folders' folders, too.
    watch : float, optional
        Go on after the files that are there: take those that come, once they have rested for so
        many seconds, until ``stop`` is asked.
    make_executor : callable, optional
        Returns what runs the jobs, given who is to be told of progress; by default a
        :class:`~restorack.render.batch.executors.pool.LocalPool` with a worker for each core.
    run_options : RunOptions, optional
    stop : Stop, optional
        Ctrl-C, SIGTERM and SIGHUP ask it, in the main thread.
    counters : ProgressCounters, optional
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
    given = [as_path(path) for path in inputs]
    refuse_watching_urls(given, watch)
    counters, stop = counters or ProgressCounters(), stop or Stop()
    if watch is not None and not any(path.is_dir() for path in given):
        raise ParameterError("no folder to watch", rule="--watch takes files that come to folders")
    layout = wanted.layout
    if watch is None and not recursive:
        refuse_nested(given, layout.root)
    with (
        kept(),
        layout.owned(stop.ask),
        Manifest(layout.manifest) as own,
        JoinedRecords(own, other_manifests(layout.manifest)) as manifest,
    ):
        find = _finder(given, recursive, wanted, manifest)
        jobs = _part(plan_batch(find(), wanted), layout) if watch is None else []
        known = {job.key for job in jobs} | set(own.keys())
        swept = layout.sweep(known)
        own.note_recipe(wanted.recipe)
        own.begin_run(len(jobs), str(layout.shard or ""))
        counters.files = len(jobs)
        feed: Iterable[Job | Entry | None] = (
            jobs if watch is None else Watcher(find, wanted, settle=watch)
        )
        executor = (make_executor or _local_pool)(counters.advanced)
        with stop.on_signals():  # also while the workers are ended
            try:
                result = Batch(executor, manifest, counters, run_options or RunOptions(), stop).run(
                    feed, watching=watch is not None
                )
            finally:
                executor.close()
                swept += layout.sweep(known | set(own.keys()))
        with suppress(FileError):  # the folder may be gone, or the disk full
            own.end_run()
    order = {job.key: number for number, job in enumerate(jobs)}
    result.entries.sort(key=lambda entry: order.get(entry.job.key, 0))
    result.swept = swept
    return result


def plan_only(
    inputs: Iterable[Path], wanted: OutputSpec, *, recursive: bool = False
) -> list[tuple[Job, bool]]:
    """Return the jobs of a batch, and of each whether it seems to be done; nothing is written."""
    given, layout = [as_path(path) for path in inputs], wanted.layout
    if not recursive:
        refuse_nested(given, layout.root)
    with kept(layout.root):
        return _plan(given, wanted, recursive)


def _plan(given: list[Path], wanted: OutputSpec, recursive: bool) -> list[tuple[Job, bool]]:
    layout = wanted.layout
    layout.look_up()
    if not layout.manifest.exists():
        found = find_inputs(given, recursive=recursive, leave_out=layout.root, outputs=frozenset())
        return [(job, False) for job in _part(plan_batch(found, wanted), layout)]
    with (
        Manifest(layout.manifest) as own,
        JoinedRecords(own, other_manifests(layout.manifest)) as manifest,
    ):
        jobs = _part(plan_batch(_finder(given, recursive, wanted, manifest)(), wanted), layout)
        known = [job.with_previous(manifest.record(job.key)) for job in jobs]
    return [(job, job.seems_unchanged()) for job in known]


def _part(jobs: list[Job], layout: OutputLayout) -> list[Job]:
    """Return the jobs of the part that works into a folder; all names were claimed before."""
    return layout.shard.jobs(jobs) if isinstance(layout.shard, Shard) else jobs


def _finder(
    given: list[Path], recursive: bool, wanted: OutputSpec, manifest: JoinedRecords
) -> Callable[[], list[Found]]:
    layout = wanted.layout
    return lambda: find_inputs(
        given, recursive=recursive, leave_out=layout.root, outputs=manifest.outputs(layout.root)
    )


def _local_pool(on_progress: OnProgress) -> Executor:
    return LocalPool(usable_cores(), on_progress=on_progress)

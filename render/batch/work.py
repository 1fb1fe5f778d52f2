"""What a worker does: one job after the other, on racks that stay warm."""

from __future__ import annotations

import errno
import pickle
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

from restorack.chains import Chain
from restorack.errors import FileError, PluginError, RestorackError, TransferError
from restorack.render.api import OnStage, render
from restorack.render.batch.job import Job, Outcome
from restorack.render.batch.recipe import Recipe
from restorack.render.batch.state import FileState
from restorack.render.plan import RenderOptions
from restorack.render.progress import OnProgress
from restorack.render.result import RenderResult

MOST_RACKS = 4
"""Racks that a worker keeps; each holds its networks."""

_PASSING = (errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EAGAIN, errno.ENOMEM, errno.EMFILE)


def render_job(
    job: Job,
    chain: Chain,
    on_progress: OnProgress | None = None,
    on_stage: OnStage | None = None,
) -> RenderResult:
    """Render a job through its chain, with all that it wants beside the output."""
    output = job.product("output")
    job.layout.make_for(job.key)
    result = render(
        job.source, output, chain,
        on_progress=on_progress, on_stage=on_stage, **vars(options_of(job)),
    )  # fmt: skip
    if job.sidecars is not None:
        job.sidecars(job, result)
    return result


def options_of(job: Job) -> RenderOptions:
    """Return how a job is rendered: as its recipe says, with what belongs to it alone."""
    difference = job.product("difference") if "difference" in job.kinds else None
    return replace(job.recipe.options, difference=difference, force=job.force)


def _fraction_of(on_progress: Callable[[float], None] | None) -> OnProgress | None:
    if on_progress is None:
        return None
    return lambda progress: on_progress(progress.fraction)


class WorkerCache:
    """A worker's racks, each built once: networks and plugins stay loaded between files."""

    def __init__(self) -> None:
        self._racks: OrderedDict[str, Chain] = OrderedDict()

    def do(self, job: Job, on_progress: Callable[[float], None] | None = None) -> Outcome:
        """Do a job and return its outcome; an error is part of it.

        Parameters
        ----------
        job : Job
        on_progress : callable, optional
            Gets how much is done, 0 to 1.
        """
        try:
            return self._done(job, on_progress)
        except Exception as error:
            self._put_right(job.recipe, error)
            return Outcome(job.key, "failed", error=_portable(error), transient=is_transient(error))

    def _done(self, job: Job, on_progress: Callable[[float], None] | None) -> Outcome:
        from restorack.render.batch.remote.staging import do_staged, is_elsewhere

        if is_elsewhere(job):
            return do_staged(job, lambda staged: self._done(staged, on_progress))
        before = FileState.of(job.source)
        if job.is_unchanged(before) and job.previous is not None:
            states = {kind: FileState.of(job.product(kind)) for kind in job.kinds}
            return Outcome(job.key, "unchanged", before, {**job.previous.products, **states})
        result = render_job(job, self._rack(job.recipe), _fraction_of(on_progress))
        if not before.looks_like(job.source):
            raise FileError(
                "changed while it was read",
                where=str(job.source),
                rule="every pass must see the same samples",
                remedy="run the batch again once nothing else writes it",
            )
        states = {kind: FileState.of(job.product(kind)) for kind in job.kinds}
        return Outcome.of_render(job, result, source_state=before, products=states)

    def _put_right(self, recipe: Recipe, error: Exception) -> None:
        """Leave a rack as if it had not seen the file that failed."""
        chain = self._racks.get(recipe.digest)
        if chain is not None and isinstance(error, RestorackError):
            chain.reset()
            chain.forget()
        else:
            self._racks.pop(recipe.digest, None)  # whatever state it is in now

    def _rack(self, recipe: Recipe) -> Chain:
        chain = self._racks.pop(recipe.digest, None) or recipe.build()
        self._racks[recipe.digest] = chain
        while len(self._racks) > MOST_RACKS:
            self._racks.popitem(last=False)
        return chain


def is_transient(error: Exception) -> bool:
    """Return whether another attempt may go better: third-party code, memory, a lost disk."""
    if isinstance(error, OSError):
        return error.errno in _PASSING
    return isinstance(error, (PluginError, TransferError, MemoryError))


def _portable(error: Exception) -> Exception:
    """Return an error that can leave the process."""
    if isinstance(error, RestorackError):
        return error
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  made here
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error

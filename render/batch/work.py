"""What a worker does: one job after the other, on racks that stay warm."""

from __future__ import annotations

import errno
import pickle
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

from restorack.chains import Chain
from restorack.errors import FileError, PluginError, RestorackError
from restorack.render.api import render
from restorack.render.batch.job import Job, Outcome
from restorack.render.batch.recipe import Recipe
from restorack.render.batch.state import FileState
from restorack.render.progress import Progress
from restorack.render.result import RenderResult

MOST_RACKS = 4
"""Racks that a worker keeps; each holds its networks."""

_PASSING = (errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EAGAIN, errno.ENOMEM, errno.EMFILE)


class WorkerCache:
    """A worker's racks, each built once: networks and plugins stay loaded between files."""

    def __init__(self) -> None:
        self._racks: OrderedDict[str, Chain] = OrderedDict()

    def do(self, job: Job, on_progress: Callable[[float], None] | None = None) -> Outcome:
        """Do a job and return what became of it; what goes wrong is in the outcome.

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
        before = FileState.of(job.source)
        if job.is_unchanged(before) and job.previous is not None:
            states = {kind: FileState.of(job.product(kind)) for kind in job.kinds}
            return Outcome(job.key, "unchanged", before, {**job.previous.products, **states})
        result = self._rendered(job, on_progress)
        if job.sidecars is not None:
            job.sidecars(job, result)
        if not before.looks_like(job.source):
            raise FileError(
                "changed while it was read",
                where=str(job.source),
                rule="every pass must see the same samples",
                remedy="run the batch again once nothing else writes it",
            )
        states = {kind: FileState.of(job.product(kind)) for kind in job.kinds}
        return Outcome(
            job.key, "done", before, states, result.frames_in / result.input_rate, result.seconds,
            warnings=result.warnings, clipped=result.clipped,
            incomplete=bool(result.incomplete),
        )  # fmt: skip

    def _rendered(self, job: Job, on_progress: Callable[[float], None] | None) -> RenderResult:
        output = job.product("output")
        job.layout.make_for(job.key)
        difference = job.product("difference") if "difference" in job.kinds else None
        options = replace(job.recipe.options, difference=difference, force=job.force)

        def tell(progress: Progress) -> None:
            if on_progress is not None:
                on_progress(progress.fraction)

        chain = self._rack(job.recipe)
        return render(job.source, output, chain, on_progress=tell, **vars(options))

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
    return isinstance(error, (PluginError, MemoryError))


def _portable(error: Exception) -> Exception:
    """Return an error that can leave the process."""
    if isinstance(error, RestorackError):
        return error
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  made here
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error

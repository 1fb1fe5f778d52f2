"""A job: one file, complete with all that a worker needs, on this machine or another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

from restorack.render.batch.output_layout import Kind, Layout
from restorack.render.batch.recipe import Recipe
from restorack.render.batch.state import FileState
from restorack.render.plan import Plan
from restorack.render.result import RenderResult

Status: TypeAlias = Literal["done", "unchanged", "failed", "skipped", "planned", "quarantined"]


@dataclass(frozen=True)
class Record:
    """What the manifest knows of a file that was done."""

    source_state: FileState
    recipe: str
    products: Mapping[Kind, FileState]


@dataclass(frozen=True)
class Job:
    """One file of a batch.

    Idempotent: doing it again gives the same files. Picklable, and complete: a worker needs nothing
    else, and nothing of it is alive.

    Attributes
    ----------
    key : str
        See :class:`~restorack.render.batch.output_layout.OutputLayout`.
    source : Path
    layout : Layout
    recipe : Recipe
    kinds : tuple of str
        What is wanted: the output, and what else of ``difference``, ``report``, ``picture``,
        ``mets``, ``page``.
    force : bool
        Replace files that are not known to be the batch's own.
    previous : Record or None
        Of an earlier run: where all of it still holds, nothing is rendered.
    sidecars : callable or None
        Writes what the render itself does not: gets the job and its result, in the worker. Pickled
        by name.
    attempt : int
        Counts from 1.
    size : int
        Of the source, in bytes: what progress is measured by.
    """

    key: str
    source: Path
    layout: Layout
    recipe: Recipe
    kinds: tuple[Kind, ...] = ("output",)
    force: bool = False
    previous: Record | None = None
    sidecars: Callable[[Job, RenderResult], None] | None = None
    attempt: int = 1
    size: int = 0

    def product(self, kind: Kind) -> Path:
        """Return where one of the wanted files goes."""
        return self.layout.product(self.key, kind)

    def with_previous(self, record: Record | None) -> Job:
        """Return the job with what an earlier run has written down."""
        return replace(self, previous=record)

    def seems_unchanged(self) -> bool:
        """Return whether names, sizes and times say that there is nothing to do."""
        return self._stands(lambda state, path: state.looks_like(path))

    def is_unchanged(self, source_state: FileState) -> bool:
        """Return whether the contents say so; the source's are given."""
        known = self.previous
        if known is None or known.source_state.sha256 != source_state.sha256:
            return False
        return self._stands(lambda state, path: path == self.source or state.is_still(path))

    def _stands(self, holds: Callable[[FileState, Path], bool]) -> bool:
        known = self.previous
        if known is None or known.recipe != self.recipe.digest:
            return False
        if not set(self.kinds) <= set(known.products):
            return False
        return holds(known.source_state, self.source) and all(
            holds(known.products[kind], self.product(kind)) for kind in self.kinds
        )


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    Attributes
    ----------
    key : str
    status : {"done", "unchanged", "failed", "skipped", "planned", "quarantined"}
        ``skipped``: its output exists, and such files are to be left alone. ``quarantined``: it
        has failed too often.
    source_state : FileState or None
    products : dict
        States of the files that were written.
    audio_seconds, seconds : float
        Length of the file; time that its render took.
    error : Exception or None
        Of a file that failed.
    transient : bool
        Another attempt may go better.
    warnings : list of str
    clipped : int
        Samples beyond full scale that were cut.
    incomplete : bool
        Of the source, sound is missing, or may be: warnings say what.
    memory : int
        Bytes that the worker and its children hold after the job.
    worker : int
        Process number.
    result : RenderResult or Plan or None
        What was rendered, or would be; only from an executor in the same process.
    """

    key: str
    status: Status
    source_state: FileState | None = None
    products: Mapping[Kind, FileState] = field(default_factory=dict)
    audio_seconds: float = 0.0
    seconds: float = 0.0
    error: Exception | None = None
    transient: bool = False
    warnings: list[str] = field(default_factory=list)
    clipped: int = 0
    incomplete: bool = False
    memory: int = 0
    worker: int = 0
    result: RenderResult | Plan | None = None

    @classmethod
    def of_render(cls, job: Job, rendered: RenderResult, **more: Any) -> Outcome:
        """Return the outcome of a job that was rendered."""
        return cls(
            job.key, "done", audio_seconds=rendered.frames_in / rendered.input_rate,
            seconds=rendered.seconds, warnings=rendered.warnings, clipped=rendered.clipped,
            incomplete=bool(rendered.incomplete), **more,
        )  # fmt: skip

"""The jobs of a batch: every output named, and names that meet refused, before any work."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from restorack.errors import FileError, RestorackError
from restorack.io.remote.fetching import on_this_disk
from restorack.io.remote.listing import listed
from restorack.io.remote.urls import is_remote
from restorack.render.batch.inputs import Found
from restorack.render.batch.job import Job
from restorack.render.batch.output_layout import Kind, OutputLayout
from restorack.render.batch.pattern import Named, Pattern
from restorack.render.batch.recipe import Recipe
from restorack.render.result import RenderResult

MOST_SHOWN = 5
"""Colliding names that an error lists; the rest are counted."""


@dataclass(frozen=True)
class OutputSpec:
    """What a batch makes of each file.

    Attributes
    ----------
    layout : OutputLayout
    recipe : Recipe
    pattern : Pattern
    kinds : tuple of str
        The output, and what else is wanted.
    force : bool
        Replace files that are not the batch's own.
    sidecars : callable or None
        See :class:`~restorack.render.batch.job.Job`.
    """

    layout: OutputLayout
    recipe: Recipe
    pattern: Pattern
    kinds: tuple[Kind, ...] = ("output",)
    force: bool = False
    sidecars: Callable[[Job, RenderResult], None] | None = None

    def names(self) -> Names:
        """Return the names in the folder, none of them taken yet."""
        return Names(
            folds_case=self.layout.folds_case,
            remedy="tell them apart by --pattern, such as '{folder}/{name}'",
        )

    def job(self, found: Found) -> Job:
        """Return the job of one file; a file whose tags cannot be read is named by its path."""
        named = Named(found.source, found.folder, self.recipe.name)
        return Job(
            key=self.pattern.key(named, read_tags),
            source=found.source,
            layout=self.layout,
            recipe=self.recipe,
            kinds=self.kinds,
            force=self.force,
            sidecars=self.sidecars,
            size=_size(found),
        )


def _size(found: Found) -> int:
    if found.size is not None:
        return found.size
    if is_remote(found.source):
        stored = listed(found.source)
        return stored.size if stored is not None else 0
    try:
        return found.source.stat().st_size
    except OSError:
        return 0  # gone meanwhile: its job will say so


def read_tags(path: Path) -> Mapping[str, str]:
    """Return the first text of each tag; none for a file that cannot be read."""
    from restorack.io.metadata import read_metadata

    try:
        with on_this_disk(path) as local:
            values = read_metadata(local).tags.values
    except (RestorackError, OSError):
        return {}
    return {name: texts[0] for name, texts in values.items()}


def _label(job: Job, kind: Kind) -> str:
    return f"the {kind} of {job.source}"


class Names:
    """Who has which name; on disks that fold case, ``A.wav`` and ``a.wav`` are one.

    Parameters
    ----------
    folds_case : bool
        Of the disk.
    remedy : str
        What to do where two names meet.
    """

    def __init__(self, *, folds_case: bool, remedy: str) -> None:
        self._folds, self._remedy = folds_case, remedy
        self._taken: dict[str, str] = {}

    def claim(self, job: Job) -> None:
        """Take the names of a job's files.

        Raises
        ------
        FileError
            Where one of them is another job's.
        """
        self._claim({_label(job, kind): job.product(kind) for kind in job.kinds})

    def claim_path(self, path: Path, label: str) -> None:
        """Take the name of a file that belongs to no job."""
        self._claim({label: path})

    def _claim(self, paths: Mapping[str, Path]) -> None:
        mine: dict[str, str] = {}
        for label, path in paths.items():
            identity = self._identity(path)
            other = self._taken.get(identity) or mine.get(identity)
            if other is not None:
                raise FileError(
                    f"{other} and {label} would be one file",
                    where=str(path),
                    rule="every output has a name of its own",
                    remedy=self._remedy,
                )
            mine[identity] = label
        self._taken |= mine

    def has(self, job: Job) -> bool:
        """Return whether the name of a job's output is its source's already."""
        return self._taken.get(self._identity(job.product("output"))) == _label(job, "output")

    def _identity(self, path: Path) -> str:
        text = str(path) if is_remote(path) else os.path.realpath(path)
        return unicodedata.normalize("NFC", text).casefold() if self._folds else text

    def refuse_sources(self, sources: Iterable[Path]) -> None:
        """Raise where a file that will be written is an input."""
        for source in sources:
            identity = self._identity(source)
            if identity in self._taken:
                raise FileError(
                    "is an input",
                    where=str(source),
                    rule="a source is never overwritten, not even by --force",
                    remedy="choose other names or another folder for the outputs",
                )


def plan_batch(found: Sequence[Found], wanted: OutputSpec) -> list[Job]:
    """Return the jobs of files, in order.

    Raises
    ------
    FileError
        As of :func:`claim_names`.
    """
    jobs = [wanted.job(one) for one in found]
    claim_names(jobs, wanted.names())
    return jobs


def claim_names(jobs: Sequence[Job], names: Names) -> None:
    """Take the names of all jobs' files.

    Raises
    ------
    FileError
        Where outputs would meet, or an input would be overwritten; names the first few.
    """
    meetings: list[FileError] = []
    for job in jobs:
        try:
            names.claim(job)
        except FileError as error:
            meetings.append(error)
    names.refuse_sources(job.source for job in jobs)
    if meetings:
        first = meetings[0]
        others = [f"{error.where} ({error.what})" for error in meetings[1:MOST_SHOWN]]
        more = len(meetings) - 1 - len(others)
        listed = "".join(f"; {other}" for other in others) + (f"; {more} more" if more > 0 else "")
        raise FileError(first.what + listed, where=first.where, rule=first.rule,
                        remedy=first.remedy)  # fmt: skip

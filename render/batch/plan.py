"""The jobs of a batch: every output named, and names that meet refused, before any work."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from restorack.errors import FileError, RestorackError
from restorack.render.batch.inputs import Found
from restorack.render.batch.job import Job
from restorack.render.batch.output_layout import Kind, OutputLayout
from restorack.render.batch.pattern import Named, Pattern
from restorack.render.batch.recipe import Recipe
from restorack.render.result import RenderResult

MOST_SHOWN = 5


@dataclass(frozen=True)
class OutputSpec:
    """What a batch makes of each file.

    Attributes
    ----------
    places : Places
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

    def job(self, found: Found) -> Job:
        """Return the job of one file; a file whose tags cannot be read is named by its path."""
        named = Named(found.source, found.folder, self.recipe.name)
        try:
            size = found.source.stat().st_size
        except OSError:
            size = 0  # gone meanwhile: its job will say so
        return Job(
            key=self.pattern.key(named, read_tags),
            source=found.source,
            layout=self.layout,
            recipe=self.recipe,
            kinds=self.kinds,
            force=self.force,
            sidecars=self.sidecars,
            size=size,
        )


def read_tags(path: Path) -> Mapping[str, str]:
    """Return the first text of each tag; none for a file that cannot be read."""
    from restorack.io.metadata import read_metadata

    try:
        values = read_metadata(path).tags.values
    except (RestorackError, OSError):
        return {}
    return {name: texts[0] for name, texts in values.items()}


class Names:
    """Who has which name; on disks that fold case, ``A.wav`` and ``a.wav`` are one."""

    def __init__(self, layout: OutputLayout) -> None:
        self._folds = layout.folds_case
        self._taken: dict[str, str] = {}

    def claim(self, job: Job) -> None:
        """Take the names of a job's files.

        Raises
        ------
        FileError
            Where one of them is another job's.
        """
        mine = {self._identity(job.product(kind)): kind for kind in job.kinds}
        for identity, kind in mine.items():
            if identity in self._taken:
                raise FileError(
                    f"{self._taken[identity]} and {job.source} would be one file",
                    where=str(job.product(kind)),
                    rule="every output has a name of its own",
                    remedy="tell them apart by --pattern, such as '{folder}/{name}'",
                )
        self._taken |= dict.fromkeys(mine, str(job.source))

    def owner(self, job: Job) -> str | None:
        """Return whose a job's output name is, if anybody's."""
        return self._taken.get(self._identity(job.product("output")))

    def _identity(self, path: Path) -> str:
        text = os.path.realpath(path)
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
                    remedy="choose another output folder, or another --pattern",
                )


def plan_batch(found: Sequence[Found], wanted: OutputSpec) -> list[Job]:
    """Return the jobs of files, in order.

    Raises
    ------
    FileError
        Where outputs would meet, or an input would be overwritten; names the first few.
    """
    names, jobs, meetings = Names(wanted.layout), [], list[FileError]()
    for one in found:
        job = wanted.job(one)
        try:
            names.claim(job)
        except FileError as error:
            meetings.append(error)
        jobs.append(job)
    if meetings:
        first = meetings[0]
        others = [f"{error.where} ({error.what})" for error in meetings[1:MOST_SHOWN]]
        more = len(meetings) - 1 - len(others)
        listed = "".join(f"; {other}" for other in others) + (f"; {more} more" if more > 0 else "")
        raise FileError(first.what + listed, where=first.where, rule=first.rule,
                        remedy=first.remedy)  # fmt: skip
    names.refuse_sources(job.source for job in jobs)
    return jobs

"""Outputs that a command line names, or that go beside their inputs: no folder of a batch's own."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from restorack.errors import FileError, ParameterError
from restorack.io.atomic import AtomicFile, check_writable, write_error
from restorack.io.file_names import fitting_name
from restorack.io.remote.urls import is_remote
from restorack.render.batch.job import Job
from restorack.render.batch.output_layout import Kind
from restorack.render.batch.plan import Names, claim_names
from restorack.render.batch.recipe import Recipe
from restorack.render.result import RenderResult

_URL = re.compile(r"[a-z][a-z0-9+.-]+:/[^/]")
"""As a path shows it, which has no double slashes."""


@dataclass(frozen=True)
class GivenOutputs:
    """Where the files of each job go, one by one.

    Attributes
    ----------
    files : dict
        A job's key to the paths of its files.
    folders : tuple of Path
        Made where they do not exist, with their parents.
    """

    files: Mapping[str, Mapping[Kind, Path]]
    folders: tuple[Path, ...] = ()

    def product(self, key: str, kind: Kind) -> Path:
        """Return where one of a job's files goes."""
        return self.files[key][kind]

    def make(self) -> None:
        """Make the folders."""
        for folder in self.folders:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise write_error(error, folder) from None

    def make_for(self, key: str) -> None:
        """Make nothing: the folders are there."""

    def check(self, key: str, kinds: Sequence[Kind], *, force: bool, source: Path) -> None:
        """Refuse files that exist, but by force, and files that can never be written."""
        for path in (self.product(key, kind) for kind in kinds):
            if is_remote(path):
                continue  # compared with what was rendered, when it is stored
            if path.parent in self.folders:  # made before the work, in a dry run never
                AtomicFile(path, force=force, sources=[source]).check()
            else:
                check_writable(path, force=force, sources=[source])

    def is_gone(self) -> bool:
        """Return False: there is no folder that all files share."""
        return False


@dataclass(frozen=True)
class OutputNames:
    """What a command line says of the names of outputs.

    Attributes
    ----------
    output, difference, picture, mets : str or None
        A file (for one input), or a folder: one that exists, or whose name ends in a slash. For
        several inputs it is a folder in any case.
    report : Path or None
        One for all inputs.
    infix : str
        Between stem and extension of outputs that go beside their inputs.
    extension : str
        Of the output's format, without a dot.
    """

    output: str | None
    difference: str | None
    picture: str | None
    report: Path | None
    infix: str
    extension: str
    mets: str | None = None

    def jobs(
        self,
        sources: Sequence[Path],
        recipe: Recipe,
        *,
        force: bool = False,
        sidecars: Callable[[Job, RenderResult], None] | None = None,
    ) -> tuple[list[Job], GivenOutputs]:
        """Return the jobs of files, in order, and where their files go.

        Raises
        ------
        FileError
            For a folder as an input, names that meet, or an input as a target.
        """
        for source in sources:
            refuse_folder(source)
        several = len(sources) > 1
        files = [self._files(source, several=several) for source in sources]
        keys = [str(number) for number in range(len(files))]
        parents = {path.parent: None for made in files for path in made.values()}
        missing = tuple(folder for folder in parents if not folder.exists())
        folders = dict.fromkeys((*self._folders(several=several), *missing))
        layout = GivenOutputs(dict(zip(keys, files, strict=True)), tuple(folders))
        jobs = [
            Job(key, source, layout, recipe, tuple(made), force, sidecars=sidecars)
            for key, source, made in zip(keys, sources, files, strict=True)
        ]
        names = Names(folds_case=False, remedy="choose other names, or another folder for each")
        if self.report is not None:
            names.claim_path(self.report, "the report")
        claim_names(jobs, names)
        return jobs, layout

    def _files(self, source: Path, *, several: bool) -> dict[Kind, Path]:
        beside = source.with_name(fitting_name(source.stem, f".{self.infix}.{self.extension}"))
        named: dict[Kind, Path | None] = {
            "output": _named(self.output, source, f".{self.extension}", several) or beside,
            "difference": _named(self.difference, source, ".difference.wav", several),
            "picture": _named(self.picture, source, ".png", several),
            "mets": _named(self.mets, source, ".mets.xml", several),
        }
        return {kind: path for kind, path in named.items() if path is not None}

    def _folders(self, *, several: bool) -> tuple[Path, ...]:
        given = (self.output, self.difference, self.picture, self.mets)
        return tuple(Path(name) for name in given if name and (several or name.endswith(os.sep)))


def refuse_folder(source: Path) -> None:
    """Raise for a folder: a shell's pattern says which of its files are meant; and for a URL."""
    if _URL.match(str(source)) and not source.exists():
        raise ParameterError(
            "is a URL",
            where=str(source),
            rule="single renders are of files on this machine's disks",
            remedy="restorack batch and restorack job run take URLs",
        )
    if source.is_dir():
        raise ParameterError(
            "is a folder",
            where=str(source),
            rule="inputs are audio files",
            remedy=f"restorack batch {source} -o DIR takes folders, with --recursive also those in "
            f"it; or name its files: {source}/*.wav",
        )


def _named(given: str | None, source: Path, ending: str, several: bool) -> Path | None:
    if given is None:
        return None
    path = Path(given)
    inside = path / fitting_name(source.stem, ending)
    if path.is_dir() or given.endswith(os.sep):
        return inside
    if not several:
        return path
    if path.exists() or path.suffix:
        raise FileError(
            "is one file for several inputs",
            where=given,
            rule="several inputs are written into a folder",
            remedy=f"name a folder: {path.with_suffix('')}{os.sep}",
        )
    return inside

"""Sessions to projects of DAWs, and projects to sessions."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from restorack.errors import FileError, ParameterError, RestorackError
from restorack.io.atomic import check_writable
from restorack.projects.aaf import require_aaf, write_aaf
from restorack.projects.dawproject.reading import read_dawproject
from restorack.projects.dawproject.writing import write_dawproject
from restorack.projects.from_session import project_of
from restorack.projects.model import Loss, Project
from restorack.projects.reaper.reading import read_reaper
from restorack.projects.reaper.writing import write_reaper
from restorack.projects.to_session import write_session
from restorack.render.session import load_session
from restorack.render.session.model import Session

Reader = Callable[[Path, Path], Project]

READERS: dict[str, Reader] = {"dawproject": read_dawproject, "reaper": read_reaper}
WRITERS = ("dawproject", "reaper", "aaf")


@dataclass(frozen=True)
class Exchange:
    """What was written, and what was not carried.

    Attributes
    ----------
    output : Path
    files : list of Path
        Audio and states beside it.
    printed : list of str
        Stems that were rendered through their chains.
    """

    format: str
    source: Path
    output: Path
    tracks: int
    buses: int
    markers: int
    files: list[Path] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON-ready values."""
        return {
            "format": self.format,
            "source": str(self.source),
            "output": str(self.output),
            "tracks": self.tracks,
            "buses": self.buses,
            "markers": self.markers,
            "files": [str(file) for file in self.files],
            "printed": self.printed,
            "not_carried": [loss.to_dict() for loss in self.losses],
        }


def export_session(
    session: Session | str | PathLike[str],
    form: str,
    output: str | PathLike[str],
    *,
    embed: bool = True,
    force: bool = False,
) -> Exchange:
    """Write a session as a project of a DAW.

    Parameters
    ----------
    session : Session or path-like
    form : {"dawproject", "reaper", "aaf"}
    output : path-like
        The project's file.
    embed : bool
        Audio goes into the file, where the format can hold it; False: files that are the user's
        own are referred to, printed ones go in all the same.
    force : bool
        Replace files that exist; sources never are.

    Returns
    -------
    Exchange
        With everything that the project does not hold.

    Raises
    ------
    RestorackError
        For a session that cannot be read or rendered, and for files that cannot be written;
        nothing half-written is left.
    """
    loaded = session if isinstance(session, Session) else load_session(session)
    target = Path(output)
    sources = [loaded.path, *(stem.file for stem in loaded.stems)]
    check_writable(target, force=force, sources=sources)
    _check_format(form, WRITERS)
    if form == "aaf":
        require_aaf()
    _check_rate(loaded)
    with _scratch(target.parent) as folder:
        project = project_of(loaded, folder, plugins=form == "dawproject")
        files = _written(form, project, target, folder, embed=embed, force=force)
    printed = [track.name for track in project.tracks if any(c.media.embedded for c in track.clips)]
    return Exchange(
        form, loaded.path, target, len(project.tracks), len(project.buses), len(project.markers),
        files, printed, project.losses,
    )  # fmt: skip


def import_project(
    form: str, source: str | PathLike[str], output: str | PathLike[str], *, force: bool = False
) -> Exchange:
    """Write a project of a DAW as a session, with its audio beside it.

    Parameters
    ----------
    form : {"dawproject", "reaper"}
    source : path-like
    output : path-like
        The session's file, ending in ``.yaml``; audio goes into a folder of its name with
        ``-audio``.
    force : bool
        Replace files that exist; sources never are.

    Returns
    -------
    Exchange
        With everything that the session does not hold.

    Raises
    ------
    RestorackError
        For a project that cannot be read, is not safe to read, or holds nothing for a session;
        nothing half-written is left.
    """
    path, target = Path(source), Path(output)
    _check_format(form, READERS)
    if target.suffix.lower() not in (".yaml", ".yml"):
        raise FileError("is no name of a session", where=str(target), rule="it ends in .yaml")
    check_writable(target, force=force, sources=[path])
    with _scratch(target.parent) as folder:
        try:
            project = READERS[form](path, folder)
            written = write_session(project, target, force=force, sources=[path])
        except RestorackError as error:  # users know the project, not where it was unpacked
            where = error.where.replace(f"{folder}{os.sep}", f"{path}: ")
            kind = type(error)
            raise kind(error.what, where=where, rule=error.rule, remedy=error.remedy) from error
    return Exchange(
        form, path, target, len(project.tracks), len(project.buses), len(project.markers),
        written.files, [], project.losses,
    )  # fmt: skip


def _written(
    form: str, project: Project, target: Path, folder: Path, *, embed: bool, force: bool
) -> list[Path]:
    """Write a project in a format and return the files beside it."""
    if form == "reaper":
        return write_reaper(project, target, force=force)
    if form == "aaf":
        write_aaf(project, target, folder, force=force)
    else:
        write_dawproject(project, target, embed=embed, force=force)
    return []


def _check_rate(session: Session) -> None:
    if not session.sample_rate.is_integer():
        raise FileError(
            f"a session at {session.sample_rate!r} Hz",
            where=str(session.path),
            rule="projects have rates in whole Hz",
            remedy=f"set sample_rate: {round(session.sample_rate)}",
        )


def _check_format(form: str, known: Any) -> None:
    if form not in known:
        raise ParameterError(f"the format {form!r}", rule=f"one of {', '.join(known)}")


@contextmanager
def _scratch(home: Path) -> Iterator[Path]:
    """Give a folder on the output's disk that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=".restorack-", dir=home) as folder:
        yield Path(folder)

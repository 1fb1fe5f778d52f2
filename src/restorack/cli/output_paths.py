"""Which file each input becomes, decided for all inputs before anything is rendered."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from restorack.errors import FileError
from restorack.io.file_names import fitting_name

EXTENSIONS = {"WAV": "wav", "RF64": "rf64", "W64": "w64", "AIFF": "aiff", "FLAC": "flac",
              "OGG": "ogg", "MP3": "mp3"}  # fmt: skip
"""What names of each format end in."""


@dataclass(frozen=True)
class Job:
    """One input and the files that it becomes."""

    source: Path
    output: Path
    difference: Path | None = None
    picture: Path | None = None

    def labelled(self) -> list[tuple[str, Path]]:
        """Return the files that are written, and what to call them."""
        files = {"output": self.output, "difference": self.difference, "picture": self.picture}
        return [(f"the {kind} of {self.source}", path) for kind, path in files.items() if path]


def plan_jobs(
    sources: Sequence[Path],
    *,
    output: str | None,
    difference: str | None,
    picture: str | None,
    report: Path | None,
    infix: str,
    extension: str,
) -> list[Job]:
    """Name every output and refuse names that would meet.

    Parameters
    ----------
    sources : sequence of Path
    output, difference, picture : str or None
        A file (for one input), or a folder: one that exists, or whose name ends in a slash. For
        several inputs it is a folder in any case.
    report : Path or None
        One for all inputs.
    infix : str
        Between stem and extension of outputs that go beside their inputs.
    extension : str
        Of the output's format, without a dot.

    Raises
    ------
    FileError
        For a folder as an input, two inputs that would become one file, or an input as a target.
    """
    for source in sources:
        refuse_folder(source)
    several = len(sources) > 1
    jobs = []
    for source in sources:
        beside = source.with_name(fitting_name(source.stem, f".{infix}.{extension}"))
        jobs.append(
            Job(
                source,
                _named(output, fitting_name(source.stem, f".{extension}"), several) or beside,
                _named(difference, fitting_name(source.stem, ".difference.wav"), several),
                _named(picture, fitting_name(source.stem, ".png"), several),
            )
        )
    _refuse_meetings(jobs, report)
    return jobs


def refuse_folder(source: Path) -> None:
    """Raise for a folder: a shell's pattern says which of its files are meant."""
    if source.is_dir():
        raise FileError(
            "is a folder",
            where=str(source),
            rule="inputs are audio files",
            remedy=f"name its files by a pattern of the shell: {source}/*.wav",
        )


def _named(given: str | None, name: str, several: bool) -> Path | None:
    if given is None:
        return None
    path = Path(given)
    if path.is_dir() or given.endswith(os.sep):
        return path / name
    if several:
        if path.exists() or path.suffix:
            raise FileError(
                "is one file for several inputs",
                where=given,
                rule="several inputs are written into a folder",
                remedy=f"name a folder: {path.with_suffix('')}{os.sep}",
            )
        return path / name
    return path


def _refuse_meetings(jobs: Sequence[Job], report: Path | None) -> None:
    sources = {_identity(job.source) for job in jobs}
    targets = [("the report", report)] if report is not None else []
    targets += [(label, path) for job in jobs for label, path in job.labelled()]
    taken: dict[str, str] = {}
    for label, target in targets:
        if _identity(target) in sources:
            raise FileError(
                "is an input",
                where=str(target),
                rule="a source is never overwritten, not even by --force",
                remedy="choose another name or folder for the output",
            )
        if _identity(target) in taken:
            raise FileError(
                f"{taken[_identity(target)]} and {label} would be one file",
                where=str(target),
                rule="every output has a name of its own",
                remedy="render them into different folders, or under different names",
            )
        taken[_identity(target)] = label


def _identity(path: Path) -> str:
    """Return what two spellings of one file's name share."""
    return os.path.realpath(path)


def make_folders(sources: Sequence[Path], *given: str | None) -> None:
    """Make the folders that outputs were asked into; their parents must exist."""
    for name in given:
        if name is not None and (len(sources) > 1 or name.endswith(os.sep)):
            Path(name).mkdir(exist_ok=True)

"""Inputs of a batch: files, and the audio files of folders."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from restorack.errors import FileError, ParameterError
from restorack.io.audio_files import is_audio_name
from restorack.io.remote.urls import is_remote


@dataclass(frozen=True)
class Found:
    """A file, and where it lies below the folder that was given.

    Attributes
    ----------
    source : Path
    folder : PurePosixPath
    size : int or None
        In bytes, where a listing has told it.
    """

    source: Path
    folder: PurePosixPath
    size: int | None = None


def find_inputs(
    given: Iterable[Path], *, recursive: bool, leave_out: Path, outputs: frozenset[Path]
) -> list[Found]:
    """Return the files that inputs name, sorted within each folder; each file once.

    Parameters
    ----------
    given : iterable of Path
        Files and folders.
    recursive : bool
        Take what lies in the folders' folders, too.
    leave_out : Path
        The output folder: nothing below it is an input, unless it was given itself.
    outputs : frozenset of Path
        Files that earlier runs have written; no inputs either.

    Raises
    ------
    FileError
        For an input that is not there.
    """
    found: dict[Path, Found] = {}
    for path in given:
        if is_remote(path):
            for one in _elsewhere(path, recursive, leave_out):
                if one.source == path or one.source not in outputs:
                    found.setdefault(one.source, one)
            continue
        if not path.exists():
            raise FileError("no such file or folder", where=str(path), remedy="check the spelling")
        several = path.is_dir()
        for one in _in_folder(path, recursive, leave_out) if several else [_alone(path)]:
            if not (several and one.source in outputs):
                found.setdefault(one.source, one)
    return list(found.values())


def refuse_nested(given: Iterable[Path], leave_out: Path) -> None:
    """Refuse a folder whose audio files are all in folders of it.

    Raises
    ------
    ParameterError
        Where ``recursive`` would find files, and without it there are none.
    """
    for path in given:
        if is_remote(path):
            continue  # listing it twice costs more than the hint is worth
        if path.is_dir() and next(_in_folder(path, False, leave_out), None) is None:
            below = sum(1 for _ in _in_folder(path, True, leave_out))
            if below:
                raise ParameterError(
                    f"has no audio file, and {below} in the folders in it",
                    where=str(path),
                    rule="without --recursive the folders in a folder are left out",
                    remedy="add --recursive",
                )


def refuse_watching_urls(given: Iterable[Path], watch: float | None) -> None:
    """Refuse to watch a store.

    Raises
    ------
    ParameterError
        Where an input is elsewhere, and folders are to be watched.
    """
    for path in given:
        if watch is not None and is_remote(path):
            raise ParameterError(
                f"--watch {path}", rule="folders of this machine's disks are watched",
                remedy="run the batch again now and then: what is done is not done again",
            )  # fmt: skip


def _elsewhere(path: Path, recursive: bool, leave_out: Path) -> Iterator[Found]:
    from restorack.render.batch.remote.inputs import find_below

    below = find_below(path, recursive=recursive, leave_out=leave_out)
    yield from (Found(*values) for values in below)


def _alone(path: Path) -> Found:
    return Found(path.absolute(), PurePosixPath())


def _in_folder(root: Path, recursive: bool, leave_out: Path) -> Iterator[Found]:
    for folder, below, names in os.walk(root, followlinks=False):
        inside = Path(folder)
        below[:] = sorted(
            name for name in below
            if recursive and not name.startswith(".") and not _same(inside / name, leave_out)
        )  # fmt: skip
        relative = PurePosixPath(*inside.relative_to(root).parts)
        for name in sorted(names):
            if is_audio_name(name):
                yield Found((inside / name).absolute(), relative)


def _same(one: Path, other: Path) -> bool:
    return not is_remote(other) and os.path.realpath(one) == os.path.realpath(other)

"""Inputs of a batch that are elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from restorack.errors import FileError
from restorack.io.audio_files import is_audio_name
from restorack.io.remote.listing import list_folder, remember
from restorack.io.remote.stored import Stored, stored_if_there
from restorack.io.remote.urls import is_remote, store_of


def find_below(
    path: Path, *, recursive: bool, leave_out: Path
) -> Iterator[tuple[Path, PurePosixPath, int]]:
    """Yield what a URL names: a file, or the audio files of a folder, sorted.

    Yields
    ------
    tuple
        The file, where it lies below the folder, and its size in bytes.

    Raises
    ------
    FileError
        Where there is neither.
    """
    alone = stored_if_there(path)
    if alone is not None:
        yield path, PurePosixPath(), alone.size
        return
    files = list_folder(path, deep=recursive)
    if not files:
        raise FileError(
            "no such file or folder, or an empty one", where=str(path),
            remedy="check the spelling" + ("" if recursive else ", or add --recursive"),
        )  # fmt: skip
    remember(path, files, deep=recursive)
    yield from _audio_files(path, files, leave_out)


def _audio_files(
    folder: Path, files: dict[str, Stored], leave_out: Path
) -> Iterator[tuple[Path, PurePosixPath, int]]:
    store, name = store_of(folder)
    root = f"{name.rstrip('/')}/"
    skipped = _below(store, leave_out)
    for name, stored in sorted(files.items()):
        inside = PurePosixPath(name.removeprefix(root))
        hidden = any(part.startswith(".") for part in inside.parts)
        if hidden or not is_audio_name(inside.name) or (skipped and name.startswith(skipped)):
            continue
        yield folder / str(inside), inside.parent, stored.size


def _below(store: Any, folder: Path) -> str:
    """Return how the names of a folder's files begin, where it is in a store."""
    if not is_remote(folder):
        return ""
    other, name = store_of(folder)
    return f"{name.rstrip('/')}/" if other == store else ""

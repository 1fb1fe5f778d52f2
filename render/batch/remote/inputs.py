"""Inputs of a batch that are elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from restorack.errors import FileError
from restorack.io.audio_files import is_audio_name
from restorack.io.remote.listing import list_folder
from restorack.io.remote.stored import stored_if_there
from restorack.io.remote.urls import is_remote, store_of


def is_file(path: Path) -> bool:
    """Return whether a URL names a file; a folder is a name that others begin with.

    Raises
    ------
    FileError
        Where it is neither.
    """
    if stored_if_there(path) is not None:
        return True
    if not list_folder(path):
        raise FileError("no such file or folder, or an empty one", where=str(path),
                        remedy="check the spelling")  # fmt: skip
    return False


def files_below(
    folder: Path, *, recursive: bool, leave_out: Path
) -> Iterator[tuple[Path, PurePosixPath, int]]:
    """Yield the audio files of a folder with where they lie below it and their sizes, sorted."""
    store, root = store_of(folder)
    root = f"{root.rstrip('/')}/"
    skipped = _below(store, leave_out)
    for name, stored in sorted(list_folder(folder, deep=recursive).items()):
        inside = PurePosixPath(name.removeprefix(root))
        hidden = any(part.startswith(".") for part in inside.parts)
        if hidden or not is_audio_name(inside.name):
            continue
        if skipped and name.startswith(skipped):
            continue
        yield folder / str(inside), inside.parent, stored.size


def _below(store: Any, folder: Path) -> str:
    """Return how the names of a folder's files begin, where it is in a store."""
    if not is_remote(folder):
        return ""
    other, name = store_of(folder)
    return f"{name.rstrip('/')}/" if other == store else ""

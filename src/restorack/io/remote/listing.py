"""Listings of whole folders in a store: one request for a thousand files, where it can be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from restorack.io.remote.attempts import insist
from restorack.io.remote.stored import Stored, stored_if_there
from restorack.io.remote.urls import is_remote, store_of

_KEPT: dict[str, tuple[Path, dict[str, Stored]]] = {}
"""Folders that a batch of this process works with, by their URL."""


def list_folder(folder: Path, *, deep: bool = True) -> dict[str, Stored]:
    """Return the files of a folder, by their names in the store.

    Parameters
    ----------
    folder : Path
        A remote one; one that is not there has no files.
    deep : bool
        Also those of folders in it.
    """
    store, name = store_of(folder)

    def look() -> dict[str, Stored]:
        store.invalidate_cache()
        try:
            found = store.find(name, maxdepth=None if deep else 1, detail=True)
        except FileNotFoundError:
            return {}
        files = {one: info for one, info in found.items() if info.get("type") != "directory"}
        return {one: Stored.from_info(info) for one, info in files.items()}

    return insist(look, "listed", folder)


@contextmanager
def kept(*folders: Path) -> Iterator[None]:
    """Answer for the files of folders from their listings while the context lasts.

    What others write there meanwhile is not seen; :func:`look_again` sees it. Local folders are
    left out.
    """
    remote = [folder for folder in folders if is_remote(folder)]
    try:
        for folder in remote:
            _KEPT[str(folder)] = (folder, list_folder(folder))
        yield
    finally:
        for folder in remote:
            _KEPT.pop(str(folder), None)


def look_again() -> None:
    """List the folders anew that are kept."""
    for url, (folder, _) in list(_KEPT.items()):
        _KEPT[url] = (folder, list_folder(folder))


def listed(path: Path) -> Stored | None:
    """Return what a store said of a file when its folder was listed, else what it says now."""
    url = str(path)
    for root, (_, files) in _KEPT.items():
        if url.startswith(root.rstrip("/") + "/"):
            return files.get(store_of(path)[1])
    return stored_if_there(path)


def exists(path: Path) -> bool:
    """Return whether a file is there: on the disk, or in the store."""
    return listed(path) is not None if is_remote(path) else path.exists()

"""Listings of whole folders in a store: one request for a thousand files, where it can be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from restorack.io.remote.attempts import insist
from restorack.io.remote.stored import Stored, stored_if_there
from restorack.io.remote.urls import is_remote, store_of


@dataclass
class _Kept:
    """The files of a folder when it was listed; ``deep``: those of folders in it, too."""

    folder: Path
    files: dict[str, Stored]
    deep: bool
    own: bool

    def has(self, url: str) -> bool:
        """Return whether the listing says whether a file is there."""
        root = f"{str(self.folder).rstrip('/')}/"
        return url.startswith(root) and (self.deep or "/" not in url[len(root) :])


_KEPT: list[_Kept] = []
"""Of the batch that this process runs."""
_open = 0


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
    """Answer for files from the listings of their folders while the context lasts.

    What others write there meanwhile is not seen; in the folders that are given here,
    :func:`look_again` sees it. Local folders are left out.
    """
    global _open  # noqa: PLW0603  one batch at a time; contexts may be nested
    before, _open = len(_KEPT), _open + 1
    try:
        for folder in filter(is_remote, folders):
            files = list_folder(folder)
            _KEPT.append(_Kept(folder, files, deep=True, own=True))
        yield
    finally:
        _open -= 1
        del _KEPT[before:]


def remember(folder: Path, files: dict[str, Stored], *, deep: bool) -> None:
    """Keep a listing that was made anyway, while a context of :func:`kept` lasts."""
    if _open:
        _KEPT.append(_Kept(folder, files, deep, own=False))


def look_again() -> None:
    """List the folders anew that were given to :func:`kept`."""
    for one in _KEPT:
        if one.own:
            one.files = list_folder(one.folder)


def listed(path: Path) -> Stored | None:
    """Return what a store said of a file when its folder was listed, else what it says now."""
    url = str(path)
    for one in _KEPT:
        if one.has(url):
            return one.files.get(store_of(path)[1])
    return stored_if_there(path)


def exists(path: Path) -> bool:
    """Return whether a file is there: on the disk, or in the store."""
    return listed(path) is not None if is_remote(path) else path.exists()

"""A remote file as a local one, for as long as it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from restorack.io.remote.urls import as_path, is_remote

_COPIES: dict[str, tuple[Path, TemporaryDirectory[str]]] = {}


@contextmanager
def on_this_disk(path: Path) -> Iterator[Path]:
    """Give a file's path on this disk: a local file's own, of a remote one that of a copy.

    Raises
    ------
    FileError
        Where it cannot be fetched.
    """
    if not is_remote(path):
        yield path
        return
    from restorack.io.remote.transfer import download

    with TemporaryDirectory(prefix="restorack-copy-") as folder:
        local = Path(folder) / path.name
        download(path, local)
        yield local


def kept_copy(url: str) -> Path:
    """Return a copy of a remote file that is there until this process ends.

    Raises
    ------
    FileError
        Where it cannot be fetched.
    """
    if url not in _COPIES:
        from restorack.io.remote.transfer import download

        folder = TemporaryDirectory(prefix="restorack-copy-")
        remote = as_path(url)
        local = Path(folder.name) / remote.name
        download(remote, local)
        _COPIES[url] = local, folder
    return _COPIES[url][0]

"""Manifests of a batch whose output folder is in a store: fetched, and stored as it goes on."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path, PurePosixPath

from restorack.errors import FileError
from restorack.io.remote.lease import LeaseLostError
from restorack.io.remote.listing import list_folder
from restorack.io.remote.transfer import download, upload
from restorack.render.batch.shards import MANIFESTS

EVERY = 10.0
"""Seconds between two copies. By hand: what a killed batch did since is rendered again."""
SHARE = 20
"""A copy that takes long is made less often: after so many times what the last one took."""
_POLL = 0.5
"""Seconds between two looks whether a copy is due. By hand."""


class StoredManifests:
    """The manifests in a store's folder, and the one that is written here.

    Parameters
    ----------
    stored : Path
        The remote folder.
    own : Path
        On the disk of this machine; the folder gets those of others, too.
    """

    def __init__(self, stored: Path, own: Path) -> None:
        self._stored, self._own = stored, own
        self._sent: tuple[int, ...] = ()
        self._ended = threading.Event()
        self._lost: LeaseLostError | None = None

    def fetch(self) -> None:
        """Bring all manifests here."""
        for name in list_folder(self._stored, deep=False):
            plain = PurePosixPath(name).name
            if PurePosixPath(plain).match(MANIFESTS):
                with suppress(FileNotFoundError):
                    download(self._stored / plain, self._own.with_name(plain))

    @contextmanager
    def kept_stored(
        self, renew: Callable[[], None], on_lost: Callable[[], None] | None
    ) -> Iterator[None]:
        """Store the own manifest now and then, and at the end.

        Parameters
        ----------
        renew : callable
            Is called meanwhile, by a thread of its own; renews the lease of the folder.
        on_lost : callable or None
            Is called by that thread once another batch has the folder.

        Raises
        ------
        LeaseLostError
            At the end, where that was so; the manifest is then the other's.
        """
        thread = threading.Thread(target=self._keep, args=(renew, on_lost), daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()
            if self._lost is not None:
                raise self._lost
            self.send()

    def send(self) -> None:
        """Store the own manifest, if it has changed."""
        stamp = self._stamp()
        if not stamp or stamp == self._sent:
            return
        copy = self._own.with_suffix(".copy")
        source = f"{self._own.absolute().as_uri()}?mode=ro"
        with (
            closing(sqlite3.connect(source, uri=True, timeout=5.0)) as base,
            closing(sqlite3.connect(copy)) as other,
        ):
            base.backup(other)
        upload(copy, self._stored / self._own.name, force=True)
        copy.unlink()
        self._sent = stamp

    def _keep(self, renew: Callable[[], None], on_lost: Callable[[], None] | None) -> None:
        due = time.monotonic() + EVERY
        while not self._ended.wait(_POLL):
            with suppress(FileError, sqlite3.Error):  # the last copy, at the end, says so
                try:
                    renew()
                except LeaseLostError as error:
                    self._lost = error
                    if on_lost is not None:
                        on_lost()
                    return
                if time.monotonic() >= due:
                    began = time.monotonic()
                    self.send()
                    due = time.monotonic() + max(EVERY, SHARE * (time.monotonic() - began))

    def _stamp(self) -> tuple[int, ...]:
        """Return what changes with the manifest."""
        found: list[int] = []
        for path in (self._own, self._own.with_name(f"{self._own.name}-wal")):
            with suppress(OSError):
                status = path.stat()
                found += [status.st_size, status.st_mtime_ns]
        return tuple(found)

"""Whose a folder in a store is: a small file that its owner renews."""

from __future__ import annotations

import fnmatch
import json
import math
import os
import secrets
import socket
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from restorack.errors import FileError
from restorack.io.remote.listing import list_folder
from restorack.io.remote.transfer import create_bytes, get_bytes, put_bytes, remove
from restorack.system.processes import lives

STALE_AFTER = 90.0
"""Seconds without renewal after which an owner counts as dead. By hand: three missed renewals."""
RENEW_EVERY = 25.0
"""Seconds between renewals. By hand."""


class LeaseLostError(FileError):
    """Another batch has taken over what this one owned."""


class Lease:
    """Taken when the context begins, given back when it ends; stores have no locks.

    Of two who begin at once one is refused. One that was taken for dead, as after a long sleep,
    finds out when it would renew it.

    Parameters
    ----------
    folder : Path
        Remote.
    name : str
        Of the file.
    rivals : str
        A pattern: names of leases that must not be held at the same time.
    """

    def __init__(self, folder: Path, name: str, rivals: str) -> None:
        self._folder, self._name, self._rivals = folder, name, rivals
        self._path = folder / name
        self._token, self._renewed = secrets.token_hex(8), -math.inf

    def __enter__(self) -> Self:
        """Take it.

        Raises
        ------
        FileError
            Where a living batch holds it, or a rival.
        """
        names = {name.rpartition("/")[2] for name in list_folder(self._folder, deep=False)}
        for name in sorted(names):
            if name == self._name or fnmatch.fnmatchcase(name, self._rivals):
                owner = read_owner(self._folder / name)
                if owner is not None and is_held(owner):
                    raise self._taken(owner)
        if self._name in names:
            remove(self._path)  # of the dead
        if create_bytes(self._content(), self._path):
            self._renewed = time.monotonic()
        else:  # somebody was quicker, or an attempt of ours whose answer was lost
            self.renew()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give it back, unless somebody has taken it over."""
        owner = read_owner(self._path)
        if owner is not None and owner.get("token") == self._token:
            remove(self._path)

    def renew(self) -> None:
        """Say that its owner lives, if it is time to.

        Raises
        ------
        LeaseLostError
            Where another has it.
        """
        if time.monotonic() - self._renewed < RENEW_EVERY:
            return
        self._confirm()
        put_bytes(self._content(), self._path)
        self._renewed = time.monotonic()

    def _content(self) -> bytes:
        values = {"token": self._token, "host": socket.gethostname(), "process": os.getpid(),
                  "renewed": time.time()}  # fmt: skip
        return json.dumps(values).encode()

    def _confirm(self) -> None:
        """Refuse to go on where somebody else has it."""
        owner = read_owner(self._path)
        if owner is not None and owner.get("token") != self._token:
            raise self._taken(owner)

    def _taken(self, owner: dict[str, Any]) -> LeaseLostError:
        return LeaseLostError(
            f"another batch works into this folder (process {owner.get('process')} on "
            f"{owner.get('host')})",
            where=str(self._folder.parent),
            rule=f"one batch at a time; {STALE_AFTER:.0f} s after its end it counts as dead",
            remedy="wait for it, or choose another folder",
        )


def read_owner(path: Path) -> dict[str, Any] | None:
    """Return what a lease says; None where there is none that can be read."""
    try:
        found = json.loads(get_bytes(path) or b"null")
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def is_held(owner: dict[str, Any]) -> bool:
    """Return whether the owner of a lease lives, as far as can be known."""
    renewed, process = owner.get("renewed"), owner.get("process")
    if not isinstance(renewed, (int, float)) or time.time() - renewed > STALE_AFTER:
        return False
    if owner.get("host") == socket.gethostname() and isinstance(process, int):
        return lives(process)
    return True

"""Locks of files that end with the process that holds them, however that ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform == "win32":
    from restorack.system import windows

    def try_lock(descriptor: int) -> None:
        """Lock an open file for this process alone, until its descriptor is closed.

        Raises
        ------
        BlockingIOError
            Where another descriptor holds it.
        OSError
            Where the disk has no locks.
        """
        windows.lock_file(descriptor, wait=False)

    def try_share(descriptor: int) -> None:
        """Do the same; nothing is shared here."""
        try_lock(descriptor)

    def hold_folder(folder: Path) -> int:
        """Lock a folder for this process; return the descriptor, which holds it until closed."""
        flags = os.O_RDWR | os.O_CREAT | os.O_BINARY | os.O_NOINHERIT
        descriptor = os.open(folder / _INSIDE, flags)
        windows.lock_file(descriptor, wait=True)
        return descriptor

    def reopen_folder(folder: Path) -> int:
        """Return a descriptor by which a folder that :func:`hold_folder` locked can be tried."""
        return os.open(folder / _INSIDE, os.O_RDWR | os.O_BINARY | os.O_NOINHERIT)

    _INSIDE = ".lock"
    """Folders have no locks here: a file in them has."""

else:
    import fcntl

    def try_lock(descriptor: int) -> None:
        """Lock an open file for this process alone, until its descriptor is closed.

        Raises
        ------
        BlockingIOError
            Where another descriptor holds it.
        OSError
            Where the disk has no locks.
        """
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def try_share(descriptor: int) -> None:
        """Lock an open file together with others who share it; errors as of :func:`try_lock`."""
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)

    def hold_folder(folder: Path) -> int:
        """Lock a folder for this process; return the descriptor, which holds it until closed."""
        descriptor = reopen_folder(folder)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return descriptor

    def reopen_folder(folder: Path) -> int:
        """Return a descriptor by which a folder that :func:`hold_folder` locked can be tried."""
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)

"""Open files: made without following links, read and written at a place, brought to the disk."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

if sys.platform == "win32":
    import threading

    from restorack.system import windows

    _position = threading.Lock()

    def open_new(path: Path) -> int:
        """Create a file that must not exist, to read and write; return its descriptor.

        It can be renamed and deleted while it is open.
        """
        return windows.open_shared(str(path), new=True, write=True)

    def open_again(path: Path) -> int:
        """Open what :func:`open_new` made, never through a link; return the descriptor."""
        return windows.open_shared(str(path), write=True)

    def open_to_read(path: Path) -> int:
        """Open a file to read, of whatever kind, without waiting; return its descriptor."""
        return windows.open_shared(os.path.realpath(path))

    def read_at(descriptor: int, count: int, offset: int) -> bytes:
        """Read bytes at a place; fewer at the end of the file."""
        with _position:
            os.lseek(descriptor, offset, os.SEEK_SET)
            return os.read(descriptor, count)

    def read_into(descriptor: int, view: memoryview, offset: int) -> int:
        """Read bytes at a place into memory; return how many there were."""
        data = read_at(descriptor, len(view), offset)
        view[: len(data)] = data
        return len(data)

    def write_at(descriptor: int, view: memoryview, offset: int) -> int:
        """Write bytes at a place; return how many were written."""
        with _position:
            os.lseek(descriptor, offset, os.SEEK_SET)
            return os.write(descriptor, view)

    def next_data(descriptor: int, start: int) -> int | None:
        """Return the first place from one on that is in no hole; None where only a hole is left."""
        del descriptor
        return start

    def sync(descriptor: int) -> None:
        """Bring a file to the disk."""
        os.fsync(descriptor)

    def sync_folder(folder: Path) -> None:
        """Bring the names in a folder to the disk, where a system has that."""
        del folder

    def is_mine(status: os.stat_result) -> bool:
        """Return whether a file is this user's; temporary folders are a user's own here."""
        del status
        return True

else:

    def open_new(path: Path) -> int:
        """Create a file that must not exist, to read and write; return its descriptor.

        It can be renamed and deleted while it is open.
        """
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)

    def open_again(path: Path) -> int:
        """Open what :func:`open_new` made, never through a link; return the descriptor."""
        return os.open(path, os.O_RDWR | os.O_NOFOLLOW)

    def open_to_read(path: Path) -> int:
        """Open a file to read, of whatever kind, without waiting; return its descriptor."""
        # A pipe without a writer would hold a plain open up for ever.
        return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)

    def read_at(descriptor: int, count: int, offset: int) -> bytes:
        """Read bytes at a place; fewer at the end of the file."""
        return os.pread(descriptor, count, offset)

    def read_into(descriptor: int, view: memoryview, offset: int) -> int:
        """Read bytes at a place into memory; return how many there were."""
        return os.preadv(descriptor, [view], offset)

    def write_at(descriptor: int, view: memoryview, offset: int) -> int:
        """Write bytes at a place; return how many were written."""
        return os.pwrite(descriptor, view, offset)

    def next_data(descriptor: int, start: int) -> int | None:
        """Return the first place from one on that is in no hole; None where only a hole is left."""
        try:
            return os.lseek(descriptor, start, os.SEEK_DATA)
        except OSError:  # a hole up to the end, or a disk that does not tell
            with suppress(OSError):
                if os.lseek(descriptor, start, os.SEEK_HOLE) == start:
                    return None
            return start

    def sync_folder(folder: Path) -> None:
        """Bring the names in a folder to the disk, where a system has that."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def is_mine(status: os.stat_result) -> bool:
        """Return whether a file is this user's."""
        return status.st_uid == os.geteuid()

    if sys.platform == "darwin":
        import fcntl

        def sync(descriptor: int) -> None:
            """Bring a file to the disk."""
            try:
                # fsync alone only reaches the drive's own memory here.
                fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            except OSError:  # a disk in the network
                os.fsync(descriptor)

    else:

        def sync(descriptor: int) -> None:
            """Bring a file to the disk."""
            os.fsync(descriptor)

"""Whether a file is still being written."""

from __future__ import annotations

import sys
from pathlib import Path

if sys.platform == "linux":
    import fcntl
    import os
    import signal
    from contextlib import suppress

    def is_being_written(path: Path) -> bool:
        """Return whether a process has a file open for writing; False where that is not known.

        The kernel grants a read lease only on a file that nobody writes; it is given back at once.
        """
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except OSError:
            return False
        try:
            # A writer that comes in between signals the lease's owner: by one that is ignored.
            fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
            fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        except BlockingIOError:
            return True
        except OSError:
            return False  # not the file's owner, or a disk without leases
        else:
            with suppress(OSError):
                fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
            return False
        finally:
            os.close(descriptor)

elif sys.platform == "win32":
    from restorack.system import windows

    def is_being_written(path: Path) -> bool:
        """Return whether a process has a file open for writing; False where that is not known."""
        return windows.is_opened_for_writing(str(path))

else:

    def is_being_written(path: Path) -> bool:
        """Return whether a process has a file open for writing; here that is never known."""
        del path
        return False

"""Memory that a process shares with its child: without a name, so that no kill leaves it behind."""

from __future__ import annotations

import os
import sys

if sys.platform == "linux":
    import ctypes
    import fcntl

    def new_memory() -> int:
        """Return a descriptor of memory that may grow and never shrink, whoever holds it."""
        descriptor = os.memfd_create("restorack", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL)
        return descriptor

    def held_bytes(descriptor: int) -> int:
        """Return how much memory it takes."""
        return os.fstat(descriptor).st_blocks * 512

    def free_memory(descriptor: int, size: int) -> None:
        """Give the memory back; its size stays, its content is zero."""
        keep_size, punch_hole = 1, 2
        libc = ctypes.CDLL(None, use_errno=True)
        flags, zero = ctypes.c_int(keep_size | punch_hole), ctypes.c_int64(0)
        if libc.fallocate(ctypes.c_int(descriptor), flags, zero, ctypes.c_int64(size)) == -1:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

else:
    import tempfile

    def new_memory() -> int:
        """Return a descriptor of a temporary file without a name, which is in memory while mapped.

        Nothing keeps the other side from shrinking it on macOS; Windows refuses while it is mapped.
        """
        with tempfile.TemporaryFile(prefix="restorack-") as file:
            return os.dup(file.fileno())

    def held_bytes(descriptor: int) -> int:
        """Return how much memory it takes: none that the system could not have back."""
        del descriptor
        return 0

    def free_memory(descriptor: int, size: int) -> None:
        """Give the memory back; the system does that by itself here."""
        del descriptor, size

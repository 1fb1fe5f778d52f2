"""System calls of Linux that Python has no function for; other systems refuse them all."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import sys
from typing import Any, TypeAlias

# Operations of prctl(2), linux/prctl.h.
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38

Data: TypeAlias = "ctypes.Structure | ctypes.Array[Any] | ctypes.c_uint32"


if sys.platform == "linux":
    _libc = ctypes.CDLL(None, use_errno=True)

    def system_call(number: int, *arguments: int | Data | None) -> int:
        """Make a system call; integers are passed in full width, data by reference.

        Raises
        ------
        OSError
            With the kernel's error number.
        """
        passed: list[Any] = [None if a is None else ctypes.c_long(a) if isinstance(a, int)
                             else ctypes.byref(a) for a in arguments]  # fmt: skip
        return _checked(_libc.syscall(ctypes.c_long(number), *passed))

    def process_control(option: int, argument: int) -> None:
        """Call ``prctl(option, argument, 0, 0, 0)``; raises :class:`OSError`."""
        zero = ctypes.c_ulong(0)
        _checked(_libc.prctl(ctypes.c_int(option), ctypes.c_ulong(argument), zero, zero, zero))

    def _checked(result: int) -> int:
        if result == -1:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        return result

    def open_place(path: str) -> int:
        """Return a descriptor that stands for a file or a folder, and opens neither."""
        return os.open(path, os.O_PATH | os.O_CLOEXEC)

else:

    def system_call(number: int, *arguments: int | Data | None) -> int:
        """Raise :class:`OSError`: the numbers are Linux's."""
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    def process_control(option: int, argument: int) -> None:
        """Raise :class:`OSError`: the options are Linux's."""
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    def open_place(path: str) -> int:
        """Raise :class:`OSError`: only rules of Landlock need it."""
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))


def machine() -> str:
    """Return the name of this process's instruction set: ``x86_64``, ``aarch64``, ..."""
    wide = ctypes.sizeof(ctypes.c_void_p) == 8
    return platform.machine() if wide else f"{platform.machine()} (32 bits)"

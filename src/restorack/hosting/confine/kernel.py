"""System calls that Python has no function for."""

from __future__ import annotations

import ctypes
import os
import platform
import signal
from typing import Any, TypeAlias

# Operations of prctl(2), linux/prctl.h.
PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38

_libc = ctypes.CDLL(None, use_errno=True)


Data: TypeAlias = "ctypes.Structure | ctypes.Array[Any] | ctypes.c_uint32"


def system_call(number: int, *arguments: int | Data | None) -> int:
    """Make a system call; integers are passed in full width, data by reference.

    Raises
    ------
    OSError
        With the kernel's error number.
    """
    passed: list[Any] = [None if a is None else ctypes.c_long(a) if isinstance(a, int)
                         else ctypes.byref(a) for a in arguments]  # fmt: skip
    result = int(_libc.syscall(ctypes.c_long(number), *passed))
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def process_control(option: int, argument: int) -> None:
    """Call ``prctl(option, argument, 0, 0, 0)``; raises :class:`OSError`."""
    zero = ctypes.c_ulong(0)
    if _libc.prctl(ctypes.c_int(option), ctypes.c_ulong(argument), zero, zero, zero) == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def die_with_parent(parent: int) -> bool:
    """Have the kernel end this process when its parent ends; return whether that still lives.

    Parameters
    ----------
    parent : int
        Its process number, as the parent gave it: it may have died before it could be watched.
    """
    process_control(PR_SET_PDEATHSIG, signal.SIGKILL)
    return os.getppid() == parent


def free_memory(descriptor: int, size: int) -> None:
    """Give the memory of a file without a name back; its size stays, its content is zero."""
    keep_size, punch_hole = 1, 2
    zero = ctypes.c_int64(0)
    flags = ctypes.c_int(keep_size | punch_hole)
    if _libc.fallocate(ctypes.c_int(descriptor), flags, zero, ctypes.c_int64(size)) == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def machine() -> str:
    """Return the name of this process's instruction set: ``x86_64``, ``aarch64``, ..."""
    wide = ctypes.sizeof(ctypes.c_void_p) == 8
    return platform.machine() if wide else f"{platform.machine()} (32 bits)"

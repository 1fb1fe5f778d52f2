"""Limits and privileges of the child, which it lays down for itself."""

from __future__ import annotations

import ctypes
from pathlib import Path

from restorack.hosting.confine.kernel import (
    PR_SET_DUMPABLE,
    PR_SET_NO_NEW_PRIVS,
    machine,
    process_control,
    system_call,
)
from restorack.system import limits, machine as computer

MOST_FILES = 4096
"""Descriptors of the child: enough for plugins with many samples. By hand."""
LEAST_MEMORY = 1 << 33
"""Bytes that a child may use in any case; otherwise what the machine has."""

CAPABILITY_VERSION = 0x20080522
"""_LINUX_CAPABILITY_VERSION_3, linux/capability.h."""
READ_ANYWHERE = 2
"""CAP_DAC_READ_SEARCH: root reads plugins in folders of other users."""

_CAPSET = {"x86_64": 126, "aarch64": 91}


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("process", ctypes.c_int))


class _Capabilities(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def set_limits() -> None:
    """Bound open files, memory, the length of files, and memory that is shared by queues.

    Raises
    ------
    OSError
        Where the system has no such bounds.
    """
    limits.bound_this_process(MOST_FILES, max(LEAST_MEMORY, computer.physical_and_swap()))
    computer.end_this_first()  # not the process that asked for the render


def drop_privileges() -> None:
    """Give up root's powers but that of reading, and the way to new ones by any program.

    Raises
    ------
    OSError
        Where the kernel refuses, or for a machine whose numbers are not known.
    """
    process_control(PR_SET_NO_NEW_PRIVS, 1)
    if machine() not in _CAPSET:
        raise OSError(f"no numbers for {machine()}")
    header = _Header(CAPABILITY_VERSION, 0)
    kept = (_Capabilities * 2)()
    held = _held() & (1 << READ_ANYWHERE)
    kept[0] = _Capabilities(held, held, 0)
    system_call(_CAPSET[machine()], header, kept)
    # Closed to debuggers; and older kernels that dump a process end what shares its memory, too.
    process_control(PR_SET_DUMPABLE, 0)


def _held() -> int:
    """Return the capabilities that this process has, as bits."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapPrm:"):
            return int(line.split()[1], 16)
    return 0

"""Limits and privileges of the child, which it lays down for itself."""

from __future__ import annotations

import ctypes
import os
import resource
from contextlib import suppress
from pathlib import Path

from restorack.hosting.confine.kernel import (
    PR_SET_DUMPABLE,
    PR_SET_NO_NEW_PRIVS,
    machine,
    process_control,
    system_call,
)

MOST_FILES = 4096
"""Descriptors of the child: enough for plugins with many samples. By hand."""
LEAST_MEMORY = 1 << 33
"""Bytes that a child may use in any case; otherwise what the machine has."""

OOM_SCORE = "500"
"""Where memory runs out, the child is to go, not the process that asked for the render."""

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


def forbid_core_files() -> None:
    """Have crashes leave no file in the user's folder."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def set_limits() -> None:
    """Bound open files, memory, the length of files, and memory that is shared by queues."""
    memory = max(LEAST_MEMORY, _memory_and_swap())
    for kind, most in (
        (resource.RLIMIT_NOFILE, MOST_FILES),
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_FSIZE, memory),  # the samples that it returns are a file without a name
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (bound, bound))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(OOM_SCORE)


def _memory_and_swap() -> int:
    """Return what the machine has, in bytes."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("SwapTotal:"):
                total += int(line.split()[1]) * 1024
    return total


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

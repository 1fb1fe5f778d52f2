"""Landlock: files, TCP and other processes are closed to this process, but for what rules open.

See ``man 7 landlock``. What a kernel lacks, by its version of the interface (ABI), is left out.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable

from restorack.hosting.confine.kernel import open_place, system_call

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
"""Numbers of the system calls, the same on every machine."""

# Rights of files, linux/landlock.h; those of the first version are the first thirteen.
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
MAKE_CHAR, MAKE_BLOCK = 1 << 6, 1 << 11
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_FIRST_ABI = (1 << 13) - 1

READ = READ_FILE | READ_DIR
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
"""Rights that a rule for a single file may grant."""

# Rights of the network, and scopes, linux/landlock.h.
BIND_TCP, CONNECT_TCP = 1 << 0, 1 << 1
ABSTRACT_SOCKETS, SIGNALS = 1 << 0, 1 << 1

TRUNCATE_ABI, NETWORK_ABI, DEVICES_ABI, SCOPES_ABI = 3, 4, 5, 6
"""The versions of the kernel's interface that brought them."""

_pinned: list[int] = []
"""Descriptors of files under ``/proc``: as long as one is open the kernel keeps the very inode that
the rule is for."""


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scopes", ctypes.c_uint64),
    )


class _PathRule(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("rights", ctypes.c_uint64), ("descriptor", ctypes.c_int32))


def kernel_abi() -> int:
    """Return the version of Landlock that the kernel offers; 0 where it offers none."""
    try:
        return system_call(CREATE_RULESET, None, 0, 1)
    except OSError:
        return 0


def file_rights(abi: int) -> int:
    """Return all rights to files that a version knows."""
    later = ((2, REFER), (TRUNCATE_ABI, TRUNCATE), (DEVICES_ABI, IOCTL_DEV))
    return _FIRST_ABI | sum(right for since, right in later if abi >= since)


def restrict(
    readable: Iterable[str],
    writable: Iterable[str],
    devices: Iterable[str],
    *,
    guards_programs: bool = True,
) -> None:
    """Close everything to this thread and those that it starts, for good, but for these paths.

    Call it while the process has one thread: others would stay free.

    Parameters
    ----------
    readable : iterable of str
        Files and folders with all that is in them; what does not exist is left out.
    writable : iterable of str
        Folders, for files, folders and links of any kind but devices and programs.
    devices : iterable of str
        Files to read and write.
    guards_programs : bool
        Whether starting programs is refused, too.

    Raises
    ------
    OSError
        Where the kernel refuses.
    """
    abi = kernel_abi()
    handled = file_rights(abi) & ~(0 if guards_programs else EXECUTE)
    network = BIND_TCP | CONNECT_TCP if abi >= NETWORK_ABI else 0
    scopes = ABSTRACT_SOCKETS | SIGNALS if abi >= SCOPES_ABI else 0
    wanted = _Ruleset(handled, network, scopes)
    # A longer structure is taken by older kernels as long as its end is zero.
    size = ctypes.sizeof(wanted)
    ruleset = system_call(CREATE_RULESET, wanted, size, 0)
    try:
        made = handled & ~(EXECUTE | MAKE_CHAR | MAKE_BLOCK | IOCTL_DEV)
        groups = ((readable, READ), (writable, made), (devices, READ_FILE | WRITE_FILE | TRUNCATE))
        for paths, rights in groups:
            for path in paths:
                _allow(ruleset, path, rights & handled)
        system_call(RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = open_place(path)
    except OSError:
        return  # what is not there needs no rule
    if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
        rights &= OF_FILES
    rule = _PathRule(rights, descriptor)
    try:
        system_call(ADD_RULE, ruleset, 1, rule, 0)
    finally:
        if path.startswith("/proc/"):
            _pinned.append(descriptor)
        else:
            os.close(descriptor)

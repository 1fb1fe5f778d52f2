"""A filter of system calls, written as a program for the kernel's packet filter.

The default is to allow: which calls a plugin makes is not known. Refused is what reaches other
processes, the network, the kernel and marks of files; see ``man 2 seccomp``.

Programs cannot be started. But libfaust asks a shell for its own path when it compiles, and
crashes where ``popen`` fails. So the one kind of fork that ``popen`` makes is allowed, and what it
forks is ended when it is to become the shell.
"""

from __future__ import annotations

import ctypes
import errno
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from restorack.hosting.confine.kernel import machine, system_call
from restorack.hosting.confine.modes import Mode
from restorack.hosting.confine.numbers import NUMBERS

ARCHITECTURES = {"x86_64": (0xC000003E, 0, 317), "aarch64": (0xC00000B7, 1, 277)}
"""By machine: the kernel's word for it, the column of numbers, the number of seccomp itself."""

# Of linux/seccomp.h and asm/unistd.h: the bit of system calls of the x32 ABI, answers of a filter,
# operations of seccomp(2).
X32_BIT = 0x40000000
ALLOW, KILL_PROCESS, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
SET_MODE_FILTER, GET_ACTION_AVAIL, TSYNC = 1, 2, 1

# Instructions of linux/bpf_common.h, and offsets in struct seccomp_data.
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16

# Of socket(2), sys/socket.h.
AF_UNIX = 1
# Flags of clone(2), linux/sched.h: a thread; all that make namespaces.
CLONE_THREAD = 0x00010000
CLONE_NAMESPACES = 0x7E020000
SPAWN = 0x00000100 | 0x00004000 | 17
"""How ``posix_spawn`` clones: CLONE_VM, CLONE_VFORK, SIGCHLD."""

TIOCSTI, TIOCLINUX = 0x5412, 0x541C
"""Requests of ioctl(2) that type into a terminal, asm-generic/ioctls.h."""


@dataclass(frozen=True)
class Rule:
    """When a system call is refused.

    Attributes
    ----------
    error : int
        What the caller gets; 0: its end.
    only : mapping
        Index of an argument to the values with which the call is allowed; none: it never is.
    never : mapping
        Index of an argument to values with which the call is refused, and allowed otherwise.
    bits : tuple of int, optional
        Of the first argument: those of which one must be set, those of which none may be; and a
        value that is allowed besides.
    """

    error: int = errno.EPERM
    only: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    never: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    bits: tuple[int, int, int] | None = None


ALWAYS_REFUSED = (
    "fork", "vfork", "setpgid", "setsid", "tkill", "pidfd_open", "pidfd_getfd",
    "pidfd_send_signal", "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise",
    "process_mrelease", "kcmp", "migrate_pages", "move_pages",
    "chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "lchown", "fchown", "fchownat",
    "utime", "utimes", "futimesat", "utimensat", "setxattr", "lsetxattr", "fsetxattr",
    "setxattrat", "removexattr", "lremovexattr", "fremovexattr", "removexattrat", "file_setattr",
    "name_to_handle_at", "open_by_handle_at", "fanotify_init",
    "mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "open_tree_attr",
    "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr", "unshare", "setns",
    "keyctl", "add_key", "request_key", "bpf", "perf_event_open", "userfaultfd",
    "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "reboot",
    "swapon", "swapoff", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex",
    "sethostname", "setdomainname", "iopl", "ioperm", "modify_ldt", "acct", "quotactl",
    "quotactl_fd", "syslog", "vhangup", "personality",
)  # fmt: skip

STRICTLY_REFUSED = (
    "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4",
    "shmget", "shmat", "shmctl", "semget", "semop", "semctl", "semtimedop",
    "msgget", "msgsnd", "msgrcv", "msgctl", "mq_open", "mq_unlink",
)  # fmt: skip


def rules(mode: Mode, process: int, *, guards_truncate: bool) -> dict[str, Rule]:
    """Return the rules of a mode by system call.

    Parameters
    ----------
    mode : {"auto", "strict"}
    process : int
        The number of the process that is filtered: itself it may send signals.
    guards_truncate : bool
        Whether Landlock guards ``truncate`` already; otherwise it is refused here.
    """
    own = (0, process)
    found = {name: Rule() for name in ALWAYS_REFUSED}
    # "No such call" has libraries take the older one, of which the arguments can be seen.
    absent = ("clone3", "io_uring_setup", "io_uring_enter", "io_uring_register")
    found |= {name: Rule(errno.ENOSYS) for name in absent}
    found |= {name: Rule(0) for name in ("execve", "execveat")}
    found["clone"] = Rule(bits=(CLONE_THREAD, CLONE_NAMESPACES, SPAWN))
    for name in ("kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"):
        found[name] = Rule(only={0: (process,)})
    found["prlimit64"] = Rule(only={0: own})
    found["setpriority"] = Rule(only={0: (0,), 1: (0,)})
    found["ioprio_set"] = Rule(only={0: (1,), 1: (0,)})
    found["prctl"] = Rule(never={0: (1,)})  # the child dies with its parent, whatever it wants
    found["ioctl"] = Rule(never={1: (TIOCSTI, TIOCLINUX)})
    found["socket"] = Rule(errno.EACCES, only={0: (AF_UNIX,)})
    found["socketpair"] = found["socket"]
    if not guards_truncate:
        found["truncate"] = Rule()
    if mode == "strict":
        found |= {name: Rule(errno.EACCES) for name in STRICTLY_REFUSED}
    return found


def program(found: Mapping[str, Rule], name: str) -> bytes:
    """Return the filter for a machine: one block of instructions for each system call.

    Raises
    ------
    KeyError
        For a machine whose numbers are not known.
    """
    architecture, column, _ = ARCHITECTURES[name]
    lines = [
        _line(_LOAD, _ARCHITECTURE_AT), _line(_JUMP_EQUAL, architecture, 1, 0),
        _line(_RETURN, KILL_PROCESS), _line(_LOAD, _NUMBER_AT),
    ]  # fmt: skip
    if name == "x86_64":  # the same calls under other numbers
        lines += [_line(_JUMP_AT_LEAST, X32_BIT, 0, 1), _line(_RETURN, KILL_PROCESS)]
    for call, rule in found.items():
        number = NUMBERS[call][column]
        if number is not None:
            block = list(_block(rule))
            lines += [_line(_JUMP_EQUAL, number, 0, len(block)), *block]
    return b"".join([*lines, _line(_RETURN, ALLOW)])


def _block(rule: Rule) -> Iterator[bytes]:
    """Yield what is done with one system call; each way ends in a verdict."""
    refuse = _line(_RETURN, REFUSE | rule.error if rule.error else KILL_PROCESS)
    if rule.bits is not None:
        needed, forbidden, besides = rule.bits
        yield _line(_LOAD, _ARGUMENTS_AT)
        yield _line(_JUMP_EQUAL, besides, 3, 0)
        yield _line(_JUMP_BITS, forbidden, 1, 0)
        yield _line(_JUMP_BITS, needed, 1, 0)
        yield refuse
    for index, values in rule.never.items():
        yield _line(_LOAD, _ARGUMENTS_AT + 8 * index)
        for value in values:
            yield _line(_JUMP_EQUAL, value, 0, 1)
            yield refuse
    for index, values in rule.only.items():
        yield _line(_LOAD, _ARGUMENTS_AT + 8 * index)
        for at, value in enumerate(values):
            yield _line(_JUMP_EQUAL, value, len(values) - at, 0)
        yield refuse
    allowed = rule.only or rule.never or rule.bits is not None
    yield _line(_RETURN, ALLOW) if allowed else refuse


def _line(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("lines", ctypes.c_char_p))


def is_offered() -> bool:
    """Return whether the kernel takes filters, and this machine's numbers are known."""
    if machine() not in ARCHITECTURES:
        return False
    action = ctypes.c_uint32(REFUSE)
    try:
        system_call(ARCHITECTURES[machine()][2], GET_ACTION_AVAIL, 0, action)
    except OSError:
        return False
    return True


def install(found: Mapping[str, Rule]) -> None:
    """Have the kernel filter the system calls of all threads of this process, for good.

    Raises
    ------
    OSError
        Where the kernel refuses.
    """
    text = program(found, machine())
    wanted = _Program(len(text) // 8, text)
    system_call(ARCHITECTURES[machine()][2], SET_MODE_FILTER, TSYNC, wanted)

"""What systems do differently stays in ``restorack.system``: no other file knows the system."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("src/restorack", "plugins", "chains", "presets", "render")

OF_ONE_SYSTEM = {
    "crypt", "fcntl", "grp", "msvcrt", "nis", "nt", "posix", "pty", "pwd", "resource", "spwd",
    "syslog", "termios", "tty", "winreg", "winsound", "_posixsubprocess", "_winapi",
}  # fmt: skip
"""Modules of the standard library that some system lacks."""

NOT_EVERYWHERE = {
    "os": {
        "O_BINARY", "O_CLOEXEC", "O_DIRECT", "O_DIRECTORY", "O_DSYNC", "O_NOATIME", "O_NOCTTY",
        "O_NOFOLLOW", "O_NOINHERIT", "O_NONBLOCK", "O_PATH", "O_SYNC", "O_TEMPORARY", "O_TMPFILE",
        "SEEK_DATA", "SEEK_HOLE", "chflags", "chown", "chroot", "confstr", "copy_file_range",
        "ctermid", "eventfd", "fchdir", "fchmod", "fchown", "fdatasync", "fork", "forkpty",
        "fpathconf", "fstatvfs", "getegid", "geteuid", "getgid", "getgrouplist", "getgroups",
        "getloadavg", "getpgid", "getpgrp", "getpriority", "getresuid", "getsid", "getuid",
        "getxattr", "killpg", "lchown", "listxattr", "lockf", "major", "memfd_create", "mkfifo",
        "mknod", "name", "nice", "openpty", "pathconf", "pidfd_open", "pipe2", "posix_fadvise",
        "posix_fallocate", "posix_spawn", "pread", "preadv", "pwrite", "pwritev", "readv",
        "register_at_fork", "sched_getaffinity", "sched_setaffinity", "sched_yield", "sendfile",
        "setgid", "setpgid", "setpriority", "setsid", "setuid", "splice", "startfile", "statvfs",
        "sync", "sysconf", "tcgetpgrp", "tcsetpgrp", "uname", "wait", "wait3", "wait4", "waitid",
        "waitpid", "writev", "WEXITED", "WNOHANG", "WNOWAIT", "P_PID",
    },
    "signal": {
        "SIGALRM", "SIGBREAK", "SIGBUS", "SIGCHLD", "SIGCONT", "SIGHUP", "SIGIO", "SIGKILL",
        "SIGPIPE", "SIGPROF", "SIGQUIT", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG",
        "SIGUSR1", "SIGUSR2", "SIGWINCH", "CTRL_BREAK_EVENT", "CTRL_C_EVENT", "ITIMER_REAL",
        "alarm", "pause", "pthread_kill", "pthread_sigmask", "setitimer", "siginterrupt",
        "sigpending", "sigtimedwait", "sigwait",
    },
    "socket": {"AF_UNIX", "CMSG_SPACE", "SCM_RIGHTS", "SO_PEERCRED", "SO_REUSEPORT"},
    "sys": {"platform", "getwindowsversion"},
    "platform": {"system", "uname", "win32_ver", "mac_ver", "libc_ver"},
    "subprocess": {"CREATE_NEW_PROCESS_GROUP", "CREATE_NO_WINDOW", "STARTUPINFO"},
    "select": {"epoll", "kqueue", "kevent", "poll"},
}  # fmt: skip

OF_POPEN = {
    "pass_fds", "preexec_fn", "start_new_session", "process_group", "creationflags", "startupinfo",
    "extra_groups",
}  # fmt: skip

BY_NATURE = {
    # The sandbox's rules are Linux's own: calls, files and signals by the names that it has.
    "src/restorack/hosting/confine/kernel.py": {"os.O_CLOEXEC", "os.O_PATH", "sys.platform"},
    "src/restorack/hosting/confine/limits.py": {"'/proc/self/status'"},
    "src/restorack/hosting/confine/paths.py": {"'/proc/"},
    "src/restorack/hosting/confine/landlock.py": {"'/proc/"},
    "src/restorack/corpus/fluidsynth.py": {"preexec_fn="},  # what `bounded_files` is made for
}


def sources() -> list[Path]:
    own = ROOT / "src/restorack/system"
    found = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if not path.is_relative_to(own)]


def only_here(text: str) -> list[str]:
    """Return what a source uses that some system lacks."""
    nodes = list(ast.walk(ast.parse(text)))
    words = [node.value for node in nodes if isinstance(node, ast.Expr)]
    docstrings = {id(value) for value in words if isinstance(value, ast.Constant)}
    return [what for node in nodes if id(node) not in docstrings for what in lacking(node)]


def lacking(node: ast.AST) -> Iterator[str]:
    """Yield what some system lacks, of what one node of a source says."""
    match node:
        case ast.Import(names=names):
            yield from (n.name for n in names if n.name.partition(".")[0] in OF_ONE_SYSTEM)
        case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in OF_ONE_SYSTEM:
            yield module
        case ast.ImportFrom(module=str(module), names=names):
            some = NOT_EVERYWHERE.get(module, set())
            yield from (f"{module}.{n.name}" for n in names if n.name in some)
        case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner in NOT_EVERYWHERE:
            yield from [f"{owner}.{name}"] if name in NOT_EVERYWHERE[owner] else []
        case ast.Attribute(attr="st_blocks" | "st_flags" | "st_birthtime" as name):
            yield name
        case ast.keyword(arg=str(name)) if name in OF_POPEN:
            yield f"{name}="
        case ast.Constant(value=str(words)) if words.startswith("/proc/"):
            yield repr(words)


def test_the_system_is_asked_in_one_place_only() -> None:
    paths = sources()
    assert len(paths) > 300
    wrong = []
    for path in paths:
        where = path.relative_to(ROOT).as_posix()
        allowed = tuple(BY_NATURE.get(where, ()))
        found = only_here(path.read_text("utf-8"))
        wrong += [
            f"{where}: {what}" for what in found if not (allowed and what.startswith(allowed))
        ]
    assert not wrong, "move these into restorack.system:\n" + "\n".join(wrong)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import fcntl", "fcntl"),
        ("def f():\n    from resource import getrlimit", "resource"),
        ("import os\nos.fork()", "os.fork"),
        ("from os import pread", "os.pread"),
        ("import signal\nsignal.SIGHUP", "signal.SIGHUP"),
        ("import sys\nif sys.platform == 'linux': pass", "sys.platform"),
        ("subprocess.run(['x'], preexec_fn=f)", "preexec_fn="),
        ("open('/proc/self/statm')", "'/proc/self/statm'"),
        ("path.stat().st_blocks", "st_blocks"),
    ],
)
def test_what_only_some_systems_have_is_found(text: str, found: str) -> None:
    assert only_here(text) == [found]


def test_what_all_systems_have_is_not_found() -> None:
    text = '"""/proc/self is Linux."""\nimport os\nos.open(p, os.O_RDONLY)\nos.replace(a, b)'
    assert not only_here(text)

"""The filter of system calls, run here as the kernel runs it, for both machines."""

from __future__ import annotations

import errno
import platform
import re
import struct
from pathlib import Path

import pytest

from restorack.hosting.confine.numbers import NUMBERS
from restorack.hosting.confine.seccomp import (
    ALLOW,
    ARCHITECTURES,
    KILL_PROCESS,
    REFUSE,
    SPAWN,
    X32_BIT,
    program,
    rules,
)

OWN = 4321
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}


def verdict(text: bytes, architecture: int, number: int, *arguments: int) -> int:
    """Interpret a filter for one system call."""
    words = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<IIQ6Q", number, architecture, 0, *words)
    at = accumulator = 0
    while True:
        code, if_true, if_false, value = struct.unpack_from("=HBBI", text, 8 * at)
        at += 1
        if code == 0x06:
            return int(value)
        if code == 0x20:
            accumulator = struct.unpack_from("<I", data, value)[0]
            continue
        holds = {
            0x15: accumulator == value, 0x35: accumulator >= value, 0x45: accumulator & value
        }[code]  # fmt: skip
        at += if_true if holds else if_false


class Filter:
    def __init__(self, mode: str, machine: str) -> None:
        self._text = program(rules(mode, OWN, guards_truncate=True), machine)  # type: ignore[arg-type]
        self._architecture, self._column, _ = ARCHITECTURES[machine]

    def __call__(self, call: str, *arguments: int) -> int:
        number = NUMBERS[call][self._column]
        assert number is not None
        return verdict(self._text, self._architecture, number, *arguments)


def refused(error: int = errno.EPERM) -> int:
    return REFUSE | error


@pytest.fixture(params=["x86_64", "aarch64"])
def machine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("mode", ["auto", "strict"])
def test_verdicts(machine: str, mode: str) -> None:
    ask = Filter(mode, machine)
    assert ask("kill", OWN, 9) == ask("tgkill", OWN, 5, 9) == ALLOW
    for other in (1, OWN - 1, 0, 2**32 - 1):  # init, the parent, the group, everyone
        assert ask("kill", other, 9) == ask("tgkill", other, 5, 9) == refused()
    threads = 0x3D0F00
    assert ask("clone", threads) == ask("clone", SPAWN) == ALLOW
    assert ask("clone", 17) == ask("clone", 0x1200011) == refused()  # fork, old and new
    assert ask("clone", threads | 0x10000000) == refused()  # with a namespace of users
    assert ask("clone", SPAWN | 0x20000000) == refused()
    assert ask("clone3") == refused(errno.ENOSYS)
    assert ask("execve") == ask("execveat") == KILL_PROCESS
    assert ask("prlimit64", 0) == ask("prlimit64", OWN) == ALLOW
    assert ask("prlimit64", OWN - 1) == refused()
    assert ask("prctl", 1) == refused()
    assert ask("prctl", 15) == ALLOW
    assert ask("ioctl", 3, 0x5412) == refused()
    assert ask("ioctl", 3, 0x5401) == ALLOW
    assert ask("setpriority", 0, 0, 5) == ALLOW
    assert ask("setpriority", 0, OWN - 1, 5) == ask("setpriority", 2, 0, 5) == refused()
    for call in ("ptrace", "process_vm_writev", "bpf", "keyctl", "mount", "userfaultfd"):
        assert ask(call) == refused()
    for call in ("io_uring_setup", "io_uring_enter", "io_uring_register"):
        assert ask(call) == refused(errno.ENOSYS)
    for family in (2, 10, 16, 17, 40):  # internet, netlink, packets, virtual machines
        assert ask("socket", family) == refused(errno.EACCES)
    expected = ALLOW if mode == "auto" else refused(errno.EACCES)
    assert ask("socket", 1) == ask("socketpair", 1) == ask("connect", 3) == expected
    assert ask("shmget") == ask("mq_open") == expected


def test_high_halves_of_arguments_change_nothing(machine: str) -> None:
    """The kernel takes process numbers and families as 32 bits."""
    ask = Filter("auto", machine)
    assert ask("kill", (1 << 40) | OWN) == ALLOW
    assert ask("socket", (1 << 40) | 2) == refused(errno.EACCES)


@pytest.mark.parametrize("mode", ["auto", "strict"])
def test_every_other_call_is_allowed_and_every_rule_is_used(machine: str, mode: str) -> None:
    found = rules(mode, OWN, guards_truncate=False)  # type: ignore[arg-type]
    text = program(found, machine)
    architecture, column, _ = ARCHITECTURES[machine]
    named = {NUMBERS[call][column] for call in found}
    for number in range(500):
        if number not in named:
            assert verdict(text, architecture, number) == ALLOW
    assert len(text) // 8 < 4096  # the kernel's limit
    if mode == "strict":
        assert set(found) == set(NUMBERS)


def test_other_machines_and_numbers_end_the_process() -> None:
    text = program(rules("auto", OWN, guards_truncate=True), "x86_64")
    assert verdict(text, 0x40000003, 1) == KILL_PROCESS  # 32 bits
    for number in (X32_BIT, X32_BIT | 59, 0xFFFFFFFF):
        assert verdict(text, 0xC000003E, number) == KILL_PROCESS


def test_truncate_is_refused_only_where_landlock_does_not_guard_it(machine: str) -> None:
    architecture, column, _ = ARCHITECTURES[machine]
    for guarded, expected in ((True, ALLOW), (False, refused())):
        text = program(rules("auto", OWN, guards_truncate=guarded), machine)
        number = NUMBERS["truncate"][column]
        assert number is not None
        assert verdict(text, architecture, number) == expected


def test_numbers_are_the_headers() -> None:
    """The compiler that builds the plugins of these tests brings them along."""
    for machine, header in HEADERS.items():
        if not header.exists():  # of the other machine
            assert machine != platform.machine()
            continue
        found = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)\b", header.read_text())
        known = {name: int(number) for name, number in found}
        for call, numbers in NUMBERS.items():
            number = numbers[ARCHITECTURES[machine][1]]
            # Older headers lack the newest calls, which have one number everywhere.
            newest = number if (number or 0) > 450 and numbers[0] == numbers[1] else None
            assert known.get(call, newest) == number, call

"""Processes and signals as on macOS and Windows, run over what stands for those systems."""

from __future__ import annotations

import ctypes
import errno
import os
import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from other_systems import As, Calls

SYSTEMS = ("linux", "darwin", "win32")


@pytest.fixture
def windows_signals(on: As, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the module of signals, with SIGUSR1 for Ctrl-Break."""
    monkeypatch.setattr(signal, "SIGBREAK", signal.SIGUSR1, raising=False)
    monkeypatch.setattr(signal, "CTRL_BREAK_EVENT", signal.SIGUSR1, raising=False)
    return on("win32", "signals")


def test_time_runs_out_on_every_system(windows_signals: ModuleType) -> None:
    from restorack.system import signals

    def ring(*given: object) -> None:
        raise TimeoutError

    for module in (signals, windows_signals):
        before = signal.getsignal(signal.SIGUSR1), signal.getsignal(signal.SIGALRM)
        with pytest.raises(TimeoutError), module.alarm(0.05, ring):
            sum(time.sleep(0.01) or 0 for _ in range(400))
        with module.alarm(0.05, ring):
            pass
        time.sleep(0.1)  # an alarm that was not called off would come now
        assert (signal.getsignal(signal.SIGUSR1), signal.getsignal(signal.SIGALRM)) == before


def test_how_processes_end_is_said_in_words(windows_signals: ModuleType) -> None:
    from restorack.system import signals

    assert signals.ended(3) == windows_signals.ended(3) == "exit status 3"
    assert signals.ended(-9) == "SIGKILL"
    assert signals.ended(-200) == "signal 200"
    assert windows_signals.ended(0xC0000005 - (1 << 32)) == "fault 0xc0000005"


def test_a_worker_is_asked_by_what_it_listens_to(windows_signals: ModuleType) -> None:
    from restorack.system import signals

    program = (
        "import signal, sys, time\n"
        "signal.signal(int(sys.argv[1]), signal.default_int_handler)\n"
        "try:\n    print('ready', flush=True)\n    time.sleep(20)\n"
        "except KeyboardInterrupt:\n    sys.exit(7)\n"
    )
    for module in (signals, windows_signals):
        command = [sys.executable, "-c", program, str(int(module.FROM_PARENT))]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            module.ask_to_stop(process)
            assert process.wait(20) == 7


def test_a_pipes_end_is_known(on: As) -> None:
    wrong = OSError(errno.EINVAL, "invalid")
    for system in SYSTEMS:
        console = on(system, "console")
        assert console.is_closed_pipe(BrokenPipeError(errno.EPIPE, "broken"))
        assert not console.is_closed_pipe(OSError(errno.ENOSPC, "full"))
        assert console.is_closed_pipe(wrong) == (system == "win32")


class Queue:
    """Stands for a queue of macOS's kernel: tells of one process's end by looking at it."""

    def __init__(self) -> None:
        self._number = 0

    def control(self, events: list[Any], most: int, seconds: float | None = None) -> list[Any]:
        for event in events:
            self._number = event[0]
            if not Path(f"/proc/{self._number}").exists():
                raise ProcessLookupError
        deadline = time.monotonic() + (1e9 if seconds is None else seconds)
        while most:
            if "\nState:\tZ" in self._status():
                return ["ended"]
            if time.monotonic() >= deadline:
                break
            time.sleep(0.01)
        return []

    def close(self) -> None:
        pass

    def _status(self) -> str:
        return Path(f"/proc/{self._number}/status").read_text()


@pytest.fixture
def mac_select(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the module ``select`` as macOS has it."""
    for name in ("KQ_FILTER_PROC", "KQ_EV_ADD", "KQ_EV_ONESHOT", "KQ_NOTE_EXIT"):
        monkeypatch.setattr(select, name, 1, raising=False)
    monkeypatch.setattr(select, "kqueue", Queue, raising=False)
    monkeypatch.setattr(select, "kevent", lambda number, **form: (number, form), raising=False)


@pytest.mark.usefixtures("mac_select")
def test_children_are_watched_on_macos_without_being_collected(
    on: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    processes = on("darwin", "processes")
    monkeypatch.setitem(sys.modules, "restorack.system.processes", processes)
    children = on("darwin", "children")
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    process = children.start(command, [], stdout=subprocess.DEVNULL, env={}, session=True)
    assert not children.has_ended(process)
    assert os.getsid(process.pid) == process.pid
    children.end_all(process)
    children.wait_for_end(process)
    assert children.has_ended(process)
    assert process.returncode is None  # its number is still its own
    assert process.wait() == -signal.SIGKILL


@pytest.mark.usefixtures("mac_select")
def test_a_process_leaves_with_its_parent_on_macos(on: As, monkeypatch: pytest.MonkeyPatch) -> None:
    processes = on("darwin", "processes")
    left = threading.Event()
    monkeypatch.setattr(os, "_exit", lambda status: left.set())
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as parent:
        monkeypatch.setattr(os, "getppid", lambda: parent.pid)
        assert processes.die_with_parent(parent.pid)
        assert not left.wait(0.1)
        parent.kill()
        assert left.wait(10)
    assert not processes.die_with_parent(parent.pid)


def test_a_process_leaves_with_its_parent_on_windows(
    on: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, left = threading.Event(), threading.Event()
    windows = Calls(
        open_process=lambda number: None if number == 4 else number,
        has_ended=lambda handle, wait=0: gone.wait(wait / 1e3),
        FOREVER=60_000,
    )
    processes = on("win32", "processes", windows=windows)
    monkeypatch.setattr(os, "_exit", lambda status: left.set())
    assert not processes.die_with_parent(4)
    assert not processes.lives(4)
    assert processes.lives(1234)
    assert processes.die_with_parent(1234)
    assert not left.wait(0.1)
    gone.set()
    assert left.wait(10)
    assert not processes.die_with_parent(1234)
    assert ("close_handle", 1234) in windows.made


def test_children_on_windows_get_handles_and_a_job(on: As, monkeypatch: pytest.MonkeyPatch) -> None:
    started: dict[str, Any] = {}

    class Popen:
        pid, _handle, returncode = 77, 7, None

        def __init__(self, command: list[str], **options: Any) -> None:
            started.update(options, command=command)

        def kill(self) -> None:
            started["killed"] = True

    monkeypatch.setattr(subprocess, "Popen", Popen)
    monkeypatch.setattr(subprocess, "STARTUPINFO", dict, raising=False)
    monkeypatch.setattr(subprocess, "CREATE_NO_WINDOW", 8, raising=False)
    monkeypatch.setattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 2, raising=False)
    inheritable = []
    monkeypatch.setattr(
        os, "set_handle_inheritable", lambda n, yes: inheritable.append(n), raising=False
    )
    windows = Calls(new_job=lambda: 99)
    msvcrt = Calls(get_osfhandle=lambda descriptor: descriptor + 1000)
    children = on("win32", "children", windows=windows, msvcrt=msvcrt)
    number = children.number_of(5)
    process = children.start(["x"], [number], stdout=subprocess.PIPE, env={})
    assert inheritable == started["startupinfo"]["lpAttributeList"]["handle_list"] == [1005]
    assert started["creationflags"] == 2  # a group that Ctrl-Break reaches alone
    assert ("add_to_job", 99, 7) in windows.made
    children.end_all(process)
    assert ("end_job", 99) in windows.made
    assert started["killed"]


class Library:
    """Stands for ``kernel32``; answers what it was told to."""

    def __init__(self, *given: Any, **options: Any) -> None:
        self.answers: dict[str, Any] = {}
        self.calls: list[tuple[Any, ...]] = []
        self._functions: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any) -> Any:
            self.calls.append((name, *arguments))
            return self.answers.get(name, 1)

        return self._functions.setdefault(name, call)


def test_calls_of_windows_have_its_structures(on: As, monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library()
    monkeypatch.setattr(ctypes, "WinDLL", lambda *given, **options: library, raising=False)
    monkeypatch.setattr(ctypes, "get_last_error", lambda: 33, raising=False)
    monkeypatch.setattr(ctypes, "WinError", lambda code: OSError(code, "refused"), raising=False)
    windows = on("win32", "windows", msvcrt=Calls(get_osfhandle=lambda descriptor: 11))
    forms = (windows._Overlapped, windows._JobLimits, windows._MemoryCounters)
    # As mingw-w64's headers have them in 64 bits.
    assert [ctypes.sizeof(form) for form in forms] == [32, 144, 72]
    assert ctypes.sizeof(windows._MemoryStatus) == 64
    assert windows._JobLimits.flags.offset == 16
    windows.lock_file(3, wait=False)
    assert library.calls[-1][:3] == ("LockFileEx", 11, 3)
    library.answers["LockFileEx"] = 0
    with pytest.raises(BlockingIOError):
        windows.lock_file(3, wait=False)
    assert windows.new_job() == 1
    library.answers["AssignProcessToJobObject"] = 0
    with pytest.raises(OSError, match="refused"):
        windows.add_to_job(1, 2)
    library.answers["WaitForSingleObject"] = 258
    assert not windows.has_ended(1)


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_bounds_that_a_system_lacks_are_left_out(on: As, system: str) -> None:
    windows = Calls(physical_bytes=lambda: 8 << 30, resident_bytes=lambda: 1 << 20)
    limits = on(system, "limits", windows=windows)
    limits.forbid_core_files()
    with limits.bounded_address_space(1000):
        assert len(bytes(1 << 20)) == 1 << 20
    if system == "win32":
        assert limits.bounded_files(10) is None
        with pytest.raises(OSError, match="no bounds"):
            limits.bound_this_process(10, 10)
    machine = on(system, "machine", windows=windows)
    assert machine.usable_cores() >= 1
    assert machine.physical_and_swap() > 1 << 29
    assert machine.resident_bytes() > 1000
    assert machine.thread_count() == 0
    machine.end_this_first()


def test_only_linux_makes_its_system_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    spec = importlib.util.find_spec("restorack.hosting.confine.kernel")
    assert spec is not None
    assert spec.loader is not None
    kernel = importlib.util.module_from_spec(spec)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", "darwin")
        spec.loader.exec_module(kernel)
    for call in (kernel.system_call, kernel.process_control):
        with pytest.raises(OSError, match=os.strerror(errno.ENOSYS)):
            call(1, 1)


def test_whether_a_file_is_being_written_is_asked_where_it_is_known(on: As, tmp_path: Path) -> None:
    windows = Calls(is_opened_for_writing=lambda path: True)
    assert on("win32", "writers", windows=windows).is_being_written(tmp_path / "a")
    assert not on("darwin", "writers").is_being_written(tmp_path / "a")

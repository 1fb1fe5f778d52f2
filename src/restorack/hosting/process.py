"""The sandbox child as a process: started, asked, ended, and nothing of it left behind."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from restorack.errors import PluginError
from restorack.hosting.confine.environment import reduced_environment
from restorack.hosting.confine.modes import Mode, sandbox_mode
from restorack.hosting.confine.paths import DEVICES, readable
from restorack.hosting.confine.policy import VARIABLE, Policy, refusal, require_all
from restorack.hosting.exchange.wording import shown
from restorack.hosting.wire import (
    MAX_ANSWER,
    Closed,
    MalformedError,
    SharedSamples,
    receive,
    send,
)
from restorack.system import children, files, locks
from restorack.system.environment import TEMPORARY
from restorack.system.processes import lives
from restorack.system.signals import ended

START_TIMEOUT = 60.0
"""Seconds within which the child has to begin, on the busiest machine."""

KEPT_OUTPUT = 2000
"""Characters of the child's latest output that an error may show."""

_PREFIX = "restorack-sandbox-"
_STALE_AFTER = 60.0
"""Seconds after which a folder without a living owner is removed. By hand."""


class ChildProcess:
    """A running child, with the last of what it printed; ask it once :meth:`await_ready` returned.

    Parameters
    ----------
    mode : {"off", "auto", "strict"}, optional
        How it is confined; by default this process's mode.
    paths : iterable of str
        Files and folders that its plugins may read beside the system's.

    Attributes
    ----------
    mode : str
    read : list of str
        What it may read.
    confined : dict
        Status of each part of the sandbox, once it has begun.
    ready : bool
        Whether it has begun.

    Raises
    ------
    SandboxError
        Where the mode is ``strict`` and a part cannot be enforced on this system.
    PluginError
        Where the process cannot be started.
    """

    def __init__(self, mode: Mode | None = None, paths: Iterable[str] = ()) -> None:
        self.mode = sandbox_mode() if mode is None else mode
        require_all(self.mode)
        self.read = readable(self.mode, paths) if self.mode != "off" else ["/"]
        self.confined: dict[str, str] = {}
        self._requests = 0
        self.ready = False
        ours, theirs = socket.socketpair()
        self.link = ours
        self.samples = SharedSamples()
        self._folder = PrivateFolder()
        self._owner = os.getpid()
        self._output = b""
        self._failure: OSError | None = None
        self._process: subprocess.Popen[bytes] | None = None
        started = threading.Event()
        # The child dies with the thread that started it: so that thread stays, reading its output.
        self._reader = threading.Thread(target=self._run, args=(theirs, started), daemon=True)
        self._reader.start()
        started.wait()
        theirs.close()
        if self._process is None:
            self._release()
            raise PluginError(f"the sandbox child could not be started: {self._failure}")

    def await_ready(self) -> None:
        """Wait until the child has begun: the time that this takes is no plugin's.

        Raises
        ------
        SandboxError
            Where the mode is ``strict`` and a part is not enforced in the child.
        PluginError
            Where it does not begin.
        """
        from restorack.hosting.exchange.answers import check_ready

        if self.ready:
            return
        try:
            answer = receive(self.link, time.monotonic() + START_TIMEOUT, MAX_ANSWER)
            self.confined = check_ready(answer)
        except (Closed, TimeoutError, MalformedError):
            how = self.stop()
            said = self.said()
            raise PluginError(
                f"the sandbox child did not begin ({how})" + (f"; it said: {said}" if said else "")
            ) from None
        except BaseException:
            self.stop()
            raise
        missing = [part for part, status in self.confined.items() if status != "enforced"]
        if self.mode == "strict" and missing:
            self.stop()
            raise refusal(missing)
        self.ready = True

    def alive(self) -> bool:
        """Return whether the process runs and is this process's own child."""
        process = self._process
        return (
            os.getpid() == self._owner and process is not None and not children.has_ended(process)
        )

    def ask(self, message: dict[str, Any], timeout: float) -> dict[str, Any]:
        """Send a request and return its answer, of which only the number is checked.

        Raises
        ------
        Closed, TimeoutError, MalformedError
            Where the child is gone, silent, or answers something else.
        """
        deadline = time.monotonic() + timeout
        self.tell(message, deadline)
        return self.answer(deadline)

    def tell(self, message: dict[str, Any], deadline: float) -> None:
        """Send a request until a deadline on the monotonic clock."""
        self._requests += 1
        send(self.link, {**message, "number": self._requests}, deadline)

    def has_said_something(self) -> bool:
        """Return whether an answer waits, or the child is gone."""
        try:
            self.link.setblocking(False)
            self.link.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    def wait_for_word(self, seconds: float) -> None:
        """Wait until :meth:`has_said_something`, so many seconds at most."""
        with suppress(OSError):
            self.link.settimeout(max(1e-3, seconds))
            self.link.recv(1, socket.MSG_PEEK)

    def answer(self, deadline: float) -> dict[str, Any]:
        """Return the answer to the latest request; see :meth:`ask`."""
        answer = receive(self.link, deadline, MAX_ANSWER)
        number = answer.pop("number", None)
        if type(number) is not int or number != self._requests:
            raise MalformedError("not the answer to this request")
        return answer

    def kill(self) -> None:
        """Kill the process, whichever thread waits for it."""
        process = self._process
        if process is not None:
            with suppress(OSError):
                process.kill()

    def stop(self) -> str:
        """End the process and return how it ended; safe to call twice and after a fork."""
        process = self._process
        if os.getpid() != self._owner or process is None:
            self._process = None  # a fork's copy: the child is not ours to end
            return "was started by another process"
        timeout = time.monotonic() + (0.5 if self._hung_up() else 0.0)
        while not children.has_ended(process) and time.monotonic() < timeout:
            time.sleep(0.002)
        # Not collected yet, so that its number and its group's are no one else's.
        children.end_all(process)
        status = process.wait()
        self._reader.join(2.0)
        self._process = None
        self._release()
        return ended(status)

    def said(self) -> str:
        """Return the last lines that the child printed, as one line."""
        text = self._output.decode("utf-8", "replace")
        return shown(" | ".join(filter(None, map(str.strip, text.splitlines())))[-600:], 1000)

    def _release(self) -> None:
        self.link.close()
        self.samples.close()
        self._folder.remove()

    def _hung_up(self) -> bool:
        """Return whether the child has closed its side, so that its own end may be awaited."""
        try:
            self.link.setblocking(False)
            return not self.link.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def _run(self, theirs: socket.socket, started: threading.Event) -> None:
        passed = [children.number_of(theirs), children.number_of(self.samples.descriptor)]
        # -P: the working folder must not shadow modules; the child imports what this process does.
        command = [sys.executable or "python3", "-P", "-m", "restorack.hosting.confine.entry"]
        command += [str(number) for number in (*passed, os.getpid())]
        try:
            process = children.start(
                command,
                passed,
                stdout=subprocess.PIPE,
                env=self._environment(),
                session=True,  # no terminal to type into, a group that can be ended
            )
            self._process = process
        except OSError as error:
            self._failure = error
            return
        finally:
            started.set()
        if process.stdout is not None:
            with process.stdout as stream:
                while part := os.read(stream.fileno(), 1 << 16):
                    self._output = (self._output + part)[-KEPT_OUTPUT:]
        children.wait_for_end(process)  # collected by stop

    def _environment(self) -> dict[str, str]:
        private = str(self._folder.path)
        policy = Policy(self.mode, self.read, [private], list(DEVICES))
        given = dict(os.environ)
        if self.mode != "off":
            given = reduced_environment() | {"XDG_CACHE_HOME": private}
        # NumPy's threads cost a quarter of its import; the child's own work has no use for them.
        given.setdefault("OPENBLAS_NUM_THREADS", "1")
        return given | {
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            VARIABLE: policy.to_text(),
            **dict.fromkeys(TEMPORARY, private),
        }


class PrivateFolder:
    """A temporary folder for the child alone: JUCE leaves files there when a plugin crashes.

    It is locked while its maker lives, so that a later process can tell and remove what was left
    by one that was killed.
    """

    def __init__(self) -> None:
        remove_stale_folders()
        self.path = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
        self._descriptor = locks.hold_folder(self.path)

    def remove(self) -> None:
        """Delete the folder with all that is in it."""
        os.close(self._descriptor)
        shutil.rmtree(self.path, ignore_errors=True)


def remove_stale_folders(older_than: float = _STALE_AFTER) -> None:
    """Delete the folders of processes that were killed.

    Parameters
    ----------
    older_than : float
        In seconds; younger folders may not have their lock yet, unless their maker is dead.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            descriptor = locks.reopen_folder(folder)
        except OSError:
            continue
        try:
            found = os.fstat(descriptor)
            old = time.time() - found.st_mtime > older_than or not _lives(folder.name)
            if files.is_mine(found) and old:
                locks.try_lock(descriptor)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue  # locked: its maker lives
        finally:
            os.close(descriptor)


def _lives(folder: str) -> bool:
    """Return whether the process lives that a folder's name tells."""
    number = folder.removeprefix(_PREFIX).partition("-")[0]
    return not number.isdigit() or lives(int(number))

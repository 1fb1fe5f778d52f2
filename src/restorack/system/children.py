"""Child processes: started with files of their parent, watched, and ended with all they started."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from multiprocessing import connection


class HasNumber(Protocol):
    """A socket or a connection."""

    def fileno(self) -> int:
        """Return its number in this process."""


if sys.platform == "win32":
    import msvcrt

    from restorack.system import windows

    Link: TypeAlias = "connection.PipeConnection[Any, Any]"
    """One end of a pipe that :func:`multiprocessing.Pipe` makes."""

    _jobs: dict[int, int] = {}
    """Each child's job, by the child's number."""

    def start(
        command: Sequence[str],
        inherited: Sequence[int],
        *,
        stdout: int | IO[bytes],
        env: Mapping[str, str],
        session: bool = False,
    ) -> subprocess.Popen[bytes]:
        """Start a child away from this process's terminal; see the module.

        Parameters
        ----------
        command : sequence of str
        inherited : sequence of int
            What :func:`number_of` gave: the child opens them by the same numbers.
        stdout : int or file
            Where its output and its errors go.
        env : mapping
        session : bool
            It cannot reach the terminal at all.
        """
        for number in inherited:
            os.set_handle_inheritable(number, True)
        startup = subprocess.STARTUPINFO(lpAttributeList={"handle_list": list(inherited)})
        away = subprocess.CREATE_NO_WINDOW if session else subprocess.CREATE_NEW_PROCESS_GROUP
        process = subprocess.Popen(  # noqa: S603  our own modules
            command,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            env=env,
            startupinfo=startup,
            creationflags=away,
        )
        with suppress(OSError):  # then the thread that watches the parent has to do
            job = windows.new_job()
            windows.add_to_job(job, int(process._handle))  # type: ignore[attr-defined]
            _jobs[process.pid] = job
        return process

    def number_of(thing: HasNumber | int) -> int:
        """Return the number by which a child opens a socket, a connection or a descriptor."""
        return msvcrt.get_osfhandle(thing) if isinstance(thing, int) else thing.fileno()

    def opened(number: int) -> int:
        """Return the descriptor of a file, of which :func:`number_of` gave the number."""
        return msvcrt.open_osfhandle(number, os.O_RDWR | os.O_BINARY)

    def connected(number: int) -> Link:
        """Return the connection of which :func:`number_of` gave the number."""
        from multiprocessing import connection

        return connection.PipeConnection(number)

    def has_ended(process: subprocess.Popen[bytes]) -> bool:
        """Return whether a child has ended, without collecting it."""
        return process.poll() is not None

    def wait_for_end(process: subprocess.Popen[bytes]) -> None:
        """Wait for a child's end, without collecting it."""
        process.wait()

    def end_all(process: subprocess.Popen[bytes]) -> None:
        """End a child that is not collected, and all that it has started."""
        job = _jobs.pop(process.pid, None)
        if job is not None:
            windows.end_job(job)
        with suppress(OSError):
            process.kill()

else:
    import signal

    Link: TypeAlias = "connection.Connection[Any, Any]"
    """One end of a pipe that :func:`multiprocessing.Pipe` makes."""

    def start(
        command: Sequence[str],
        inherited: Sequence[int],
        *,
        stdout: int | IO[bytes],
        env: Mapping[str, str],
        session: bool = False,
    ) -> subprocess.Popen[bytes]:
        """Start a child away from this process's terminal; see the module.

        Parameters
        ----------
        command : sequence of str
        inherited : sequence of int
            What :func:`number_of` gave: the child opens them by the same numbers.
        stdout : int or file
            Where its output and its errors go.
        env : mapping
        session : bool
            It cannot reach the terminal at all.
        """
        return subprocess.Popen(  # noqa: S603  our own modules
            command,
            pass_fds=inherited,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            env=env,
            start_new_session=session,
            process_group=None if session else 0,
        )

    def number_of(thing: HasNumber | int) -> int:
        """Return the number by which a child opens a socket, a connection or a descriptor."""
        return thing if isinstance(thing, int) else thing.fileno()

    def opened(number: int) -> int:
        """Return the descriptor of a file, of which :func:`number_of` gave the number."""
        return number

    def connected(number: int) -> Link:
        """Return the connection of which :func:`number_of` gave the number."""
        from multiprocessing import connection  # here: plugins' children do without

        return connection.Connection(number)

    def end_all(process: subprocess.Popen[bytes]) -> None:
        """End a child that is not collected, and all that it has started."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    if sys.platform == "linux":

        def has_ended(process: subprocess.Popen[bytes]) -> bool:
            """Return whether a child has ended, without collecting it."""
            try:
                how = os.WEXITED | os.WNOHANG | os.WNOWAIT
                return os.waitid(os.P_PID, process.pid, how) is not None
            except ChildProcessError:
                return True

        def wait_for_end(process: subprocess.Popen[bytes]) -> None:
            """Wait for a child's end, without collecting it."""
            with suppress(ChildProcessError):  # collected meanwhile
                os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

    else:
        import select

        from restorack.system.processes import ended_event

        def has_ended(process: subprocess.Popen[bytes]) -> bool:
            """Return whether a child has ended, without collecting it."""
            return _ends_within(process, 0.0)

        def wait_for_end(process: subprocess.Popen[bytes]) -> None:
            """Wait for a child's end, without collecting it."""
            _ends_within(process, None)

        def _ends_within(process: subprocess.Popen[bytes], seconds: float | None) -> bool:
            queue = select.kqueue()
            try:
                return bool(queue.control([ended_event(process.pid)], 1, seconds))
            except OSError:  # it has ended already
                return True
            finally:
                queue.close()

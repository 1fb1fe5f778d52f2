"""Processes: dying with the parent, knowing of a fork, knowing who lives."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable

if sys.platform == "linux":
    import ctypes
    import signal

    _PR_SET_PDEATHSIG = 1

    def die_with_parent(parent: int) -> bool:
        """Have this process end when its parent ends; return whether that still lives.

        The kernel sees to it: it ends with the thread that started it.

        Parameters
        ----------
        parent : int
            Its process number, as the parent gave it: it may have died before it could be watched.
        """
        libc = ctypes.CDLL(None, use_errno=True)
        zero = ctypes.c_ulong(0)
        deadly = ctypes.c_ulong(signal.SIGKILL)
        if libc.prctl(ctypes.c_int(_PR_SET_PDEATHSIG), deadly, zero, zero, zero) == -1:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        return os.getppid() == parent

elif sys.platform == "win32":
    from restorack.system import windows

    def die_with_parent(parent: int) -> bool:
        """Have this process end when its parent ends; return whether that still lives.

        A thread waits for the parent; what holds Python's lock for ever ends by the job that
        :mod:`~restorack.system.children` puts children into.

        Parameters
        ----------
        parent : int
            Its process number, as the parent gave it: it may have died before it could be watched.
        """
        handle = windows.open_process(parent)
        if handle is None or windows.has_ended(handle):
            return False
        threading.Thread(target=_leave_after, args=(handle,), daemon=True).start()
        return True

    def _leave_after(handle: int) -> None:
        windows.has_ended(handle, windows.FOREVER)
        os._exit(1)

else:
    import select

    def die_with_parent(parent: int) -> bool:
        """Have this process end when its parent ends; return whether that still lives.

        A thread waits for the parent.

        Parameters
        ----------
        parent : int
            Its process number, as the parent gave it: it may have died before it could be watched.
        """
        queue = select.kqueue()
        try:
            queue.control([ended_event(parent)], 0)
        except OSError:  # there is none
            return False
        if os.getppid() != parent:
            return False
        threading.Thread(target=_leave_after, args=(queue,), daemon=True).start()
        return True

    def _leave_after(queue: select.kqueue) -> None:
        queue.control([], 1)
        os._exit(1)

    def ended_event(number: int) -> select.kevent:
        """Return what a queue of the kernel is asked for, to be told of a process's end."""
        return select.kevent(
            number,
            filter=select.KQ_FILTER_PROC,
            flags=select.KQ_EV_ADD | select.KQ_EV_ONESHOT,
            fflags=select.KQ_NOTE_EXIT,
        )


if sys.platform == "win32":

    def after_fork(call: Callable[[], None]) -> None:
        """Have a function called in each fork of this process; none is made here."""
        del call

    def lives(number: int) -> bool:
        """Return whether a process of this number runs."""
        handle = windows.open_process(number)
        if handle is None:
            return False
        ended = windows.has_ended(handle)
        windows.close_handle(handle)
        return not ended

else:

    def after_fork(call: Callable[[], None]) -> None:
        """Have a function called in each fork of this process."""
        os.register_at_fork(after_in_child=call)

    def lives(number: int) -> bool:
        """Return whether a process of this number runs."""
        try:
            os.kill(number, 0)
        except PermissionError:
            return True  # somebody else's
        except (ProcessLookupError, OverflowError):
            return False
        return True

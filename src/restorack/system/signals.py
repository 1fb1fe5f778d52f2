"""Signals: what asks a program to stop, how a child is asked, and time that runs out."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import subprocess

if sys.platform == "win32":
    import _thread
    import threading

    STOPPING: tuple[signal.Signals, ...] = (signal.SIGINT, signal.SIGTERM, signal.SIGBREAK)
    """What stops a command in order: Ctrl-C, Ctrl-Break, a console that is closed."""

    FROM_TERMINAL: tuple[signal.Signals, ...] = (signal.SIGINT,)
    """What a console sends to all that runs in it: workers leave it to their parent."""

    FROM_PARENT: signal.Signals = signal.SIGBREAK
    """How a parent asks a worker to stop."""

    def ask_to_stop(process: subprocess.Popen[bytes]) -> None:
        """Ask a child that :mod:`~restorack.system.children` started to clear up and end."""
        process.send_signal(signal.CTRL_BREAK_EVENT)

    def has_crashed(status: int) -> str:
        """Return the name of what ended a process from outside; empty where it ended itself."""
        return f"fault {status & 0xFFFFFFFF:#010x}" if status & 0xC0000000 == 0xC0000000 else ""

    @contextmanager
    def alarm(seconds: float, ring: Callable[..., Any]) -> Iterator[None]:
        """Call ``ring`` in the main thread, whose context this is, when it takes longer."""
        before = signal.signal(signal.SIGBREAK, ring)
        timer = threading.Timer(seconds, _thread.interrupt_main, [signal.SIGBREAK])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            signal.signal(signal.SIGBREAK, before)

else:
    STOPPING: tuple[signal.Signals, ...] = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    """What stops a command in order: Ctrl-C, kill, a terminal that is closed."""

    FROM_TERMINAL: tuple[signal.Signals, ...] = (signal.SIGINT, signal.SIGHUP)
    """What a terminal sends to all that runs in it: workers leave it to their parent."""

    FROM_PARENT: signal.Signals = signal.SIGTERM
    """How a parent asks a worker to stop."""

    def ask_to_stop(process: subprocess.Popen[bytes]) -> None:
        """Ask a child that :mod:`~restorack.system.children` started to clear up and end."""
        process.send_signal(signal.SIGTERM)

    def has_crashed(status: int) -> str:
        """Return the name of what ended a process from outside; empty where it ended itself."""
        if status >= 0:
            return ""
        try:
            return signal.Signals(-status).name
        except ValueError:
            return f"signal {-status}"

    @contextmanager
    def alarm(seconds: float, ring: Callable[..., Any]) -> Iterator[None]:
        """Call ``ring`` in the main thread, whose context this is, when it takes longer."""
        before = signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            signal.signal(signal.SIGALRM, before)


def ended(status: int) -> str:
    """Return how a process ended, in words: its exit status, or the signal or fault."""
    return has_crashed(status) or f"exit status {status}"

"""The process's entry point: signals and streams in order before anything heavy is loaded."""

from __future__ import annotations

import io
import os
import signal
import sys
import time
from typing import Any, NoReturn

from restorack.system.signals import STOPPING

SIGNALS = STOPPING
"""What stops a command in order: Ctrl-C, kill, a terminal that is closed."""

INTERRUPTED = 130
"""Exit code: 128 and the number of SIGINT, as shells have it."""

AGAIN = 1.0
"""Seconds after a signal in which others do not disturb the clearing up."""


class Interrupter:
    """A handler of signals that interrupts the main thread, once for a burst of them.

    Attributes
    ----------
    asked : bool
        A signal has come; an error that follows it is its consequence.
    """

    def __init__(self) -> None:
        self.asked = False
        self._latest = -AGAIN

    def __call__(self, *signal_arguments: Any) -> None:
        """Raise KeyboardInterrupt, unless one was raised a moment ago."""
        del signal_arguments
        now = time.monotonic()
        if now - self._latest < AGAIN:
            return
        self.asked, self._latest = True, now
        raise KeyboardInterrupt

    def install(self) -> None:
        """Answer the signals, but for those that this process was started to ignore."""
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self)


interrupter = Interrupter()


def run() -> NoReturn:
    """Run the command line of this process."""
    try:
        interrupter.install()
        open_missing_streams()
        if isinstance(
            sys.stdout, io.TextIOWrapper
        ):  # an encoding that lacks a character is no fault
            sys.stdout.reconfigure(errors="backslashreplace")
        from restorack.cli.main import main

        code = main(sys.argv[1:])
    except KeyboardInterrupt:
        _ignore_signals()
        code = _say_interrupted()
    # All is done: what comes now must not change the exit code.
    _ignore_signals()
    sys.exit(code)


def open_missing_streams() -> None:
    """Occupy the descriptors of streams that this process was started without.

    Otherwise the next file that is opened gets the number, and what is printed goes into it. What
    stands for stdout cannot be written to, so that a command that prints says that it could not.
    """
    for number, flags in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            nowhere = os.open(os.devnull, flags)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
            os.set_inheritable(number, True)
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  for good
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  for good


def _ignore_signals() -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _say_interrupted() -> int:
    """Say so as every command does, where the interrupt came before or after its own guard."""
    from restorack.cli.console import print_error, wants_json
    from restorack.cli.failures import Failure

    failure = Failure("interrupted", exit_code=INTERRUPTED)
    try:
        print_error(failure, as_json=wants_json(sys.argv[1:]))
        sys.stdout.flush()
    except OSError:
        pass  # nobody listens
    return INTERRUPTED

"""stdout and stderr that may be closed, full, or of an encoding without the word's letters."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO, cast

from restorack.system.console import is_closed_pipe


class ClosedPipeError(Exception):
    """Nobody reads stdout any more."""


class GuardedStream:
    """A text stream whose faults do not become those of the work.

    A reader that leaves ends the command quietly. On any other fault, such as a full disk, the work
    goes on, what is printed is lost, and the fault is kept to be told at the end.

    Parameters
    ----------
    stream : text stream
    quiet : bool
        A reader that leaves is no reason to end, as for stderr.

    Attributes
    ----------
    fault : OSError or None
        The first one.
    """

    def __init__(self, stream: TextIO, *, quiet: bool = False) -> None:
        self._stream, self._quiet = stream, quiet
        self.fault: OSError | None = None

    def __getattr__(self, name: str) -> Any:
        """Return the stream's own attribute."""
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write text; characters that the encoding does not have are written as escapes."""
        if self.fault is None:
            with self._guard():
                try:
                    self._stream.write(text)
                except UnicodeEncodeError as error:
                    there = text.encode(error.encoding, "backslashreplace")
                    self._stream.write(there.decode(error.encoding))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write texts one after the other."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Write what was held back."""
        if self.fault is None:
            with self._guard():
                self._stream.flush()

    @contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.fault = error
            self._send_nowhere()
            if is_closed_pipe(error) and not self._quiet:
                raise ClosedPipeError from None

    def _send_nowhere(self) -> None:
        """Let what the stream still holds go nowhere when the interpreter flushes it at its end."""
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)


@contextmanager
def guarded_streams() -> Iterator[None]:
    """Guard stdout and stderr while the context lasts."""
    before = sys.stdout, sys.stderr
    sys.stdout = cast("TextIO", GuardedStream(before[0]))
    sys.stderr = cast("TextIO", GuardedStream(before[1], quiet=True))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def fault_of_stdout() -> OSError | None:
    """Return why stdout could not be written, if it could not."""
    return getattr(sys.stdout, "fault", None)

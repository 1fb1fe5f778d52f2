"""Questions of true or false to a child apart, which works while this process goes on."""

from __future__ import annotations

import os
import socket
import time
import weakref
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from restorack.errors import RestorackError
from restorack.hosting.confine.modes import Mode
from restorack.hosting.confine.paths import needed_by
from restorack.hosting.process import START_TIMEOUT, ChildProcess
from restorack.hosting.spec import PluginSpec
from restorack.hosting.wire import Closed, MalformedError


class BackgroundProof:
    """A question to a child of its own, whose answer may be waited for or not.

    Parameters
    ----------
    message : dict
        The request.
    field : str
        Of the answer: what is true or not. It is not where the plugins fail.
    specs : sequence of PluginSpec
        The plugins, which the child may read.
    mode : {"off", "auto", "strict"}
    timeout : float
        Seconds for the answer, beyond those for the child to begin.

    Attributes
    ----------
    failed : bool
        The answer is not what it is for what the plugins do: they fail.
    """

    def __init__(
        self,
        message: dict[str, Any],
        field: str,
        specs: Sequence[PluginSpec],
        mode: Mode,
        timeout: float,
    ) -> None:
        self._message, self._field = message, field
        self._owner = os.getpid()
        self._deadline = time.monotonic() + START_TIMEOUT + timeout
        self._child = ChildProcess(mode, [path for spec in specs for path in needed_by(spec)])
        self._ender = weakref.finalize(self, ChildProcess.stop, self._child)
        self._ender.atexit = False  # its owner asks it once more, then ends it
        self._lost = self.failed = False
        try:
            self._child.tell(message, self._deadline)
            self._child.link.shutdown(socket.SHUT_WR)  # it ends once it has answered
        except (Closed, TimeoutError, OSError):
            self._lost = True

    def poll(self) -> bool | None:
        """Return the answer, None as long as there is none."""
        from restorack.hosting.exchange.answers import check_answer

        if os.getpid() != self._owner or not self._ender.alive:
            return None  # a fork's copy, for which the answer is not; or given up
        if not (self._lost or self._child.has_said_something()):
            if time.monotonic() < self._deadline:
                return None
            self._lost = True
        found: Any = None
        with suppress(RestorackError, Closed, TimeoutError, MalformedError):
            if not self._lost and not self._child.ready:
                self._child.await_ready()
                return self.poll()
            if not self._lost:
                answer = check_answer(self._message, self._child.answer(self._deadline), None)
                found = answer.get(self._field)
        self.failed = found is None
        self.end()
        return bool(found)

    def wait(self) -> bool | None:
        """Return the answer once it is there, None where the plugins fail."""
        found = self.poll()
        while found is None and self._ender.alive:
            self._child.wait_for_word(self._deadline - time.monotonic())
            found = self.poll()
        return None if self.failed else found

    def end(self) -> None:
        """Give up the answer, and end the child."""
        self._ender()

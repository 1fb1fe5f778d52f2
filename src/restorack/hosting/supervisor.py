"""The child that a process's plugins share: started when it is needed, asked, replaced, ended."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from restorack.dsp.arrays import Rows
from restorack.errors import RestorackError
from restorack.hosting.confine.allowed import Allowed
from restorack.hosting.confine.modes import Mode, sandbox_mode
from restorack.hosting.confine.paths import needed_by
from restorack.hosting.exchange.faults import failure, labels_of, malformed, placed
from restorack.hosting.exchange.requests import exchange
from restorack.hosting.exchange.shape import Shape
from restorack.hosting.exchange.streams import OpenStreams
from restorack.hosting.process import ChildProcess
from restorack.hosting.spec import PluginSpec
from restorack.hosting.trust import require_allowed
from restorack.hosting.wire import Closed, MalformedError, error_from


class Supervisor:
    """Keeps one child running, and ends it after a wrong, late or missing answer.

    Requests of several threads follow each other. A fork's copy starts its own child.

    Parameters
    ----------
    mode : {"off", "auto", "strict"}, optional
        How the child is confined; by default as the whole process says.

    Attributes
    ----------
    streams : OpenStreams
        Those that are open in the child, or in one that was replaced since.
    """

    def __init__(self, mode: Mode | None = None) -> None:
        self._mode = mode
        self._paths: dict[str, None] = {}
        self._confined: dict[str, str] = {}
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._process_id = os.getpid()
        self._lock = threading.RLock()
        self._child: ChildProcess | None = None
        self._ender: weakref.finalize[..., Any] | None = None
        self._allowed: Allowed | None = None
        self._retired: dict[ChildProcess, weakref.finalize[..., Any] | None] = {}
        self.streams = OpenStreams()

    def _leave_fork(self) -> bool:
        """Forget the child of the process that this one was forked from; return whether it was."""
        forked = self._process_id != os.getpid()
        if forked:
            self._begin_anew()
        return forked

    @property
    def mode(self) -> Mode:
        """How the next child is confined."""
        return self._mode or sandbox_mode()

    @property
    def confinement(self) -> dict[str, Any]:
        """The mode, and the status of each part of the sandbox in the latest child."""
        return {"mode": self.mode, **self._confined}

    def admit(self, specs: Iterable[PluginSpec]) -> None:
        """Let the next child read what these plugins need, so that it need not be replaced."""
        self._paths |= dict.fromkeys(path for spec in specs for path in needed_by(spec))

    def _start(self, specs: Sequence[PluginSpec]) -> ChildProcess:
        """Return a child that may read what these plugins need, and may not have begun yet."""
        for retired in list(self._retired):
            if not self.streams.are_open_in(retired):
                self._end(retired)
        mode = self.mode
        needed = {path: None for spec in specs for path in needed_by(spec)}
        if self._child is not None and not self._child.alive():
            self._end(self._child)
        elif self._child is not None and not (
            self._allowed is None or self._allowed.covers(mode, needed)
        ):
            self._retire(self._child)
        if self._child is None:
            self._paths |= needed
            self._child = ChildProcess(mode, self._paths)
            self._ender = weakref.finalize(self, ChildProcess.stop, self._child)
            self._allowed = Allowed(mode, self._child.read)
        return self._child

    def _start_early(self, specs: Sequence[PluginSpec]) -> None:
        """Start the child that a later request would start and wait for."""
        if not self._lock.acquire(blocking=False):
            return  # a request is being answered, so that there is one
        try:
            with suppress(RestorackError):  # the request will say it
                self._start(specs)
        finally:
            self._lock.release()

    def _serves(self, child: ChildProcess | None) -> bool:
        """Return whether a child is the latest one, or one that still has streams."""
        return child is not None and child in (self._child, *self._retired)

    def _request(
        self,
        message: dict[str, Any],
        specs: Sequence[PluginSpec],
        timeout: float,
        rows: Rows | None = None,
        shape: Shape | None = None,
        child: ChildProcess | None = None,
    ) -> tuple[dict[str, Any], Rows]:
        """Put a request about plugins to the child, or to the one that a stream lives in.

        Parameters
        ----------
        message : dict
        specs : sequence of PluginSpec
        timeout : float
            In seconds.
        rows : ndarray of float32, shape (channels, samples), optional
            What goes along.
        shape : Shape, optional
            Of what has to come back.
        child : ChildProcess, optional

        Returns
        -------
        answer : dict
        rows : ndarray of float32, shape (channels, samples)

        Raises
        ------
        PluginError
            Names the plugins.
        """
        self._leave_fork()
        for spec in specs:
            require_allowed(spec)
        with self._lock:
            asked = child or self._running(specs)
            dropped = self.streams.take_dropped(asked)
            if dropped:
                message["drop"] = dropped
            try:
                answer, out = exchange(asked, message, rows, timeout, shape)
            except MalformedError as error:
                self._end(asked)
                raise malformed(message["do"], error, labels_of(specs)) from None
            except (Closed, TimeoutError) as error:
                raise failure(asked, self._end(asked), error, labels_of(specs), timeout) from None
            except BaseException:
                self._end(asked)  # a late answer must not be taken for the next request's
                raise
        if "error" in answer:
            raise placed(error_from(answer["error"]), specs)
        return answer, out

    def interrupt(self) -> None:
        """Have a request that another thread waits for fail now: its child is killed."""
        if self._process_id != os.getpid():
            return
        if self._lock.acquire(blocking=False):
            self._lock.release()
            return
        for child in (self._child, *self._retired):
            if child is not None:
                child.kill()

    def close(self) -> None:
        """End the child; the next request starts another."""
        self._leave_fork()
        with self._lock:
            for child in (self._child, *self._retired):
                if child is not None:
                    self._end(child)

    def _running(self, specs: Sequence[PluginSpec]) -> ChildProcess:
        """Return a child that has begun and may read what these plugins need."""
        child = self._start(specs)
        try:
            child.await_ready()
        except BaseException:
            self._end(child)
            raise
        self._confined = child.confined
        return child

    def _retire(self, child: ChildProcess) -> None:
        """Ask a child no more, but for the streams that are open in it."""
        if not self.streams.are_open_in(child):
            self._end(child)
            return
        self._retired[child] = self._ender
        self._child, self._ender, self._allowed = None, None, None

    def _end(self, child: ChildProcess) -> str:
        """End a child and return how it ended."""
        if child is self._child:
            ender = self._ender
            self._child, self._ender, self._allowed = None, None, None
        else:
            ender = self._retired.pop(child, None)
        if ender is not None:
            ender.detach()
        return child.stop()

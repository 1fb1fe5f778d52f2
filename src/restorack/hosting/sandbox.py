"""The parent's side of the sandbox: starts the child, asks it, and survives what it does."""

from __future__ import annotations

import atexit
import os
import signal
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np

from restorack.audio.gate import Rows
from restorack.errors import PluginError, RestorackError
from restorack.hosting.spec import PluginSpec
from restorack.hosting.wire import Closed, SharedSamples, error_from, receive, send

LOAD_TIMEOUT = 120.0
"""Seconds within which a plugin has to load and answer (ZamVerb takes one minute)."""

SLOWEST = 5.0
"""Seconds that a plugin may take for a second of audio, beyond the time to load."""

KEPT_LINES = 8


class Sandbox:
    """A child process that hosts plugins; started when first needed, again after a crash.

    Parameters
    ----------
    load_timeout : float
        Seconds for loading and answering; processing gets 5 s more per second of audio.
    """

    def __init__(self, load_timeout: float = LOAD_TIMEOUT) -> None:
        self._load_timeout = load_timeout
        self._lock = threading.RLock()
        self._child: _Child | None = None
        self._streams = 0

    def layout(self, spec: PluginSpec) -> dict[str, Any]:
        """Return a plugin's ``inputs``, ``outputs`` and ``latency_samples``."""
        answer, _ = self._ask({"do": "layout", "spec": spec.to_message()}, [spec])
        return answer

    def describe(self, spec: PluginSpec) -> dict[str, Any]:
        """Return a plugin's channels, latency and parameters.

        Raises
        ------
        PluginError
            Where it cannot be loaded, crashes or hangs.
        """
        answer, _ = self._ask({"do": "describe", "spec": spec.to_message()}, [spec])
        return answer

    def render(self, specs: Sequence[PluginSpec], rows: Rows, rate: float) -> tuple[Rows, int]:
        """Render a whole signal through plugins in series by a DawDreamer graph.

        Returns
        -------
        rows : ndarray of float32, shape (channels, samples)
            Aligned with the input and as long.
        latency : int
            In samples, already taken off.

        Raises
        ------
        PluginError
            Names the plugin that failed.
        """
        message = {"do": "render", "specs": [s.to_message() for s in specs], "rate": rate}
        try:
            answer, out = self._ask(message, specs, rows, rate)
            _require_finite(out, specs)
        except PluginError:
            if len(specs) > 1:
                self._blame(specs, rows, rate)
            raise
        return out, int(answer["latency"])

    def open(self, specs: Sequence[PluginSpec], rate: float, channels: int) -> tuple[int, int]:
        """Open a stream of VST3 plugins; return its number and its latency in samples."""
        self._streams += 1
        message = {
            "do": "open", "specs": [s.to_message() for s in specs],
            "rate": rate, "channels": channels, "stream": self._streams,
        }  # fmt: skip
        answer, _ = self._ask(message, specs)
        return self._streams, int(answer["latency"])

    def push(self, stream: int, rows: Rows, rate: float, specs: Sequence[PluginSpec]) -> Rows:
        """Take samples of a stream, return those that are ready."""
        _, out = self._ask({"do": "push", "stream": stream}, specs, rows, rate)
        return _require_finite(out, specs)

    def finish(self, stream: int, specs: Sequence[PluginSpec]) -> Rows:
        """End a stream, return the rest."""
        _, out = self._ask({"do": "finish", "stream": stream}, specs)
        return _require_finite(out, specs)

    def close_stream(self, stream: int) -> None:
        """Drop a stream that will not be finished; does nothing after a crash."""
        with self._lock:
            if self._child is not None:
                self._ask({"do": "close", "stream": stream}, [])

    def close(self) -> None:
        """End the child."""
        with self._lock:
            if self._child is not None:
                self._child.stop()
                self._child = None

    def _blame(self, specs: Sequence[PluginSpec], rows: Rows, rate: float) -> None:
        """Repeat a failed graph plugin by plugin, so that the error names the culprit."""
        for spec in specs:
            rows, _ = self.render([spec], rows, rate)

    def _ask(
        self,
        message: dict[str, Any],
        specs: Sequence[PluginSpec],
        rows: Rows | None = None,
        rate: float = 1.0,
    ) -> tuple[dict[str, Any], Rows]:
        where = ", ".join(spec.label for spec in specs)
        samples = 0 if rows is None else rows.shape[1]
        patience = self._load_timeout + SLOWEST * max(1, len(specs)) * samples / rate
        with self._lock:
            if self._child is None or not self._child.alive():
                self._child = _Child()
            child = self._child
            try:
                if rows is not None:
                    child.samples.write(rows)
                    message |= {"channels": rows.shape[0], "samples": samples}
                answer = child.ask(message, patience)
            except (Closed, TimeoutError) as error:
                self._child = None
                raise _failure(child, error, where, patience) from None
            out = np.zeros((0, 0), np.float32)
            if "channels" in answer:
                out = child.samples.read(answer["channels"], answer["samples"])
        if "error" in answer:
            failed: RestorackError = error_from(answer["error"])
            raise failed if failed.where else failed.at(where)
        return answer, out


class _Child:
    """A running child, with the last lines that it printed."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        self.link = ours
        self.samples = SharedSamples()
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._process: subprocess.Popen[str] | None = None
        started = threading.Event()
        # The child dies with the thread that started it: so that thread stays, reading its output.
        self._reader = threading.Thread(target=self._run, args=(theirs, started), daemon=True)
        self._reader.start()
        started.wait()
        theirs.close()

    @property
    def process(self) -> subprocess.Popen[str]:
        if self._process is None:
            raise PluginError("the sandbox child could not be started")
        return self._process

    def alive(self) -> bool:
        return self.process.poll() is None

    def ask(self, message: dict[str, Any], patience: float) -> dict[str, Any]:
        send(self.link, message)
        self.link.settimeout(patience)
        return receive(self.link)

    def stop(self) -> int | None:
        """Kill the child and return its exit status, negative for the signal that ended it."""
        try:
            self.process.wait(0.5 if self._gone() else 0)
        except subprocess.TimeoutExpired:
            self.process.kill()
        status = self.process.wait()
        self._reader.join(2.0)
        self.link.close()
        self.samples.close()
        return status

    def said(self) -> str:
        return " | ".join(self._lines)

    def _gone(self) -> bool:
        """Return whether the child has closed its side, so that its own end may be awaited."""
        self.link.setblocking(False)
        try:
            return not self.link.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def _run(self, theirs: socket.socket, started: threading.Event) -> None:
        descriptors = (theirs.fileno(), self.samples.descriptor)
        command = [sys.executable, "-m", "restorack.hosting.child"]
        command += [str(number) for number in (*descriptors, os.getpid())]
        try:
            self._process = subprocess.Popen(  # noqa: S603  our own module
                command,
                pass_fds=descriptors,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
        finally:
            started.set()
        for line in self._process.stdout or ():
            if line.strip():
                self._lines.append(line.strip()[:200])


def _failure(child: _Child, error: Exception, where: str, patience: float) -> PluginError:
    if isinstance(error, TimeoutError):
        child.stop()
        return PluginError(
            f"no answer within {patience:.0f} s: it hangs",
            where=where,
            rule="a plugin answers in time, or its process is ended",
            remedy="leave the plugin out",
        )
    status = child.stop()
    ended = f"exit status {status}"
    if status is not None and status < 0:
        ended = signal.Signals(-status).name
    said = child.said()
    return PluginError(
        f"crashed ({ended})" + (f"; it said: {said}" if said else ""),
        where=where,
        rule="plugins run in a process of their own, so that nothing else is lost",
        remedy="leave the plugin out",
    )


def _require_finite(rows: Rows, specs: Sequence[PluginSpec]) -> Rows:
    if np.isfinite(rows).all():
        return rows
    channel, position = (int(index) for index in np.argwhere(~np.isfinite(rows))[0])
    raise PluginError(
        f"returned {rows[channel, position]} at channel {channel}, position {position}",
        where=", ".join(spec.label for spec in specs),
        rule="plugins return finite samples",
        remedy="another sample rate, other settings, or leave the plugin out",
    )


_shared: dict[int, Sandbox] = {}


def shared_sandbox() -> Sandbox:
    """Return this process's sandbox: plugins of all chains are hosted in one child."""
    pid = os.getpid()
    if pid not in _shared:
        _shared.clear()  # a fork inherited the parent's: its child is not ours to ask
        _shared[pid] = Sandbox()
        atexit.register(_shared[pid].close)
    return _shared[pid]

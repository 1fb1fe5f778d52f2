"""The parent's side of the sandbox: starts the child, asks it, and survives what it does."""

from __future__ import annotations

import os
import threading
import weakref
from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np

from restorack.audio.gate import Rows
from restorack.errors import PluginCrashError, PluginError, PluginHangError, RestorackError
from restorack.hosting.mixdown import Mixdown
from restorack.hosting.process import ChildProcess
from restorack.hosting.spec import PluginSpec
from restorack.hosting.warm import Host, Manners, warm_key
from restorack.hosting.wire import Closed, error_from

LOAD_TIMEOUT = 60.0
"""Seconds within which each plugin has to load and answer."""

SLOWEST = 5.0
"""Seconds that a plugin may take for a second of audio, beyond the time to load."""


class Sandbox:
    """A child process that hosts plugins; started when first needed, again after a crash.

    Threads may share it: their requests follow each other. A fork's copy starts its own child.

    Parameters
    ----------
    load_timeout : float
        Seconds that each plugin has for loading and answering; processing gets 5 s more per second
        of audio.
    """

    def __init__(self, load_timeout: float = LOAD_TIMEOUT) -> None:
        self._load_timeout = load_timeout
        self._abandoned: deque[int] = deque()
        self._numbers = 0
        self._manners = Manners()
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._process_id = os.getpid()
        self._lock = threading.RLock()
        self._child: ChildProcess | None = None
        self._ender: weakref.finalize[..., Any] | None = None

    def _leave_fork(self) -> None:
        if self._process_id != os.getpid():
            self._begin_anew()

    def layout(
        self, spec: PluginSpec, rate: float = 44_100.0, within: float | None = None
    ) -> dict[str, Any]:
        """Return a plugin's ``inputs``, ``outputs`` and ``latency_samples``, parameters set.

        ``within`` stands over the seconds that it otherwise has.
        """
        return self._ask({"do": "layout", "rate": rate, **_one(spec)}, [spec], within=within)[0]

    def describe(self, spec: PluginSpec) -> dict[str, Any]:
        """Return a plugin's channels, latency and parameters.

        Raises
        ------
        PluginError
            Where it cannot be loaded, crashes or hangs.
        """
        return self._ask({"do": "describe", **_one(spec)}, [spec])[0]

    def probe(self, spec: PluginSpec, what: str, rate: float) -> dict[str, Any]:
        """Return one measured aspect of a plugin; see :mod:`restorack.hosting.probing`."""
        return self._ask({"do": "probe", "what": what, "rate": rate, **_one(spec)}, [spec])[0]

    def check(self, spec: PluginSpec) -> None:
        """Raise :class:`ParameterError` where the plugin refuses a parameter or automation."""
        self._ask({"do": "check", **_one(spec)}, [spec])

    def render(
        self,
        specs: Sequence[PluginSpec],
        rows: Rows,
        rate: float,
        within: float | None = None,
        key: Rows | None = None,
    ) -> tuple[Rows, int]:
        """Render a whole signal through plugins in series by a DawDreamer graph.

        Parameters
        ----------
        specs : sequence of PluginSpec
        rows : ndarray of float32, shape (channels, samples)
        rate : float
            In Hz.
        within : float, optional
            Stands over the seconds that they otherwise have.
        key : ndarray of float32, shape (side-chain inputs, samples), optional
            For one plugin's inputs beyond the signal's channels.

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
        message = {
            "do": "render", "specs": [s.to_message() for s in specs], "rate": rate,
            "keep": key is None and self._may_keep("graph", specs, rate, len(rows)),
            "key_inputs": 0 if key is None else len(key),
        }  # fmt: skip
        sent = rows if key is None else np.concatenate([rows, key])
        try:
            answer, out = self._ask(message, specs, sent, rate, within=within)
            _require_finite(out, specs)
        except PluginError as error:
            self._blame(error, specs, rows, rate)
            raise
        return out, int(answer["latency"])

    def mix(self, mix: Mixdown, rows: Rows, rate: float) -> tuple[Rows, dict[str, tuple[int, int]]]:
        """Render a mix by one DawDreamer graph; see :func:`~restorack.hosting.mixdown`.

        Raises
        ------
        PluginError
            Names the plugins of the mix, and the one that fails on its own.
        """
        message = {"do": "mix", "mix": mix.to_message(), "rate": rate}
        try:
            answer, out = self._ask(message, mix.specs, rows, rate)
            _require_finite(out, mix.specs)
        except PluginError as error:
            self._blame(error, mix.specs, rows[:2], rate)
            raise
        return out, {name: (own, end) for name, (own, end) in answer["latencies"].items()}

    def open_stream(self, specs: Sequence[PluginSpec], rate: float, channels: int) -> SandboxStream:
        """Open a stream through VST3 plugins in series.

        Parameters
        ----------
        specs : sequence of PluginSpec
            All VST3.
        rate : float
            In Hz.
        channels : int
            That every one of them takes and gives.
        """
        self._leave_fork()
        with self._lock:
            self._numbers += 1
            number = self._numbers
        message = {
            "do": "open", "specs": [s.to_message() for s in specs],
            "rate": rate, "channels": channels, "stream": number,
            "keep": self._may_keep("stream", specs, rate, channels),
        }  # fmt: skip
        try:
            with self._lock:
                answer, _ = self._ask(message, specs)
                child = self._child
        except PluginError as error:
            self._blame(error, specs, np.zeros((channels, 0), np.float32), rate)
            raise
        return SandboxStream(self, specs, rate, (number, child, int(answer["latency"])))

    def ask_stream(
        self, message: dict[str, Any], stream: SandboxStream, rows: Rows | None = None
    ) -> Rows:
        """Put a request to the child that a stream was opened in."""
        self._leave_fork()
        with self._lock:
            if self._child is not stream.child:
                raise PluginError(
                    "the stream was lost: the sandbox child was ended since",
                    where=_labels(stream.specs),
                    rule="plugins of one process share a child, which a crash or Ctrl-C ends",
                    remedy="call reset() and process the signal again",
                )
            try:
                _, out = self._ask(message, stream.specs, rows, stream.rate, started=True)
                return _require_finite(out, stream.specs)
            except PluginError as error:
                if rows is not None:
                    self._blame(error, stream.specs, rows, stream.rate)
                raise

    def abandon(self, number: int) -> None:
        """Have a stream dropped with the next request; callable from a finalizer."""
        self._abandoned.append(number)

    def close(self) -> None:
        """End the child; the next request starts another."""
        self._leave_fork()
        with self._lock:
            if self._child is not None:
                self._end()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle without the child: elsewhere another one is started."""
        return (Sandbox, (self._load_timeout,))

    def _may_keep(
        self, host: Host, specs: Sequence[PluginSpec], rate: float, channels: int
    ) -> bool:
        """Return whether the child may keep plugins loaded after this signal."""
        return self._manners.may_keep(
            warm_key(host, specs, rate, channels),
            lambda: self._is_cleared(host, specs, rate, channels),
        )

    def _is_cleared(
        self, host: Host, specs: Sequence[PluginSpec], rate: float, channels: int
    ) -> bool:
        """Have a child apart prove it, which a plugin that crashes on a probe may take down."""
        message = {
            "do": "prove", "host": host, "specs": [s.to_message() for s in specs],
            "rate": rate, "channels": channels,
        }  # fmt: skip
        apart = Sandbox(self._load_timeout)
        try:
            return bool(apart._ask(message, specs)[0]["cleared"])
        except RestorackError:
            return False
        finally:
            apart.close()

    def _blame(
        self, error: PluginError, specs: Sequence[PluginSpec], rows: Rows, rate: float
    ) -> None:
        """Repeat a failed request plugin by plugin, so that the error names the culprit.

        Each gets the time of all, so that on a busy machine no slow one stands for one that hangs.
        """
        if len(specs) < 2 or error.where != _labels(specs):
            return
        of_all = self._patience(specs, rows.shape[1] / rate)
        for spec in specs:
            within = of_all if spec.timeout_s is None else None
            self.layout(spec, rate, within)
            if rows.shape[1]:
                rows, _ = self.render([spec], rows, rate, within)

    def _patience(self, specs: Sequence[PluginSpec], seconds: float) -> float:
        """Return how long plugins may take for an answer about so many seconds of audio."""
        usual = self._load_timeout + SLOWEST * seconds
        own = [usual if spec.timeout_s is None else spec.timeout_s for spec in specs]
        return sum(own) or usual

    def _ask(
        self,
        message: dict[str, Any],
        specs: Sequence[PluginSpec],
        rows: Rows | None = None,
        rate: float = 1.0,
        *,
        started: bool = False,
        within: float | None = None,
    ) -> tuple[dict[str, Any], Rows]:
        self._leave_fork()
        samples = 0 if rows is None else rows.shape[1]
        patience = within or self._patience(specs, samples / rate)
        with self._lock:
            child = self._child if started and self._child is not None else self._running()
            if self._abandoned:
                message["drop"] = [self._abandoned.popleft() for _ in range(len(self._abandoned))]
            try:
                answer, out = _exchange(child, message, rows, patience)
            except (Closed, TimeoutError) as error:
                raise _failure(child, self._end(), error, _labels(specs), patience) from None
            except BaseException:
                self._end()  # a late answer must not be taken for the next request's
                raise
        if "error" in answer:
            failed = error_from(answer["error"])
            raise failed if failed.where else failed.at(_labels(specs))
        return answer, out

    def _running(self) -> ChildProcess:
        if self._child is not None and not self._child.alive():
            self._end()
        if self._child is None:
            self._child = ChildProcess()
            self._ender = weakref.finalize(self, ChildProcess.stop, self._child)
        return self._child

    def _end(self) -> str:
        child, self._child = self._child, None
        if self._ender is not None:
            self._ender.detach()
        return child.stop() if child is not None else ""


class SandboxStream:
    """A stream through VST3 plugins in the child; the same samples as a whole render.

    Attributes
    ----------
    latency : int
        In samples; taken off by the stream itself.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        specs: Sequence[PluginSpec],
        rate: float,
        opened: tuple[int, ChildProcess | None, int],
    ) -> None:
        self.specs, self.rate = tuple(specs), rate
        self._number, self.child, self.latency = opened
        self._sandbox = sandbox
        self._closer = weakref.finalize(self, sandbox.abandon, self._number)
        self._closer.atexit = False  # the whole child ends then

    def push(self, rows: Rows) -> Rows:
        """Take samples, return those that are ready."""
        return self._sandbox.ask_stream({"do": "push", "stream": self._number}, self, rows)

    def finish(self) -> Rows:
        """End the stream, return the rest."""
        out = self._sandbox.ask_stream({"do": "finish", "stream": self._number}, self)
        self._closer.detach()
        return out

    def close(self) -> None:
        """Drop a stream that will not be finished."""
        self._closer()


def _one(spec: PluginSpec) -> dict[str, Any]:
    return {"spec": spec.to_message()}


def _labels(specs: Sequence[PluginSpec]) -> str:
    return ", ".join(spec.label for spec in specs)


def _exchange(
    child: ChildProcess, message: dict[str, Any], rows: Rows | None, patience: float
) -> tuple[dict[str, Any], Rows]:
    if rows is not None:
        child.samples.write(rows)
        message |= {"channels": rows.shape[0], "samples": rows.shape[1]}
    answer = child.ask(message, patience)
    out = child.samples.read(answer.get("channels", 0), answer.get("samples", 0))
    child.samples.shrink()
    return answer, out


def _failure(
    child: ChildProcess, ended: str, error: Exception, where: str, patience: float
) -> PluginError:
    hung = isinstance(error, TimeoutError)
    what = f"no answer within {patience:.3g} s: it hangs" if hung else f"crashed ({ended})"
    said = child.said()
    rule = "plugins run in a process of their own, so that nothing else is lost"
    remedy = "leave the plugin out"
    if hung:
        rule = "a plugin answers in time, or its process is ended"
        remedy = "if it is only slow, give its stage a greater timeout_s; or leave it out"
    what += f"; it said: {said}" if said else ""
    kind = PluginHangError if hung else PluginCrashError
    return kind(what, where=where, rule=rule, remedy=remedy)


def _require_finite(rows: Rows, specs: Sequence[PluginSpec]) -> Rows:
    if np.isfinite(rows).all():
        return rows
    channel, position = (int(index) for index in np.argwhere(~np.isfinite(rows))[0])
    raise PluginError(
        f"returned {rows[channel, position]} at channel {channel}, position {position}",
        where=_labels(specs),
        rule="plugins return finite samples",
        remedy="another sample rate, other settings, or leave the plugin out",
    )


_shared = Sandbox()


def shared_sandbox() -> Sandbox:
    """Return this process's sandbox: plugins of all chains are hosted in one child."""
    return _shared

"""The parent's side of the sandbox: starts the child, asks it, and survives what it does."""

from __future__ import annotations

import base64
import os
import threading
import weakref
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.errors import PluginError, RestorackError
from restorack.hosting.confine.allowed import Allowed
from restorack.hosting.confine.modes import Mode, sandbox_mode
from restorack.hosting.confine.paths import needed_by
from restorack.hosting.engines.mixdown import SIDES, Mixdown
from restorack.hosting.exchange.faults import failure, labels_of, malformed, placed, require_finite
from restorack.hosting.exchange.requests import complete, exchange, one_spec, spec_messages
from restorack.hosting.exchange.shape import Shape
from restorack.hosting.exchange.streams import OpenStreams, SandboxStream
from restorack.hosting.kept.settling import settled
from restorack.hosting.process import ChildProcess
from restorack.hosting.proving import BackgroundProof
from restorack.hosting.spec import PluginSpec
from restorack.hosting.trust import require_allowed
from restorack.hosting.warm import Host, ResetSafety, warm_key
from restorack.hosting.wire import Closed, MalformedError, error_from

LOAD_TIMEOUT = 60.0
"""Seconds within which each plugin has to load and answer."""

READING_TIMEOUT = 20.0
"""Seconds within which a Faust program has to be evaluated."""

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
    mode : {"off", "auto", "strict"}, optional
        How the child is confined; by default as the whole process says, see
        :func:`~restorack.hosting.confine.modes.set_sandbox_mode`.
    """

    def __init__(self, load_timeout: float = LOAD_TIMEOUT, mode: Mode | None = None) -> None:
        self._load_timeout, self._mode = load_timeout, mode
        self._reset_safety = ResetSafety()
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
        self._streams = OpenStreams()

    def _leave_fork(self) -> None:
        if self._process_id != os.getpid():
            self._begin_anew()
            self._reset_safety.leave_fork()

    @property
    def confinement(self) -> dict[str, Any]:
        """The mode, and the status of each part of the sandbox in the latest child."""
        return {"mode": self._mode or sandbox_mode(), **self._confined}

    def admit(self, specs: Iterable[PluginSpec]) -> None:
        """Let the next child read what these plugins need, so that it need not be replaced."""
        self._paths |= dict.fromkeys(path for spec in specs for path in needed_by(spec))

    def layout(
        self, spec: PluginSpec, rate: float = 44_100.0, within: float | None = None
    ) -> dict[str, Any]:
        """Return a plugin's ``inputs``, ``outputs`` and ``latency_samples``, parameters set.

        ``within`` stands over the seconds that it otherwise has.
        """
        return self._ask({"do": "layout", "rate": rate, **one_spec(spec)}, [spec], within=within)[0]

    def describe(self, spec: PluginSpec) -> dict[str, Any]:
        """Return a plugin's channels, latency and parameters.

        Raises
        ------
        PluginError
            Where it cannot be loaded, crashes or hangs.
        """
        return self._ask({"do": "describe", **one_spec(spec)}, [spec])[0]

    def save_state(self, spec: PluginSpec) -> bytes:
        """Return the state that a plugin has with a spec's state and parameters: see hosting.md.

        Raises
        ------
        PluginError
            Where it cannot be loaded, or gives none.
        """
        text = self._ask({"do": "save_state", **one_spec(spec)}, [spec])[0]["base64"]
        return base64.b64decode(text)

    def plugins_in(self, spec: PluginSpec) -> list[str]:
        """Return the names of the plugins in a VST3 bundle; none where it cannot be read."""
        return list(self._ask({"do": "plugins_in", **one_spec(spec)}, [spec])[0]["names"])

    def probe(self, spec: PluginSpec, what: str, rate: float) -> dict[str, Any]:
        """Return one measured aspect of a plugin; see :mod:`restorack.hosting.engines.probing`."""
        return self._ask({"do": "probe", "what": what, "rate": rate, **one_spec(spec)}, [spec])[0]

    def read_faust(self, spec: PluginSpec) -> dict[str, Any]:
        """Return a Faust program's channels and parameters; it is neither compiled nor run.

        Raises
        ------
        PluginError
            Where it cannot be evaluated, or not in time.
        ParameterError
            For a parameter that it has not, or a value outside its range.
        """
        within = spec.timeout_s or READING_TIMEOUT
        return self._ask({"do": "read_faust", **one_spec(spec)}, [spec], within=within)[0]

    def check(self, spec: PluginSpec) -> None:
        """Raise :class:`ParameterError` where the plugin refuses a parameter or automation."""
        self._ask({"do": "check", **one_spec(spec)}, [spec])

    def render(
        self,
        specs: Sequence[PluginSpec],
        rows: Rows,
        rate: float,
        within: float | None = None,
        key: Rows | None = None,
        on_tail: Callable[[float], None] | None = None,
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
        on_tail : callable, optional
            Called with the peak of what rings on after the end.

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
            "do": "render", "specs": spec_messages(specs), "rate": rate,
            "keep": key is None and self._may_keep("graph", specs, rate, len(rows)),
            "key_inputs": 0 if key is None else len(key),
        }  # fmt: skip
        sent = rows if key is None else np.concatenate([rows, key])
        shape = Shape.exactly(len(rows), rows.shape[1])
        try:
            answer, out = self._ask(message, specs, sent, rate, within=within, shape=shape)
            require_finite(out, specs)
        except PluginError as error:
            self._isolate_faulty_plugin(error, specs, rows, rate)
            raise
        if on_tail is not None:
            on_tail(answer["tail_peak"])
        return out, int(answer["latency"])

    def mix(self, mix: Mixdown, rows: Rows, rate: float) -> tuple[Rows, dict[str, tuple[int, int]]]:
        """Render a mix by one DawDreamer graph; see :func:`~restorack.hosting.engines.mixdown`.

        Raises
        ------
        PluginError
            Names the plugins of the mix, and the one that fails on its own.
        """
        nodes = [
            replace(node, specs=tuple(complete(self.settled(spec)) for spec in node.specs))
            for node in mix.nodes
        ]
        sent = replace(mix, nodes=tuple(nodes))
        message = {"do": "mix", "mix": sent.to_message(), "rate": rate}
        shape = Shape.exactly(SIDES * len(mix.outputs), rows.shape[1])
        try:
            answer, out = self._ask(message, mix.specs, rows, rate, shape=shape)
            require_finite(out, mix.specs)
        except PluginError as error:
            self._isolate_faulty_plugin(error, mix.specs, rows[:2], rate)
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
        number = self._streams.next_number()
        message = {
            "do": "open", "specs": spec_messages(specs),
            "rate": rate, "channels": channels, "stream": number,
            "keep": self._may_keep("stream", specs, rate, channels),
        }  # fmt: skip
        try:
            with self._lock:
                answer, _ = self._ask(message, specs)
                child = self._child
                if child is not None:
                    self._streams.opened(number, child)
        except PluginError as error:
            self._isolate_faulty_plugin(error, specs, np.zeros((channels, 0), np.float32), rate)
            raise
        return SandboxStream(self, specs, rate, channels, (number, child, int(answer["latency"])))

    def ask_stream(
        self, message: dict[str, Any], stream: SandboxStream, shape: Shape,
        rows: Rows | None = None,
    ) -> Rows:  # fmt: skip
        """Put a request to the child that a stream was opened in."""
        self._leave_fork()
        with self._lock:
            if stream.child is None or stream.child not in (self._child, *self._retired):
                raise PluginError(
                    "the stream was lost: the sandbox child was ended since",
                    where=labels_of(stream.specs),
                    rule="plugins of one process share a child, which a crash or Ctrl-C ends",
                    remedy="call reset() and process the signal again",
                )
            try:
                answer, out = self._ask(
                    message, stream.specs, rows, stream.rate, started=stream.child, shape=shape
                )
                stream.tail_peak = answer.get("tail_peak", stream.tail_peak)
                return require_finite(out, stream.specs)
            except PluginError as error:
                if rows is not None:
                    self._isolate_faulty_plugin(error, stream.specs, rows, stream.rate)
                raise

    @property
    def streams(self) -> OpenStreams:
        """The streams that are open."""
        return self._streams

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
        self._reset_safety.close()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle without the child: elsewhere another one is started."""
        return (Sandbox, (self._load_timeout, self._mode))

    def _may_keep(
        self, host: Host, specs: Sequence[PluginSpec], rate: float, channels: int
    ) -> bool:
        """Return whether the child may keep plugins loaded after this signal."""
        self._leave_fork()
        return self._reset_safety.may_keep(
            warm_key(host, specs, rate, channels),
            lambda: self._proof_of_clearing(host, specs, rate, channels),
            specs,
        )

    def settled(self, spec: PluginSpec) -> PluginSpec:
        """Return the spec with its parameters sent after loading, where the plugin needs that."""
        return settled(spec, self._is_settled)

    def _is_settled(self, bare: PluginSpec) -> bool | None:
        """Return what a child apart finds, None where the plugin fails there."""
        self._leave_fork()
        with self._lock:
            self._started([bare])  # both children begin at once
        apart = Sandbox(self._load_timeout, self._mode)
        try:
            return bool(apart._ask({"do": "settles", **one_spec(bare)}, [bare])[0]["settled"])
        except RestorackError:
            return None
        finally:
            apart.close()

    def _proof_of_clearing(
        self, host: Host, specs: Sequence[PluginSpec], rate: float, channels: int
    ) -> BackgroundProof:
        """Have a child apart prove it, which a plugin that crashes on a probe may take down."""
        for spec in specs:
            require_allowed(spec)
        message = {
            "do": "prove", "host": host, "specs": spec_messages(specs),
            "rate": rate, "channels": channels,
        }  # fmt: skip
        mode = self._mode or sandbox_mode()
        return BackgroundProof(message, "cleared", specs, mode, self._timeout_for(specs, 0.0))

    def _isolate_faulty_plugin(
        self, error: PluginError, specs: Sequence[PluginSpec], rows: Rows, rate: float
    ) -> None:
        """Repeat a failed request plugin by plugin, so that the error names the culprit.

        Each gets the time of all, so that on a busy machine no slow one stands for one that hangs.
        """
        if len(specs) < 2 or error.where != labels_of(specs):
            return
        of_all = self._timeout_for(specs, rows.shape[1] / rate)
        for spec in specs:
            within = of_all if spec.timeout_s is None else None
            self.layout(spec, rate, within)
            if rows.shape[1]:
                rows, _ = self.render([spec], rows, rate, within)

    def _timeout_for(self, specs: Sequence[PluginSpec], seconds: float) -> float:
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
        started: ChildProcess | None = None,
        within: float | None = None,
        shape: Shape | None = None,
    ) -> tuple[dict[str, Any], Rows]:
        self._leave_fork()
        for spec in specs:
            require_allowed(spec)
        samples = 0 if rows is None else rows.shape[1]
        timeout = within or self._timeout_for(specs, samples / rate)
        with self._lock:
            child = started or self._running(specs)
            dropped = self._streams.take_dropped(child)
            if dropped:
                message["drop"] = dropped
            try:
                answer, out = exchange(child, message, rows, timeout, shape)
            except MalformedError as error:
                self._end(child)
                raise malformed(message["do"], error, labels_of(specs)) from None
            except (Closed, TimeoutError) as error:
                raise failure(child, self._end(child), error, labels_of(specs), timeout) from None
            except BaseException:
                self._end(child)  # a late answer must not be taken for the next request's
                raise
        if "error" in answer:
            raise placed(error_from(answer["error"]), specs)
        return answer, out

    def _running(self, specs: Sequence[PluginSpec]) -> ChildProcess:
        """Return a child that runs and may read what these plugins need."""
        child = self._started(specs)
        try:
            child.await_ready()
        except BaseException:
            self._end(child)
            raise
        self._confined = child.confined
        return child

    def _started(self, specs: Sequence[PluginSpec]) -> ChildProcess:
        """Return a child that may not have begun yet, and may read what these plugins need."""
        for retired in list(self._retired):
            if not self._streams.are_open_in(retired):
                self._end(retired)
        mode = self._mode or sandbox_mode()
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

    def _retire(self, child: ChildProcess) -> None:
        """Ask a child no more, but for the streams that are open in it."""
        if not self._streams.are_open_in(child):
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


_shared = Sandbox()


def shared_sandbox() -> Sandbox:
    """Return this process's sandbox: plugins of all chains are hosted in one child."""
    return _shared

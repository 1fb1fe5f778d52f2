"""The parent's side of the sandbox: what can be asked of the child that hosts plugins."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.errors import PluginError
from restorack.hosting.confine.modes import Mode
from restorack.hosting.engines.mixdown import SIDES, Mixdown
from restorack.hosting.exchange.faults import labels_of, require_finite
from restorack.hosting.exchange.requests import complete, one_spec, spec_messages
from restorack.hosting.exchange.shape import Shape
from restorack.hosting.exchange.streams import SandboxStream
from restorack.hosting.kept.reset_safety import ResetSafety
from restorack.hosting.kept.settling import Settling
from restorack.hosting.process import ChildProcess
from restorack.hosting.proving import BackgroundProof
from restorack.hosting.spec import PluginSpec
from restorack.hosting.supervisor import Supervisor
from restorack.hosting.trust import require_allowed
from restorack.hosting.warm import Host, warm_key

LOAD_TIMEOUT = 60.0
"""Seconds within which each plugin has to load and answer."""

READING_TIMEOUT = 20.0
"""Seconds within which a Faust program has to be evaluated."""

SLOWEST = 5.0
"""Seconds that a plugin may take for a second of audio, beyond the time to load."""


class Sandbox(Supervisor):
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
        super().__init__(mode)
        self._load_timeout = load_timeout
        self._reset_safety = ResetSafety()
        self._settling = Settling()

    def _leave_fork(self) -> bool:
        forked = super()._leave_fork()
        if forked:
            self._reset_safety.leave_fork()
            self._settling.leave_fork()
        return forked

    def begin(self, specs: Sequence[PluginSpec]) -> None:
        """Start what a first render with these plugins waits for; waits for nothing itself."""
        self._leave_fork()
        self._start_early(specs)
        for spec in specs:
            self._settling.begin(spec, self._proof_of_settling)

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
        number = self.streams.next_number()
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
                    self.streams.opened(number, child)
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
            if not self._serves(stream.child):
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

    def close(self) -> None:
        """End the child; the next request starts another."""
        super().close()
        self._settling.close()
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
        self._leave_fork()
        return self._settling.settled(spec, self._proof_of_settling)

    def _proof_of_settling(self, bare: PluginSpec) -> BackgroundProof:
        """Have a child apart find out: one that a crash takes down holds no one's streams."""
        return self._proof({"do": "settles", **one_spec(bare)}, "settled", [bare])

    def _proof_of_clearing(
        self, host: Host, specs: Sequence[PluginSpec], rate: float, channels: int
    ) -> BackgroundProof:
        """Have a child apart prove it, which a plugin that crashes on a probe may take down."""
        message = {
            "do": "prove", "host": host, "specs": spec_messages(specs),
            "rate": rate, "channels": channels,
        }  # fmt: skip
        return self._proof(message, "cleared", specs)

    def _proof(
        self, message: dict[str, Any], field: str, specs: Sequence[PluginSpec]
    ) -> BackgroundProof:
        for spec in specs:
            require_allowed(spec)
        timeout = self._timeout_for(specs, 0.0)
        return BackgroundProof(message, field, specs, self.mode, timeout)

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
        samples = 0 if rows is None else rows.shape[1]
        timeout = within or self._timeout_for(specs, samples / rate)
        return self._request(message, specs, timeout, rows, shape, started)


_shared = Sandbox()


def shared_sandbox() -> Sandbox:
    """Return this process's sandbox: plugins of all chains are hosted in one child."""
    return _shared

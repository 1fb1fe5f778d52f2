"""Hosted plugins as stages of a chain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from restorack.audio.gate import Rows
from restorack.contract.stage import WHOLE_FILE, Stage
from restorack.errors import ParameterError, PluginError, suggest
from restorack.hosting.installed import find_vst3, installed_lv2, is_installed
from restorack.hosting.sandbox import Sandbox, shared_sandbox
from restorack.hosting.spec import PluginSpec, Value, hosted_name
from restorack.hosting.streaming import buffer_size


class HostedPlugin(Stage):
    """A VST3, an LV2 plugin or a Faust program as a stage; it runs in the sandbox child.

    Parameters
    ----------
    spec : PluginSpec
    sandbox : Sandbox, optional
        By default the one that the whole process shares.

    Attributes
    ----------
    missing : bool
        True for an optional plugin that is not installed: a chain skips it and says so.

    Raises
    ------
    PluginError
        Where a plugin that is not optional is not installed.
    """

    def __init__(self, spec: PluginSpec, sandbox: Sandbox | None = None) -> None:
        super().__init__()
        self.spec = spec
        self._sandbox = sandbox
        self._description: dict[str, Any] | None = None
        self._layout: dict[str, Any] | None = None
        self.given = spec
        self.missing = spec.optional and not is_installed(spec)
        if spec.kind == "vst3" and not self.missing:
            self.spec = replace(spec, reference=str(find_vst3(spec.reference)))
        if spec.kind == "lv2" and not self.missing and not is_installed(spec):
            raise PluginError(
                "is not installed",
                where=spec.label,
                rule="the URI of an installed LV2 plugin",
                remedy=suggest(spec.reference, installed_lv2()),
            )
        self._run: HostedRun | None = None

    @property
    def default_name(self) -> str:
        """What a chain calls the stage."""
        return hosted_name(self.given.kind, self.given.reference, self.given.file)

    def __repr__(self) -> str:
        """Return the constructor call in short."""
        return f"HostedPlugin({self.given.label!r})"

    def describe(self) -> dict[str, Any]:
        """Return channels, latency and parameters; the plugin is loaded once for it."""
        if self._description is None:
            self._description = self.sandbox.describe(replace(self.spec, params={}, automation={}))
        return self._description

    def layout(self) -> dict[str, Any]:
        """Return ``inputs``, ``outputs`` and ``latency_samples``, which no parameter changes."""
        if self._layout is None:
            self._layout = self.sandbox.layout(replace(self.spec, params={}, automation={}))
        return self._layout

    @property
    def sandbox(self) -> Sandbox:
        """Where the plugin runs."""
        return self._sandbox or shared_sandbox()

    @property
    def can_stream(self) -> bool:
        """Whether it can be rendered block by block: VST3 can."""
        return self.spec.kind == "vst3"

    def set_parameter(self, name: str, value: Value) -> None:
        """Set a parameter, in its own unit; names and ranges are checked by the plugin itself."""
        known = [parameter["name"] for parameter in self.describe()["parameters"]]
        if name not in known:
            raise ParameterError(
                f"no parameter {name!r}", where=self.given.label, remedy=suggest(name, known)
            )
        self._change(params={**self.spec.params, name: value})

    def automate(self, name: str, breakpoints: Sequence[Sequence[float]]) -> None:
        """Move a parameter over time; an empty sequence ends the automation."""
        tracks = {**self.spec.automation, name: [list(point) for point in breakpoints]}
        self._change(automation={k: v for k, v in tracks.items() if len(v)})

    def _change(self, **fields: Any) -> None:
        self.spec = replace(self.spec, **fields)
        self.given = replace(self.given, **fields)

    def join_run(self, members: Sequence[HostedPlugin]) -> HostedRun:
        """Return the run of adjacent hosted plugins that begins with this one."""
        return HostedRun(members)

    def predict_latency(self, sample_rate: float) -> int:
        """Return the most samples ever withheld."""
        return HostedRun([self]).predict_latency(sample_rate)

    def findings(self) -> dict[str, Any]:
        """Return what the latest stream says."""
        return self._run.findings() if self._run else {}

    def _begin(self, sample_rate: float, channels: int) -> None:
        self._run = HostedRun([self])
        self._run.start(sample_rate, channels)

    def _push(self, block: Rows) -> Rows:
        return self._alone().advance(block)

    def _finish(self) -> Rows:
        return self._alone().end()

    def _alone(self) -> HostedRun:
        if self._run is None:
            raise PluginError("no stream was started", where=self.given.label)
        return self._run


@dataclass(frozen=True)
class Part:
    """Adjacent plugins of a run that take the signal's channels in the same way.

    Attributes
    ----------
    specs : tuple of PluginSpec
    width : int
        Channels that they take and give.
    each : bool
        True: every channel of the signal goes through on its own (copied to ``width`` inputs,
        the mean of the outputs is taken). False: the channels go through together.
    latency : int
        In samples.
    """

    specs: tuple[PluginSpec, ...]
    width: int
    each: bool
    latency: int


class HostedRun(Stage):
    """Adjacent hosted plugins as one stage.

    Attributes
    ----------
    whole : bool
        True: the whole signal goes through one DawDreamer graph when the stream ends. False: VST3
        plugins stream through pedalboard, with the same samples; LV2 and Faust cannot.
    """

    def __init__(self, members: Sequence[HostedPlugin]) -> None:
        super().__init__()
        self._members = list(members)
        self.whole = not all(member.can_stream for member in self._members)
        self._parts: list[Part] = []
        self._streams: list[_PartStream] = []

    @property
    def can_stream(self) -> bool:
        """Whether every plugin of the run can be rendered block by block."""
        return all(member.can_stream for member in self._members)

    def predict_latency(self, sample_rate: float) -> int:
        """Return the most samples ever withheld."""
        if self.whole or not self.can_stream:
            return WHOLE_FILE
        parts = plan_parts(self._members, channels=2)
        return sum(part.latency + buffer_size(part.specs) - 1 for part in parts)

    def findings(self) -> dict[str, Any]:
        """Return latency and channel handling of each part."""
        return {
            "plugins": [member.given.label for member in self._members],
            "latency_samples": sum(part.latency for part in self._parts),
            "channels": ["each on its own" if part.each else "together" for part in self._parts],
        }

    def _begin(self, sample_rate: float, channels: int) -> None:
        self._rate, self._channels = sample_rate, channels
        self._close_streams()
        self._parts = plan_parts(self._members, channels)
        self._waiting: list[Rows] = []
        sandbox = self._members[0].sandbox
        if not self.whole:
            self._streams = [
                _PartStream(part, sandbox, sample_rate, channels) for part in self._parts
            ]

    def _push(self, block: Rows) -> Rows:
        if self.whole:
            self._waiting.append(block.copy())
            return block[:, :0]
        for stream in self._streams:
            block = stream.push(block)
        return block

    def _finish(self) -> Rows:
        empty = np.zeros((self._channels, 0), np.float32)
        if self.whole:
            joined = np.concatenate([empty, *self._waiting], axis=1)
            self._waiting = []
            return self._rendered(joined)
        rests = [empty]
        for index, stream in enumerate(self._streams):
            rest = stream.finish()
            for later in self._streams[index + 1 :]:
                rest = later.push(rest)
            rests.append(rest)
        self._streams = []
        return np.concatenate(rests, axis=1)

    def _rendered(self, rows: Rows) -> Rows:
        """Render a whole signal, one DawDreamer graph per part and lane."""
        if not rows.shape[1]:
            return rows
        sandbox = self._members[0].sandbox
        for part in self._parts:

            def through(lane: Rows, specs: tuple[PluginSpec, ...] = part.specs) -> Rows:
                return sandbox.render(specs, lane, self._rate)[0]

            rows = _through_lanes(part, rows, [through] * len(rows))
        return rows

    def reset(self) -> None:
        """Drop the signal state."""
        super().reset()
        self._close_streams()

    def _close_streams(self) -> None:
        for stream in self._streams:
            stream.close()
        self._streams = []


class _PartStream:
    """A part as a stream: one child stream per lane."""

    def __init__(self, part: Part, sandbox: Sandbox, rate: float, channels: int) -> None:
        self._part, self._sandbox, self._rate, self._channels = part, sandbox, rate, channels
        lanes = channels if part.each else 1
        self._numbers = [sandbox.open(part.specs, rate, part.width)[0] for _ in range(lanes)]

    def push(self, rows: Rows) -> Rows:
        if not rows.shape[1]:
            return rows
        return _through_lanes(self._part, rows, [self._pusher(n) for n in self._numbers])

    def finish(self) -> Rows:
        finishers = [self._finisher(number) for number in self._numbers]
        nothing = np.zeros((self._channels, 0), np.float32)
        return _through_lanes(self._part, nothing, finishers)

    def close(self) -> None:
        for number in self._numbers:
            self._sandbox.close_stream(number)

    def _pusher(self, number: int) -> Callable[[Rows], Rows]:
        return lambda lane: self._sandbox.push(number, lane, self._rate, self._part.specs)

    def _finisher(self, number: int) -> Callable[[Rows], Rows]:
        return lambda _: self._sandbox.finish(number, self._part.specs)


def _through_lanes(part: Part, rows: Rows, ways: Sequence[Callable[[Rows], Rows]]) -> Rows:
    """Send the channels through a part: together, or each on its own."""
    if not part.each:
        return ways[0](rows)
    outs = []
    for channel, way in zip(rows, ways, strict=False):
        lane = np.repeat(channel[np.newaxis], part.width, axis=0)
        outs.append(np.mean(way(lane), axis=0, dtype=np.float32))
    return np.stack(outs)


def plan_parts(members: Sequence[HostedPlugin], channels: int) -> list[Part]:
    """Cut a run where plugins take the channels differently.

    A plugin that has the signal's channels takes them together (further inputs are side-chains
    and stay silent). Otherwise every channel goes through on its own.

    Raises
    ------
    PluginError
        For a plugin with neither one, two, nor the signal's number of outputs.
    """
    parts: list[Part] = []
    for member in members:
        found = member.layout()
        ins, outs, latency = found["inputs"], found["outputs"], found["latency_samples"]
        if ins < 1 or (outs != channels and outs not in (1, 2)):
            raise PluginError(
                f"takes {ins} channels and gives {outs}, the signal has {channels}",
                where=member.given.label,
                rule="a plugin takes the signal's channels, or one or two at a time",
            )
        each = outs != channels or ins < channels
        last = parts[-1] if parts else None
        if last is not None and (last.each, last.width) == (each, outs):
            parts[-1] = replace(
                last, specs=(*last.specs, member.spec), latency=last.latency + latency
            )
        else:
            parts.append(Part((member.spec,), outs, each, latency))
    return parts


def vst3(name: str, *, state: str | None = None, **params: Value) -> HostedPlugin:
    """Return a VST3 plugin as a stage: ``vst3("ZamCompX2", threshold_db=-18)``."""
    return HostedPlugin(PluginSpec("vst3", name, params, state))


def lv2(uri: str, *, state: str | None = None, **params: Value) -> HostedPlugin:
    """Return an LV2 plugin as a stage, by its URI."""
    return HostedPlugin(PluginSpec("lv2", uri, params, state))


def faust(code: str, **params: Value) -> HostedPlugin:
    """Return a Faust program as a stage, from its code."""
    return HostedPlugin(PluginSpec("faust", code, params))

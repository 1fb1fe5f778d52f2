"""Hosted plugins as stages of a chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from restorack.audio.gate import Rows
from restorack.contract.stage import Stage
from restorack.errors import ParameterError, PluginError, suggest
from restorack.hosting.installed import find_vst3, installed_lv2, is_installed
from restorack.hosting.run import HostedRun
from restorack.hosting.sandbox import Sandbox, shared_sandbox
from restorack.hosting.spec import PluginSpec, Value, hosted_name


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


def vst3(name: str, *, state: str | None = None, **params: Value) -> HostedPlugin:
    """Return a VST3 plugin as a stage: ``vst3("ZamCompX2", threshold_db=-18)``."""
    return HostedPlugin(PluginSpec("vst3", name, params, state))


def lv2(uri: str, *, state: str | None = None, **params: Value) -> HostedPlugin:
    """Return an LV2 plugin as a stage, by its URI."""
    return HostedPlugin(PluginSpec("lv2", uri, params, state))


def faust(code: str, **params: Value) -> HostedPlugin:
    """Return a Faust program as a stage, from its code."""
    return HostedPlugin(PluginSpec("faust", code, params))

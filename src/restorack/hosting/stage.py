"""Hosted plugins as stages of a chain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from restorack.core.attributes import Bypassable
from restorack.core.stage import Stage
from restorack.core.stage_lock import locked
from restorack.dsp.arrays import Rows
from restorack.errors import PluginError, RestorackError, suggest
from restorack.hosting.attributes import ParameterAttributes
from restorack.hosting.faust.imports import load_program
from restorack.hosting.installed import (
    LV2_FOLDERS,
    find_plugin,
    installed_lv2,
    is_installed,
)
from restorack.hosting.kept.layouts import KeptLayout
from restorack.hosting.lv2_names import lv2_uri
from restorack.hosting.parameters.states import has_state, read_state, state_name
from restorack.hosting.parts import no_sidechain
from restorack.hosting.probe import Probe, kept_probe, render_warnings
from restorack.hosting.run import HostedRun, SidechainSource
from restorack.hosting.sandbox import Sandbox, shared_sandbox
from restorack.hosting.spec import BY_PATH, PluginSpec, Value, hosted_name


class HostedPlugin(Bypassable, ParameterAttributes, Stage):
    """A VST3, an LV2 plugin or a Faust program as a stage; it runs in the sandbox child.

    Parameters
    ----------
    spec : PluginSpec
    sandbox : Sandbox, optional
        By default the one that the whole process shares.

    Attributes
    ----------
    key : callable or None
        What feeds the side-chain inputs; see :meth:`feed_sidechain`.
    places : mapping of str to str
        Where a preset writes the plugin (under ``""``) and its parts (``state``, ``program``,
        ``params.NAME``, ``automation.NAME``): what an error of :meth:`check` names.
    checks_changes : bool
        False: a parameter that is set is checked by :meth:`check` alone, which rendering calls.
    missing : bool
        True for an optional plugin that is not installed: a chain skips it and says so.

    Notes
    -----
    Setting a parameter waits for a call in progress in another thread: the plugin checks it.

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
        self._layouts: dict[float, dict[str, Any]] = {}
        self._probe: tuple[Probe | None] | None = None
        self.key: SidechainSource | None = None
        self._finding: dict[str, Any] = {}
        self._checked: PluginSpec | None = None
        self.places: Mapping[str, str] = {}
        self.checks_changes = True
        self.given = spec
        self.missing = spec.optional and not is_installed(spec)
        if not self.missing:
            self.spec = _resolved(spec)
            self.sandbox.admit([self.spec])
        self._run: HostedRun | None = None

    @property
    def default_name(self) -> str:
        """What a chain calls the stage."""
        given = self.given
        return hosted_name(given.kind, given.reference, given.file, given.plugin)

    def __repr__(self) -> str:
        """Return the plugin and what is set of it."""
        settings = "".join(f" {name}={value!r}" for name, value in self.spec.params.items())
        return f"<{self.given.label}{settings}>"

    __str__ = __repr__

    @locked
    def describe(self) -> dict[str, Any]:
        """Return channels, latency and parameters; the plugin is loaded once for it."""
        if self._description is None:
            self._description = self.sandbox.describe(self.spec)
        return self._description

    @locked
    def layout(self, sample_rate: float = 44_100.0) -> dict[str, Any]:
        """Return ``inputs``, ``outputs`` and, at a rate in Hz, ``latency_samples``."""
        if sample_rate not in self._layouts:
            kept = KeptLayout(self.spec, sample_rate, self.sandbox.confinement["mode"])
            self._layouts[sample_rate] = kept.read() or self.sandbox.layout(self.spec, sample_rate)
            kept.write(self._layouts[sample_rate])
        return self._layouts[sample_rate]

    @property
    def is_native(self) -> bool:
        """Whether it is third-party code: a Faust program is none, it is compiled from text."""
        return self.spec.kind != "faust"

    def check(self) -> None:
        """Raise :class:`ParameterError` for what the plugin refuses; once for the same settings.

        Names and ranges of a native plugin are its own: it is loaded for them. A Faust program is
        evaluated, but not compiled.
        """
        if not self.missing and self.spec != self._checked:
            self._check(self.spec)
            self._checked = self.spec

    def locate_fault(self) -> tuple[str, RestorackError] | None:
        """Return what :meth:`check` refuses, part by part, and where a preset says it."""
        for key, part in _parts(self.spec):
            try:
                self._check(part)
            except RestorackError as error:
                return (self.places[key], error) if key in self.places else None
        return None

    def _check(self, spec: PluginSpec) -> None:
        if self.is_native:
            self.sandbox.check(spec)
        else:
            self.sandbox.read_faust(spec)

    def save_state(self) -> bytes:
        """Return the state that the plugin has now, as ``state`` of a preset loads it.

        Returns
        -------
        bytes
            A ``.vstpreset`` (VST3), or Turtle with the values of its ports (LV2).

        Raises
        ------
        PluginError
            For a Faust program, which has none, and where the plugin fails.
        """
        if not self.is_native:
            raise PluginError("has no state", where=self.given.label, rule="its parameters are all")
        return self.sandbox.save_state(self.sandbox.settled(self.spec))

    def check_sidechain(self, sample_rate: float = 44_100.0) -> None:
        """Raise :class:`PluginError` where the plugin has no side-chain inputs that can be fed."""
        read = self.sandbox.read_faust
        found = self.layout(sample_rate) if self.is_native else read(self.spec)
        if found["inputs"] <= found["outputs"]:
            raise no_sidechain(self.spec, found)

    def feed_sidechain(self, key: SidechainSource | None) -> None:
        """Give the side-chain inputs of the next signal; None: nothing.

        Parameters
        ----------
        key : callable or None
            Gets a rate in Hz and a length, returns that many samples of any rows, aligned with the
            signal.
        """
        self.key = key

    @property
    def sandbox(self) -> Sandbox:
        """Where the plugin runs."""
        return self._sandbox or shared_sandbox()

    def interrupt(self) -> None:
        """End what another thread waits for in the plugins' process; for Ctrl-C."""
        self.sandbox.interrupt()

    def known_faults(self, sample_rate: float) -> list[str]:
        """Return what an earlier probe says that renders at a rate should tell."""
        found = self._known_probe()
        faults = [] if found is None else render_warnings(found, self.spec, sample_rate)
        return [f"{self.given.label}: {fault}" for fault in faults]

    @property
    def tail_seconds(self) -> float | None:
        """How long it rings on: as its preset says, else as a probe found; None: not known."""
        found = self._known_probe()
        if self.spec.tail_seconds is not None or found is None:
            return self.spec.tail_seconds
        return found.tail.get("seconds") or None

    def _known_probe(self) -> Probe | None:
        if self._probe is None:
            known = None if self.spec.kind == "faust" else kept_probe(self.spec, by_content=False)
            self._probe = (known,)
        return self._probe[0]

    @property
    def can_stream(self) -> bool:
        """Whether it can be rendered block by block: VST3 without side-chain or bands can.

        Those that make stereo of one channel cannot, which is known once they were loaded.
        """
        spec = self.spec
        widens = any((f["inputs"], f["outputs"]) == (1, 2) for f in self._layouts.values())
        alone = spec.sidechain is None and spec.band is None
        return spec.kind == "vst3" and alone and not widens

    @locked
    def set_parameter(self, name: str, value: Value) -> None:
        """Set a parameter, in its own unit; the plugin itself checks name and range."""
        self._change(params={**self.spec.params, name: value})

    @locked
    def automate(self, name: str, breakpoints: Sequence[Sequence[float]]) -> None:
        """Move a parameter over time; an empty sequence ends the automation."""
        tracks = {**self.spec.automation, name: [list(point) for point in breakpoints]}
        self._change(automation={k: v for k, v in tracks.items() if len(v)})

    def _change(self, **fields: Any) -> None:
        changed = replace(self.spec, **fields)
        if not self.missing and (self.checks_changes or not self.is_native):
            self._check(changed)
        self.spec = changed
        self.given = replace(self.given, **fields)
        self._description = None
        self._layouts = {}

    def join_run(self, members: Sequence[HostedPlugin], places: Sequence[str] = ()) -> HostedRun:
        """Return the run of adjacent hosted plugins that begins with this one."""
        return HostedRun(members, places)

    def predict_latency(self, sample_rate: float) -> int:
        """Return the latency in samples."""
        return HostedRun([self]).predict_latency(sample_rate)

    def findings(self) -> dict[str, Any]:
        """Return engine, latency and channel handling in the latest stream."""
        return dict(self._finding)

    def note(self, finding: dict[str, Any]) -> None:
        """Keep what a run has found out about this plugin."""
        self._finding = finding

    def reset(self) -> None:
        """Drop the signal state."""
        super().reset()
        if self._run is not None:
            self._run.reset()
            self._run = None

    def __getstate__(self) -> dict[str, Any]:
        """Pickle without a stream in progress: it lives in this process's child."""
        return self.__dict__ | {"_run": None, "_stream": None, "key": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore, and let this process's child read what the plugin needs."""
        self.__dict__.update(state)
        if not self.missing:
            self.sandbox.admit([self.spec])

    def _begin(self, sample_rate: float, channels: int) -> None:
        if self._run is not None:
            self._run.reset()
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


def _parts(spec: PluginSpec) -> Iterator[tuple[str, PluginSpec]]:
    """Yield the plugin alone, then with each thing that is said of it; and where that stands."""
    bare = replace(spec, params={}, automation={}, state=None, state_base64=None, program=None)
    yield "", bare
    if has_state(spec):
        yield "state", replace(bare, state=spec.state, state_base64=spec.state_base64)
    if spec.program is not None:
        yield "program", replace(bare, program=spec.program)
    for name, value in spec.params.items():
        yield f"params.{name}", replace(bare, params={name: value})
    for name, points in spec.automation.items():
        yield f"automation.{name}", replace(bare, automation={name: points})


def _resolved(spec: PluginSpec) -> PluginSpec:
    """Return the spec with full paths, or raise where the plugin or its state is not there.

    A Faust program's imports are worked into its code, all but those of the Faust libraries.
    """
    if spec.kind == "lv2" and not is_installed(spec):
        raise PluginError(
            "is not installed",
            where=spec.label,
            rule=f"the URI of an LV2 plugin in {', '.join(LV2_FOLDERS)}",
            remedy=suggest(spec.reference, installed_lv2()),
        )
    without = spec.kind == "faust" and has_state(spec)
    if without or (spec.kind != "vst3" and spec.program is not None):
        raise PluginError(
            state_name(spec) if without else f"program {spec.program!r}",
            where=spec.label,
            rule="VST3, CLAP and LV2 plugins load states, VST3 plugins have programs",
            remedy="set the parameters instead",
        )
    if has_state(spec):
        spec = _with_state(spec)
    if spec.kind in BY_PATH:
        path = find_plugin(spec.kind, spec.reference).absolute()
        spec = replace(spec, reference=str(path))
    if spec.kind == "faust":
        program = load_program(spec.reference, spec.label, spec.folder, spec.file)
        spec = replace(spec, reference=program.code, imports=program.files)
    return spec


def _with_state(spec: PluginSpec) -> PluginSpec:
    """Return the spec with its state's full path; the state is read and checked for it."""
    both = "a program" if spec.program is not None else ""
    both = "another state" if spec.state is not None and spec.state_base64 is not None else both
    if both:
        raise PluginError(
            f"{state_name(spec)} and {both}",
            where=spec.label,
            rule="one of state, state in base64, and program: each sets all of the plugin",
        )
    if spec.state is not None:
        spec = replace(spec, state=str(Path(spec.state).expanduser().absolute()))
    read_state(spec)
    return spec


def vst3(
    name: str,
    *,
    state: str | None = None,
    program: str | int | None = None,
    timeout_s: float | None = None,
    **params: Value,
) -> HostedPlugin:
    """Return a VST3 plugin as a stage: ``vst3("ZamCompX2", threshold_db=-18)``."""
    spec = PluginSpec("vst3", name, params, state, program=program, timeout_s=timeout_s)
    return HostedPlugin(spec)


def lv2(uri: str, *, state: str | None = None, **params: Value) -> HostedPlugin:
    """Return an LV2 plugin as a stage, by its URI or its name."""
    return HostedPlugin(PluginSpec("lv2", lv2_uri(uri), params, state))


def faust(code: str, *, folder: str | None = None, **params: Value) -> HostedPlugin:
    """Return a Faust program as a stage, from its code.

    It may import the Faust libraries, and files inside of ``folder`` where one is given.
    """
    return HostedPlugin(PluginSpec("faust", code, params, folder=folder))

"""Measure a plugin in the sandbox, and remember the result for as long as the plugin is the same.

What a plugin says of itself is not always so: latencies that are not reported, resets that do not
clear, two runs that differ. Each aspect is measured by a request of its own, so that a crash in one
is a result and the others are measured all the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from importlib import metadata
from pathlib import Path
from typing import Any

from restorack.dsp.decibels import amplitude_to_db
from restorack.errors import (
    PluginCrashError,
    PluginError,
    PluginHangError,
    RestorackError,
    SandboxError,
)
from restorack.hosting.bundles import hash_path, latest_change
from restorack.hosting.confine.modes import sandbox_mode
from restorack.hosting.engines.dawdreamer import has_dawdreamer
from restorack.hosting.installed import find_plugin, installed_lv2
from restorack.hosting.kept.cache import cache_folder, keep
from restorack.hosting.sandbox import Sandbox
from restorack.hosting.spec import BY_PATH, PluginSpec
from restorack.version import __version__

RATE = 44_100.0
"""In Hz, what most plugins are made for; all is measured at it."""
RATES = (8000.0, 11_025.0, 22_050.0, 48_000.0, 96_000.0, 192_000.0)
"""In Hz, beside :data:`RATE`: some plugins fail or change their latency at others."""

PROBE_TIMEOUT = 60.0
"""Seconds for each aspect."""

UNHEARD_SECONDS = 0.0003
"""Lags that are the phase of filters, and no latency that is wanting."""

IDLE = 1e-6
"""Sample value (-120 dBFS) above which what comes of silence is sound."""


@dataclass(frozen=True)
class Fault:
    """What went wrong while an aspect was measured.

    Attributes
    ----------
    during : str
        The aspect: ``loading``, ``latency at 8000 Hz``, ``tail``, ...
    kind : {"crash", "hang", "error", "nan"}
    what : str
        In words.
    """

    during: str
    kind: str
    what: str


@dataclass
class Probe:
    """What a probe found out.

    Attributes
    ----------
    kind, name, path : str
        ``vst3`` or ``lv2``; what presets write; the bundle.
    stamp : dict
        Modification time and SHA-256 of the bundle, versions of restorack and its hosts, mode of
        the sandbox.
    about : dict
        Maker, version, parameters, programs.
    layouts : dict
        ``inputs``, ``outputs``, ``sidechain_inputs``, ``accepted`` pairs of both, and how signals
        of 1, 2 and 6 channels are ``fed``.
    latency : list of dict
        By rate in Hz: ``reported`` and ``measured`` samples (None: output and input are not alike
        enough), whether the output was ``finite`` or ``silent``.
    tail : dict
        ``seconds`` that it rings on above -90 dBFS after noise of -6 dBFS peak (None: over 30 s),
        ``idle_peak`` that comes of silence.
    determinism : dict
        Whether two processes, two instances, an instance before and after a reset in each host,
        and the two hosts give the same bits.
    speed : dict
        ``times_real_time`` and ``load_seconds``.
    sandbox : dict
        ``mode``, and of each part whether it is ``enforced``, ``not offered`` or ``off``.
    faults : list of Fault
    remarks : list of str
        What a user should know.
    """

    kind: str
    name: str
    path: str
    stamp: dict[str, Any]
    about: dict[str, Any] = field(default_factory=dict)
    layouts: dict[str, Any] = field(default_factory=dict)
    latency: list[dict[str, Any]] = field(default_factory=list)
    tail: dict[str, Any] = field(default_factory=dict)
    determinism: dict[str, Any] = field(default_factory=dict)
    speed: dict[str, Any] = field(default_factory=dict)
    sandbox: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def deterministic(self) -> bool | None:
        """Whether two runs give the same bits; None where that could not be measured."""
        if "processes_agree" not in self.determinism:
            return None
        return bool(self.determinism["processes_agree"] and self.determinism["instances_agree"])


def probe(
    spec: PluginSpec,
    *,
    refresh: bool = False,
    timeout_s: float = PROBE_TIMEOUT,
    on_step: Callable[[str], None] | None = None,
) -> tuple[Probe, bool]:
    """Measure a plugin, its parameters at their defaults.

    Parameters
    ----------
    spec : PluginSpec
        A VST3 or an LV2 plugin; what it says of parameters does not count.
    refresh : bool
        Measure again, though a result for the very same bundle and versions is kept.
    timeout_s : float
        Seconds for each aspect.
    on_step : callable, optional
        Told which aspect comes next.

    Returns
    -------
    Probe
        With what crashed or hung among its faults.
    bool
        Whether it was kept from before.

    Raises
    ------
    PluginError
        For a plugin that is not installed.
    """
    path = _bundle(spec)
    known = None if refresh else kept_probe(spec)
    if known is not None:
        return known, True
    bare = PluginSpec(spec.kind, spec.reference, timeout_s=timeout_s, plugin=spec.plugin)
    if spec.kind in BY_PATH:
        bare = replace(bare, reference=str(path))
    named = spec.reference if spec.plugin is None else f"{spec.reference}#{spec.plugin}"
    found = Probe(spec.kind, named, str(path), _stamp(path))
    _Prober(found, bare, on_step or (lambda _: None)).measure()
    found.remarks = list(_remarks(found))
    keep(_kept_path(spec, path), asdict(found))
    return found, False


def kept_probe(spec: PluginSpec, *, by_content: bool = True) -> Probe | None:
    """Return the result of an earlier probe, if bundle and versions are still the same.

    Without ``by_content`` the bundle's time is enough: nothing of it is read.
    """
    try:
        path = _bundle(spec)
        entry = json.loads(_kept_path(spec, path).read_text("utf-8"))
        entry["faults"] = [Fault(**fault) for fault in entry["faults"]]
        known = Probe(**entry)
        now = _stamp(path, by_content=by_content)
        return known if known.stamp | now == known.stamp else None
    except (OSError, ValueError, TypeError, KeyError, RestorackError):
        return None


def render_warnings(found: Probe, spec: PluginSpec, rate: float) -> list[str]:
    """Return what a render has to tell of a plugin that was probed.

    Parameters
    ----------
    found : Probe
    spec : PluginSpec
        How the render uses it: a latency that it states is trusted.
    rate : float
        Of the render, in Hz; the latency at the nearest rate that was probed counts.
    """
    warnings = []
    if found.deterministic is False:
        warnings.append("two renders differ: by its probe it is not deterministic")
    nearest = min(found.latency, key=lambda entry: abs(entry["rate"] - rate), default=None)
    if nearest is not None and nearest["measured"] is not None and spec.latency_samples is None:
        late = nearest["measured"] - nearest["reported"]
        if abs(late) > UNHEARD_SECONDS * nearest["rate"]:
            warnings.append(
                f"by its probe it lags by {nearest['measured']} samples at {nearest['rate']:g} Hz, "
                f"and reports {nearest['reported']}: latency_samples of its stage corrects that"
            )
    return warnings


class _Prober:
    """One probe: requests to a child of its own, aspect by aspect."""

    def __init__(self, found: Probe, spec: PluginSpec, on_step: Callable[[str], None]) -> None:
        self._found, self._spec, self._on_step = found, spec, on_step
        self._sandbox = Sandbox()

    def measure(self) -> None:
        """Fill in the result; a plugin that hangs is not asked further."""
        try:
            if self._asked("loading", self._describe):
                for name, ask in self._aspects():
                    if not self._asked(name, ask):
                        break
        finally:
            self._found.sandbox = self._sandbox.confinement
            self._sandbox.close()

    def _aspects(self) -> Iterator[tuple[str, Callable[[], None]]]:
        yield "channel layouts", lambda: self._fill("layouts")
        for rate in (RATE, *RATES):
            yield f"latency at {rate:g} Hz", lambda rate=rate: self._measure_latency(rate)  # type: ignore[misc]
        yield "tail", lambda: self._fill("tail")
        yield "speed", lambda: self._fill("speed")
        yield "determinism", self._compare_runs

    def _asked(self, name: str, ask: Callable[[], None]) -> bool:
        """Measure an aspect, note how it fails; return whether to go on."""
        self._on_step(name)
        try:
            ask()
        except PluginHangError as error:
            self._found.faults.append(Fault(name, "hang", error.what))
            return False
        except PluginCrashError as error:
            self._found.faults.append(Fault(name, "crash", error.what))
            return name != "loading"
        except SandboxError:
            raise  # of the system, not of the plugin
        except RestorackError as error:
            self._found.faults.append(Fault(name, "error", error.what))
            return name != "loading"
        return True

    def _ask(self, what: str, rate: float = RATE) -> dict[str, Any]:
        return self._sandbox.probe(self._spec, what, rate)

    def _describe(self) -> None:
        self._found.about = self._sandbox.describe(self._spec)

    def _fill(self, what: str) -> None:
        setattr(self._found, what, self._ask(what))

    def _measure_latency(self, rate: float) -> None:
        entry = self._ask("latency", rate)
        self._found.latency.append(entry)
        if not entry["finite"]:
            what = f"returns samples that are not finite at {rate:g} Hz"
            self._found.faults.append(Fault(f"latency at {rate:g} Hz", "nan", what))

    def _compare_runs(self) -> None:
        first = self._ask("determinism")
        self._sandbox.close()  # a second process, seconds later: seeds from the clock differ
        second = self._ask("determinism")
        digest = first.pop("digest")
        self._found.determinism = {"processes_agree": second["digest"] == digest, **first}


def _remarks(found: Probe) -> Iterator[str]:
    for entry in found.latency:
        measured, at = entry["measured"], f"at {entry['rate']:g} Hz"
        if measured is not None and measured != entry["reported"]:
            yield f"{at} it reports {entry['reported']} samples of latency, and lags by {measured}"
        if entry["silent"]:
            yield f"{at} it makes silence of noise"
    runs = found.determinism
    if found.deterministic is False:
        yield "two runs do not give the same samples: it is not deterministic"
    elif runs and not runs["reset_clears_graph"]:
        yield "a reset does not clear what it heard before: it is loaded anew for every signal"
    elif runs and runs["reset_clears_stream"] is False:
        yield "a reset does not clear what it heard before where it streams"
    if found.deterministic and runs["hosts_agree"] is False:
        yield "streamed it does not give the same samples as in a graph"
    if found.tail and found.tail["seconds"] is None:
        yield "it rings on for more than 30 s"
    idle = found.tail.get("idle_peak") or 0.0
    if idle > IDLE:
        yield f"it makes sound of silence: {amplitude_to_db(idle):.0f} dBFS"


def _bundle(spec: PluginSpec) -> Path:
    if spec.kind in BY_PATH:
        return find_plugin(spec.kind, spec.reference).absolute()
    bundle = installed_lv2().get(spec.reference)
    if bundle is None:
        raise PluginError("is not installed", where=spec.label)
    return bundle.absolute()


def _stamp(path: Path, *, by_content: bool = True) -> dict[str, Any]:
    """Return what changes with the bundle or with what measures it."""
    hosts = {"pedalboard": metadata.version("pedalboard")}
    if has_dawdreamer():
        hosts["dawdreamer"] = metadata.version("dawdreamer")
    stamp = {"mtime_ns": latest_change(path), "restorack": __version__, **hosts}
    return stamp | ({"sha256": hash_path(path), "sandbox": sandbox_mode()} if by_content else {})


def _kept_path(spec: PluginSpec, path: Path) -> Path:
    which = spec.reference if spec.kind == "lv2" else spec.plugin or ""
    digest = hashlib.sha256(f"{spec.kind}\0{path}\0{which}".encode()).hexdigest()
    return cache_folder() / "probes" / f"{path.stem}-{digest[:16]}.json"

"""From a preset's stage entries to the stages of a chain."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from restorack.chains import Chain, Parallel
from restorack.chains.native_parameters import IMPULSE, PREFIX, native_class, native_instance
from restorack.chains.slot import Slot
from restorack.config.yaml_source import Mark, read_text
from restorack.core.automation import Automation
from restorack.core.registry import processor_class
from restorack.errors import PresetError, RegistryError, RestorackError
from restorack.hosting.installed import is_installed
from restorack.hosting.parameters.states import has_state, read_state
from restorack.hosting.spec import BY_PATH, PluginSpec
from restorack.hosting.stage import HostedPlugin
from restorack.hosting.trust import names_allowed
from restorack.presets.confining import beside, confined, home_of
from restorack.presets.entries import (
    Entry,
    full_stage_name,
    read_entry,
    refuse_edits,
    settle_names,
    suggest_stage,
)
from restorack.presets.schema import BundleModel, StateModel

_REFUSALS = (RestorackError, TypeError, ValueError)
Allowed: TypeAlias = bool | Iterable[str | os.PathLike[str]]
Built = list[tuple[Slot, Entry]]
"""Which entry each slot was built from, those of branches included."""


def add_entries(chain: Chain, entries: Sequence[Entry], allow: Allowed = ()) -> Built:
    """Build the stages of entries and append them to a chain.

    Parameters
    ----------
    chain : Chain
    entries : sequence of Entry
    allow : bool or iterable of path-like
        Plugins that may be named by path: these, or all of them.
    """
    built: Built = []
    for entry in entries:
        stage, inner = _BUILDERS[entry.source](entry, allow)
        slot = chain.add(stage, entry.name)
        slot.enabled, slot.on = entry.model.enabled is not False, entry.model.on
        slot.given = frozenset(entry.model.params or ())
        if entry.source == "stage":
            for name, points in (entry.model.automation or {}).items():
                with placed(entry, "automation", name):
                    slot.automate(name, points)
        built += [*inner, (slot, entry)]
    return built


@contextmanager
def placed(entry: Entry, *path: str | int) -> Iterator[None]:
    """Turn an error into one that names the file, line and column of a part of an entry."""
    try:
        yield
    except PresetError:
        raise
    except RestorackError as error:
        inner = f"{error.where}: {error.what}" if error.where else error.what
        raise PresetError(
            inner, where=entry.place(*path), rule=error.rule, remedy=error.remedy
        ) from error


def _referenced(entry: Entry, _: Allowed) -> tuple[Any, Built]:
    reference = full_stage_name(str(entry.model.stage)) or str(entry.model.stage)
    params: dict[str, Any] = dict(entry.model.params or {})
    make: Callable[[Mapping[str, Any]], Any]
    try:
        if reference.startswith(PREFIX):
            native = native_class(reference)
            if isinstance(params.get(IMPULSE), str):
                params[IMPULSE] = _impulse(entry, params[IMPULSE])
            make = lambda given: native_instance(native, given)  # noqa: E731  closes over the class
        else:
            processor = processor_class(reference)
            for name, value in params.items():
                if name in processor.parameters and processor.parameters[name].names_file(value):
                    audio = processor.parameters[name].names_audio
                    whole = beside if audio else confined
                    params[name] = whole(value, entry.item.place(["params", name]))
            make = lambda given: processor(**given)  # noqa: E731
    except RegistryError as error:
        raise PresetError(
            f"no stage {reference!r}",
            where=entry.place("stage"),
            remedy=suggest_stage(reference),
        ) from error
    except (ImportError, AttributeError) as error:
        raise PresetError(
            f"{reference} cannot be imported: {error}",
            where=entry.place("stage"),
            rule="the package that registers a stage must be complete",
            remedy="install it again",
        ) from error
    return _with_params(make, params, entry), []


def _with_params(
    make: Callable[[Mapping[str, Any]], Any], params: Mapping[str, Any], entry: Entry
) -> Any:
    """Make a stage; where it is refused, say on which line the reason stands."""
    try:
        return make(params)
    except _REFUSALS as refusal:
        path, error = _culprit(make, params, refusal)
        if isinstance(error, RestorackError):
            with placed(entry, *path):
                raise error from refusal
        raise PresetError(
            f"{entry.model.stage} refuses its parameters: {error}", where=entry.place(*path)
        ) from refusal


def _culprit(
    make: Callable[[Mapping[str, Any]], Any], params: Mapping[str, Any], refusal: Exception
) -> tuple[Sequence[str], Exception]:
    """Return the parameter that is refused alone, by the same rule, and how it is refused."""
    for name, value in params.items():
        try:
            make({name: value})
        except _REFUSALS as single:
            if _rule(single) == _rule(refusal):
                return ("params", name), single
    return ("params",) if params else ("stage",), refusal


def _rule(error: Exception) -> str:
    return error.rule if isinstance(error, RestorackError) else str(error)


def _impulse(entry: Entry, path: str) -> str:
    mark = entry.item.place(["params", IMPULSE])
    whole = beside(path, mark)
    if os.path.exists(whole) and not os.path.isfile(whole):  # a pipe or a device never ends
        raise PresetError(f"{path} is not a regular file", where=str(mark))
    return whole


def _parallel(entry: Entry, allow: Allowed) -> tuple[Any, Built]:
    branches, built = [], Built()
    for branch in entry.item.value["parallel"].value:
        entries = [read_entry(item) for item in branch.value]
        refuse_edits(entries)
        settle_names(entries)
        chain = Chain()
        built += add_entries(chain, entries, allow)
        branches.append(chain)
    with placed(entry, "gains_db" if entry.model.gains_db is not None else "parallel"):
        return Parallel(branches, entry.model.gains_db), built


def _hosted(entry: Entry, allow: Allowed) -> tuple[Any, Built]:
    model, kind = entry.model, entry.source
    reference, file, folder, by_path = str(getattr(model, kind)), None, None, False
    key: list[str | int] = [kind]
    bundle = getattr(model, kind)
    if isinstance(bundle, BundleModel):
        reference, key = bundle.path, [kind, "path"]
    if model.faust is not None:
        reference, file, folder = _faust_code(entry)
    if kind in BY_PATH and ("/" in reference or reference.lower().endswith(BY_PATH[kind])):
        mark = entry.item.place(key)
        reference = beside(reference, mark)
        by_path = bool(mark.line) and not names_allowed(reference, allow)
    automation = {name: points for name, points in (model.automation or {}).items() if points}
    for name, points in automation.items():
        with placed(entry, "automation", name):
            Automation(points, where=name)
    state = None
    if isinstance(model.state, str):
        state = confined(model.state, entry.item.place(["state"]))
    spec = PluginSpec(
        kind,  # type: ignore[arg-type]
        reference,
        dict(model.params or {}),
        state,
        automation,
        bool(model.optional),
        file,
        model.state.base64 if isinstance(model.state, StateModel) else None,
        model.program,
        model.timeout_s,
        model.sidechain,
        folder=folder,
        from_preset=by_path,
        latency_samples=model.latency_samples,
        tail_seconds=model.tail_seconds,
        band=model.band,
        plugin=bundle.name if isinstance(bundle, BundleModel) else None,
    )
    if kind != "faust" and has_state(spec) and is_installed(spec):
        with placed(entry, "state"):
            read_state(spec)
    with placed(entry, kind):
        plugin = HostedPlugin(spec)
    plugin.places = _places(entry, spec)
    return plugin, []


def _places(entry: Entry, spec: PluginSpec) -> dict[str, str]:
    """Return where a plugin and its parts stand, as its checks name them."""
    found = {"": entry.place(entry.source)}
    found |= {key: entry.place(key) for key in ("state", "program")}
    for key, names in (("params", spec.params), ("automation", spec.automation)):
        found |= {f"{key}.{name}": entry.place(key, name) for name in names}
    return found


def _faust_code(entry: Entry) -> tuple[str, str | None, str]:
    """Return a program's text, its file if it has one, and the folder that it may import from."""
    faust = entry.model.faust
    if faust is None or (faust.code is None) == (faust.file is None):
        raise PresetError(
            "a Faust stage without its program",
            where=entry.place("faust"),
            rule="faust has either code or file",
        )
    if faust.code is not None:
        return faust.code, None, str(entry.item.place(["faust", "code"]).folder)
    mark = entry.item.place(["faust", "file"])
    path = confined(str(faust.file), mark)
    home = home_of(path, mark) if mark.line else None
    with placed(entry, "faust", "file"):
        return _read_program(Path(path), mark), path, home or str(Path(path).parent)


def _read_program(path: Path, mark: Mark) -> str:
    try:
        return read_text(path)
    except PresetError as error:
        raise PresetError(f"{path} {error.what}", where=str(mark), rule=error.rule) from error


_BUILDERS: dict[str, Callable[[Entry, Allowed], tuple[Any, Built]]] = {
    "stage": _referenced,
    "parallel": _parallel,
    "vst3": _hosted,
    "clap": _hosted,
    "lv2": _hosted,
    "faust": _hosted,
}

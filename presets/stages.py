"""From a preset's stage entries to the stages of a chain."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from restorack.chains import Chain, Parallel
from restorack.chains.native_parameters import IMPULSE, PREFIX, native_class, native_instance
from restorack.chains.slot import Slot
from restorack.contract.automation import Automation
from restorack.contract.registry import processor_class
from restorack.errors import PresetError, RegistryError, RestorackError
from restorack.hosting.installed import is_installed
from restorack.hosting.spec import PluginSpec
from restorack.hosting.stage import HostedPlugin
from restorack.hosting.states import has_state, read_state
from restorack.presets.entries import Entry, read_entry, refuse_edits, settle_names, suggest_stage
from restorack.presets.schema import StateModel
from restorack.presets.source import Mark, read_text

_REFUSALS = (RestorackError, TypeError, ValueError)
Built = list[tuple[Slot, Entry]]
"""Which entry each slot was built from, those of branches included."""


def add_entries(chain: Chain, entries: Sequence[Entry]) -> Built:
    """Build the stages of entries and append them to a chain."""
    built: Built = []
    for entry in entries:
        stage, inner = _BUILDERS[entry.source](entry)
        slot = chain.add(stage, entry.name)
        slot.enabled = entry.model.enabled is not False
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


def _referenced(entry: Entry) -> tuple[Any, Built]:
    reference = str(entry.model.stage)
    params: dict[str, Any] = dict(entry.model.params or {})
    make: Callable[[Mapping[str, Any]], Any]
    try:
        if reference.startswith(PREFIX):
            native = native_class(reference)
            if isinstance(params.get(IMPULSE), str):
                params[IMPULSE] = beside(params[IMPULSE], entry.item.place(["params", IMPULSE]))
            make = lambda given: native_instance(native, given)  # noqa: E731  closes over the class
        else:
            processor = processor_class(reference)
            for name, value in params.items():
                if name in processor.parameters and processor.parameters[name].names_file(value):
                    params[name] = beside(value, entry.item.place(["params", name]))
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


def _parallel(entry: Entry) -> tuple[Any, Built]:
    branches, built = [], Built()
    for branch in entry.item.value["parallel"].value:
        entries = [read_entry(item) for item in branch.value]
        refuse_edits(entries)
        settle_names(entries)
        chain = Chain()
        built += add_entries(chain, entries)
        branches.append(chain)
    with placed(entry, "gains_db" if entry.model.gains_db is not None else "parallel"):
        return Parallel(branches, entry.model.gains_db), built


def _hosted(entry: Entry) -> tuple[Any, Built]:
    model, kind = entry.model, entry.source
    reference, file = str(getattr(model, kind)), None
    if model.faust is not None:
        reference, file = _faust_code(entry)
    if kind == "vst3" and ("/" in reference or reference.lower().endswith(".vst3")):
        reference = beside(reference, entry.item.place(["vst3"]))
    automation = {name: points for name, points in (model.automation or {}).items() if points}
    for name, points in automation.items():
        with placed(entry, "automation", name):
            Automation(points, where=name)
    state = None
    if isinstance(model.state, str):
        state = beside(model.state, entry.item.place(["state"]))
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
    )
    if kind == "vst3" and has_state(spec) and is_installed(spec):
        with placed(entry, "state"):
            read_state(spec)
    with placed(entry, kind):
        return HostedPlugin(spec), []


def _faust_code(entry: Entry) -> tuple[str, str | None]:
    faust = entry.model.faust
    if faust is None or (faust.code is None) == (faust.file is None):
        raise PresetError(
            "a Faust stage without its program",
            where=entry.place("faust"),
            rule="faust has either code or file",
        )
    if faust.code is not None:
        return faust.code, None
    mark = entry.item.place(["faust", "file"])
    path = beside(str(faust.file), mark)
    with placed(entry, "faust", "file"):
        return _read_program(Path(path), mark), path


def _read_program(path: Path, mark: Mark) -> str:
    try:
        return read_text(path)
    except PresetError as error:
        raise PresetError(f"{path} {error.what}", where=str(mark), rule=error.rule) from error


def beside(path: str, mark: Mark) -> str:
    """Return a path; relative ones count from the folder of the preset that gives them."""
    return str(mark.folder / Path(path).expanduser())


_BUILDERS: dict[str, Callable[[Entry], tuple[Any, Built]]] = {
    "stage": _referenced,
    "parallel": _parallel,
    "vst3": _hosted,
    "lv2": _hosted,
    "faust": _hosted,
}

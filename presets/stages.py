"""From a preset's stage entries to the stages of a chain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from restorack.chains import Chain, Parallel
from restorack.chains.native_parameters import native_class, native_instance
from restorack.contract.registry import processor_class, processor_names
from restorack.errors import PresetError, RestorackError, suggest
from restorack.hosting.spec import PluginSpec, hosted_name
from restorack.hosting.stage import HostedPlugin
from restorack.presets.schema import EDITS, SOURCES, StageModel, checked
from restorack.presets.source import Item, read_text

_HOSTED_ONLY = ("state", "optional")


@dataclass
class Entry:
    """A stage as a preset writes it, in its long form, with its place."""

    model: StageModel
    item: Item
    file: str

    @property
    def where(self) -> str:
        """File and line."""
        return f"{self.file}:{self.item.line}"

    def place(self, *path: str | int) -> str:
        """File and line of a part of the entry."""
        return f"{self.file}:{self.item.position(path)[0]}"

    @property
    def edit(self) -> str | None:
        """Which edit of an inherited stage this is, None for a stage of its own."""
        return next((word for word in EDITS if getattr(self.model, word) is not None), None)

    @property
    def default_name(self) -> str:
        """The name that the stage has where the preset gives none."""
        model = self.model
        if model.stage is not None:
            return model.stage.rsplit(".", 1)[-1].lower()
        if model.parallel is not None:
            return "parallel"
        return hosted_name(self.source, str(getattr(model, self.source)), _faust_file(model))

    @property
    def source(self) -> str:
        """Which kind of stage this is."""
        return next(word for word in SOURCES if getattr(self.model, word) is not None)


def _faust_file(model: StageModel) -> str | None:
    return model.faust.file if model.faust is not None else None


def read_entry(item: Item, file: str) -> Entry:
    """Check one entry of a stage list: short form, long form or edit."""
    if not isinstance(item.value, dict):
        raise PresetError(
            f"a stage is {item.plain()!r}",
            where=f"{file}:{item.line}",
            rule="a stage is `restorack.NAME: {parameters}` or a mapping with `stage:`",
            remedy=f"write `{item.plain()}: {{}}`" if isinstance(item.value, str) else "",
        )
    full = _long_form(item)
    model: StageModel = checked(StageModel, full, file)
    entry = Entry(model, full, file)
    sources = [word for word in SOURCES if getattr(model, word) is not None]
    edits = [word for word in EDITS if getattr(model, word) is not None]
    wanted = 0 if edits and edits[0] in ("change", "remove") else 1
    if len(edits) > 1 or len(sources) != wanted:
        raise PresetError(
            f"a stage with {', '.join(sources + edits) or 'no source'}",
            where=entry.where,
            rule=f"each stage is one of {', '.join(SOURCES)}; "
            f"edits of inherited stages are one of {', '.join(EDITS)}",
        )
    if sources and sources[0] in ("stage", "parallel"):
        extra = [word for word in _HOSTED_ONLY if getattr(model, word) is not None]
        if extra:
            raise PresetError(
                f"{extra[0]!r} for a stage that is no plugin",
                where=entry.place(extra[0]),
                rule="state and optional belong to vst3, lv2 and faust",
            )
    return entry


def _long_form(item: Item) -> Item:
    """Turn ``restorack.X: {...}`` into ``stage: restorack.X, params: {...}``."""
    if len(item.value) != 1:
        return item
    [key] = item.value
    if key in StageModel.model_fields or "." not in key:
        return item
    params = item.value[key]
    if params.value is None:
        params = Item({}, params.line, params.column)
    line, column = item.keys[key]
    keys = {"stage": (line, column), "params": (params.line, params.column)}
    return Item({"stage": Item(key, line, column), "params": params}, line, column, keys)


def add_entry(chain: Chain, entry: Entry) -> None:
    """Build an entry's stage and append it to a chain."""
    model = entry.model
    stage = _BUILDERS[entry.source](entry)
    try:
        if model.name is not None:
            chain.add(stage, model.name)
        else:
            chain.append(stage)
        slot = chain.slots[-1]
        slot.enabled = model.enabled is not False
    except RestorackError as error:
        raise PresetError(
            error.what, where=entry.place("name"), rule=error.rule, remedy=error.remedy
        ) from error
    if entry.source in ("stage", "parallel"):
        for name, points in (model.automation or {}).items():
            try:
                slot.automate(name, points)
            except RestorackError as error:
                raise _placed(error, entry, "automation", name) from error


def _placed(error: RestorackError, entry: Entry, *path: str) -> PresetError:
    inner = f"{error.where}: {error.what}" if error.where else error.what
    return PresetError(inner, where=entry.place(*path), rule=error.rule, remedy=error.remedy)


def _referenced(entry: Entry) -> Any:
    reference = str(entry.model.stage)
    params: Mapping[str, Any] = entry.model.params or {}
    try:
        if reference.startswith("pedalboard."):
            cls = native_class(reference)
            return _with_params(lambda given: native_instance(cls, given), params, entry)
        processor = processor_class(reference)
    except PresetError:
        raise
    except RestorackError as error:
        known = [*processor_names(), f"pedalboard.{reference.rsplit('.', 1)[-1]}"]
        remedy = error.remedy or suggest(reference, known)
        raise PresetError(
            f"no stage {reference!r}", where=entry.place("stage"), remedy=remedy
        ) from error
    return _with_params(lambda given: processor(**given), params, entry)


def _with_params(make: Any, params: Mapping[str, Any], entry: Entry) -> Any:
    """Make a stage; where a parameter is refused, say on which line it stands."""
    for name in params:
        try:
            make({name: params[name]})
        except RestorackError as error:
            raise _placed(error, entry, "params", name) from error
    return make(params)


def _parallel(entry: Entry) -> Parallel:
    branches = []
    for branch in entry.item.value["parallel"].value:
        chain = Chain()
        for item in branch.value:
            add_entry(chain, read_entry(item, entry.file))
        branches.append(chain)
    try:
        return Parallel(branches, entry.model.gains_db)
    except RestorackError as error:
        raise _placed(error, entry, "gains_db") from error


def _hosted(entry: Entry) -> HostedPlugin:
    model, kind = entry.model, entry.source
    reference, file = str(getattr(model, kind)), None
    if model.faust is not None:
        reference, file = _faust_code(entry)
    spec = PluginSpec(
        kind,  # type: ignore[arg-type]
        reference,
        dict(model.params or {}),
        _relative(model.state, entry.file),
        dict(model.automation or {}),
        bool(model.optional),
        file,
    )
    try:
        return HostedPlugin(spec)
    except RestorackError as error:
        raise _placed(error, entry, kind) from error


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
    path = _relative(faust.file, entry.file)
    return read_text(Path(str(path))), path


def _relative(path: str | None, preset: str) -> str | None:
    """Return a path; relative ones count from the preset's folder."""
    if path is None:
        return None
    return str(Path(preset).parent / Path(path).expanduser())


_BUILDERS = {
    "stage": _referenced,
    "parallel": _parallel,
    "vst3": _hosted,
    "lv2": _hosted,
    "faust": _hosted,
}

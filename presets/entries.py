"""The entries of a preset's stage list: forms, edits of inherited stages, names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from restorack.chains.native_parameters import PREFIX, full_native_name, native_names
from restorack.config.yaml_source import Item
from restorack.core.registry import full_name, processor_class, processor_names
from restorack.errors import PresetError, RegistryError, suggest
from restorack.hosting.spec import hosted_name
from restorack.presets.schema import EDITS, SOURCES, BundleModel, StageModel, checked

_ANY = ("name", "enabled", "on")
_MOVING = (*_ANY, "params", "automation")
_PLUGIN = (
    *_MOVING, "state", "program", "timeout_s", "sidechain", "optional", "latency_samples", "band",
    "tail_seconds",
)  # fmt: skip
_BELONGS = {
    "stage": _MOVING,
    "vst3": _PLUGIN,
    "clap": _PLUGIN,
    "lv2": _PLUGIN,
    "faust": _PLUGIN,
    "parallel": (*_ANY, "gains_db"),
    "change": (*_PLUGIN, "gains_db"),
    "remove": (),
}


@dataclass
class Entry:
    """A stage as a preset writes it, in its long form, with its place.

    Attributes
    ----------
    name : str
        The stage's name in its chain, empty until the list's names are settled.
    """

    model: StageModel
    item: Item
    name: str = ""

    @property
    def where(self) -> str:
        """File, line and column."""
        return str(self.item.mark)

    def place(self, *path: str | int) -> str:
        """File, line and column of a part of the entry."""
        return str(self.item.place(path))

    @property
    def edit(self) -> str | None:
        """Which edit of an inherited stage this is, None for a stage of its own."""
        return next((word for word in EDITS if getattr(self.model, word) is not None), None)

    @property
    def source(self) -> str:
        """Which kind of stage this is."""
        return next(word for word in SOURCES if getattr(self.model, word) is not None)

    @property
    def default_name(self) -> str:
        """The name that the stage has where the preset gives none."""
        model = self.model
        if model.stage is not None:
            return _class_name(model.stage).lower()
        if model.parallel is not None:
            return "parallel"
        file = model.faust.file if model.faust is not None else None
        bundle = getattr(model, self.source)
        if isinstance(bundle, BundleModel):
            return hosted_name(self.source, bundle.path, plugin=bundle.name)
        return hosted_name(self.source, str(getattr(model, self.source)), file)


def full_stage_name(reference: str) -> str | None:
    """Return the stage that a reference in any case, or its last part, stands for.

    Parameters
    ----------
    reference : str
        Such as ``restorack.Declicker``, ``declicker``, ``pedalboard.compressor``, ``Compressor``.

    Returns
    -------
    str or None
        A stage of ours where the name is one of both.
    """
    if reference.lower().startswith(PREFIX):
        return full_native_name(reference)
    return full_name(reference) or full_native_name(reference)


def _class_name(reference: str) -> str:
    reference = full_stage_name(reference) or reference
    try:
        return processor_class(reference).__name__
    except (RegistryError, ImportError, AttributeError):  # building the stage says so, with place
        return reference.rsplit(".", 1)[-1]


def suggest_stage(reference: str) -> str:
    """Return which stage was meant, by its whole name or its last part."""
    known = [*processor_names(), *native_names()]
    by_last = {name.rsplit(".", 1)[-1].lower(): name for name in reversed(known)}
    last = reference.rsplit(".", 1)[-1].lower()
    if "." not in reference or last in by_last:
        alike = get_close_matches(last, by_last, n=1, cutoff=0.6)
        if alike:
            return suggest(by_last[alike[0]], [by_last[alike[0]]])
    near = suggest(reference, known)
    return near if near.endswith("?") else suggest(reference, processor_names())


def read_entry(item: Item) -> Entry:
    """Check one entry of a stage list: short form, long form or edit."""
    if isinstance(item.value, str):
        item = Item({"stage": item}, item.mark, {"stage": item.mark})
    if not isinstance(item.value, dict):
        raise PresetError(
            f"a stage is {item.plain()!r}",
            where=str(item.mark),
            rule="a stage is its name, `restorack.NAME: {parameters}` or a mapping with `stage:`",
        )
    full = _long_form(item)
    _refuse_misplaced(full)
    entry = Entry(checked(StageModel, full), full)
    sources = [word for word in SOURCES if getattr(entry.model, word) is not None]
    edits = [word for word in EDITS if getattr(entry.model, word) is not None]
    wanted = 0 if edits and edits[0] in ("change", "remove") else 1
    if len(edits) > 1 or len(sources) != wanted:
        raise PresetError(
            f"a stage with {', '.join(sources + edits) or 'no source'}",
            where=entry.where,
            rule=f"each stage is one of {', '.join(SOURCES)}; "
            f"edits of inherited stages are one of {', '.join(EDITS)}",
        )
    _refuse_foreign_keys(entry, sources[0] if sources else edits[0])
    return entry


def _long_form(item: Item) -> Item:
    """Turn ``restorack.X: {...}`` into ``stage: restorack.X, params: {...}``."""
    if len(item.value) != 1:
        return item
    [key] = item.value
    params, mark = item.value[key], item.keys[key]
    if key in StageModel.model_fields or ("." not in key and isinstance(params.value, str)):
        return item
    if params.value is None:
        params = Item({}, params.mark)
    stage = Item(key, mark)
    return Item({"stage": stage, "params": params}, mark, {"stage": mark, "params": params.mark})


def _refuse_misplaced(item: Item) -> None:
    """Explain the two slips that no similar spelling explains."""
    for key in item.value:
        if key in StageModel.model_fields:
            continue
        if key in processor_names() or key.startswith(PREFIX):
            raise PresetError(
                f"{key!r} beside other keys",
                where=str(item.place([key])),
                rule="the short form has nothing but the stage and its parameters",
                remedy=f"write `stage: {key}` and `params: {{...}}`",
            )
        if not suggest(key, StageModel.model_fields).endswith("?"):
            raise PresetError(
                f"unknown key {key!r}",
                where=str(item.place([key])),
                rule=f"a stage has {', '.join(StageModel.model_fields)}",
                remedy="parameters of the stage stand under `params:`",
            )


def _refuse_foreign_keys(entry: Entry, kind: str) -> None:
    """Refuse keys that mean nothing for this kind of stage, rather than drop them."""
    allowed = {kind, *_BELONGS[kind], *(() if kind == "remove" else EDITS)}
    for key in entry.item.value:
        if key not in allowed:
            shown = ", ".join(_BELONGS[kind]) or "nothing"
            raise PresetError(
                f"{key!r} beside {kind!r}",
                where=entry.place(key),
                rule=f"beside {kind} may stand {shown}",
            )


def refuse_edits(entries: Sequence[Entry]) -> None:
    """Refuse edits where there is nothing to edit."""
    for entry in entries:
        if entry.edit is not None:
            raise PresetError(
                f"{entry.edit!r} where nothing is inherited",
                where=entry.place(entry.edit),
                rule="edits name stages of the preset that `extends` names",
                remedy="add `extends: NAME` to the preset",
            )


def settle_names(entries: Sequence[Entry]) -> None:
    """Give every entry its name; those that have one keep it.

    What is inherited keeps its name whatever is inserted before it, so that ``--set`` and later
    edits reach the same stage.
    """
    taken: list[str] = [entry.name for entry in entries if entry.name]
    for entry in entries:
        if entry.name:
            continue
        given = entry.model.name
        if given in taken:
            raise PresetError(
                f"two stages named {given!r}",
                where=entry.place("name"),
                rule="names are unique",
                remedy="give one another name",
            )
        entry.name = given or free_name(entry.default_name, taken)
        taken.append(entry.name)


def free_name(base: str, taken: Sequence[str]) -> str:
    """Return the name, ``_2`` and so on where it is taken."""
    name, turn = base, 1
    while name in taken:
        turn += 1
        name = f"{base}_{turn}"
    return name


def edited(inherited: Sequence[Entry], edits: Sequence[Entry]) -> list[Entry]:
    """Apply edits by name to inherited entries; stages without an edit are appended."""
    entries = list(inherited)
    for edit in edits:
        word = edit.edit
        at = len(entries) if word is None else _target(entries, edit, word)
        if word == "remove":
            del entries[at]
        elif word == "change":
            entries[at] = _changed(entries[at], edit)
            settle_names(entries)
        else:
            plain = edit.item if word is None else edit.item.without(word)
            entries.insert(at + (word == "after"), Entry(checked(StageModel, plain), plain))
            settle_names(entries)
    return entries


def _target(entries: Sequence[Entry], edit: Entry, word: str) -> int:
    target = str(getattr(edit.model, word))
    names = [entry.name for entry in entries]
    former = [at for at, entry in enumerate(entries) if _former_name(entry) == target]
    if target not in names and len(former) == 1:
        return former[0]
    if target not in names:
        raise PresetError(
            f"no inherited stage {target!r}", where=edit.place(word), remedy=suggest(target, names)
        )
    return names.index(target)


def _former_name(entry: Entry) -> str | None:
    """Return what an LV2 stage of a family was called once: the fragment of its URI alone."""
    fragment = str(entry.model.lv2 or "").partition("#")[2].lower()
    return fragment if fragment and entry.name == entry.default_name else None


def _changed(entry: Entry, edit: Entry) -> Entry:
    """Return an inherited entry with an edit's values over its own."""
    item = edit.item.without("change").over(entry.item, ("params", "automation"))
    changed = Entry(checked(StageModel, item), item, "" if edit.model.name else entry.name)
    _refuse_foreign_keys(changed, changed.source)
    return changed

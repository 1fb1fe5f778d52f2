"""Find and load presets: by name, from the user's folder or the shipped ones, or by path."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from restorack.chains import Chain, ChainSettings, OutputSettings
from restorack.errors import PresetError, suggest
from restorack.presets.schema import OutputModel, PresetModel, check_output_words, checked
from restorack.presets.source import Item, parse_yaml, read_text
from restorack.presets.stages import Entry, add_entry, read_entry

SUFFIXES = (".yaml", ".yml")


@dataclass
class Resolved:
    """A preset with what it inherits."""

    model: PresetModel
    item: Item
    file: str
    entries: list[Entry]
    output: dict[str, Any]
    work_rate: Any


def user_folder() -> Path:
    """Return the user's preset folder: ``$XDG_CONFIG_HOME/restorack/presets``."""
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "restorack" / "presets"


def shipped_folder() -> Path:
    """Return the folder of the presets that come with restorack."""
    return Path(__file__).parent


def preset_files() -> dict[str, Path]:
    """Return the presets by name; the user's stand before shipped ones of the same name."""
    found: dict[str, Path] = {}
    for folder in (user_folder(), shipped_folder()):
        for suffix in SUFFIXES:
            for path in sorted(folder.glob(f"*{suffix}")):
                found.setdefault(path.stem, path)
    return found


def preset_names() -> list[str]:
    """Return the names of the presets that can be loaded, sorted."""
    return sorted(preset_files())


def find_preset(name_or_path: str | PathLike[str]) -> Path:
    """Return a preset's file.

    Parameters
    ----------
    name_or_path : str or path-like
        A name, or a path (it has a separator or ends in ``.yaml``).

    Raises
    ------
    PresetError
        Where there is none, with the nearest name.
    """
    text = os.fspath(name_or_path)
    if isinstance(name_or_path, Path) or os.sep in text or text.lower().endswith(SUFFIXES):
        path = Path(text).expanduser()
        if not path.is_file():
            raise PresetError("no such preset file", where=text)
        return path
    files = preset_files()
    if text not in files:
        raise PresetError(
            f"no preset {text!r}",
            rule=f"presets are found in {user_folder()} and among the shipped ones",
            remedy=suggest(text, files),
        )
    return files[text]


def load_preset(name_or_path: str | PathLike[str]) -> Chain:
    """Load a preset as a chain.

    Parameters
    ----------
    name_or_path : str or path-like
        A name such as ``78rpm-heavy``, or the path of a YAML file.

    Returns
    -------
    Chain
        Called like a Pedalboard: ``chain(audio, sample_rate)``. Working rate and output
        settings are in ``chain.settings``; rendering files uses them.

    Raises
    ------
    PresetError
        With file, line, rule and the nearest right spelling.
    """
    path = find_preset(name_or_path)
    return chain_from_text(read_text(path), str(path))


def chain_from_text(text: str, file: str = "preset") -> Chain:
    """Build a chain from a preset's text; ``file`` names it in errors and anchors its paths."""
    resolved = _resolve(text, file, [])
    output = _settings(resolved)
    work_rate: Any = "input" if resolved.work_rate is None else resolved.work_rate
    chain = Chain(
        settings=ChainSettings(
            resolved.model.name, resolved.model.description.strip(), work_rate, output
        )
    )
    for entry in resolved.entries:
        add_entry(chain, entry)
    return chain


def _resolve(text: str, file: str, ancestors: Sequence[str]) -> Resolved:
    item = parse_yaml(text, file)
    if not isinstance(item.value, dict):
        raise PresetError(
            "not a mapping", where=f"{file}:{item.line}", rule="a preset is a mapping"
        )
    model: PresetModel = checked(PresetModel, item, file)
    _check_rates(model, item, file)
    stage_items = item.value["stages"].value if "stages" in item.value else []
    entries = [read_entry(part, file) for part in stage_items]
    output = model.output.model_dump(exclude_unset=True) if model.output else {}
    if model.extends is None:
        _refuse_edits(entries)
        return Resolved(model, item, file, entries, output, model.work_rate)
    parent = _parent(model.extends, item, file, ancestors)
    return Resolved(
        model,
        item,
        file,
        _edited(parent.entries, entries),
        parent.output | output,
        parent.work_rate if model.work_rate is None else model.work_rate,
    )


def _check_rates(model: PresetModel, item: Item, file: str) -> None:
    rates: dict[tuple[str, ...], Any] = {("work_rate",): model.work_rate}
    if model.output is not None:
        rates["output", "sample_rate"] = model.output.sample_rate
        check_output_words(model.output, f"{file}:{item.position(['output', 'format'])[0]}")
    for path, rate in rates.items():
        if isinstance(rate, (int, float)) and not 1000 <= rate <= 768_000:
            raise PresetError(
                f"{path[-1]} = {rate}",
                where=f"{file}:{item.position(path)[0]}",
                rule="'input', or 1000 to 768000 Hz",
            )


def _parent(name: str, item: Item, file: str, ancestors: Sequence[str]) -> Resolved:
    where = f"{file}:{item.position(['extends'])[0]}"
    nearby = Path(file).parent / name
    try:
        path = nearby if nearby.suffix in SUFFIXES and nearby.is_file() else find_preset(name)
    except PresetError as error:
        raise PresetError(error.what, where=where, rule=error.rule, remedy=error.remedy) from error
    family = [*ancestors, str(Path(file).resolve())]
    if str(path.resolve()) in family:
        raise PresetError(f"{name!r} extends itself", where=where, rule="inheritance has an end")
    return _resolve(read_text(path), str(path), family)


def _refuse_edits(entries: Sequence[Entry]) -> None:
    for entry in entries:
        if entry.edit is not None:
            raise PresetError(
                f"{entry.edit!r} in a preset that extends nothing",
                where=entry.where,
                remedy="add `extends: NAME`",
            )


def _edited(inherited: Sequence[Entry], edits: Sequence[Entry]) -> list[Entry]:
    """Apply edits by name to inherited entries; stages without an edit are appended."""
    entries = list(inherited)
    for edit in edits:
        word = edit.edit
        if word is None:
            entries.append(edit)
            continue
        target = str(getattr(edit.model, word))
        names = _names(entries)
        if target not in names:
            raise PresetError(
                f"no inherited stage {target!r}",
                where=edit.place(word),
                remedy=suggest(target, names),
            )
        at = names.index(target)
        if word == "remove":
            del entries[at]
        elif word == "change":
            entries[at] = _changed(entries[at], edit)
        else:
            entries.insert(at + (word == "after"), edit)
    return entries


def _changed(entry: Entry, edit: Entry) -> Entry:
    """Return an inherited entry with an edit's values over its own."""
    update = edit.model.model_dump(exclude_unset=True, exclude={"change"})
    for mapping in ("params", "automation"):
        if mapping in update:
            update[mapping] = {**(getattr(entry.model, mapping) or {}), **update[mapping]}
    changed = Entry(entry.model.model_copy(update=update), edit.item, edit.file)
    if entry.source == "parallel":
        changed.item.value["parallel"] = entry.item.value["parallel"]
    return changed


def _names(entries: Sequence[Entry]) -> list[str]:
    """Return the names that the stages of these entries will have."""
    names: list[str] = []
    for entry in entries:
        base = entry.model.name or entry.default_name
        name, turn = base, 1
        while name in names:
            turn += 1
            name = f"{base}_{turn}"
        names.append(name)
    return names


def _settings(resolved: Resolved) -> OutputSettings:
    output = OutputModel.model_validate(resolved.output)
    check_output_words(output, resolved.file)
    values = output.model_dump()
    values["format"] = output.format.lower()
    values["subtype"] = output.subtype.upper()
    return OutputSettings(**values)

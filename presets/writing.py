"""From a chain back to a preset's text."""

from __future__ import annotations

import base64
import io
import os
from dataclasses import fields
from os import PathLike
from pathlib import Path
from typing import Any

from restorack.chains import Chain, OutputSettings, Parallel
from restorack.chains.native_parameters import IMPULSE, PREFIX, native_defaults, native_values
from restorack.chains.slot import Slot, unique_name
from restorack.config.yaml_source import parse_yaml
from restorack.core.processor import Processor
from restorack.core.registry import registered_name
from restorack.errors import PresetError
from restorack.hosting.parameters.states import read_state
from restorack.hosting.spec import BY_PATH, PluginSpec
from restorack.hosting.stage import HostedPlugin
from restorack.io.atomic import write_whole
from restorack.io.output_formats import OUTPUT_FORMATS
from restorack.presets.entries import free_name, read_entry
from restorack.presets.schema import FORMAT, PresetModel, checked


def dump_preset(chain: Chain, folder: str | PathLike[str] | None = None) -> str:
    """Return a chain as a preset's YAML text.

    Parameters
    ----------
    chain : Chain
    folder : path-like, optional
        Where the text will be saved: paths below it are written relative to it. States and Faust
        programs elsewhere are written out, since no preset may name files there; paths of plugins
        and audio are whole. By default paths are written as the chain holds them.

    Returns
    -------
    str
        Parameters that were given or that differ from their defaults, names and settings that
        differ from theirs: loading it and writing it again gives the same text.

    Raises
    ------
    PresetError
        For a stage, a name or a setting that a preset cannot hold.
    """
    from ruamel.yaml import YAML

    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = None
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    writer.width = 100
    stream = io.StringIO()
    writer.dump(_document(chain, None if folder is None else Path(folder)), stream)
    text = stream.getvalue()
    where = f"the chain {chain.settings.name!r} as a preset"
    _verify(text, where)
    return text


def _verify(text: str, where: str) -> None:
    """Refuse what the loader would refuse, before anything is saved."""
    item = parse_yaml(text, where)
    checked(PresetModel, item)
    for entry in item.value["stages"].value:
        read_entry(entry)


def save_preset(chain: Chain, path: str | PathLike[str], *, force: bool = False) -> None:
    """Write a chain to a preset file, which appears whole or not at all.

    Raises
    ------
    PresetError
        For a chain that a preset cannot hold.
    FileError
        For a file that exists (without ``force``) or cannot be written.
    """
    write_whole(path, dump_preset(chain, Path(path).parent).encode(), force=force)


def _document(chain: Chain, folder: Path | None) -> dict[str, Any]:
    settings = chain.settings
    document: dict[str, Any] = {"format": FORMAT, "name": settings.name or "untitled"}
    if settings.description.strip():
        document["description"] = settings.description.strip()
    if settings.work_rate != "input":
        document["work_rate"] = _number(settings.work_rate)
    document["stages"] = stage_list(chain, folder)
    output = _output(settings.output)
    if output:
        document["output"] = output
    if settings.advice:
        document["advice"] = [
            _plain({"when": dict(rule.when), "because": rule.because, "weight": rule.weight})
            for rule in settings.advice
        ]
    return document


def stage_list(chain: Chain, folder: Path | None = None) -> list[dict[str, Any]]:
    """Return a chain's stages as a preset lists them."""
    names: list[str] = []
    entries = []
    for slot in chain.slots:
        if slot.is_empty:
            continue
        entries.append(_entry(slot, names, folder))
        names.append(slot.name)
    return entries


def _entry(slot: Slot, earlier: list[str], folder: Path | None) -> dict[str, Any]:
    stage: Any = slot.stage
    default_name = unique_name(stage, earlier)
    entry: dict[str, Any]
    if isinstance(stage, HostedPlugin):
        entry = _hosted(stage, folder)
        if "code" in (entry.get("faust") or {}):  # its file's name is not written
            default_name = free_name("faust", earlier)
    elif isinstance(stage, Parallel):
        entry = {"parallel": [stage_list(branch, folder) for branch in stage.branches]}
        if any(stage.gains_db):
            entry["gains_db"] = [_number(gain) for gain in stage.gains_db]
    elif isinstance(stage, Chain):
        entry = {"parallel": [stage_list(stage, folder)]}  # a mix of one branch
        default_name = free_name("parallel", earlier)
    elif isinstance(stage, Processor):
        entry = _processor(stage, slot, folder)
    else:
        entry = _native(stage, slot, folder)
    if slot.name != default_name:
        entry["name"] = slot.name
    if slot.bypass:
        entry["enabled"] = False
    entry["on"] = slot.on
    kept = {key: _plain(value) for key, value in entry.items() if value not in ({}, None)}
    if set(kept) <= {"stage", "params"} and "stage" in kept:
        return {kept["stage"]: kept.get("params", {})}
    return kept


def _processor(stage: Processor, slot: Slot, folder: Path | None) -> dict[str, Any]:
    declared, changed = type(stage).parameters, stage.changed_values()
    params = {
        name: _path(value, folder) if declared[name].names_file(value) else value
        for name, value in stage.values().items()
        if name in changed or name in slot.given
    }
    return {
        "stage": registered_name(type(stage)),
        "params": params,
        "automation": stage.automation,
    }


def _native(plugin: Any, slot: Slot, folder: Path | None) -> dict[str, Any]:
    cls = type(plugin)
    defaults, values = native_defaults(cls), native_values(plugin)
    if IMPULSE in values:
        if values[IMPULSE] is None:
            raise PresetError(
                f"{PREFIX}{cls.__name__} cannot be written",
                rule="its impulse response is no file",
            )
        values[IMPULSE] = _path(values[IMPULSE], folder)
    kept = {n: _short(v) for n, v in values.items() if v != defaults.get(n) or n in slot.given}
    tracks = {name: track.breakpoints for name, track in slot.native_automation.items()}
    return {"stage": PREFIX + cls.__name__, "params": kept, "automation": tracks}


def _hosted(plugin: HostedPlugin, folder: Path | None) -> dict[str, Any]:
    spec = plugin.given
    reference: Any = spec.reference
    if spec.kind == "faust":
        reference = _program(plugin, folder)
    elif spec.kind in BY_PATH and os.sep in spec.reference:
        reference = _path(spec.reference, folder)
    if spec.plugin is not None:
        reference = {"path": reference, "name": spec.plugin}
    return {
        spec.kind: reference,
        "params": dict(spec.params),
        "state": _state(spec, folder),
        "program": spec.program,
        "timeout_s": spec.timeout_s,
        "sidechain": spec.sidechain,
        "latency_samples": spec.latency_samples,
        "tail_seconds": spec.tail_seconds,
        "band": spec.band,
        "automation": dict(spec.automation),
        "optional": True if spec.optional else None,
    }


def _state(spec: PluginSpec, folder: Path | None) -> Any:
    if spec.state_base64 is not None:
        return {"base64": spec.state_base64}
    if spec.state is None or folder is None or _inside(spec.state, folder):
        return None if spec.state is None else _path(spec.state, folder)
    return {"base64": base64.b64encode(read_state(spec)).decode()}  # no preset may name it there


def _program(plugin: HostedPlugin, folder: Path | None) -> dict[str, str]:
    """Return a Faust program: its file where a preset may name that, else its whole text."""
    given, imports = plugin.given, plugin.spec.imports
    if given.file is not None and (folder is None or _inside(given.file, folder)):
        return {"file": _path(given.file, folder)}
    moved = folder is not None and bool(given.file or imports)
    return {"code": plugin.spec.reference if moved else given.reference}


def _path(path: str, folder: Path | None) -> str:
    """Return a path as a preset in a folder writes it."""
    if folder is None:
        return path
    whole, home = Path(path).absolute(), folder.absolute()
    return str(whole.relative_to(home)) if whole.is_relative_to(home) else str(whole)


def _inside(path: str, folder: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def _output(output: OutputSettings) -> dict[str, Any]:
    default = OutputSettings()
    written = {
        field.name: _plain(getattr(output, field.name))
        for field in fields(output)
        if getattr(output, field.name) != getattr(default, field.name)
    }
    form = OUTPUT_FORMATS.get(output.format.upper())
    if form is not None and output.subtype.upper() == form.subtypes[0]:
        written.pop("subtype", None)
    return written


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if hasattr(value, "item"):  # a number of numpy's
        value = value.item()
    return _number(value) if isinstance(value, float) else value


def _number(value: Any) -> Any:
    """Return 60.0 as 60, and others as they are."""
    if isinstance(value, float) and value == int(value) and abs(value) < 2**53:
        return int(value)
    return value


def _short(value: Any) -> Any:
    """Return a native effect's float32 by its shortest digits: 0.1, not 0.10000000149."""
    import numpy as np

    return float(str(np.float32(value))) if isinstance(value, float) else value

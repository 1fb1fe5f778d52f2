"""From a chain back to a preset's text."""

from __future__ import annotations

import io
import os
import tempfile
from dataclasses import fields
from os import PathLike
from pathlib import Path
from typing import Any

from restorack.chains import Chain, OutputSettings, Parallel
from restorack.chains.native_parameters import PREFIX, native_values
from restorack.chains.slot import Slot, unique_name
from restorack.contract.processor import Processor
from restorack.contract.registry import registered_name
from restorack.errors import FileError, PresetError
from restorack.hosting.stage import HostedPlugin
from restorack.presets.schema import FORMAT


def dump_preset(chain: Chain) -> str:
    """Return a chain as a preset's YAML text.

    Names, parameters and settings are written where they differ from their defaults, so that
    the text of a loaded text of this form is the same text.

    Raises
    ------
    PresetError
        For a stage that a preset cannot name, such as an unregistered class.
    """
    from ruamel.yaml import YAML

    settings = chain.settings
    document: dict[str, Any] = {"format": FORMAT, "name": settings.name or "untitled"}
    if settings.description:
        document["description"] = settings.description
    if settings.work_rate != "input":
        document["work_rate"] = _number(settings.work_rate)
    document["stages"] = _stage_list(chain)
    output = _output(settings.output)
    if output:
        document["output"] = output
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = None
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    writer.width = 100
    stream = io.StringIO()
    writer.dump(document, stream)
    return stream.getvalue()


def save_preset(chain: Chain, path: str | PathLike[str], *, force: bool = False) -> None:
    """Write a chain to a preset file, which appears whole or not at all.

    Raises
    ------
    FileError
        For a file that exists (without ``force``) or cannot be written.
    """
    target, text = Path(path), dump_preset(chain)
    if target.exists() and not force:
        raise FileError("the file exists", where=str(target), remedy="choose another name")
    try:
        with tempfile.NamedTemporaryFile(
            "w", dir=target.parent, prefix=".restorack-", delete=False, encoding="utf-8"
        ) as file:
            file.write(text)
        os.replace(file.name, target)
    except OSError as error:
        reason = error.strerror or str(error)
        raise FileError(f"cannot be written: {reason}", where=str(target)) from error


def _stage_list(chain: Chain) -> list[dict[str, Any]]:
    names: list[str] = []
    entries = []
    for slot in chain.slots:
        entries.append(_entry(slot, names))
        names.append(slot.name)
    return entries


def _entry(slot: Slot, earlier: list[str]) -> dict[str, Any]:
    stage: Any = slot.stage
    entry: dict[str, Any]
    if isinstance(stage, HostedPlugin):
        entry = _hosted(stage)
    elif isinstance(stage, Parallel):
        entry = {"parallel": [_stage_list(branch) for branch in stage.branches]}
        if any(stage.gains_db):
            entry["gains_db"] = [_number(gain) for gain in stage.gains_db]
    elif isinstance(stage, Chain):
        entry = {"parallel": [_stage_list(stage)]}  # a nested chain is a mix of one branch
    elif isinstance(stage, Processor):
        entry = {"stage": registered_name(type(stage)), "params": stage.changed_values()}
        entry["automation"] = stage.automation
    else:
        entry = _native(stage, slot)
    if slot.name != unique_name(stage, earlier):
        entry["name"] = slot.name
    if not slot.enabled:
        entry["enabled"] = False
    kept = {key: _plain(value) for key, value in entry.items() if value not in ({}, None)}
    if set(kept) <= {"stage", "params"} and "stage" in kept:
        return {kept["stage"]: kept.get("params", {})}
    return kept


def _native(plugin: Any, slot: Slot) -> dict[str, Any]:
    cls = type(plugin)
    try:
        defaults = native_values(cls())
    except TypeError as error:
        raise PresetError(
            f"{PREFIX}{cls.__name__} cannot be written", rule="its data are not in its attributes"
        ) from error
    values = native_values(plugin)
    changed = {n: _short(v) for n, v in values.items() if v != defaults.get(n)}
    tracks = {name: track.breakpoints for name, track in slot.native_automation.items()}
    return {"stage": PREFIX + cls.__name__, "params": changed, "automation": tracks}


def _hosted(plugin: HostedPlugin) -> dict[str, Any]:
    spec = plugin.given
    reference: Any = spec.reference
    if spec.kind == "faust":
        reference = {"file": spec.file} if spec.file else {"code": spec.reference}
    return {
        spec.kind: reference,
        "params": dict(spec.params),
        "state": spec.state,
        "automation": dict(spec.automation),
        "optional": True if spec.optional else None,
    }


def _output(output: OutputSettings) -> dict[str, Any]:
    default = OutputSettings()
    return {
        field.name: _plain(getattr(output, field.name))
        for field in fields(output)
        if getattr(output, field.name) != getattr(default, field.name)
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
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

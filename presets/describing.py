"""What a preset is, in words and JSON-ready values."""

from __future__ import annotations

from dataclasses import asdict
from os import PathLike
from typing import Any

from restorack.config.yaml_source import read_text
from restorack.presets.finding import find_preset, shipped_folders, user_folder
from restorack.presets.loader import build, resolve
from restorack.presets.writing import stage_list


def describe_preset(name_or_path: str | PathLike[str]) -> dict[str, Any]:
    """Return what a preset is and holds.

    Parameters
    ----------
    name_or_path : str or path-like
        A name, or the path of a YAML file.

    Returns
    -------
    dict
        ``name``, ``description``, ``path``, ``origin`` (shipped, user or file), ``extends``
        (None where it inherits nothing), ``work_rate``, ``stages`` (each as a preset writes it,
        with its ``name``, and ``missing`` where an optional plugin is not installed) and
        ``output``.

    Raises
    ------
    PresetError
        As of :func:`~restorack.presets.load_preset`.
    """
    path = find_preset(name_or_path)
    resolved = resolve(read_text(path), str(path))
    chain, _ = build(resolved)
    origins = dict.fromkeys(shipped_folders().values(), "shipped") | {user_folder(): "user"}
    stages = []
    for slot, entry in zip(chain.slots, stage_list(chain), strict=True):
        if len(entry) == 1 and "." in next(iter(entry)):
            [(stage, params)] = entry.items()
            entry = {"stage": stage, "params": params}  # noqa: PLW2901  its long form
        stages.append({"name": slot.name, **entry, **({"missing": True} if slot.missing else {})})
    return {
        "name": chain.settings.name,
        "description": chain.settings.description,
        "path": str(path),
        "origin": origins.get(path.parent, "file"),
        "extends": resolved.model.extends,
        "work_rate": chain.settings.work_rate,
        "stages": stages,
        "output": asdict(chain.settings.output),
    }

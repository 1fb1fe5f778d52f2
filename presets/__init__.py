"""Presets: named chains in YAML, their schema and loader.

The public names are loaded when they are first used: to list presets takes no stage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from restorack.lazy_names import importer

if TYPE_CHECKING:
    from restorack.presets.advice.step import Step
    from restorack.presets.advice.suggesting import Advice, Suggestion, advise
    from restorack.presets.describing import describe_preset
    from restorack.presets.finding import find_preset, preset_files, preset_names, user_folder
    from restorack.presets.json_schema import preset_json_schema
    from restorack.presets.listing import ListedPreset, list_presets
    from restorack.presets.loader import chain_from_text, check_preset, load_preset
    from restorack.presets.overrides import (
        apply_settings,
        chain_from_stages,
        defer_checks,
        find_slot,
        set_parameter,
    )
    from restorack.presets.writing import dump_preset, save_preset

_HOMES = {
    "advice.step": ("Step",),
    "advice.suggesting": ("Advice", "Suggestion", "advise"),
    "describing": ("describe_preset",),
    "finding": ("find_preset", "preset_files", "preset_names", "user_folder"),
    "json_schema": ("preset_json_schema",),
    "listing": ("ListedPreset", "list_presets"),
    "loader": ("chain_from_text", "check_preset", "load_preset"),
    "overrides": (
        "apply_settings", "chain_from_stages", "defer_checks", "find_slot", "set_parameter",
    ),
    "writing": ("dump_preset", "save_preset"),
}  # fmt: skip
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Advice",
    "ListedPreset",
    "Step",
    "Suggestion",
    "advise",
    "apply_settings",
    "chain_from_stages",
    "chain_from_text",
    "check_preset",
    "defer_checks",
    "describe_preset",
    "dump_preset",
    "find_preset",
    "find_slot",
    "list_presets",
    "load_preset",
    "preset_files",
    "preset_json_schema",
    "preset_names",
    "save_preset",
    "set_parameter",
    "user_folder",
]

__getattr__ = importer(__name__, {name: f"{__name__}.{home}" for name, home in _HOME_OF.items()})

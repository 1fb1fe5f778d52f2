"""Presets: named chains in YAML, their schema and loader."""

from restorack.presets.advice import Advice, Suggestion, advise
from restorack.presets.describing import describe_preset
from restorack.presets.finding import find_preset, preset_files, preset_names, user_folder
from restorack.presets.json_schema import preset_json_schema
from restorack.presets.loader import chain_from_text, check_preset, load_preset
from restorack.presets.overrides import (
    apply_settings,
    chain_from_stages,
    defer_checks,
    find_slot,
    set_parameter,
)
from restorack.presets.writing import dump_preset, save_preset

__all__ = [
    "Advice",
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
    "load_preset",
    "preset_files",
    "preset_json_schema",
    "preset_names",
    "save_preset",
    "set_parameter",
    "user_folder",
]

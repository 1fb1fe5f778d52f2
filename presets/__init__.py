"""Presets: named chains in YAML, their schema and loader."""

from restorack.presets.loader import (
    chain_from_text,
    find_preset,
    load_preset,
    preset_files,
    preset_names,
    user_folder,
)
from restorack.presets.overrides import apply_settings, chain_from_stages, set_parameter
from restorack.presets.schema import preset_json_schema
from restorack.presets.writing import dump_preset, save_preset

__all__ = [
    "apply_settings",
    "chain_from_stages",
    "chain_from_text",
    "dump_preset",
    "find_preset",
    "load_preset",
    "preset_files",
    "preset_json_schema",
    "preset_names",
    "save_preset",
    "set_parameter",
    "user_folder",
]

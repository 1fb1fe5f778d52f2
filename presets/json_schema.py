"""The JSON schema of presets, for editors: it knows every stage and its parameters."""

from __future__ import annotations

import copy
from typing import Any

from restorack.chains.native_parameters import native_class, native_defaults, native_names
from restorack.core.registry import processor_class, processor_names
from restorack.presets.schema import EDITS, SOURCES, PresetModel, StageModel


def preset_json_schema() -> dict[str, Any]:
    """Return the JSON schema of presets (draft 2020-12).

    The parameters of every registered processor stand in it with their ranges, those of
    pedalboard's effects with their types. Plugins' parameters are known to the plugins alone.
    """
    schema = PresetModel.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    stage = StageModel.model_json_schema()
    schema["$defs"] |= stage.pop("$defs")
    stages = {name: _processor(name) for name in processor_names()}
    stages |= {name: _native(name) for name in native_names()}
    items = {"type": "array", "items": {"$ref": "#/$defs/Stage"}}
    stage["properties"]["parallel"] = {"type": "array", "items": items, "minItems": 1}
    bare = {"enum": [*stages]}
    schema["$defs"]["Stage"] = {"anyOf": [bare, _short_form(stages), *_long_forms(stage, stages)]}
    schema["properties"]["stages"] = items | {"description": "the stages in order"}
    return schema


def _short_form(stages: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "properties": {
            name: {"anyOf": [params, {"type": "null"}]} for name, params in stages.items()
        },
        "additionalProperties": False,
    }


def _long_forms(stage: dict[str, Any], stages: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a form for each stage by name, and one for whatever has no name here."""
    forms = []
    for name, params in stages.items():
        form = copy.deepcopy(stage)
        form["title"] = name
        form["required"] = ["stage"]
        form["properties"]["stage"] = {"const": name}
        form["properties"]["params"] = {"anyOf": [params, {"type": "null"}]}
        forms.append(form)
    other = copy.deepcopy(stage)
    del other["properties"]["stage"]
    named = [word for word in (*SOURCES, *EDITS) if word not in ("stage", "before", "after")]
    other["anyOf"] = [{"required": [word]} for word in named]
    return [*forms, other]


def _processor(name: str) -> dict[str, Any]:
    parameters = processor_class(name).parameters
    properties = {
        key: parameter.json_schema()
        | {"default": parameter.default, "description": parameter.description}
        for key, parameter in parameters.items()
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _native(name: str) -> dict[str, Any]:
    types = {bool: "boolean", str: "string"}
    properties = {
        key: {"type": types.get(type(default), "number"), "default": default}
        for key, default in native_defaults(native_class(name)).items()
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}

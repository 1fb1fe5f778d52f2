"""The schema of presets: what may stand where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from restorack.audio.targets import OUTPUT_FORMATS
from restorack.errors import PresetError, suggest
from restorack.presets.source import Item

FORMAT = 1
EDITS = ("change", "before", "after", "remove")
SOURCES = ("stage", "vst3", "lv2", "faust", "parallel")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)


class FaustModel(_Strict):
    """A Faust program: its code, or the file that holds it."""

    code: str | None = None
    file: str | None = None


class StageModel(_Strict):
    """A stage in its long form, or an edit of an inherited one."""

    stage: str | None = Field(None, description="A processor (restorack.X) or pedalboard.X.")
    vst3: str | None = Field(None, description="A VST3's name or path.")
    lv2: str | None = Field(None, description="An LV2 plugin's URI.")
    faust: FaustModel | None = Field(None, description="A Faust program.")
    parallel: list[list[dict[str, Any]]] | None = Field(None, description="Branches to mix.")
    gains_db: list[float] | None = Field(None, description="One gain per branch.")
    name: str | None = Field(None, pattern=r"^[A-Za-z0-9_+-]+$")
    enabled: bool | None = None
    params: dict[str, float | int | bool | str] | None = None
    automation: dict[str, list[list[float | int]]] | None = None
    state: str | None = Field(None, description="Path of a .vstpreset or a raw state.")
    optional: bool | None = None
    change: str | None = Field(None, description="Edit the inherited stage of this name.")
    before: str | None = Field(None, description="Insert before the inherited stage.")
    after: str | None = Field(None, description="Insert after the inherited stage.")
    remove: str | None = Field(None, description="Remove the inherited stage.")


class OutputModel(_Strict):
    """The output file."""

    sample_rate: float | int | Literal["input"] = "input"
    format: str = "wav"
    subtype: str = "PCM_24"
    dither: Literal["triangular", "none"] = "triangular"
    ceiling_dbtp: float | int | None = Field(None, ge=-60, le=0)
    mix: float | int = Field(1.0, ge=0, le=1)
    gain_db: float | int = Field(0.0, ge=-60, le=60)


class PresetModel(_Strict):
    """A preset."""

    format: Literal[1]
    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]*$")
    description: str = ""
    extends: str | None = None
    work_rate: float | int | Literal["input"] | None = None
    stages: list[Any] = Field(default_factory=list)
    output: OutputModel | None = None


def preset_json_schema() -> dict[str, Any]:
    """Return the JSON schema of presets, for editors."""
    schema = PresetModel.model_json_schema()
    schema["$defs"]["StageModel"] = StageModel.model_json_schema()
    return schema


def checked(model: type[BaseModel], item: Item, file: str) -> Any:
    """Validate a part of a tree, or raise :class:`PresetError` with file, line and remedy."""
    try:
        return model.model_validate(item.plain())
    except ValidationError as error:
        raise _first_error(model, item, file, error) from error


def _first_error(
    model: type[BaseModel], item: Item, file: str, error: ValidationError
) -> PresetError:
    found = error.errors()[0]
    path = [part for part in found["loc"] if isinstance(part, (str, int))]
    line, column = item.position(path)
    where = f"{file}:{line}:{column}"
    key = str(path[-1]) if path else ""
    if found["type"] == "extra_forbidden":
        fields = _fields_at(model, path[:-1])
        return PresetError(f"unknown key {key!r}", where=where, remedy=suggest(key, fields))
    if found["type"] == "missing":
        return PresetError(f"{key!r} is missing", where=where, rule=f"a preset has {key}")
    shown = [str(part) for part in path if not _is_type_name(str(part))]
    return PresetError(
        f"{'.'.join(shown)} = {found['input']!r}", where=where, rule=found["msg"].lower()
    )


def _is_type_name(part: str) -> bool:
    return part in ("float", "int", "str", "bool") or part.startswith("literal[")


def _fields_at(model: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    nested: dict[str, type[BaseModel]] = {"output": OutputModel, "faust": FaustModel}
    for part in path:
        model = nested.get(str(part), model)
    return list(model.model_fields)


def check_output_words(output: OutputModel, where: str) -> None:
    """Refuse a format or subtype that cannot be written."""
    form = OUTPUT_FORMATS.get(output.format.upper())
    if form is None:
        known = [name.lower() for name in OUTPUT_FORMATS]
        raise PresetError(
            f"format = {output.format!r}", where=where, remedy=suggest(output.format, known)
        )
    if output.subtype.upper() not in form.subtypes:
        raise PresetError(
            f"subtype = {output.subtype!r}",
            where=where,
            rule=f"{form.name} holds {', '.join(form.subtypes)}",
            remedy=suggest(output.subtype.upper(), form.subtypes),
        )

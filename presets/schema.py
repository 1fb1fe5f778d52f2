"""The schema of presets: what may stand where."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from restorack.config import validation
from restorack.config.yaml_source import Item
from restorack.errors import PresetError, suggest
from restorack.io.output_formats import OUTPUT_FORMATS, full_subtype

FORMAT = 1
"""Version of the file format; it grows when older versions of restorack cannot read a preset."""
EDITS = ("change", "before", "after", "remove")
SOURCES = ("stage", "vst3", "clap", "lv2", "faust", "parallel")
STAGE_NAME = r"^[^\s=,](?:[^=,\x00-\x1f\x7f]*[^\s=,])?$"

_RATE_RULE = "'input', or a rate from 1000 to 768000 Hz"
_NAME_RULE = "a text without commas and equals signs; quote what looks like a number"
Rate = Annotated[float, Field(ge=1000, le=768_000)] | Literal["input"]
Value = float | int | bool | str
Breakpoint = Annotated[list[float], Field(min_length=2, max_length=2)]
StageName = Annotated[str, Field(pattern=STAGE_NAME, max_length=100)]
DocumentName = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]*$",
        description="letters, digits and . _ + -; quote what looks like a number",
    ),
]


class StrictModel(BaseModel):
    """Every field's description is the rule that errors quote."""

    model_config = ConfigDict(extra="forbid", strict=True)


class FaustModel(StrictModel):
    """A Faust program: its code, or the file that holds it."""

    code: str | None = Field(None, description="a Faust program's text")
    file: str | None = Field(None, description="the path of a Faust program")


class BundleModel(StrictModel):
    """One of the plugins of a VST3 bundle or a CLAP file."""

    path: str = Field(description="the name or the path of a bundle or a file")
    name: str = Field(description="the name of one of the plugins that it holds")


class StateModel(StrictModel):
    """A plugin's state, written into the preset."""

    base64: str = Field(description="a .vstpreset, a raw state or an LV2 state in base64")


class StageModel(StrictModel):
    """A stage in its long form, or an edit of an inherited one."""

    stage: str | None = Field(None, description="restorack.NAME or pedalboard.NAME")
    vst3: str | BundleModel | None = Field(
        None, description="the name or the path of a VST3; of several in it {path: ..., name: ...}"
    )
    clap: str | BundleModel | None = Field(
        None, description="the name or the path of a CLAP; of several in it {path: ..., name: ...}"
    )
    lv2: str | None = Field(None, description="the URI of an LV2 plugin")
    faust: FaustModel | None = Field(None, description="{code: TEXT} or {file: PATH}")
    parallel: list[list[dict[str, Any] | str]] | None = Field(
        None, description="a list of branches, each a list of stages such as {restorack.Air: {}}"
    )
    gains_db: list[float] | None = Field(None, description="a list of numbers, one per branch")
    name: StageName | None = Field(None, description=_NAME_RULE)
    enabled: bool | None = Field(None, description="true or false")
    on: Literal["harmonic", "percussive", "voice"] | None = Field(
        None, description="harmonic, percussive or voice: the part that goes through the stage"
    )
    params: dict[str, Value] | None = Field(
        None, description="a mapping of parameters to numbers, words, true or false"
    )
    automation: dict[str, list[Breakpoint]] | None = Field(
        None, description="a mapping of parameters to lists of [seconds, value]"
    )
    state: str | StateModel | None = Field(
        None,
        description="the path of a .vstpreset, a raw or an LV2 state, or {base64: TEXT}",
    )
    program: str | int | None = Field(
        None, description="the name of one of the plugin's programs, or its number from 1"
    )
    timeout_s: float | None = Field(
        None, gt=0, le=86_400, description="seconds up to 86400 that the plugin has to answer"
    )
    latency_samples: int | None = Field(
        None, ge=0, le=1_000_000, description="samples by which its output lags, up to 1000000"
    )
    tail_seconds: float | None = Field(
        None, ge=0, le=3600, description="seconds that it rings on, up to 3600; 0: no hint of it"
    )
    band: int | None = Field(
        None, ge=1, le=256, description="which part a crossover gives, a whole number from 1"
    )
    sidechain: str | None = Field(None, description="the name of a stem or a bus of a session")
    optional: bool | None = Field(None, description="true or false")
    change: str | None = Field(None, description="the name of an inherited stage")
    before: str | None = Field(None, description="the name of an inherited stage")
    after: str | None = Field(None, description="the name of an inherited stage")
    remove: str | None = Field(None, description="the name of an inherited stage")


class OutputModel(StrictModel):
    """The output file."""

    sample_rate: Rate = Field("input", description=_RATE_RULE)
    format: str = Field(
        "wav", description=f"one of {', '.join(name.lower() for name in OUTPUT_FORMATS)}"
    )
    subtype: str | None = Field(None, description="a sample format such as PCM_24 or FLOAT")
    dither: Literal["triangular", "none"] = Field("triangular", description="triangular or none")
    ceiling_dbtp: float | None = Field(
        None, ge=-60, le=0, description="a true peak from -60 to 0 dB"
    )
    mix: float = Field(1.0, ge=0, le=1, description="a number from 0 to 1")
    gain_db: float = Field(0.0, ge=-60, le=60, description="a number from -60 to 60 dB")

    @field_validator("format")
    @classmethod
    def _in_lower_case(cls, value: str) -> str:
        return value.lower()

    @field_validator("subtype")
    @classmethod
    def _in_upper_case(cls, value: str | None) -> str | None:
        return None if value is None else full_subtype(value)


class LimitsModel(StrictModel):
    """Limits of a figure; one that was not found keeps none."""

    at_least: float | None = Field(None, description="a number, the least that fits")
    below: float | None = Field(None, description="a number that fits no more")


Wanted = LimitsModel | bool | str | float | list[str | float]


class AdviceModel(StrictModel):
    """When a preset fits a recording."""

    when: dict[str, Wanted] = Field(
        description="a mapping of figures of an analysis to a word, a list of words, true, false "
        "or {at_least: NUMBER, below: NUMBER}"
    )
    because: str = Field(description="a text, in which {FIGURE} stands for a figure")
    weight: float = Field(50.0, ge=0, le=100, description="a number from 0 to 100")


class PresetModel(StrictModel):
    """A preset."""

    format: Annotated[int, Field(ge=FORMAT, le=FORMAT)] = Field(
        description=f"{FORMAT}, the version of presets that this restorack reads"
    )
    name: DocumentName
    description: str = Field("", description="a text")
    extends: str | None = Field(None, description="the name or the path of a preset")
    work_rate: Rate | None = Field(None, description=_RATE_RULE)
    stages: list[Any] = Field(default_factory=list, description="a list of stages")
    output: OutputModel | None = Field(None, description="a mapping, such as {subtype: PCM_16}")
    advice: list[AdviceModel] = Field(
        default_factory=list, description="a list of {when: {...}, because: TEXT, weight: NUMBER}"
    )


def checked(model: type[BaseModel], item: Item) -> Any:
    """Validate a part of a tree, or raise :class:`PresetError` with its place and a remedy."""
    return validation.checked(model, item, PresetError, what="a stage")


def checked_output(item: Item) -> OutputModel:
    """Validate what a preset and its ancestors say of the output; the subtype is settled."""
    output: OutputModel = checked(OutputModel, item)
    known = {name.lower(): form for name, form in OUTPUT_FORMATS.items()}
    if output.format not in known:
        raise PresetError(
            f"format = {output.format!r}",
            where=str(item.place(["format"])),
            rule=f"format is {OutputModel.model_fields['format'].description}",
            remedy=suggest(output.format, known),
        )
    form = known[output.format]
    subtype = output.subtype or form.subtypes[0]
    if subtype not in form.subtypes:
        raise PresetError(
            f"subtype = {output.subtype!r}",
            where=str(item.place(["subtype"])),
            rule=f"{form.name} holds {', '.join(form.subtypes)}",
            remedy=suggest(subtype, form.subtypes),
        )
    return output.model_copy(update={"subtype": subtype})

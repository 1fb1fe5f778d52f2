"""The schema of sessions: what may stand where."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from restorack.presets.schema import DocumentName, StageName, StrictModel, Value

FORMAT = 1
"""Version of the file format; it grows when older versions of restorack cannot read a session."""
MASTER = "master"
SIDES = Literal["constant_power", "compromise", "linear"]

_TIME_RULE = "seconds, or a text such as '1:30', '8 beats', 'bar 5' or '44100 samples'"
_POINTS_RULE = (
    "a mapping of gain_db, pan or STAGE.PARAMETER to lists of [time, value]; times are seconds, "
    "'1:30', '8 beats', 'bar 5' or '44100 samples' of the session"
)
Time = float | str
Point = Annotated[list[Value], Field(min_length=2, max_length=2)]


class SendModel(StrictModel):
    """A send of a stem or a bus."""

    to: str = Field(description="the name of a bus")
    gain_db: float = Field(0.0, ge=-120, le=60, description="a number from -120 to 60 dB")
    pre: bool = Field(
        False, description="true (before the fader, after the pan) or false (after both)"
    )


class StripModel(StrictModel):
    """What stems, buses and the master have in common."""

    preset: str | None = Field(None, description="the name or the path of a preset")
    stages: list[Any] | None = Field(None, description="a list of stages, as a preset has it")
    set: dict[str, Value] | None = Field(
        None, description="a mapping such as {declicker.mix: 0.5}: STAGE.PARAMETER to a value"
    )
    bypass: list[str] | None = Field(None, description="a list of stages' names")
    gain_db: float = Field(0.0, ge=-120, le=60, description="a number from -120 to 60 dB")
    automation: dict[str, list[Point]] | None = Field(None, description=_POINTS_RULE)


class BusModel(StripModel):
    """A bus: the sum of what is sent to it, through its chain."""

    name: StageName = Field(description="a text without commas and equals signs")
    pan: float = Field(0.0, ge=-1, le=1, description="a number from -1 (left) to 1 (right)")
    mute: bool = Field(False, description="true or false")
    solo: bool = Field(False, description="true or false")
    output: str = Field(MASTER, description="the name of a bus, or master")
    sends: list[SendModel] | None = Field(
        None, description="a list such as [{to: room, gain_db: -12, pre: false}]"
    )


class StemModel(BusModel):
    """A stem: a file with its place in the session."""

    name: StageName | None = Field(  # type: ignore[assignment]
        None, description="a text without commas and equals signs; the file's name without it"
    )
    file: str = Field(description="the path of an audio file; relative ones count from here")
    start: Time = Field(0.0, description=_TIME_RULE)
    tail_seconds: float | None = Field(
        None, ge=0, le=3600, description="0 to 3600 seconds of silence, for reverberation"
    )


class MasterModel(StripModel):
    """The master: the sum of what goes there, through its chain."""


class SessionOutputModel(StrictModel):
    """The mix's file."""

    format: str = Field("wav", description="a format such as wav or flac")
    subtype: str | None = Field(None, description="a sample format such as PCM_24 or FLOAT")
    dither: Literal["triangular", "none"] = Field("triangular", description="triangular or none")
    ceiling_dbtp: float | None = Field(
        None, ge=-60, le=0, description="a true peak from -60 to 0 dB"
    )


class SessionModel(StrictModel):
    """A session."""

    format: Annotated[int, Field(ge=FORMAT, le=FORMAT)] = Field(
        description=f"{FORMAT}, the version of sessions that this restorack reads"
    )
    name: DocumentName
    description: str = Field("", description="a text")
    sample_rate: Annotated[float, Field(ge=1000, le=768_000)] | None = Field(
        None, description="a rate from 1000 to 768000 Hz; without it the first stem's"
    )
    tempo: float | None = Field(None, gt=0, le=1000, description="beats per minute, up to 1000")
    beats_per_bar: int = Field(
        4, ge=1, le=64, description="a whole number from 1 to 64, for times in bars"
    )
    pan_law: SIDES = Field(
        "constant_power",
        description="constant_power (-3 dB in the middle), compromise (-4.5) or linear (-6)",
    )
    tail_seconds: float = Field(
        0.0, ge=0, le=3600, description="0 to 3600 seconds of silence, for reverberation"
    )
    stems: list[Any] = Field(min_length=1, description="a list of stems, one or more")
    buses: list[Any] = Field(default_factory=list, description="a list of buses")
    master: dict[str, Any] | None = Field(None, description="a mapping, such as {gain_db: -3}")
    output: dict[str, Any] | None = Field(None, description="a mapping, such as {subtype: PCM_16}")


def session_json_schema() -> dict[str, Any]:
    """Return the JSON schema of sessions (draft 2020-12), for editors."""
    from restorack.presets import preset_json_schema

    preset = preset_json_schema()
    schema = SessionModel.model_json_schema()
    schema["$schema"] = preset["$schema"]
    definitions: dict[str, Any] = preset["$defs"]
    for model in (StemModel, BusModel, MasterModel, SessionOutputModel):
        part = model.model_json_schema()
        definitions |= part.pop("$defs", {})
        if "stages" in part["properties"]:
            part["properties"]["stages"] = preset["properties"]["stages"]
        definitions[model.__name__] = part
    schema["$defs"] = definitions
    for key, name in (("stems", "StemModel"), ("buses", "BusModel")):
        schema["properties"][key]["items"] = {"$ref": f"#/$defs/{name}"}
    schema["properties"]["master"] = {"$ref": "#/$defs/MasterModel"}
    schema["properties"]["output"] = {"$ref": "#/$defs/SessionOutputModel"}
    return schema

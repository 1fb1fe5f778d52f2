"""What a sandbox child may answer, operation by operation.

A plugin shares the child's memory and may answer in its name. So every answer is checked before
anything is made of it: fields, types, ranges, and what they have to be for this request.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from restorack.config.validation import first_fault
from restorack.hosting.confine.policy import PARTS
from restorack.hosting.exchange.shape import Shape
from restorack.hosting.exchange.wording import shown
from restorack.hosting.wire import ERRORS, MalformedError

# Bounds of numbers in a child's answer, far beyond what is asked of it: arithmetic on them stays
# exact.
MOST_CHANNELS = 1 << 10
MOST_SAMPLES = 1 << 40
MOST_LATENCY = 1 << 26
"""Samples: a minute and more at any rate."""

MOST_ENTRIES = 1 << 16
"""Of a list."""

Text = Annotated[str, AfterValidator(lambda text: shown(text, 1000))]
Words = Annotated[str, Field(max_length=30_000), AfterValidator(shown)]
Channels = Annotated[int, Field(ge=0, le=MOST_CHANNELS)]
Samples = Annotated[int, Field(ge=0, le=MOST_SAMPLES)]
Latency = Annotated[int, Field(ge=0, le=MOST_LATENCY)]
Positive = Annotated[float, Field(ge=0)]


class _Answer(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class _Failure(_Answer):
    type: str
    what: Annotated[Words, Field(pattern=r"\S")]
    where: Words
    rule: Words
    remedy: Words


class _Failed(_Answer):
    error: _Failure


class _Ready(_Answer):
    ready: bool
    confined: dict[str, Literal["enforced", "not offered", "off"]]


class _Layout(_Answer):
    inputs: Channels
    outputs: Channels
    latency_samples: Latency


class _Parameter(_Answer):
    name: Text
    title: Text
    unit: Text
    range: Words
    minimum: float | None
    maximum: float | None
    choices: Annotated[list[Text], Field(max_length=MOST_ENTRIES)] | None
    default: Text
    current: Text
    is_meter: bool = False


class _Description(_Layout):
    kind: Literal["vst3", "clap", "lv2", "faust"]
    reference: str
    name: Text
    maker: Text | None = None
    version: Text | None = None
    programs: Annotated[list[Text], Field(max_length=MOST_ENTRIES)]
    parameters: Annotated[list[_Parameter], Field(max_length=MOST_ENTRIES)]


class _Names(_Answer):
    names: Annotated[list[Text], Field(max_length=MOST_ENTRIES)]


class _Program(_Answer):
    inputs: Channels
    outputs: Channels
    parameters: Annotated[list[_Parameter], Field(max_length=MOST_ENTRIES)]


class _State(_Answer):
    base64: Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]*={0,2}$")]


class _Nothing(_Answer):
    pass


class _Layouts(_Answer):
    inputs: Channels
    outputs: Channels
    sidechain_inputs: Channels
    accepted: Annotated[
        list[Annotated[list[Channels], Field(min_length=2, max_length=2)]], Field(max_length=1024)
    ]
    fed: Annotated[
        dict[
            Literal["1", "2", "6"],
            Literal["refused", "each on its own", "together", "mono in, stereo out"],
        ],
        Field(min_length=3),
    ]


class _MeasuredLatency(_Answer):
    rate: Positive
    reported: Latency
    measured: Latency | None
    silent: bool
    finite: bool


class _Tail(_Answer):
    idle_peak: Positive | None
    seconds: Positive | None


class _Determinism(_Answer):
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    instances_agree: bool
    reset_clears_graph: bool
    reset_clears_stream: bool | None
    hosts_agree: bool | None


class _Speed(_Answer):
    load_seconds: Positive
    times_real_time: Positive


class _Cleared(_Answer):
    cleared: bool


class _Settled(_Answer):
    settled: bool


class _Given(_Answer):
    channels: Channels
    samples: Samples


class _Finished(_Given):
    tail_peak: Positive


class _Rendered(_Finished):
    latency: Latency


class _Mixed(_Given):
    latencies: dict[str, Annotated[list[Latency], Field(min_length=2, max_length=2)]]


class _Opened(_Answer):
    latency: Latency


_MODELS: dict[str, type[_Answer]] = {
    "layout": _Layout,
    "describe": _Description,
    "plugins_in": _Names,
    "read_faust": _Program,
    "check": _Nothing,
    "save_state": _State,
    "probe layouts": _Layouts,
    "probe latency": _MeasuredLatency,
    "probe tail": _Tail,
    "probe determinism": _Determinism,
    "probe speed": _Speed,
    "prove": _Cleared,
    "settles": _Settled,
    "render": _Rendered,
    "mix": _Mixed,
    "open": _Opened,
    "push": _Given,
    "finish": _Finished,
}


def check_ready(answer: Mapping[str, Any]) -> dict[str, str]:
    """Return what a child says of its confinement when it begins.

    Raises
    ------
    MalformedError
        For anything but a status of every part.
    """
    found = _validated(_Ready, answer)["confined"]
    if answer["ready"] is not True or set(found) != set(PARTS):
        raise MalformedError("no status of every part of the sandbox")
    return dict(found)


def check_answer(
    request: Mapping[str, Any], answer: Mapping[str, Any], shape: Shape | None
) -> dict[str, Any]:
    """Return an answer to a request, checked; with ``error`` alone where the plugin failed.

    Parameters
    ----------
    request, answer : mapping
    shape : Shape or None
        Of the samples that have to come along, for operations that return some.

    Raises
    ------
    MalformedError
        Says what is wrong, in words of ours alone.
    """
    if "error" in answer:
        failed = _validated(_Failed, answer)
        if failed["error"]["type"] not in ERRORS:
            raise MalformedError("an error of a kind that plugins have not")
        return failed
    operation = request["do"] + (f" {request['what']}" if request["do"] == "probe" else "")
    checked = _validated(_MODELS[operation], answer)
    for name in ("kind", "reference"):
        if name in checked and checked[name] != request["spec"][name]:
            raise MalformedError(f"{name}: another plugin's")
    if "rate" in checked and checked["rate"] != request["rate"]:
        raise MalformedError("rate: another one than asked for")
    if "latencies" in checked:
        names = {node["name"] for node in request["mix"]["nodes"]}
        if set(checked["latencies"]) != names:
            raise MalformedError("latencies: of other nodes than the mix has")
    if shape is not None:
        _require_shape(checked, shape)
    return checked


def _require_shape(checked: Mapping[str, Any], shape: Shape) -> None:
    fits = shape.least <= checked["samples"] <= shape.most
    if checked["channels"] != shape.channels or not fits:
        most = "" if shape.least == shape.most else f"{shape.least} to "
        raise MalformedError(
            f"{checked['channels']} x {checked['samples']} samples, "
            f"not {shape.channels} x {most}{shape.most}"
        )


def _validated(model: type[_Answer], answer: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return model.model_validate(dict(answer)).model_dump()
    except ValidationError as error:
        at, fault = first_fault(error)
        place = shown(at, 100)
        raise MalformedError(f"{place}: {fault}" if place else fault) from None

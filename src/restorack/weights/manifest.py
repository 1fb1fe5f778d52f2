"""What is known of a set of weights, in the JSON file that stands beside it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_serializer

from restorack.inference.layers import Layer, LayerList

FORMAT = 1
"""Version of the file."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Architecture(_Strict):
    """The network that the weights belong to."""

    name: str = Field(description="as in restorack.networks.registry")
    settings: dict[str, Any] = Field(default_factory=dict, description="its constructor's")


class TrainingData(_Strict):
    """One source of what a network was trained on."""

    source: str
    licence: str
    minutes: float = Field(ge=0)
    attribution: str = ""


class Training(_Strict):
    """How the weights came about."""

    task: str
    seed: int
    steps: int
    minutes: float = Field(description="of wall time")
    device: str
    commit: str = Field("", description="of the code, where it was a git checkout")
    versions: dict[str, str] = Field(default_factory=dict)
    config: dict[str, Any] = Field(default_factory=dict)


class Manifest(_Strict):
    """A set of weights: what it is, where it comes from, how good it is.

    Attributes
    ----------
    sha256 : str
        Of the safetensors file.
    size : int
        Of that file, in bytes.
    parameters : int
        Numbers in it.
    validation : dict
        Metrics on the corpus's validation split, with the ``score`` that chose the checkpoint.
    benchmark : dict
        Figures that were measured by hand after training, on audio that was not trained on.
    """

    format: int = Field(FORMAT, ge=FORMAT, le=FORMAT)
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    description: str = ""
    licence: str = ""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(ge=0)
    parameters: int = Field(ge=0)
    architecture: Architecture
    layers: dict[str, LayerList] = Field(
        default_factory=dict, description="the networks, by name, as the native core runs them"
    )
    training: Training
    data: list[TrainingData] = Field(default_factory=list)
    validation: dict[str, float] = Field(default_factory=dict)
    benchmark: dict[str, Any] = Field(default_factory=dict)

    @field_serializer("layers")
    def _brief(self, value: dict[str, LayerList]) -> dict[str, Any]:
        """Return layer lists without what each layer has by default."""
        return {
            name: {"layers": [_told(layer) for layer in one.layers], "outputs": one.outputs}
            for name, one in value.items()
        }


def _told(layer: Layer) -> dict[str, Any]:
    values = {field.name: (getattr(layer, field.name), field.default) for field in fields(layer)}
    return {name: value for name, (value, default) in values.items() if value != default}

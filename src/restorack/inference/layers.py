"""Layer lists: a network as plain data, which a manifest can hold and the native core runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

Kind = Literal["input", "convolution", "widened", "joined", "summary"]
Activation = Literal["linear", "relu", "silu", "softplus"]

ACTIVATIONS: tuple[Activation, ...] = ("linear", "relu", "silu", "softplus")
"""In the order of the native core's numbers."""


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One layer: it makes a plane (frames, width, channels) from planes of earlier layers.

    Parameters
    ----------
    name : str
        By which later layers name it.
    kind : str
        ``input``: given from outside. ``convolution``: over frames and width. ``widened``: the
        first input plus the second, each place of which stands for two. ``joined``: the inputs'
        channels side by side. ``summary``: the input plus a linear map of its channels' means and
        mean maxima.
    inputs : tuple of str
        Names of earlier layers.
    channels : int
        Of an input.
    weights : str
        The tensors are called this with ``.weight`` and ``.bias``.
    taps, dilation : tuple of int
        In time and over the width. A weight's last dimensions are the taps, in this order.
    stride, padding : int
        Over the width. In time the stride is 1.
    activation : str
    residual : bool
        Whether the input is added to what comes out.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    name: str
    kind: Kind = "convolution"
    inputs: tuple[str, ...] = ()
    channels: int = 0
    weights: str = ""
    taps: tuple[int, int] = (1, 1)
    stride: int = 1
    dilation: tuple[int, int] = (1, 1)
    padding: int = 0
    activation: Activation = "linear"
    residual: bool = False


@dataclass(frozen=True, kw_only=True)
class LayerList:
    """A network: layers, each after those it needs, and which of them are wanted.

    Parameters
    ----------
    layers : tuple of Layer
    outputs : tuple of str
        Names of layers.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    layers: tuple[Layer, ...]
    outputs: tuple[str, ...]

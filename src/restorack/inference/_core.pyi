"""The native core; native/restorack_core.h says what it does."""

from collections.abc import Sequence
from typing import Any, NewType

from numpy import float32
from numpy.typing import NDArray

Values = NDArray[float32]
NetworkHandle = NewType("NetworkHandle", object)
StreamHandle = NewType("StreamHandle", object)

def new_network() -> NetworkHandle: ...
def add_input(network: NetworkHandle, channels: int, /) -> int: ...
def add_convolution(
    network: NetworkHandle,
    of: int,
    shape: tuple[int, int, int],
    stride: int,
    dilation_time: int,
    dilation_width: int,
    padding: int,
    activation: int,
    residual: bool,
    weights: Values,
    bias: Values,
    /,
) -> int: ...
def add_widened(network: NetworkHandle, fine: int, coarse: int, /) -> int: ...
def add_joined(network: NetworkHandle, inputs: Sequence[int], /) -> int: ...
def add_summary(network: NetworkHandle, of: int, weights: Values, bias: Values, /) -> int: ...
def new_stream(
    network: NetworkHandle,
    widths: Sequence[int],
    outputs: Sequence[int],
    block: int,
    whole: bool,
    /,
) -> StreamHandle: ...
def outputs(stream: StreamHandle, /) -> tuple[tuple[int, int, int], ...]: ...
def run(
    stream: StreamHandle, frames: int, inputs: Sequence[Any], outputs: Sequence[Any], /
) -> None: ...
def restart(stream: StreamHandle, /) -> None: ...
def state_size(stream: StreamHandle, /) -> int: ...
def save(stream: StreamHandle, state: Values, /) -> None: ...
def resume(stream: StreamHandle, state: Values, /) -> None: ...
def instructions() -> str: ...

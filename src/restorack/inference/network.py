"""Networks that the native core runs: built from a layer list, fed whole or block by block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from restorack.dsp import _core
from restorack.errors import WeightsError
from restorack.inference.layers import ACTIVATIONS, Layer, LayerList

Values = NDArray[np.float32]

DEFAULT_BLOCK = 32
"""Frames that are computed at once: more take more memory, fewer more time."""


class Network:
    """A network with its weights. It does not change, and may serve many threads.

    Parameters
    ----------
    layers : LayerList
    tensors : mapping of str to ndarray
        The weights, by name.

    Attributes
    ----------
    inputs : int
        How many planes it takes.

    Raises
    ------
    WeightsError
        For layers that do not fit each other, or tensors that are missing or do not fit.
    """

    def __init__(self, layers: LayerList, tensors: Mapping[str, NDArray[Any]]) -> None:
        self._made_of = layers, {name: np.array(value) for name, value in tensors.items()}
        self._handle = _core.new_network()
        self._numbers: dict[str, int] = {}
        for layer in layers.layers:
            try:
                number = self._add(layer, tensors)
            except ValueError as error:
                raise WeightsError(
                    f"layer {layer.name!r}: {error}", rule="layers that the native core can run"
                ) from None
            self._numbers[layer.name] = number
        self._outputs = [self._number(name) for name in layers.outputs]
        self.inputs = sum(layer.kind == "input" for layer in layers.layers)

    def stream(self, widths: Sequence[int], block: int = DEFAULT_BLOCK) -> NetworkStream:
        """Return a stream at its beginning.

        Parameters
        ----------
        widths : sequence of int
            Of each input.
        block : int
            Frames that are computed at once; it changes the time, not the bits.
        """
        return NetworkStream(self, widths, block)

    def whole(self, *inputs: Values) -> tuple[Values, ...]:
        """Return the outputs for a whole recording: zeros lie on either side of every plane.

        Parameters
        ----------
        *inputs : ndarray of float32, shape (frames, width, channels)
            At least one frame.
        """
        widths = [one.shape[1] for one in inputs]
        return _run(self.start(widths, len(inputs[0]), True), inputs)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by layers and weights."""
        return Network, self._made_of

    def __deepcopy__(self, memo: Any) -> Network:
        """Return the network itself, which does not change."""
        return self

    def start(self, widths: Sequence[int], block: int, whole: bool) -> _core.StreamHandle:
        """Return a handle of the native core's; see :meth:`stream` and :meth:`whole`."""
        try:
            return _core.new_stream(self._handle, widths, self._outputs, block, whole)
        except ValueError as error:
            raise WeightsError(
                f"widths {list(widths)}: {error}", rule="planes that the network can take"
            ) from None

    def _number(self, name: str) -> int:
        try:
            return self._numbers[name]
        except KeyError:
            raise WeightsError(
                f"layer {name!r} is named before it is listed",
                rule="each layer after those that it needs",
            ) from None

    def _add(self, layer: Layer, tensors: Mapping[str, NDArray[Any]]) -> int:
        if layer.kind == "input":
            return _core.add_input(self._handle, layer.channels)
        of = [self._number(name) for name in layer.inputs]
        wanted = {"convolution": 1, "summary": 1, "widened": 2}.get(layer.kind, len(of))
        if len(of) != wanted:
            raise WeightsError(f"layer {layer.name!r} has {len(of)} inputs, not {wanted}")
        if layer.kind == "joined":
            return _core.add_joined(self._handle, of)
        if layer.kind == "widened":
            return _core.add_widened(self._handle, of[0], of[1])
        weight = _tensor(tensors, f"{layer.weights}.weight", layer)
        bias = _tensor(tensors, f"{layer.weights}.bias", layer)
        if layer.kind == "summary":
            return _core.add_summary(self._handle, of[0], weight, bias)
        return _core.add_convolution(
            self._handle,
            of[0],
            (len(bias), *layer.taps),
            layer.stride,
            *layer.dilation,
            layer.padding,
            ACTIVATIONS.index(layer.activation),
            layer.residual,
            weight,
            bias,
        )


class NetworkStream:
    """A network that runs over a recording; one thread at a time. Copies go on where it is.

    Parameters
    ----------
    network, widths, block
        See :meth:`Network.stream`.
    state : ndarray of float32, optional
        Of another stream of the same network, to go on from.

    Attributes
    ----------
    late : int
        Frames by which the last output is late.
    """

    def __init__(
        self, network: Network, widths: Sequence[int], block: int, state: Values | None = None
    ) -> None:
        self._plan = network, tuple(widths), block
        self._handle = network.start(widths, block, False)
        if state is not None:
            _core.resume(self._handle, state)
        self.late = max(late for late, _, _ in _core.outputs(self._handle))

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle with all that the stream remembers."""
        state = np.empty(_core.state_size(self._handle), np.float32)
        _core.save(self._handle, state)
        return NetworkStream, (*self._plan, state)

    def push(self, *inputs: Values) -> tuple[Values, ...]:
        """Take frames, return as many of each output.

        Parameters
        ----------
        *inputs : ndarray of float32, shape (frames, width, channels)
        """
        return _run(self._handle, inputs)


def _run(handle: _core.StreamHandle, inputs: Sequence[Values]) -> tuple[Values, ...]:
    frames = len(inputs[0])
    made = tuple(
        np.empty((frames, width, channels), np.float32)
        for _, width, channels in _core.outputs(handle)
    )
    try:
        _core.run(handle, frames, [np.ascontiguousarray(one) for one in inputs], made)
    except ValueError as error:
        raise WeightsError(
            f"planes of the shapes {[one.shape for one in inputs]}: {error}",
            rule="planes that the network can take",
        ) from None
    return made


def _tensor(tensors: Mapping[str, NDArray[Any]], name: str, layer: Layer) -> Values:
    if name not in tensors:
        raise WeightsError(
            f"layer {layer.name!r}: there is no tensor {name!r}", rule="every layer's weights"
        )
    return np.ascontiguousarray(tensors[name], np.float32)

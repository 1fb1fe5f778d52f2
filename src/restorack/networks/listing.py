"""Write a network of torch modules down as a layer list, from the modules' own numbers."""

from __future__ import annotations

from torch import nn

from restorack.inference.layers import Activation, Layer, LayerList

Convolution = nn.Conv1d | nn.Conv2d | nn.Linear


class Listing:
    """Collects layers; each method returns the layer's name, for those that follow.

    Parameters
    ----------
    root : nn.Module
        By whose names the weights are stored.
    """

    def __init__(self, root: nn.Module) -> None:
        self._names = {module: name for name, module in root.named_modules()}
        self._layers: list[Layer] = []

    def layers(self, *outputs: str) -> LayerList:
        """Return what was collected, and which layers are wanted."""
        return LayerList(layers=tuple(self._layers), outputs=outputs)

    def input(self, name: str, channels: int) -> str:
        """Add a plane that is given."""
        return self._add(Layer(name=name, kind="input", channels=channels))

    def convolution(
        self,
        of: str,
        module: Convolution,
        activation: Activation = "linear",
        *,
        residual: bool = False,
        over_width: bool = False,
        name: str = "",
    ) -> str:
        """Add a convolution, or a linear layer.

        Parameters
        ----------
        of : str
            Its input.
        module : nn.Conv1d, nn.Conv2d or nn.Linear
            A linear layer takes a plane of width 1.
        activation : str
        residual : bool
            Whether the input is added to what comes out.
        over_width : bool
            Whether a one-dimensional convolution runs over the width, rather than in time.
        name : str
            Where the module serves twice; else its own.
        """
        own = self._names[module]
        taps, stride, dilation, padding = _numbers(module, over_width)
        if padding[0] != dilation[0] * (taps[0] // 2) or stride[0] != 1:
            raise ValueError(f"{own}: in time, strides and padding that change the length")
        return self._add(
            Layer(
                name=name or own, inputs=(of,), weights=own, taps=taps, stride=stride[1],
                dilation=dilation, padding=padding[1], activation=activation, residual=residual,
            )
        )  # fmt: skip

    def flattened(self, of: str, module: nn.Linear, width: int, activation: Activation) -> str:
        """Add a linear layer over all that a plane of so many places holds, channel by channel."""
        own = self._names[module]
        return self._add(
            Layer(name=own, inputs=(of,), weights=own, taps=(1, width), activation=activation)
        )

    def widened(self, fine: str, coarse: str) -> str:
        """Add the finer plane to the coarser one, each place of which stands for two."""
        return self._add(Layer(name=f"{fine}+{coarse}", kind="widened", inputs=(fine, coarse)))

    def joined(self, name: str, *inputs: str) -> str:
        """Put channels side by side."""
        return self._add(Layer(name=name, kind="joined", inputs=inputs))

    def summary(self, of: str, module: nn.Linear) -> str:
        """Add a linear map of the channels' means and mean maxima to every place."""
        own = self._names[module]
        return self._add(Layer(name=own, kind="summary", inputs=(of,), weights=own))

    def _add(self, layer: Layer) -> str:
        self._layers.append(layer)
        return layer.name


Pair = tuple[int, int]


def _numbers(module: Convolution, over_width: bool) -> tuple[Pair, Pair, Pair, Pair]:
    """Return taps, strides, dilations and padding, each in time and over the width."""
    if isinstance(module, nn.Linear):
        return (1, 1), (1, 1), (1, 1), (0, 0)
    taps, stride, dilation = module.kernel_size, module.stride, module.dilation
    padding = tuple(map(int, module.padding))
    if isinstance(module, nn.Conv2d):
        both = (taps, stride, dilation, padding)
        return tuple((one[0], one[1]) for one in both)  # type: ignore[return-value]
    if over_width:
        return (1, taps[0]), (1, stride[0]), (1, dilation[0]), (0, padding[0])
    return (taps[0], 1), (stride[0], 1), (dilation[0], 1), (padding[0], 0)

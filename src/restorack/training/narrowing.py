"""Start a narrow network from a wide one of the same layers: keep the channels that matter most."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from restorack.networks.denoiser import MaskNet

_LEVELS = {
    "stem": (None, 0), "e1.conv": (0, 0), "d1": (0, 1), "e2.conv": (1, 1), "d2": (1, 2),
    "d3": (2, 3), "u3": (3, 2), "r3.conv": (2, 2), "u2": (2, 1), "r2.conv": (1, 1),
    "u1": (1, 0), "r1.conv": (0, 0), "out": (0, None),
}  # fmt: skip
"""Of each layer of a mask network, the widths that its inputs and its outputs have, by place."""


def narrow_mask(wide: MaskNet, narrow: MaskNet) -> None:
    """Give a mask network the strongest channels of a wider one.

    Parameters
    ----------
    wide : MaskNet
        Trained.
    narrow : MaskNet
        Of the same layers, with at most as many channels in each; its weights are replaced.

    Raises
    ------
    ValueError
        Where it is the wider one.
    """
    theirs, mine = dict(_layers(wide)), dict(_layers(narrow))
    wanted = {level[1]: mine[name].out_channels for name, level in _levels(mine)}
    kept = {
        place: _strongest(theirs, place, count)
        for place, count in wanted.items()
        if place is not None
    }
    with torch.no_grad():
        for name, (before, after) in _levels(mine):
            weight, bias = theirs[name].weight, theirs[name].bias
            if after is not None:
                weight, bias = weight[kept[after]], bias[kept[after]]  # type: ignore[index]
            if before is not None:
                weight = weight[:, kept[before]]
            mine[name].weight.copy_(weight)
            mine[name].bias.copy_(bias)  # type: ignore[union-attr,arg-type]


def _layers(network: MaskNet) -> Iterator[tuple[str, nn.Conv2d]]:
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d):
            yield name, module


def _levels(layers: dict[str, nn.Conv2d]) -> Iterator[tuple[str, tuple[int | None, int | None]]]:
    for name in layers:
        yield name, _LEVELS.get(name, (3, 3))  # the bottom's own are named by number


def _strongest(layers: dict[str, nn.Conv2d], place: int, count: int) -> Tensor:
    """Return which channels of a level to keep: those most written to and most read from."""
    written: Tensor | float = 0.0
    read: Tensor | float = 0.0
    for name, (before, after) in _levels(layers):
        squares = layers[name].weight.detach() ** 2
        if after == place:
            written = written + squares.sum((1, 2, 3))
        if before == place:
            read = read + squares.sum((0, 2, 3))
    strength = torch.as_tensor(written) * torch.as_tensor(read)
    if count > len(strength):
        raise ValueError(f"{count} channels from a network that has {len(strength)}")
    return strength.topk(count).indices.sort().values

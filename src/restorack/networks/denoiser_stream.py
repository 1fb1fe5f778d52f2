"""The denoiser's networks run over a stream: every convolution keeps the frames it needs again.

Blocks of frames go in and as many come out, later by a fixed number. Nothing is computed twice,
and as no block is cut off from the one before there are no seams: but for the first frames of a
recording the result is that of one call with the whole of it.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from restorack.networks.denoiser import FloorNet, MaskNet, Residual
from restorack.networks.denoiser_grid import FLOOR_STEP
from restorack.networks.denoiser_inputs import spread_over_bins


class _Held:
    """Put the last frames of the blocks before in front of each block; at first they are zeros.

    Blocks have one size. What is returned is one buffer, written anew each time: to allocate
    megabytes for every layer and block takes as long as the convolutions.
    """

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._joined: Tensor | None = None

    def __call__(self, block: Tensor) -> Tensor:
        count = block.shape[2]
        if self._joined is None:
            shape = (*block.shape[:2], self._frames + count, block.shape[3])
            self._joined = _channels_last(block.new_zeros(shape))
        last = self._joined[:, :, count:]
        # The places overlap where more is kept than comes.
        self._joined[:, :, : self._frames] = last.clone() if self._frames > count else last
        self._joined[:, :, self._frames :] = block
        return self._joined


class _Late(_Held):
    """Return blocks late by some frames; they may be written into."""

    def __call__(self, block: Tensor) -> Tensor:
        return super().__call__(block)[:, :, : block.shape[2]]


class _Convolution:
    """A convolution over a stream, late by half its kernel."""

    def __init__(self, layer: nn.Conv2d) -> None:
        self._layer = layer
        self.late = int(layer.dilation[0])
        self._held = _Held(2 * self.late)

    def __call__(self, block: Tensor) -> Tensor:
        return self.parts(block)[0]

    def parts(self, block: Tensor) -> tuple[Tensor, Tensor]:
        """Return the output, and the input late by as much."""
        layer: Any = self._layer
        joined = self._held(block)
        sides = (0, layer.padding[1])
        found = functional.conv2d(
            joined, layer.weight, layer.bias, layer.stride, sides, layer.dilation
        )
        return found, joined[:, :, self.late : -self.late]


class _Residual(_Convolution):
    """A residual layer over a stream."""

    def __init__(self, layer: Residual) -> None:
        super().__init__(layer.conv)

    def __call__(self, block: Tensor) -> Tensor:
        found, middle = self.parts(block)
        return found.relu_().add_(middle)


class StreamedFloor:
    """Corrections of a noise floor, block by block.

    Parameters
    ----------
    network : FloorNet
        In evaluation mode.
    """

    def __init__(self, network: FloorNet) -> None:
        self._network = network
        body: Any = network.body
        self._stem = _Convolution(network.stem)
        self._body = [_Residual(layer) for layer in body]
        steps = sum(layer.late for layer in (self._stem, *self._body))
        self._statistics, self._corrections = _Late(steps), _Held(2)
        self.late = FLOOR_STEP * (steps + 1)

    def push(self, statistics: Tensor, bins: int) -> Tensor:
        """Take statistics, return corrections in dB of the frames ``late`` before.

        Parameters
        ----------
        statistics : Tensor, shape (8, steps, bands)
            From :func:`restorack.networks.denoiser_inputs.patch_statistics`.
        bins : int
            How many bins to spread the bands over.

        Returns
        -------
        Tensor, shape (4 * steps, bins)
        """
        block = _channels_last(statistics[None])
        hidden = self._stem(block).relu_()
        for layer in self._body:
            hidden = layer(hidden)
        found, _ = self._network.cautious(hidden, self._statistics(block))
        patches = self._corrections(found)[0, 0]
        # The straight lines to the last step are known when the next one is.
        spread = spread_over_bins(patches, FLOOR_STEP * len(patches), bins)
        return spread[FLOOR_STEP:-FLOOR_STEP]


class StreamedMask:
    """Corrections of gains, block by block.

    Parameters
    ----------
    network : MaskNet
        In evaluation mode.
    """

    def __init__(self, network: MaskNet) -> None:
        self._network = network
        middle: Any = network.mid
        self._stem, self._e1 = _Convolution(network.stem), _Residual(network.e1)
        self._d1, self._e2 = _Convolution(network.d1), _Residual(network.e2)
        self._d2, self._d3 = _Convolution(network.d2), _Convolution(network.d3)
        self._middle = [_Residual(layer) for layer in middle]
        self._r3, self._r2 = _Residual(network.r3), _Residual(network.r2)
        self._r1, self._out = _Residual(network.r1), _Convolution(network.out)
        third = self._d3.late + sum(layer.late for layer in self._middle)
        second = self._d2.late + third + self._r3.late
        first = self._d1.late + self._e2.late + second + self._r2.late
        self._h3, self._h2, self._h1 = _Late(third), _Late(second), _Late(first)
        self.late = first + self._stem.late + self._e1.late + self._r1.late + self._out.late

    def push(self, features: Tensor) -> Tensor:
        """Take features, return what to add to the logits of the gains ``late`` frames before.

        Parameters
        ----------
        features : Tensor, shape (19, frames, groups of four bins)
            From :func:`restorack.networks.denoiser_inputs.gain_features`.

        Returns
        -------
        Tensor, shape (frames, 4 * groups)
        """
        network = self._network
        h1 = self._e1(self._stem(_channels_last(features[None])).relu_())
        h2 = self._e2(self._d1(h1).relu_())
        h3 = self._d2(h2).relu_()
        y = self._d3(h3).relu_()
        for layer in self._middle:
            y = layer(y)
        y = self._r3(_add_widened(self._h3(h3), network.u3(y)))
        y = self._r2(_add_widened(self._h2(h2), network.u2(y)))
        y = self._r1(_add_widened(self._h1(h1), network.u1(y)))
        found = self._out(y).float()
        return found[0].permute(1, 2, 0).flatten(1)


def _add_widened(fine: Tensor, coarse: Tensor) -> Tensor:
    """Add each band of the coarse to two of the fine, in place."""
    fine[..., 0::2] += coarse
    fine[..., 1::2] += coarse[..., : fine.shape[3] // 2]
    return fine


def _channels_last(planes: Tensor) -> Tensor:
    return planes.contiguous(memory_format=torch.channels_last)

"""The denoiser's two networks: one corrects the noise floor, one the gains that follow from it.

Both see levels relative to the noise floor, and are convolutions alone: what they say of a
frame depends on :data:`FLOOR_REACH` or :data:`MASK_REACH` frames around it and on nothing else,
so that a recording may be cut into chunks without seams. Their last layers start at zero: an
untrained pair leaves the floor and the gains as they were, and training can only improve on
that. Two stages, the first for the noise, are the idea of Moliner & Valimaki [1]_.

References
----------
.. [1] E. Moliner, V. Valimaki, "A two-stage U-Net for high-fidelity denoising of historical
   recordings", Proc. ICASSP 2022.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from restorack.inference.denoiser_grid import (
    FOLD,
    HIGHEST_RAISE_DB,
    LARGEST_CORRECTION_DB,
    SMALL_CORRECTION_DB,
)
from restorack.inference.layers import LayerList
from restorack.networks.denoiser_inputs import patch_doubt
from restorack.networks.listing import Listing

# Planes that the networks see and hand over, as inference.denoiser_features makes them, and
# dilations of their layers (frames, bins), which give the reach in denoiser_grid. By hand; part of
# the trained weights.
FLOOR_INPUTS, AUXILIARY = 8, 4
MASK_INPUTS = 19
_FLOOR_DILATIONS = ((1, 1), (2, 2), (4, 4), (8, 1), (1, 8))
_MASK_DILATIONS = (1, 2, 4, 8, 1)
MASK_WIDTHS = (32, 32, 48, 64)
"""Channels of the second stage where weights say nothing else. By hand."""


class Residual(nn.Module):
    """A 3 by 3 convolution, added to its input.

    Parameters
    ----------
    channels : int
        Of input and output.
    in_time, in_frequency : int
        Dilations.
    """

    def __init__(self, channels: int, in_time: int = 1, in_frequency: int = 1) -> None:
        super().__init__()
        spread = (in_time, in_frequency)
        self.conv = nn.Conv2d(channels, channels, 3, padding=spread, dilation=spread)

    def forward(self, x: Tensor) -> Tensor:
        """Return the same shape."""
        return x + functional.relu(self.conv(x))


class FloorNet(nn.Module):
    """Correct a noise floor from statistics of patches of 4 frames by 8 bins.

    Corrections of a few decibels are made smaller, and no floor is raised by more than 3 dB. None
    are made where the floor was measured or is sure, nor where a patch stands so far out of the
    floor that it is music.

    Parameters
    ----------
    width : int
        Channels.
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.stem = nn.Conv2d(FLOOR_INPUTS, width, 3, padding=1)
        self.body = nn.Sequential(*[Residual(width, *pair) for pair in _FLOOR_DILATIONS])
        self.out = nn.Conv2d(width, 1 + AUXILIARY, 1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)  # type: ignore[arg-type]

    def forward(self, statistics: Tensor) -> tuple[Tensor, Tensor]:
        """Return what to add to the floor in dB, and what only the training asks for.

        Parameters
        ----------
        statistics : Tensor, shape (batch, 8, steps, bands)
            From :func:`restorack.networks.denoiser_inputs.patch_statistics`.

        Returns
        -------
        tuple of Tensor
            Shapes (batch, 1, steps, bands), from -24 to 3, and (batch, 4, steps, bands).
        """
        return self.cautious(self._hidden(statistics), statistics)

    def estimate(self, statistics: Tensor) -> tuple[Tensor, Tensor]:
        """Return the same without caution, as the training judges it."""
        return self._wanted(self._hidden(statistics))

    def cautious(self, hidden: Tensor, statistics: Tensor) -> tuple[Tensor, Tensor]:
        """Return what :meth:`forward` does, given what enters the last layer."""
        wanted, auxiliary = self._wanted(hidden)
        share = wanted**2 / (wanted**2 + SMALL_CORRECTION_DB**2)
        # A floor raised too far takes dense music for noise; one too low only leaves some.
        return (wanted * share).clamp(max=HIGHEST_RAISE_DB) * patch_doubt(statistics), auxiliary

    def list_layers(self, to: Listing) -> LayerList:
        """Return what leads to the last layer, and beside it the statistics as late as it is."""
        given = to.input("statistics", FLOOR_INPUTS)
        hidden = to.convolution(given, self.stem, "relu")
        for layer in self.body:
            hidden = _list_residual(to, hidden, layer)
        return to.layers(to.joined("found", to.convolution(hidden, self.out), given))

    def _hidden(self, statistics: Tensor) -> Tensor:
        hidden: Tensor = self.body(functional.relu(self.stem(statistics)))
        return hidden

    def _wanted(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        found = self.out(hidden).float()
        limit = LARGEST_CORRECTION_DB
        wanted = limit * torch.tanh(found[:, :1] / (0.1 * limit))
        return wanted, found[:, 1:].clamp(-3.0, 3.0)


class MaskNet(nn.Module):
    """Correct gains: a U-Net over frequency, with dilated convolutions over time at its bottom.

    Parameters
    ----------
    widths : tuple of int
        Channels at a quarter, an eighth, a sixteenth and a thirty-second of the bins.
    """

    def __init__(self, widths: tuple[int, int, int, int] = MASK_WIDTHS) -> None:
        super().__init__()
        a, b, c, d = widths
        down = {"stride": (1, 2), "padding": 1}
        self.stem, self.e1 = nn.Conv2d(MASK_INPUTS, a, 3, padding=1), Residual(a)
        self.d1, self.e2 = nn.Conv2d(a, b, 3, **down), Residual(b)  # type: ignore[arg-type]
        self.d2 = nn.Conv2d(b, c, 3, **down)  # type: ignore[arg-type]
        self.d3 = nn.Conv2d(c, d, 3, **down)  # type: ignore[arg-type]
        self.mid = nn.Sequential(*[Residual(d, far) for far in _MASK_DILATIONS])
        self.u3, self.r3 = nn.Conv2d(d, c, 1), Residual(c)
        self.u2, self.r2 = nn.Conv2d(c, b, 1), Residual(b)
        self.u1, self.r1 = nn.Conv2d(b, a, 1), Residual(a)
        self.out = nn.Conv2d(a, FOLD, 3, padding=1)
        self._initialise()

    def _initialise(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_uniform_(module.weight, nonlinearity="relu")
                nn.init.zeros_(module.bias)  # type: ignore[arg-type]
        for module in self.modules():
            if isinstance(module, Residual):
                module.conv.weight.data *= 0.4
        nn.init.zeros_(self.out.weight)

    def forward(self, features: Tensor) -> Tensor:
        """Return what to add to the gains' logits.

        Parameters
        ----------
        features : Tensor, shape (batch, 19, frames, groups of four bins)
            From :func:`restorack.networks.denoiser_inputs.gain_features`.

        Returns
        -------
        Tensor, shape (batch, frames, 4 * groups)
        """
        h1 = self.e1(functional.relu(self.stem(features)))
        h2 = self.e2(functional.relu(self.d1(h1)))
        h3 = functional.relu(self.d2(h2))
        y = self.mid(functional.relu(self.d3(h3)))
        y = self.r3(h3 + _widened(self.u3(y), h3))
        y = self.r2(h2 + _widened(self.u2(y), h2))
        y = self.r1(h1 + _widened(self.u1(y), h1))
        found: Tensor = self.out(y)
        return found.float().permute(0, 2, 3, 1).flatten(2)

    def list_layers(self, to: Listing) -> LayerList:
        """Return the same as a layer list."""
        given = to.input("features", MASK_INPUTS)
        h1 = _list_residual(to, to.convolution(given, self.stem, "relu"), self.e1)
        h2 = _list_residual(to, to.convolution(h1, self.d1, "relu"), self.e2)
        h3 = to.convolution(h2, self.d2, "relu")
        y = to.convolution(h3, self.d3, "relu")
        for layer in self.mid:
            y = _list_residual(to, y, layer)
        y = _list_residual(to, to.widened(h3, to.convolution(y, self.u3)), self.r3)
        y = _list_residual(to, to.widened(h2, to.convolution(y, self.u2)), self.r2)
        y = _list_residual(to, to.widened(h1, to.convolution(y, self.u1)), self.r1)
        return to.layers(to.convolution(y, self.out))


class DenoiserNet(nn.Module):
    """Both stages, as they are trained, stored and loaded together.

    Parameters
    ----------
    mask_widths : sequence of int
        Channels of the second stage; see :class:`MaskNet`.
    """

    def __init__(self, mask_widths: Sequence[int] = MASK_WIDTHS) -> None:
        super().__init__()
        a, b, c, d = mask_widths
        self.floor = FloorNet()
        self.mask = MaskNet((a, b, c, d))

    def layer_lists(self) -> dict[str, LayerList]:
        """Return each network as the native core runs it."""
        return {
            "floor": self.floor.list_layers(Listing(self)),
            "mask": self.mask.list_layers(Listing(self)),
        }


def _list_residual(to: Listing, of: str, layer: nn.Module) -> str:
    conv: nn.Conv2d = layer.conv  # type: ignore[assignment]
    return to.convolution(of, conv, "relu", residual=True)


def _widened(x: Tensor, like: Tensor) -> Tensor:
    """Return each band twice, as many as the other has."""
    return x.repeat_interleave(2, dim=3)[..., : like.shape[3]]

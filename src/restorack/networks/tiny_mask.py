"""Tiny mask: gains for each bin of a spectrogram, from ten thousand weights."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from restorack.dsp.decibels import db_to_amplitude
from restorack.inference.layers import LayerList
from restorack.inference.mask_shape import DILATIONS, FLOOR_DB, FOLD, INPUTS, LIMIT, mask_reach
from restorack.networks.listing import Listing

_PRIOR = (1.5, -4.0, -12.0)
"""Before training gains follow the power over the floor, momentary and smoothed: low at 0 dB, near
1 from 10 dB on."""


class TinyMask(nn.Module):
    """A stack of convolutions over time and folded frequency.

    Parameters
    ----------
    width : int
        Channels.
    dilations : sequence of int
        In time, of each residual layer.
    floor_db : float
        The least gain.

    Attributes
    ----------
    reach : int
        Frames on either side that a frame's gains depend on.
    """

    def __init__(
        self,
        width: int = 16,
        dilations: Sequence[int] = DILATIONS,
        floor_db: float = FLOOR_DB,
    ) -> None:
        super().__init__()
        self.reach = mask_reach(dilations)
        self.least = db_to_amplitude(floor_db)
        self.first = nn.Conv2d(INPUTS * FOLD, width, 3, padding=1)
        self.middle = nn.ModuleList(
            nn.Conv2d(width, width, 3, padding=(far, 1), dilation=(far, 1)) for far in dilations
        )
        self.last = nn.Conv2d(width, FOLD, 3, padding=1)
        self.prior = nn.Parameter(torch.tensor(_PRIOR))
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)  # type: ignore[arg-type]

    def forward(self, features: Tensor) -> Tensor:
        """Return gains.

        Parameters
        ----------
        features : Tensor, shape (batch, 4, frames, bins)

        Returns
        -------
        Tensor, shape (batch, frames, bins)
            From the least gain to 1.
        """
        batch, _, frames, bins = features.shape
        padded = functional.pad(features, (0, -bins % FOLD))
        folded = padded.reshape(batch, INPUTS, frames, -1, FOLD).permute(0, 1, 4, 2, 3)
        x = torch.relu(self.first(folded.flatten(1, 2)))
        for layer in self.middle:
            x = x + torch.relu(layer(x))
        found = self.last(x).float().permute(0, 2, 3, 1).flatten(2)[..., :bins]
        bias, momentary, smoothed = self.prior
        known = features.float()
        logits = found + bias + momentary * known[:, 0] + smoothed * known[:, 1]
        taken = torch.sigmoid(logits / (1.0 + logits.abs() / LIMIT))
        gains: Tensor = 1.0 - (1.0 - self.least) * taken
        return gains

    def layer_lists(self) -> dict[str, LayerList]:
        """Return the convolutions, as the native core runs them."""
        to = Listing(self)
        x = to.convolution(to.input("folded", INPUTS * FOLD), self.first, "relu")
        for layer in self.middle:
            conv: nn.Conv2d = layer  # type: ignore[assignment]
            x = to.convolution(x, conv, "relu", residual=True)
        return {"logits": to.layers(to.convolution(x, self.last))}

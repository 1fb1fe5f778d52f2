"""Band envelope: levels of bands above an edge, from those below it and their course in time."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, cat, nn
from torch.nn import functional

from restorack.inference.layers import LayerList
from restorack.networks.listing import Listing

SCALE_DB = 15.0
"""An output of one means so many dB."""


class BandEnvelope(nn.Module):
    """Residual convolutions over time, dilated; every layer sees both directions.

    Parameters
    ----------
    inputs, outputs : int
        Features of a frame; bands above the edge.
    width : int
        Channels.
    dilations : sequence of int
        Of the layers' three taps, in frames; their sum is the look-ahead.
    """

    def __init__(
        self,
        inputs: int = 52,
        outputs: int = 27,
        width: int = 64,
        dilations: Sequence[int] = (2, 4, 8, 16, 32),
    ) -> None:
        super().__init__()
        self.first = nn.Conv1d(inputs, width, 1)
        self.layers = nn.ModuleList(
            nn.Conv1d(width, width, 3, padding=far, dilation=far) for far in dilations
        )
        self.last = nn.Conv1d(width, outputs, 1)
        self.excess = nn.Conv1d(width, outputs, 1)

    def forward(self, features: Tensor) -> Tensor:
        """Return levels relative to that just below the edge, and those of the energy.

        The mean of levels in dB lies below the level of the mean power (Jensen's inequality), the
        more so the less is certain; so the second is the first and something positive.

        Parameters
        ----------
        features : Tensor, shape (batch, inputs, frames)

        Returns
        -------
        Tensor, shape (batch, 2 * outputs, frames)
            In dB: the bands' expected levels, then the levels of their expected power.
        """
        x = functional.silu(self.first(features))
        for layer in self.layers:
            x = x + functional.silu(layer(x))
        levels = SCALE_DB * self.last(x)
        energies = levels + SCALE_DB * functional.softplus(self.excess(x))
        return cat([levels, energies], dim=1)

    def layer_lists(self) -> dict[str, LayerList]:
        """Return what is left to scale and add, as the native core runs it."""
        to = Listing(self)
        x = to.convolution(to.input("features", self.first.in_channels), self.first, "silu")
        for layer in self.layers:
            conv: nn.Conv1d = layer  # type: ignore[assignment]
            x = to.convolution(x, conv, "silu", residual=True)
        levels = to.convolution(x, self.last)
        return {"envelope": to.layers(levels, to.convolution(x, self.excess, "softplus"))}

"""A network that reads what the bands of a passage show of noise.

Convolutions over the bands, which also know the means and the highest values of all. Of each band
it says where its noise lies, the odds that this is right, and the odds that there is noise to be
taken off at all, of which the mean over the bands counts.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from restorack.inference.floor_reader import HIGHEST_DB, LEVEL_STEP_DB, LOWEST_DB
from restorack.inference.layers import LayerList
from restorack.meters.noise_floor.band_signs import SIGNS
from restorack.networks.listing import Listing

# Dilations of the layers, in bands, and the layer before which a summary of all bands joins; the
# share of values dropped in training; odds of noise that it begins with. By hand.
_DILATIONS = (1, 2, 4, 8, 4, 2, 1)
_SUMMARISED = 3
_DROPPED = 0.1
_FIRST_ODDS = 1.0


class FloorReaderNet(nn.Module):
    """Dilated convolutions over bands.

    Parameters
    ----------
    width : int
        Channels.
    """

    def __init__(self, width: int = 40) -> None:
        super().__init__()
        self.stem = nn.Conv1d(SIGNS, width, 1)
        self.body = nn.ModuleList([_widened(width, dilation) for dilation in _DILATIONS])
        self.summary = nn.Linear(2 * width, width)
        self.out = nn.Conv1d(width, 3, 1)
        self.drop = nn.Dropout(_DROPPED)
        nn.init.zeros_(self.out.weight)
        if self.out.bias is not None:
            self.out.bias.data = torch.tensor([0.0, 0.0, _FIRST_ODDS])

    def forward(self, signs: Tensor) -> Tensor:
        """Return three answers of each band, (batch, bands, 3).

        Parameters
        ----------
        signs : Tensor, shape (batch, bands, SIGNS)
            Of :func:`restorack.meters.noise_floor.band_signs.band_signs`.
        """
        hidden = self.drop(functional.relu(self.stem(signs.transpose(1, 2))))
        for number, layer in enumerate(self.body):
            if number == _SUMMARISED:
                seen = torch.cat([hidden.mean(2), hidden.amax(2)], 1)
                hidden = hidden + self.summary(seen)[:, :, None]
            hidden = hidden + functional.relu(layer(self.drop(hidden)))
        found: Tensor = self.out(hidden).transpose(1, 2)
        return found

    def layer_lists(self) -> dict[str, LayerList]:
        """Return the network as the native core runs it."""
        to = Listing(self)
        hidden = to.convolution(to.input("signs", SIGNS), self.stem, "relu", over_width=True)
        for number, layer in enumerate(self.body):
            if number == _SUMMARISED:
                hidden = to.summary(hidden, self.summary)
            conv: nn.Conv1d = layer  # type: ignore[assignment]
            hidden = to.convolution(hidden, conv, "relu", residual=True, over_width=True)
        return {"bands": to.layers(to.convolution(hidden, self.out, over_width=True))}


def _widened(width: int, dilation: int) -> nn.Conv1d:
    """Return a convolution whose output is added to its input: it begins small."""
    layer = nn.Conv1d(width, width, 3, padding=dilation, dilation=dilation)
    layer.weight.data *= 0.5
    return layer


def read_bands(answers: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return levels over the first decile in dB, log odds of each, and those of noise.

    Parameters
    ----------
    answers : Tensor, shape (batch, bands, 3)
    """
    over = (LEVEL_STEP_DB * answers[..., 0]).clamp(LOWEST_DB, HIGHEST_DB)
    return over, answers[..., 1], answers[..., 2].mean(1)

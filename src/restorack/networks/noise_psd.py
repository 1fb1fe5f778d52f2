"""A network that looks at a recording's noise picture and says where the noise floor is.

The picture counts patches of time and frequency by band and level
(:class:`LevelHistogram`). For every band the network returns a
distribution over levels: its width tells how sure it is. Levels are relative to the
recording's mean power density, so that gain does not matter.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from restorack.inference.layers import LayerList
from restorack.inference.noise_psd import (
    MOST_PATCHES,
    NEAR_DB,
    PLACES,
    PLANES,
    RAISED_DB,
    READ_QUANTILE,
    SHOWN_DB,
    STEP_DB,
    lowest_shown_db,
)
from restorack.meters.histogram_floor.level_histogram import LOWEST_DB
from restorack.networks.listing import Listing

# Dilations of the layers (bands, levels), and the layer after which a summary over all levels
# joins. By hand; part of the trained weights.
_DILATIONS = ((1, 1), (1, 2), (2, 4), (4, 8), (8, 2), (16, 1), (2, 4), (1, 1))
_SUMMARISED = 4


class FloorJudgeNet(nn.Module):
    """Dilated convolutions over bands and levels, which also know the whole picture's means.

    Parameters
    ----------
    width : int
        Channels.
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.stem = nn.Conv2d(PLANES, width, 3, padding=1)
        self.body = nn.ModuleList([_widened(width, pair) for pair in _DILATIONS])
        self.summary = nn.Linear(2 * width, width)
        self.out = nn.Conv2d(width, 1, 1)

    def forward(self, planes: Tensor) -> Tensor:
        """Return unnormalised log probabilities of each place, (batch, bands, places).

        Parameters
        ----------
        planes : Tensor, shape (batch, 18, bands, places)
            From :func:`floor_planes`.
        """
        hidden = functional.relu(self.stem(planes))
        for number, layer in enumerate(self.body):
            if number == _SUMMARISED:
                seen = torch.cat([hidden.mean((2, 3)), hidden.amax(3).mean(2)], 1)
                hidden = hidden + self.summary(seen)[:, :, None, None]
            hidden = hidden + functional.relu(layer(hidden))
        found: Tensor = self.out(hidden)[:, 0]
        return found

    def layer_lists(self) -> dict[str, LayerList]:
        """Return the network as the native core runs it."""
        to = Listing(self)
        hidden = to.convolution(to.input("planes", PLANES), self.stem, "relu")
        for number, layer in enumerate(self.body):
            if number == _SUMMARISED:
                hidden = to.summary(hidden, self.summary)
            conv: nn.Conv2d = layer  # type: ignore[assignment]
            hidden = to.convolution(hidden, conv, "relu", residual=True)
        return {"places": to.layers(to.convolution(hidden, self.out))}


def _widened(width: int, dilation: tuple[int, int]) -> nn.Conv2d:
    """Return a convolution whose output is added to its input: it begins small."""
    layer = nn.Conv2d(width, width, 3, padding=dilation, dilation=dilation)
    layer.weight.data *= 0.5
    return layer


def shown_part(counts: Tensor, mean_db: float) -> Tensor:
    """Return the levels that the network sees, of counts of shape (kinds, bands, levels).

    Parameters
    ----------
    counts : Tensor, shape (kinds, bands, levels)
        Of a noise picture.
    mean_db : float
        The recording's mean power density.

    Returns
    -------
    Tensor, shape (kinds, bands, 128)
        What is below is counted at the lowest level, what is above at the highest.
    """
    first = lowest_shown_db(mean_db) - LOWEST_DB
    padded = functional.pad(counts, (SHOWN_DB, SHOWN_DB))
    begin = min(max(first + SHOWN_DB, 0), counts.shape[-1] + SHOWN_DB)
    shown = padded[..., begin : begin + SHOWN_DB].clone()
    shown[..., 0] += padded[..., :begin].sum(-1)
    shown[..., -1] += padded[..., begin + SHOWN_DB :].sum(-1)
    return shown


def floor_planes(shown: Tensor, patches: Tensor, kilohertz: Tensor) -> Tensor:
    """Return what the network sees.

    Parameters
    ----------
    shown : Tensor, shape (batch, kinds, bands, 128)
        From :func:`shown_part`.
    patches : Tensor, shape (batch,)
        How many patches were counted.
    kilohertz : Tensor, shape (bands,)
        The bands' centres.

    Returns
    -------
    Tensor, shape (batch, 18, bands, 64)
        Shares of the patches by kind and of all, their cumulative sum, the level, the frequency
        linear and in octaves, and how many patches there were.
    """
    batch, kinds, bands, levels = shown.shape
    share = shown.reshape(batch, kinds, bands, PLACES, levels // PLACES).sum(-1)
    share = share / patches.clamp(min=1.0).view(-1, 1, 1, 1)
    whole = share.sum(1, keepdim=True)

    def everywhere(values: Tensor) -> Tensor:
        return values.expand(batch, 1, bands, PLACES)

    octaves = torch.log2(kilohertz.clamp(min=0.02) / 1.4) / 4.0
    return torch.cat(
        [
            3.0 * torch.sqrt(share),
            torch.sqrt(whole),
            whole.cumsum(-1),
            everywhere(torch.linspace(-1.0, 1.0, PLACES, device=shown.device)),
            everywhere((kilohertz / 11.0 - 1.0).view(1, 1, -1, 1)),
            everywhere(octaves.view(1, 1, -1, 1)),
            everywhere((torch.log10(patches.clamp(1.0, MOST_PATCHES)) - 2.0).view(-1, 1, 1, 1)),
        ],
        1,
    )


def read_floor(logits: Tensor) -> tuple[Tensor, Tensor]:
    """Return levels in dB above the lowest that is shown, and how sure they are.

    A level is a low quantile of the distribution, raised by so much that there is no bias where
    the network is sure: the less sure, the lower. The sureness is the probability of a floor
    within 3.5 dB of it.

    Parameters
    ----------
    logits : Tensor, shape (..., places)

    Returns
    -------
    tuple of Tensor
        Each of shape (...,).
    """
    likely = logits.softmax(-1)
    summed = likely.cumsum(-1)
    place = (summed < READ_QUANTILE).sum(-1, keepdim=True).clamp(max=PLACES - 1)
    here = likely.gather(-1, place)
    inside = (READ_QUANTILE - (summed.gather(-1, place) - here)) / here.clamp(min=1e-6)
    level = STEP_DB * (place + inside.clamp(0.0, 1.0))[..., 0] + RAISED_DB
    centres = STEP_DB * (torch.arange(PLACES, device=logits.device) + 0.5)
    near = (centres - level[..., None]).abs() < NEAR_DB
    return level, (likely * near).sum(-1)

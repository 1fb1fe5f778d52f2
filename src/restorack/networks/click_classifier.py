"""Click judges: is this run of samples a click, or music? Two small convolutional networks."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from restorack.inference.layers import LayerList
from restorack.networks.listing import Listing

# The inputs, as plugins.declick.features fills them. Part of the trained weights.
WAVE_CHANNELS, WAVE_LENGTH = 5, 512
LEVEL_CHANNELS, LEVEL_BLOCKS = 5, 64
FACTS, EVIDENCE = 9, 3
"""The first three facts are the classical evidence, which can be kept from the network."""

WAVE_LAYERS = ((24, 9, 4), (32, 5, 2), (48, 5, 2), (48, 3, 2))
"""Channels, kernel and stride of each layer. By hand; part of the trained weights."""
LEVEL_LAYERS = ((24, 5, 2), (32, 5, 2))
"""Channels, width and stride of each convolution."""


class ClickJudge(nn.Module):
    """Log odds that repairing a candidate brings the recording nearer to its undamaged self.

    One branch sees the waveform and its residuals, one the levels around it; both are joined with
    the facts of the candidate. A last fact says whether the classical evidence is given.

    Parameters
    ----------
    hidden : int
        Width of the layers that join the branches.
    """

    def __init__(self, hidden: int = 64) -> None:
        super().__init__()
        self.wave = _convolutions(WAVE_CHANNELS, WAVE_LAYERS)
        self.levels = _convolutions(LEVEL_CHANNELS, LEVEL_LAYERS)
        self.wave_joint = nn.Linear(_flat(WAVE_LENGTH, WAVE_LAYERS), hidden)
        self.level_joint = nn.Linear(_flat(LEVEL_BLOCKS, LEVEL_LAYERS), hidden // 2)
        self.joint = nn.Linear(hidden + hidden // 2 + FACTS + 1, hidden)
        self.verdict = nn.Linear(hidden, 1)

    def forward(self, wave: Tensor, levels: Tensor, facts: Tensor) -> Tensor:
        """Judge candidates.

        Parameters
        ----------
        wave : Tensor, shape (candidates, 5, 512)
        levels : Tensor, shape (candidates, 5, 64)
        facts : Tensor, shape (candidates, 10)
            The nine facts of a portrait, and 1 where the first three hold, else 0.

        Returns
        -------
        Tensor, shape (candidates,)
            Log odds.
        """
        seen = torch.relu(self.wave_joint(self.wave(wave).flatten(1)))
        heard = torch.relu(self.level_joint(self.levels(levels).flatten(1)))
        joined = torch.relu(self.joint(torch.cat([seen, heard, facts], dim=1)))
        odds: Tensor = self.verdict(joined)[:, 0]
        return odds

    def list_layers(self, to: Listing) -> LayerList:
        """Return the same as a layer list: odds by two sets of facts, with evidence and without."""
        wave, levels = to.input("wave", WAVE_CHANNELS), to.input("levels", LEVEL_CHANNELS)
        facts = [to.input(name, FACTS + 1) for name in ("facts", "hidden")]
        wave = _list_convolutions(to, wave, self.wave)
        levels = _list_convolutions(to, levels, self.levels)
        seen = to.flattened(wave, self.wave_joint, _places(WAVE_LENGTH, WAVE_LAYERS), "relu")
        heard = to.flattened(levels, self.level_joint, _places(LEVEL_BLOCKS, LEVEL_LAYERS), "relu")
        odds = []
        for one in facts:
            joined = to.joined(f"{one} and branches", seen, heard, one)
            joined = to.convolution(joined, self.joint, "relu", name=f"joint of {one}")
            odds.append(to.convolution(joined, self.verdict, name=f"odds by {one}"))
        return to.layers(*odds)


class ClickJudges(nn.Module):
    """A judge for each time scale, and the odds they have to see.

    Attributes
    ----------
    fine, coarse : ClickJudge
        For candidates found at the full rate, and at about 11 kHz.
    least_odds : Tensor, shape (2, 2, 5)
        Calibrated on undamaged music: least log odds with the classical evidence and without it,
        at the two scales, for sensitivities of 0, 1/4, 1/2, 3/4 and 1.
    """

    least_odds: Tensor

    def __init__(self, hidden: int = 64) -> None:
        super().__init__()
        self.fine, self.coarse = ClickJudge(hidden), ClickJudge(hidden)
        self.register_buffer("least_odds", torch.zeros(2, 2, 5))

    def forward(self, wave: Tensor, levels: Tensor, facts: Tensor, coarse: Tensor) -> Tensor:
        """Judge candidates of both scales; ``coarse`` says which are of the second."""
        odds = wave.new_zeros(len(wave))
        for judge, mine in ((self.fine, ~coarse), (self.coarse, coarse)):
            if mine.any():
                odds = odds.masked_scatter(mine, judge(wave[mine], levels[mine], facts[mine]))
        return odds

    def layer_lists(self) -> dict[str, LayerList]:
        """Return each judge as the native core runs it."""
        return {
            "fine": self.fine.list_layers(Listing(self)),
            "coarse": self.coarse.list_layers(Listing(self)),
        }


def _convolutions(channels: int, layers: tuple[tuple[int, int, int], ...]) -> nn.Sequential:
    parts: list[nn.Module] = []
    for width, kernel, stride in layers:
        parts += [nn.Conv1d(channels, width, kernel, stride, padding=kernel // 2), nn.ReLU()]
        channels = width
    return nn.Sequential(*parts)


def _list_convolutions(to: Listing, of: str, layers: nn.Sequential) -> str:
    for layer in layers:
        if isinstance(layer, nn.Conv1d):
            of = to.convolution(of, layer, "relu", over_width=True)
    return of


def _flat(length: int, layers: tuple[tuple[int, int, int], ...]) -> int:
    return _places(length, layers) * layers[-1][0]


def _places(length: int, layers: tuple[tuple[int, int, int], ...]) -> int:
    for _, _, stride in layers:
        length = -(-length // stride)
    return length

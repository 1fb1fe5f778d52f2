"""Averaged weights, which are what is validated and exported."""

from __future__ import annotations

import copy

import torch
from torch import nn


class Ema:
    """The exponential moving average of a network's weights.

    Parameters
    ----------
    network : torch.nn.Module
        Its weights of now are where the average starts.
    decay : float
        Share of the average that stays at each step; fewer at the start, ``(1 + n) / (10 + n)``
        after n updates, so that the untrained weights are soon forgotten.

    Attributes
    ----------
    network : torch.nn.Module
        A copy with the averaged weights; buffers are the latest ones.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self.decay = decay
        self.updates = 0

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Take in the weights of a step."""
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        self.updates += 1
        for mine, latest in zip(self.network.parameters(), network.parameters(), strict=True):
            mine.lerp_(latest, 1.0 - decay)
        for kept, buffer in zip(self.network.buffers(), network.buffers(), strict=True):
            kept.copy_(buffer)

"""A task that is quick to learn: find the gain that was taken away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import torch
from torch import nn

from restorack.training.task import Batch, Clips, Example, Losses, Settings, Task

GAIN = 0.25


class ToySettings(Settings):
    """Settings of :class:`Toy`."""

    spoilt: str = ""


class Gain(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(1))
        self.dropout = nn.Dropout(0.1)

    def forward(self, audio: torch.Tensor) -> torch.Tensor:
        return self.dropout(self.gain.exp()) * audio


class Toy(Task[ToySettings]):
    """Learn the logarithm of a gain."""

    name = "toy"
    architecture = "toy"
    settings_type = ToySettings
    summary = "A toy."

    def build_network(self) -> nn.Module:
        return Gain()

    def make_examples(
        self, rng: np.random.Generator, clips: Clips, scene: int
    ) -> Iterable[Example]:
        clean = clips.draw(rng, 0.1, 8000).audio
        yield {"clean": clean, "quiet": (GAIN * clean).astype(np.float32)}

    def loss(self, network: nn.Module, batch: Batch) -> Losses:
        made = network(batch["quiet"])
        total = (made - batch["clean"]).square().mean() / batch["clean"].square().mean()
        if self.settings.spoilt == "loss":
            total = total * torch.nan
        return Losses(total, {"distance": total})

    def validate(self, network: nn.Module, clips: Clips, device: str) -> dict[str, float]:
        assert not network.training
        error = abs(float(network.gain) - float(np.log(1 / GAIN)))
        return {"error": np.nan if self.settings.spoilt == "validation" else error}

    def score(self, metrics: Mapping[str, float]) -> float:
        return -metrics["error"]

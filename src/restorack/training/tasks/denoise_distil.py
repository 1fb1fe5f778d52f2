"""A smaller mask network for the denoiser, taught by the one that is there."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from restorack.errors import ConfigError
from restorack.networks.denoiser import DenoiserNet
from restorack.networks.denoiser_inputs import FloorRows, logit, with_doubt
from restorack.training.narrowing import narrow_mask
from restorack.training.task import Batch, Clips, Example, Losses
from restorack.training.tasks.denoise import (
    AROUND,
    Denoise,
    DenoiseSettings,
    heard,
    heard_mask,
)
from restorack.training.tasks.denoise_losses import denoising_losses
from restorack.training.tasks.denoise_scene import BINS
from restorack.weights.store import load_network

# Masks are compared in dB above this, somewhat below the least gain that is heard at the
# default of 16 dB. By hand.
LOWEST_MATCHED = 0.08


class DistilSettings(DenoiseSettings):
    """How a smaller mask network is taught."""

    teacher: str = Field("denoiser", description="the name or the path of the teacher's weights")
    match: float = Field(
        1.0, ge=0, description="how much the distance to the teacher's mask counts, in 10 dB"
    )


class DistilDenoiser(Denoise):
    """Teach a mask network of fewer channels what another one says.

    The first network is the teacher's, unchanged; so is what the second one sees, which is
    therefore computed once, with the example. The loss is the distance of the masks in decibels,
    where they are followed, beside the losses of the task itself.
    """

    name = "denoise-distil"
    settings_type = DistilSettings
    settings: DistilSettings
    summary: ClassVar[str] = (
        "Two networks that correct a noise floor and the gains above it; the second one was "
        "taught by a wider one."
    )

    @cached_property
    def _teacher(self) -> DenoiserNet:
        network = load_network(self.settings.teacher)
        if not isinstance(network, DenoiserNet):
            raise ConfigError(
                "weights of another architecture",
                where=f"task: teacher: {self.settings.teacher}",
                rule="weights of the architecture denoiser",
            )
        return network.requires_grad_(requires_grad=False)

    def build_network(self) -> nn.Module:
        """Return the teacher's first network, and of its second one as much as there is room."""
        network = super().build_network()
        assert isinstance(network, DenoiserNet)  # noqa: S101 - the architecture of the class
        network.floor.load_state_dict(self._teacher.floor.state_dict())
        network.floor.requires_grad_(requires_grad=False)
        try:
            narrow_mask(self._teacher.mask, network.mask)
        except ValueError as error:
            raise ConfigError(
                str(error), where="network: mask_widths", rule="at most the teacher's"
            ) from None
        return network

    def make_examples(
        self, rng: np.random.Generator, clips: Clips, scene: int
    ) -> Iterable[Example]:
        """Return crops of one scene with what the second network sees and the teacher says."""
        return [self._taught(crop) for crop in super().make_examples(rng, clips, scene)]

    @torch.no_grad()
    def _taught(self, crop: Example) -> Example:
        batch = {name: torch.from_numpy(np.asarray(value)[None]) for name, value in crop.items()}
        seen, gains, _ = self._second_inputs(self._teacher, batch)
        said = self._teacher.mask(seen)[..., :BINS]
        rows = FloorRows(
            torch.zeros(BINS), torch.zeros(BINS), measured=False, kilohertz=torch.zeros(BINS)
        )
        kept = {name: crop[name] for name in ("noisy", "clean", "noise", "wall_hz")}
        followed = with_doubt(torch.ones(1), batch["ratio"][0, AROUND:-AROUND], rows)
        large = {"seen": seen[0], "gains": gains[0], "said": said[0], "followed": followed}
        # Half the bits: a pool of examples is held in memory.
        return kept | {name: value.half().numpy() for name, value in large.items()}

    def loss(self, network: nn.Module, batch: Batch) -> Losses:
        """Return the distance to the teacher, and the task's own losses."""
        found: Any = network
        seen = batch["seen"].float().contiguous(memory_format=torch.channels_last)
        gains, more = batch["gains"].float(), found.mask(seen)
        parts = denoising_losses(heard(heard_mask(more, gains), batch), self.settings.losses)
        apart = masks_apart(more[..., :BINS].float(), batch["said"].float(), gains,
                            batch["followed"].float())  # fmt: skip
        parts["match"] = self.settings.match * apart / 10.0
        counted = [term for name, term in parts.items() if name != "change_db"]
        return Losses(torch.stack(counted).sum(), parts)

    def parameter_groups(
        self, network: Any, learning_rate: float, weight_decay: float
    ) -> list[dict[str, Any]]:
        """Return the second network's parameters alone."""
        return super(Denoise, self).parameter_groups(network.mask, learning_rate, weight_decay)


def masks_apart(more: Tensor, said: Tensor, gains: Tensor, followed: Tensor) -> Tensor:
    """Return how far two corrections of gains lead apart, as a mean in dB.

    Parameters
    ----------
    more, said : Tensor, shape (batch, frames, bins)
        What the pupil and the teacher add to the gains' logits.
    gains : Tensor, shape (batch, frames, bins)
        The classical ones.
    followed : Tensor, shape (batch, frames, bins)
        How far a correction is followed, 0 to 1.
    """
    before = logit(gains)
    mine = torch.sigmoid(before + followed * more)
    theirs = torch.sigmoid(before + followed * said)
    apart = torch.log10(mine + LOWEST_MATCHED) - torch.log10(theirs + LOWEST_MATCHED)
    return functional.huber_loss(20.0 * apart, torch.zeros_like(apart), delta=6.0)

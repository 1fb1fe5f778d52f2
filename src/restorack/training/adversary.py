"""The adversary of a training: a discriminator with its own optimiser."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from restorack.training.checkpoint import (
    network_tensors,
    optimiser_tensors,
    restore_network,
    restore_optimiser,
)
from restorack.training.config import OptimiserConfig
from restorack.training.losses.adversarial import discriminator_loss
from restorack.training.optimising import build_adamw, set_rates


class Adversary:
    """Learns to tell clean from restored sound while another network learns to restore.

    Parameters
    ----------
    network : torch.nn.Module
        Takes audio, returns a list of score maps.
    config : OptimiserConfig
    """

    def __init__(self, network: nn.Module, config: OptimiserConfig) -> None:
        self.network = network
        self._config = config
        self._optimiser = build_adamw([{"params": list(network.parameters())}], config)

    def set_rates(self, step: int, fraction: float) -> None:
        """Follow the schedule."""
        set_rates(self._optimiser, self._config, step, fraction)

    def learn(self, clean: Tensor, made: Tensor, autocast: torch.autocast) -> float:
        """Take a step against what was made; return the loss."""
        self._optimiser.zero_grad(set_to_none=True)
        with autocast:
            loss = discriminator_loss(self.network(clean), self.network(made.detach()))
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), self._config.clip_norm)
        self._optimiser.step()
        return float(loss.detach())

    def tensors(self) -> dict[str, Tensor]:
        """Return its weights and its optimiser's state, for a checkpoint."""
        return {
            **network_tensors("adversary", self.network),
            **optimiser_tensors("adversary_optimiser", self._optimiser, self.network),
        }

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Take them back."""
        restore_network("adversary", self.network, tensors)
        restore_optimiser("adversary_optimiser", self._optimiser, self.network, tensors)

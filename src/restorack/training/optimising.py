"""AdamW with the schedule of its learning rate, and torch's random numbers by step."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from restorack.training.config import OptimiserConfig
from restorack.training.schedule import rate_factor


def build_adamw(groups: list[dict[str, Any]], config: OptimiserConfig) -> torch.optim.AdamW:
    """Return an optimiser whose groups know their peak rate, ``initial_lr``."""
    optimiser = torch.optim.AdamW(
        groups, config.learning_rate, betas=config.betas, weight_decay=config.weight_decay
    )
    for group in optimiser.param_groups:
        group["initial_lr"] = group["lr"]
    return optimiser


def set_rates(
    optimiser: torch.optim.Optimizer, config: OptimiserConfig, step: int, fraction: float
) -> float:
    """Set every group's learning rate by the schedule; return the first group's."""
    factor = rate_factor(
        step, fraction, warmup_steps=config.warmup_steps, final_fraction=config.final_fraction
    )
    for group in optimiser.param_groups:
        group["lr"] = factor * group["initial_lr"]
    return float(optimiser.param_groups[0]["lr"])


def seed_torch(seed: int, purpose: int, step: int) -> None:
    """Seed torch's own random numbers, which dropout and initial weights draw from."""
    words = np.random.SeedSequence([seed, purpose, step]).generate_state(2, np.uint32)
    torch.manual_seed(int(words[0]) << 31 | int(words[1]) >> 1)

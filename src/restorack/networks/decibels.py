"""Decibels of tensors, as :mod:`restorack.dsp.decibels` has them of arrays."""

from __future__ import annotations

import torch
from torch import Tensor


def power_to_db(power: Tensor) -> Tensor:
    """Return the level of a power ratio above 0, in dB."""
    return 10.0 * torch.log10(power)


def db_to_power(db: Tensor) -> Tensor:
    """Return the power ratio of a level in dB."""
    return 10.0 ** (db / 10.0)

"""What is wrong with a waveform after, against what was wrong before."""

from __future__ import annotations

import torch
from torch import Tensor


def error_to_noise(
    estimate: Tensor,
    reference: Tensor,
    noisy: Tensor,
    *,
    harm: float = 1.5,
    floor: float = 0.03,
    ground: float = 3e-4,
) -> Tensor:
    """Return the level of what is wrong after against what was wrong before, in dB over ten.

    It says directly whether a sound came out better or worse than it went in. The worse half is
    weighted, since a restorer must not harm, but grows as a logarithm only, so that one spoilt
    clean example does not outweigh all the others.

    Parameters
    ----------
    estimate, reference, noisy : Tensor, shape (batch, samples)
    harm : float
        Weight of levels above 0 dB.
    floor : float
        Share of the noise below which the error no longer counts.
    ground : float
        Share of the reference that counts as noise even where there is none.

    Returns
    -------
    Tensor
        The mean of ``l = log10(error / noise)`` where that is negative, else of
        ``harm log(1 + l)``.
    """
    music = reference.square().sum(-1)
    noise = (noisy - reference).square().sum(-1) + ground * music + 1e-10
    error = (estimate - reference).square().sum(-1) + floor * noise
    level = torch.log10(error / noise)
    return torch.where(level > 0, harm * torch.log1p(level.clamp(min=0.0)), level).mean()

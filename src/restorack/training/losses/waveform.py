"""Distances of waveforms: mean absolute error, and the same with damaged places weighted."""

from __future__ import annotations

import torch
from torch import Tensor


def mean_absolute_error(estimate: Tensor, reference: Tensor) -> Tensor:
    """Return the mean of ``|estimate - reference|``.

    A network that minimises this alone tends to mute what it is unsure of: a lower error with a
    worse sound. Mix it with spectral losses.

    Parameters
    ----------
    estimate, reference : Tensor
        Of one shape, such as (batch, samples).
    """
    return (estimate - reference).abs().mean()


def impulse_weighted_error(
    estimate: Tensor, reference: Tensor, impulses: Tensor, weight: float = 10.0
) -> Tensor:
    """Return the mean absolute error with the samples that impulses had hit weighted.

    Impulses touch few samples, so that a plain mean hardly hears them.

    Parameters
    ----------
    estimate, reference : Tensor, shape (batch, samples)
    impulses : Tensor, shape (batch, samples)
        1 where an impulse lies, 0 elsewhere; values between count in proportion.
    weight : float
        Of a sample under an impulse; the others weigh 1.

    Returns
    -------
    Tensor
        ``sum(w |estimate - reference|) / sum(w)``, with ``w = 1 + (weight - 1) impulses``.
    """
    weights = 1.0 + (weight - 1.0) * impulses
    return (weights * (estimate - reference).abs()).sum() / weights.sum()


def si_sdr_loss(estimate: Tensor, reference: Tensor, eps: float = 1e-8) -> Tensor:
    """Return the scale-invariant signal-to-distortion ratio in dB, negated, of signals' means.

    Parameters
    ----------
    estimate, reference : Tensor, shape (..., samples)
    eps : float
        Added to energies, for silence.

    References
    ----------
    J. Le Roux et al., "SDR - half-baked or well done?", ICASSP 2019.
    """
    estimate = estimate - estimate.mean(-1, keepdim=True)
    reference = reference - reference.mean(-1, keepdim=True)
    energy = reference.square().sum(-1, keepdim=True)
    scale = (estimate * reference).sum(-1, keepdim=True) / (energy + eps)
    target = scale * reference
    error = (estimate - target).square().sum(-1)
    return -10.0 * torch.log10(target.square().sum(-1) / (error + eps) + eps).mean()


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

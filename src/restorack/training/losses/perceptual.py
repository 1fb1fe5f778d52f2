"""Distances in what is heard: mel bands with equal-loudness weights, and a network's features."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import Tensor

from restorack.training.losses.spectral import Resolution, spectrogram

MEL_RESOLUTIONS = (Resolution(4096, 1024), Resolution(2048, 512), Resolution(512, 128))


def mel_distance(
    estimate: Tensor,
    reference: Tensor,
    sample_rate: float = 44_100.0,
    *,
    bands: int = 64,
    resolutions: Sequence[Resolution] = MEL_RESOLUTIONS,
) -> Tensor:
    """Return the mean absolute difference of mel bands' levels, weighted by A, in units of 10 dB.

    Levels more than 60 dB below the reference's mean count as equal.

    Parameters
    ----------
    estimate, reference : Tensor, shape (..., samples)
    sample_rate : float
        In Hz.
    bands : int
        Of the finest resolution in frequency; shorter frames get proportionally fewer.
    resolutions : sequence of Resolution
    """
    total = estimate.new_zeros(())
    longest = max(resolution.frame for resolution in resolutions)
    for resolution in resolutions:
        count = max(8, bands * resolution.frame // longest)
        filters = mel_filters(resolution.frame, sample_rate, count).to(estimate.device)
        mine = _band_powers(estimate, resolution, filters)
        theirs = _band_powers(reference, resolution, filters)
        floor = 1e-6 * theirs.mean(dim=(-2, -1), keepdim=True) + 1e-10
        total = total + ((mine + floor).log10() - (theirs + floor).log10()).abs().mean()
    return total / len(resolutions)


def feature_distance(clean: list[list[Tensor]], made: list[list[Tensor]]) -> Tensor:
    """Return how differently a discriminator hears two sounds, layer by layer.

    Parameters
    ----------
    clean, made : list of list of Tensor
        Of :meth:`~restorack.training.losses.adversarial.SpectrogramDiscriminator.features`; the
        scores at the end of each list are left out.

    References
    ----------
    K. Kumar et al., "MelGAN", NeurIPS 2019.
    """
    each = [
        (mine - theirs.detach()).abs().mean() / (theirs.detach().abs().mean() + 1e-6)
        for heard, seen in zip(made, clean, strict=True)
        for mine, theirs in zip(heard[:-1], seen[:-1], strict=True)
    ]
    return torch.stack(each).mean()


@lru_cache(maxsize=32)
def mel_filters(frame: int, sample_rate: float, bands: int) -> Tensor:
    """Return triangles on the mel scale, weighted by A, shape (bands, bins).

    Bands that are narrower than a bin of the transform take in the nearest one.
    """
    hertz = torch.linspace(0.0, sample_rate / 2.0, frame // 2 + 1, dtype=torch.float64)
    highest = 2595.0 * torch.log10(torch.tensor(1.0 + sample_rate / 2.0 / 700.0))
    edges = 700.0 * (10.0 ** (torch.linspace(0.0, float(highest), bands + 2) / 2595.0) - 1.0)
    edges = edges.double()
    rising = (hertz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - hertz) / (edges[2:] - edges[1:-1])[:, None]
    triangles = torch.minimum(rising, falling).clamp(min=0.0)
    empty = triangles.sum(1) == 0
    nearest = (hertz[None] - edges[1:-1, None]).abs().argmin(1)
    triangles[empty, nearest[empty]] = 1.0
    return (triangles * a_weighting(hertz) / triangles.sum(1, keepdim=True)).float()


def a_weighting(hertz: Tensor) -> Tensor:
    """Return the A weighting of IEC 61672-1 as a factor of power, 1 at 1 kHz."""
    square = hertz.square()
    response = (12_194.0**2 * square.square()) / (
        (square + 20.6**2)
        * ((square + 107.7**2) * (square + 737.9**2)).sqrt()
        * (square + 12_194.0**2)
    )
    factor: Tensor = (response * 10.0 ** (2.0 / 20.0)).square()
    return factor


def _band_powers(audio: Tensor, resolution: Resolution, filters: Tensor) -> Tensor:
    spectra = spectrogram(audio, resolution)
    return filters @ (spectra.real.square() + spectra.imag.square())

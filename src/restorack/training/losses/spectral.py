"""Distances of spectrograms at several resolutions: magnitudes, logarithms, complex values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

MAGNITUDE_FLOOR = 1e-4
"""Magnitude from which a spectrum counts, -80 dB: below it logarithms would weigh rounding. By
hand."""


@dataclass(frozen=True)
class Resolution:
    """A short-time Fourier transform.

    Attributes
    ----------
    frame, hop : int
        Samples of a transform, and between two of them.
    window : int
        Samples of the Hann window, in the middle of the frame; 0: all.
    """

    frame: int
    hop: int
    window: int = 0


RESOLUTIONS = (Resolution(2048, 512), Resolution(1024, 256), Resolution(512, 128))


def spectrogram(audio: Tensor, resolution: Resolution) -> Tensor:
    """Return the complex spectrogram of (..., samples): (..., bins, frames)."""
    window = torch.hann_window(resolution.window or resolution.frame, device=audio.device)
    flat = audio.reshape(-1, audio.shape[-1]).float()
    spectra = torch.stft(
        flat, resolution.frame, resolution.hop, len(window), window, return_complex=True
    )
    return spectra.reshape(*audio.shape[:-1], *spectra.shape[-2:])


def magnitudes(spectra: Tensor) -> Tensor:
    """Return magnitudes from ``MAGNITUDE_FLOOR`` on, with a gradient that is finite at zero."""
    power = spectra.real.square() + spectra.imag.square()
    return power.clamp(min=MAGNITUDE_FLOOR**2).sqrt()


def compressed_stft(
    estimate: Tensor,
    reference: Tensor,
    resolutions: Sequence[Resolution] = RESOLUTIONS,
    *,
    power: float = 0.3,
    complex_share: float = 0.3,
    ceiling_hz: Tensor | None = None,
    sample_rate: float = 44_100.0,
) -> Tensor:
    """Return the distance of spectrograms whose magnitudes are compressed, as hearing does.

    Both are scaled by the level of the reference first, so that quiet passages count as much.

    Parameters
    ----------
    estimate, reference : Tensor, shape (batch, samples)
    resolutions : sequence of Resolution
    power : float
        Magnitudes are raised to it; phases stay.
    complex_share : float
        Share of the complex values' distance; the rest is the magnitudes'.
    ceiling_hz : Tensor, shape (batch,), optional
        What is above it in an example does not count: nothing there is real.
    sample_rate : float
        In Hz.

    References
    ----------
    A. Ephrat et al., "Looking to listen at the cocktail party", SIGGRAPH 2018; S. Braun,
    I. Tashev, "Data augmentation and loss normalization for deep noise suppression", 2020.
    """
    level = reference.square().mean(-1, keepdim=True).sqrt() + 1e-4
    total = estimate.new_zeros(())
    for resolution in resolutions:
        scale = level.unsqueeze(-1) * resolution.frame**0.5
        made = spectrogram(estimate, resolution) / scale
        real = spectrogram(reference, resolution) / scale
        keep = below(ceiling_hz, resolution, sample_rate)
        mine, theirs = magnitudes(made), magnitudes(real)
        tone = _mean((mine.pow(power) - theirs.pow(power)).abs(), keep)
        apart = made * mine.pow(power - 1.0) - real * theirs.pow(power - 1.0)
        phase = _mean(magnitudes(apart), keep)
        total = total + (1.0 - complex_share) * tone + complex_share * phase
    return total / len(resolutions)


def over_suppression(
    estimate: Tensor,
    reference: Tensor,
    resolutions: Sequence[Resolution] = RESOLUTIONS,
    *,
    power: float = 0.3,
) -> Tensor:
    """Return how much of the reference's compressed magnitudes is missing; excess is free.

    Added to a loss it makes taking too much cost more than leaving some: weak partials stay.

    References
    ----------
    Q. Wang et al., "VoiceFilter-Lite: streaming targeted voice separation", Interspeech 2020.
    """
    level = reference.square().mean(-1, keepdim=True).sqrt() + 1e-4
    total = estimate.new_zeros(())
    for resolution in resolutions:
        scale = level.unsqueeze(-1) * resolution.frame**0.5
        mine = magnitudes(spectrogram(estimate, resolution) / scale)
        theirs = magnitudes(spectrogram(reference, resolution) / scale)
        total = total + torch.relu(theirs.pow(power) - mine.pow(power)).mean()
    return total / len(resolutions)


def below(ceiling_hz: Tensor | None, resolution: Resolution, sample_rate: float) -> Tensor | None:
    """Return 1 for bins below each example's ceiling, shape (batch, bins, 1)."""
    if ceiling_hz is None:
        return None
    bins = torch.arange(resolution.frame // 2 + 1, device=ceiling_hz.device)
    hertz = bins * (sample_rate / resolution.frame)
    return (hertz[None] < ceiling_hz[:, None]).float().unsqueeze(-1)


def _mean(values: Tensor, keep: Tensor | None) -> Tensor:
    if keep is None:
        return values.mean()
    return (values * keep).sum() / (keep.sum() * values.shape[-1]).clamp(min=1.0)

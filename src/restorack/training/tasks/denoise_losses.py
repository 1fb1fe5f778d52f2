"""What the denoiser is trained to make small, and resynthesis inside the training."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from pydantic import Field
from torch import Tensor
from torch.nn import functional

from restorack.networks.decibels import power_to_db
from restorack.training.task import Settings
from restorack.training.tasks.denoise_noise import RATE
from restorack.training.tasks.denoise_scene import FRAME, HOP, WINDOW

# Samples of the frames that magnitudes are compared in; dB of over-suppression from which on the
# loss grows more slowly. By hand.
RESOLUTIONS = (2048, 512)
SOFTENS_DB = 6.0


class LossWeights(Settings):
    """How much each term counts."""

    waveform: float = Field(default=2.0, ge=0, description="error over noise, in tens of decibels")
    compressed: float = Field(default=2.0, ge=0, description="magnitudes to the power of 0.3")
    complex: float = Field(default=0.5, ge=0, description="the same with phases")
    spectral_distance: float = Field(default=0.5, ge=0, description="log-spectral distance")
    asymmetric: float = Field(default=0.3, ge=0, description="what is missing counts more")
    absolute: float = Field(default=0.0, ge=0, description="mean absolute error of magnitudes")


@dataclass(frozen=True)
class Heard:
    """A batch as samples, shape (batch, samples), and where each item's band ends, (batch,)."""

    estimate: Tensor
    clean: Tensor
    noise: Tensor
    wall_hz: Tensor


def resynthesised(spectra: Tensor) -> Tensor:
    """Return samples from frames, (batch, frames, bins), without the three hops at either end."""
    window = torch.from_numpy(WINDOW).to(spectra.device) / 2
    frames = torch.fft.irfft(spectra, FRAME, dim=-1) * window
    parts = frames.reshape(*frames.shape[:2], FRAME // HOP, HOP)
    shifted = [functional.pad(parts[:, :, k], (0, 0, k, 3 - k)) for k in range(4)]
    return sum(shifted[1:], shifted[0]).flatten(1)[:, 3 * HOP : frames.shape[1] * HOP]


def denoising_losses(heard: Heard, weights: LossWeights) -> dict[str, Tensor]:
    """Return the weighted terms, and ``change_db`` for the log, which does not count.

    Parameters
    ----------
    heard : Heard
    weights : LossWeights
    """
    scale = 1.0 / (heard.clean.pow(2).mean(1).sqrt() + 1e-4)
    parts: dict[str, Tensor] = {}
    for size in RESOLUTIONS:
        clean, estimate = _spectra(heard.clean, size), _spectra(heard.estimate, size)
        audible = _below(heard.wall_hz, size)
        level = (scale**2 / size)[:, None, None]
        x = (_power(clean) * level + 1e-9).pow(0.15)
        y = (_power(estimate) * level + 1e-9).pow(0.15)
        whole = (x * audible).sum((1, 2))
        half = 1.0 / len(RESOLUTIONS)
        wrong = ((y - x).abs() * audible).sum((1, 2)) / whole
        lost = (functional.relu(x - y) * audible).sum((1, 2)) / whole
        _add(parts, "compressed", half * weights.compressed * wrong.mean())
        _add(parts, "asymmetric", half * weights.asymmetric * lost.mean())
        if size == FRAME:
            noise = _spectra(heard.noise, size)
            change = _change_db(clean, estimate, noise, audible)
            parts["change_db"] = change.mean().detach()
            parts["waveform"] = weights.waveform * _softened(change).mean() / 10.0
            distance = _distance(_power(clean), _power(estimate), audible)
            parts["spectral_distance"] = weights.spectral_distance * distance
            apart = _compressed_apart(clean, estimate, level, audible) / whole
            parts["complex"] = weights.complex * apart.mean()
            if weights.absolute:
                magnitudes = (_power(estimate) + 1e-12).sqrt() - (_power(clean) + 1e-12).sqrt()
                mean = (magnitudes.abs() * audible).mean((1, 2)) * scale / math.sqrt(size)
                parts["absolute"] = weights.absolute * mean.mean()
    return parts


def _change_db(clean: Tensor, estimate: Tensor, noise: Tensor, audible: Tensor) -> Tensor:
    """Return how much larger the error is than the noise was, in dB; -25 dB at the least."""
    error = (_power(estimate - clean) * audible).sum((1, 2))
    before = ((_power(noise) + 1e-4 * _power(clean)) * audible).sum((1, 2))
    return power_to_db((error + 0.003 * before) / before)


def _softened(change_db: Tensor) -> Tensor:
    """Return changes for the worse steeper at first, and then ever less steep."""
    worse = 1.5 * SOFTENS_DB * torch.log1p(functional.relu(change_db) / SOFTENS_DB)
    return torch.where(change_db < 0, change_db, worse)


def _distance(clean: Tensor, estimate: Tensor, audible: Tensor) -> Tensor:
    """Return the log-spectral distance, with magnitudes of at least -100 dB."""
    least = 1e-10 * (FRAME / 4) ** 2
    apart = torch.log10(estimate.clamp(min=least)) - torch.log10(clean.clamp(min=least))
    return ((apart**2 * audible).sum(2) / audible.sum(2) + 1e-6).sqrt().mean()


def _compressed_apart(clean: Tensor, estimate: Tensor, level: Tensor, audible: Tensor) -> Tensor:
    """Return the distance of spectra whose magnitudes are compressed to the power of 0.3."""
    x = clean * (_power(clean) * level + 1e-9).pow(-0.35)
    y = estimate * (_power(estimate) * level + 1e-9).pow(-0.35)
    apart = (_power((y - x) * level.sqrt()) + 1e-8).sqrt()
    return (apart * audible).sum((1, 2))


def _spectra(audio: Tensor, size: int) -> Tensor:
    window = torch.hann_window(size, device=audio.device)
    found = torch.stft(audio, size, size // 4, window=window, center=False, return_complex=True)
    return found.transpose(1, 2)


def _power(spectra: Tensor) -> Tensor:
    return spectra.real**2 + spectra.imag**2


def _below(wall_hz: Tensor, size: int) -> Tensor:
    """Return 1 for bins below the walls, shape (batch, 1, bins)."""
    frequencies = torch.arange(size // 2 + 1, device=wall_hz.device) * RATE / size
    return (frequencies[None] < 0.98 * wall_hz[:, None]).float()[:, None]


def _add(parts: dict[str, Tensor], name: str, term: Tensor) -> None:
    parts[name] = parts[name] + term if name in parts else term

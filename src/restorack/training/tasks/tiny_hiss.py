"""Tiny hiss: a mask network of ten thousand weights, as an example of a whole task."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import nn

from restorack.audio.framing import FrameAnalysis
from restorack.networks.tiny_features import FloorTracker, frame_sizes
from restorack.training.task import Batch, Clips, Example, Losses, Settings, Task

RATE = 44_100


class TinyHissSettings(Settings):
    """Settings of :class:`TinyHiss`."""

    seconds: float = Field(6.0, gt=2.0, le=30.0, description="seconds of a scene, from 2 to 30")
    frames: int = Field(96, ge=32, le=512, description="frames of an example, from 32 to 512")
    crops: int = Field(4, ge=1, le=32, description="examples from a scene, from 1 to 32")
    validation_scenes: int = Field(21, ge=1, description="a whole number from 1")


class TinyHiss(Task[TinyHissSettings]):
    """Take steady hiss off music, frame by frame, without a first pass."""

    name = "tiny-hiss"
    architecture = "tiny-mask"
    settings_type = TinyHissSettings
    summary = "Takes steady hiss off, without a first pass: a small example of a trained network."

    def make_examples(
        self, rng: np.random.Generator, clips: Clips, scene: int
    ) -> Iterable[Example]:
        """Make a scene of noisy music, and crops of its spectrogram."""
        clean, noise, wall = _scene(rng, clips, self.settings.seconds)
        frame, _ = frame_sizes(RATE)
        noisy_spectra, clean_spectra = _spectra(clean + noise), _spectra(clean)
        scale = 2.0 / frame
        power = (scale * np.abs(noisy_spectra)) ** 2
        tracker = FloorTracker(power.shape[1])
        features = np.stack([tracker.features(row) for row in power], axis=1)
        real = (np.arange(power.shape[1]) * RATE / frame < wall).astype(np.float32)
        for _ in range(self.settings.crops):
            first = int(rng.integers(0, power.shape[0] - self.settings.frames + 1))
            crop = slice(first, first + self.settings.frames)
            yield {
                "features": features[:, crop].astype(np.float16),
                "noisy": (scale * noisy_spectra[crop]).astype(np.complex64),
                "clean": (scale * clean_spectra[crop]).astype(np.complex64),
                "real": real,
            }

    def loss(self, network: nn.Module, batch: Batch) -> Losses:
        """Return compressed magnitudes' distance and the error's level against the noise's."""
        reach = int(network.reach)  # type: ignore[arg-type]
        gains = network(batch["features"].float())
        inner = slice(reach, -reach)
        keep = batch["real"][:, None]
        clean, noisy = batch["clean"][:, inner], batch["noisy"][:, inner]
        made = noisy * gains[:, inner]
        error = ((made - clean).abs().square() * keep).sum((1, 2))
        noise = ((noisy - clean).abs().square() * keep).sum((1, 2))
        music = (clean.abs().square() * keep).sum((1, 2)) + 1e-10
        level = 10.0 * torch.log10((error + 0.003 * noise + 1e-6 * music) / (noise + 1e-5 * music))
        # What makes the sound worse than it was counts more than what makes it better.
        distance = torch.where(level > 0, 3.0 * level, level).mean()
        unit = (music / clean[0].numel()).sqrt()[:, None, None]
        shape = _compressed(made, unit) - _compressed(clean, unit)
        spectral = (shape.abs() * keep).mean()
        total = 0.1 * distance + 2.0 * spectral
        return Losses(total, {"distance": distance.detach(), "spectral": spectral.detach()})

    def validate(self, network: nn.Module, clips: Clips, device: str) -> dict[str, float]:
        """Restore excerpts at several noise levels by the very stage that will be used."""
        from restorack.plugins.mask_engine import MaskEngine

        levels = (5.0, 10.0, 15.0, 20.0, 25.0, 35.0, np.inf)
        gains, untouched = [], []
        home = next(network.parameters()).device
        network.to("cpu")
        for number in range(self.settings.validation_scenes):
            rng = np.random.default_rng([7, number])
            snr = levels[number % len(levels)]
            clean, noise, _ = _scene(rng, clips, self.settings.seconds, snr)
            engine = MaskEngine(network, 1, RATE)
            noisy = (clean + noise).astype(np.float32)[np.newaxis]
            made = np.concatenate([engine.push(noisy), engine.finish()], axis=1)[0]
            if np.isfinite(snr):
                gains.append(_si_sdr(clean, made) - _si_sdr(clean, noisy[0]))
            else:
                untouched.append(min(80.0, _si_sdr(clean, made)))
        network.to(home)
        return {
            "si_sdr_gain": float(np.median(gains)),
            "si_sdr_gain_worst": float(np.min(gains)),
            "clean_kept_db": float(np.median(untouched)) if untouched else 0.0,
        }

    def score(self, metrics: Mapping[str, float]) -> float:
        """Return the median gain, less what the worst case lost."""
        return metrics["si_sdr_gain"] + 0.25 * min(0.0, metrics["si_sdr_gain_worst"])


def _scene(
    rng: np.random.Generator, clips: Clips, seconds: float, snr: float | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return music, hiss of a random tilt, and the frequency above which nothing is real."""
    excerpt = clips.draw(rng, seconds, RATE)
    music = excerpt.audio.astype(np.float64)
    samples = len(music)
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    tilt = rng.uniform(-1.0, 0.3)
    spectrum *= np.maximum(np.arange(len(spectrum)), 0.005 * len(spectrum)) ** tilt
    noise = np.fft.irfft(spectrum, samples)
    if snr is None:
        snr = np.inf if rng.random() < 0.1 else rng.uniform(0.0, 40.0)
    power = max(float(np.mean(music**2)), 1e-10)
    if not np.isfinite(snr):
        return music, np.zeros(samples), excerpt.wall_hz
    noise *= np.sqrt(power / np.mean(noise**2)) * 10.0 ** (-snr / 20.0)
    return music, noise, excerpt.wall_hz


def _spectra(audio: NDArray[np.float64]) -> NDArray[np.complex128]:
    frame, hop = frame_sizes(RATE)
    groups = FrameAnalysis(1, frame, hop, 1).push(audio[np.newaxis].astype(np.float32))
    return np.concatenate([group[0] for group in groups])


def _compressed(spectra: torch.Tensor, unit: torch.Tensor) -> torch.Tensor:
    return (spectra.abs() / unit + 1e-5).pow(0.3)


def _si_sdr(clean: NDArray[np.float64], made: NDArray[np.floating]) -> float:
    made = made.astype(np.float64)
    target = (made @ clean) / max(float(clean @ clean), 1e-12) * clean
    error = made - target
    return float(10.0 * np.log10((target @ target + 1e-12) / (error @ error + 1e-12)))

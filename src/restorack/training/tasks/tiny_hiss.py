"""Tiny hiss: a mask network of ten thousand weights, as an example of a whole task."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn

from restorack.dsp.stft import FrameAnalysis, Spectra, SpectralChange, square_root_hann
from restorack.inference.network import Network
from restorack.inference.tiny_features import HOPS_PER_FRAME, FeatureTracker, power_over_floor
from restorack.inference.tiny_mask import TinyMask
from restorack.meters.histogram_floor.estimate import NoiseFloorEstimator
from restorack.metrics.distortion import si_sdr_db
from restorack.training.damage import DamagedScene, DamageSettings, Degrader
from restorack.training.losses.spectral import compressed_stft, over_suppression
from restorack.training.losses.waveform import error_to_noise
from restorack.training.task import Batch, Clips, Example, Losses, Settings, Task

# Hz and samples: LearnedMask's own frames at 44.1 kHz.
RATE = 44_100
HOP = 512
FRAME = HOPS_PER_FRAME * HOP
_GROUP = 8
"""Frames that are made at a time."""

_HISS: dict[str, Any] = {
    "stages": [
        {
            "stage": "restorack.Hiss",
            "params": {
                "tilt_db_per_octave": [-5.0, 2.0],
                "ripple_db": [0.0, 3.0],
                "high_hz": [3000, 40_000],
            },
        },
    ]
}
_LEVELS_DB = (5.0, 10.0, 15.0, 20.0, 25.0, 35.0, math.inf)


class TinyHissSettings(Settings):
    """Settings of :class:`TinyHiss`."""

    seconds: float = Field(8.0, gt=2.0, le=30.0, description="seconds of a scene, from 2 to 30")
    frames: int = Field(96, ge=32, le=512, description="frames of an example, from 32 to 512")
    crops: int = Field(4, ge=1, le=32, description="examples from a scene, from 1 to 32")
    told_share: float = Field(0.25, ge=0, le=1, description="a share of scenes, from 0 to 1")
    validation_scenes: int = Field(21, ge=1, description="a whole number from 1")
    damage: DamageSettings = Field(
        default_factory=lambda: DamageSettings.model_validate(_HISS),
        description="a mapping of stages and snr",
    )


class TinyHiss(Task[TinyHissSettings]):
    """Take steady hiss off music, from the noise floor that is found in it.

    ``told_share`` of the scenes get the floor of the noise alone, as where a user has marked it.
    """

    name = "tiny-hiss"
    architecture = "tiny-mask"
    settings_type = TinyHissSettings
    summary = "Takes steady hiss off, from the noise floor that was found: a small trained network."

    def __init__(self, settings: TinyHissSettings, network: Mapping[str, Any]) -> None:
        super().__init__(settings, network)
        self._damager = Degrader(settings.damage)

    def make_examples(
        self, rng: np.random.Generator, clips: Clips, scene: int
    ) -> Iterable[Example]:
        """Make a scene of noisy music, and crops of it: features, spectra, clean waveform."""
        excerpt = clips.draw(rng, self.settings.seconds, RATE)
        damaged = self._damager.damage(rng, excerpt.audio, RATE, scene)
        told = rng.random() < self.settings.told_share
        floor = _floor(damaged.audio - damaged.target if told else damaged.audio)
        if floor is None:
            return
        spectra = _spectra(damaged.audio)
        ratios = power_over_floor(np.square(np.abs(spectra)), floor)
        tracker = FeatureTracker(spectra.shape[1])
        features = np.stack([tracker.features(ratio) for ratio in ratios], axis=1)
        count = self.settings.frames
        for _ in range(self.settings.crops):
            first = int(rng.integers(0, len(spectra) - count + 1))
            # Four frames overlap: a crop's first three hops are not whole.
            samples = slice((first + 3) * HOP, (first + count) * HOP)
            yield {
                "features": features[:, first : first + count].astype(np.float16),
                "spectra": spectra[first : first + count].astype(np.complex64),
                "clean": damaged.target[samples],
                "noisy": damaged.audio[samples],
                "wall_hz": np.array(0.98 * excerpt.wall_hz, np.float32),
            }

    def loss(self, network: nn.Module, batch: Batch) -> Losses:
        """Return a mixture: error against noise, compressed spectra, over-suppression."""
        gains = network(batch["features"].float())
        made = _waveform(batch["spectra"] * gains)
        reach = int(network.reach) * HOP  # type: ignore[arg-type]
        inner = slice(reach, -reach)
        made, clean, noisy = made[:, inner], batch["clean"][:, inner], batch["noisy"][:, inner]
        parts = {
            "error": error_to_noise(made, clean, noisy),
            "spectral": compressed_stft(made, clean, ceiling_hz=batch["wall_hz"]),
            "missing": over_suppression(made, clean),
        }
        total = parts["error"] + 2.0 * parts["spectral"] + parts["missing"]
        return Losses(total, {name: value.detach() for name, value in parts.items()})

    def validate(self, network: nn.Module, clips: Clips, device: str) -> dict[str, float]:
        """Restore excerpts at several noise levels by the very engine that will be used."""
        gains, kept = [], []
        mask = _native(network, self.network_settings)
        for number in range(self.settings.validation_scenes):
            ratio = _LEVELS_DB[number % len(_LEVELS_DB)]
            scene = self._held_out(number, clips, ratio)
            made = _restored(mask, scene.audio)
            after = si_sdr_db(scene.target, made)
            if math.isfinite(ratio):
                gains.append(after - si_sdr_db(scene.target, scene.audio))
            else:
                kept.append(min(80.0, after))
        found = {"si_sdr_gain_db": float(np.median(gains))}
        found["si_sdr_gain_worst_db"] = float(np.min(gains))
        return found | ({"clean_kept_db": float(np.median(kept))} if kept else {})

    def score(self, metrics: Mapping[str, float]) -> float:
        """Return the median gain, less a quarter of what the worst case lost."""
        return metrics["si_sdr_gain_db"] + 0.25 * min(0.0, metrics["si_sdr_gain_worst_db"])

    def _held_out(self, number: int, clips: Clips, ratio: float) -> DamagedScene:
        rng = np.random.default_rng([7, number])
        excerpt = clips.draw(rng, self.settings.seconds, RATE)
        return self._damager.damage(rng, excerpt.audio, RATE, 10**9, ratio)


def _native(network: Any, settings: Mapping[str, Any]) -> TinyMask:
    """Return the network as it will run once it is exported."""
    tensors = {name: value.detach().cpu().numpy() for name, value in network.state_dict().items()}
    layers = network.layer_lists()["logits"]
    return TinyMask(Network(layers, tensors), tensors["prior"], settings)


def _restored(mask: TinyMask, noisy: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what the stage will: a floor from the noisy sound itself, then the network."""
    from restorack.plugins.denoise.mask_window import MaskWindow

    floor = _floor(noisy)
    window = MaskWindow(mask, 1, FRAME // 2 + 1, _GROUP)

    def change(spectra: Spectra) -> Spectra:
        return window.change(spectra, floor)

    flow = SpectralChange(1, FRAME, HOP, _GROUP, change, mask.reach)
    made: NDArray[np.float32] = np.concatenate(
        [flow.push(noisy[np.newaxis]), flow.finish()], axis=1
    )[0]
    return made


def _floor(noisy: NDArray[np.float32]) -> NDArray[np.float64] | None:
    """Return the noise floor that is found in a sound."""
    estimator = NoiseFloorEstimator(RATE, 1)
    estimator.push(noisy[np.newaxis])
    found = estimator.estimate()
    if found is None:
        return None
    middle = 0.5 * len(noisy) / RATE
    return found.density(np.linspace(0.0, RATE / 2.0, FRAME // 2 + 1), middle)


def _spectra(audio: NDArray[np.float32]) -> NDArray[np.complex128]:
    """Return the spectra of the frames that lie wholly within the audio."""
    groups = FrameAnalysis(1, FRAME, HOP, 1).push(audio[np.newaxis])
    return np.concatenate([group[0] for group in groups[FRAME // HOP - 1 :]])


def _waveform(spectra: Tensor) -> Tensor:
    """Overlap-add frames, (batch, frames, bins), to samples; less those of incomplete overlap."""
    window = torch.from_numpy(square_root_hann(FRAME)).float() / 2.0  # four squares sum to two
    frames = torch.fft.irfft(spectra, FRAME) * window.to(spectra.device)
    batch, count, _ = frames.shape
    overlap = FRAME // HOP
    pieces = frames.reshape(batch, count, overlap, HOP)
    rows = [nn.functional.pad(pieces[:, :, k], (0, 0, k, overlap - 1 - k)) for k in range(overlap)]
    summed = torch.stack(rows).sum(0).reshape(batch, -1)
    return summed[:, (overlap - 1) * HOP : count * HOP]

"""The denoiser's two networks: what they are shown, and what is asked of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from restorack.dsp.decibels import power_to_db
from restorack.inference.denoiser_grid import BAND, FLOOR_REACH, FLOOR_STEP
from restorack.networks import decibels
from restorack.networks.denoiser_inputs import (
    FloorRows,
    gain_features,
    logit,
    patch_statistics,
    spread_over_bins,
)
from restorack.plugins.denoise import gain_rules as spectral_gain
from restorack.training.task import Batch, Clips, Example, Losses, Settings, Task
from restorack.training.tasks import denoise_validation as validation
from restorack.training.tasks.denoise_losses import (
    Heard,
    LossWeights,
    denoising_losses,
    resynthesised,
)
from restorack.training.tasks.denoise_noise import RATE, NoiseMaker
from restorack.training.tasks.denoise_scene import (
    BINS,
    FREQUENCIES,
    HOP,
    Believed,
    Scene,
    believed_floor,
    densities,
    make_scene,
    misled,
    spectra,
)

# Frames of an example, 3 s, and beside them that no loss is taken of. By hand.
FRAMES = 256
EDGE = 24
GROUP = spectral_gain.GROUP
AROUND = FLOOR_REACH + GROUP
"""Frames beside those of the mask that the floor and the gains need."""

SHOWN = FRAMES + 2 * EDGE
# What the first network is asked for at most and least, and the gain down to which masks are
# trained, -12 dB. By hand.
LARGEST_CORRECTION_DB, SMALLEST_CORRECTION_DB = 12.0, -24.0
LOWEST_GAIN = 0.25


class DenoiseSettings(Settings):
    """How the denoiser is trained."""

    noise_folder: Path | None = Field(None, description="a folder of recordings of noise alone")
    scene_seconds: float = Field(12.0, ge=8, description="seconds of music, from 8")
    crops: int = Field(4, ge=1, description="examples per scene, from 1")
    floor_rate: float = Field(1.4, gt=0, description="the floor stage's learning rate, relative")
    floor_weight: float = Field(1.0, ge=0, description="how much the floor's error counts")
    with_floor: bool = Field(True, description="false: the networks know nothing of the noise")
    misled: float = Field(0.3, ge=0, le=1, description="share of floors made wrong, 0 to 1")
    first_stage: bool = Field(True, description="false: the floor stays as it was found")
    validation_scenes: int = Field(30, ge=6, description="held-out scenes, from 6")
    losses: LossWeights = Field(default=LossWeights(), description="a mapping of weights")


class Denoise(Task[DenoiseSettings]):
    """Correct a believed noise floor, then the gains that follow from it."""

    name = "denoise"
    architecture = "denoiser"
    settings_type: ClassVar[type[DenoiseSettings]] = DenoiseSettings
    summary: ClassVar[str] = "Two networks that correct a noise floor and the gains above it."

    def __init__(self, settings: DenoiseSettings, network: Mapping[str, Any]) -> None:
        super().__init__(settings, network)
        self._noises = NoiseMaker(settings.noise_folder)
        self._thresholds = spectral_gain.block_thresholds().astype(np.float32)

    def make_examples(
        self, rng: np.random.Generator, clips: Clips, scene: int
    ) -> Iterable[Example]:
        """Return crops of one scene, none where no floor is found."""
        made = make_scene(rng, clips, self._noises, self.settings.scene_seconds)
        floor = believed_floor(rng, made)
        if floor is None:
            return []
        if rng.random() < self.settings.misled:
            floor = misled(rng, floor)
        return self._crops(rng, made, floor)

    def _crops(self, rng: np.random.Generator, scene: Scene, floor: Believed) -> list[Example]:
        noisy = spectra(scene.clean + scene.noise)
        power, noise = densities(noisy), densities(spectra(scene.noise))
        if not self.settings.with_floor:
            floor = Believed(np.full(BINS, 0.01 * float(power.mean())), np.zeros(BINS), False)
        ratio = np.minimum(power / floor.density, 1e9).astype(np.float32)
        truth = _truth(noise, densities(spectra(scene.clean)), floor.density)
        crops: list[Example] = []
        for _ in range(self.settings.crops):
            # Patches of four frames and groups of eight begin where they do in use.
            last = (len(noisy) - SHOWN - 2 * AROUND) // GROUP
            begin = GROUP * int(rng.integers(0, last + 1))
            first = begin + AROUND
            samples = slice(first * HOP, (first + SHOWN - 3) * HOP)
            crops.append(
                {
                    "ratio": ratio[begin : begin + SHOWN + 2 * AROUND],
                    "truth": truth[:, begin // FLOOR_STEP :][
                        :, : (SHOWN + 2 * AROUND) // FLOOR_STEP
                    ],
                    "noisy": noisy[first : first + SHOWN],
                    "clean": scene.clean[samples],
                    "noise": scene.noise[samples],
                    "wall_hz": np.array(scene.wall_hz, np.float32),
                    "floor_db": power_to_db(floor.density + 1e-16).astype(np.float32),
                    "confidence": floor.confidence.astype(np.float32),
                    "measured": np.array(floor.measured, np.float32),
                }
            )
        return crops

    def loss(self, network: nn.Module, batch: Batch) -> Losses:
        """Return both stages' losses."""
        mask, floor_loss = self._masks(network, batch)
        parts = denoising_losses(heard(mask, batch), self.settings.losses)
        parts["floor"] = self.settings.floor_weight * floor_loss
        counted = [term for name, term in parts.items() if name != "change_db"]
        return Losses(torch.stack(counted).sum(), parts)

    def _masks(self, network: Any, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the masks of the frames shown, and the loss of the corrected floors."""
        shown, gains, error = self._second_inputs(network, batch)
        return heard_mask(network.mask(shown), gains), error

    def _second_inputs(self, network: Any, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """Return what the second stage sees, the classical gains, and the floors' loss."""
        floors = [_rows(batch, item) for item in range(len(batch["ratio"]))]
        statistics = torch.stack(
            [
                patch_statistics(ratio, rows)
                for ratio, rows in zip(batch["ratio"], floors, strict=True)
            ]
        )
        wanted, auxiliary = network.floor.estimate(_channels_last(statistics))
        correction, _ = network.floor(_channels_last(statistics))
        error = floor_loss(wanted[:, 0], auxiliary, batch["truth"], batch["wall_hz"])
        if not self.settings.first_stage:
            correction = torch.zeros_like(correction)
        shown, gains = [], []
        for item, rows in enumerate(floors):
            seen, gain = self._shown(batch["ratio"][item], correction[item, 0].detach(), rows)
            shown.append(seen)
            gains.append(gain)
        return _channels_last(torch.stack(shown)), torch.stack(gains), error

    def _shown(self, ratio: Tensor, correction: Tensor, rows: FloorRows) -> tuple[Tensor, Tensor]:
        """Return what the second stage sees of an item, and the classical gains."""
        spread = spread_over_bins(correction, len(ratio), BINS)
        spread = spread.clamp(SMALLEST_CORRECTION_DB, LARGEST_CORRECTION_DB)
        corrected = (ratio * decibels.db_to_power(-spread)).clamp(max=1e9)
        gain, median = self._classical(corrected.cpu().numpy())
        inner = slice(AROUND, -AROUND)
        kept = torch.from_numpy(gain).to(ratio.device)
        seen = gain_features(
            corrected[inner],
            kept,
            torch.from_numpy(median).to(ratio.device),
            spread[inner],
            rows,
        )
        return seen, kept

    def _classical(self, ratio: NDArray[np.float32]) -> tuple[NDArray[Any], NDArray[Any]]:
        gains, medians = [], []
        for begin in range(AROUND, len(ratio) - AROUND, GROUP):
            window = np.ascontiguousarray(ratio[begin - GROUP : begin + 2 * GROUP])
            medians.append(spectral_gain.median_ratio(window))
            gains.append(spectral_gain.logmmse_beside(window, medians[-1], self._thresholds))
        return np.concatenate(gains), np.concatenate(medians)

    def validate(self, network: nn.Module, clips: Clips, device: str) -> dict[str, float]:
        """Denoise held-out scenes at 5 to 35 dB; two in three are blind."""
        judged = []
        for number in range(self.settings.validation_scenes):
            rng = np.random.default_rng(1000 + number)
            snr = validation.SNRS_DB[number % len(validation.SNRS_DB)]
            scene = make_scene(rng, clips, self._noises, self.settings.scene_seconds, snr)
            floor = believed_floor(rng, scene, "auto" if number % 3 else "region")
            if floor is not None:
                crops = self._crops(rng, scene, floor)[: validation.CROPS]
                batch = {
                    key: torch.from_numpy(np.stack([crop[key] for crop in crops])).to(device)
                    for key in crops[0]
                }
                with torch.no_grad():
                    mask, _ = self._masks(network, batch)
                    judged.append(validation.judge(heard(mask, batch), snr))
        return validation.summarise(judged)

    def score(self, metrics: Mapping[str, float]) -> float:
        """Return decibels of gain, less for the worst tenth and the log-spectral distance."""
        return validation.score(metrics)

    def parameter_groups(
        self, network: Any, learning_rate: float, weight_decay: float
    ) -> list[dict[str, Any]]:
        """Return the stages' parameters, each stage with its learning rate."""
        pairs = (
            (network.floor, learning_rate * self.settings.floor_rate),
            (network.mask, learning_rate),
        )
        return [
            {"params": list(stage.parameters()), "lr": rate, "weight_decay": weight_decay}
            for stage, rate in pairs
        ]


def heard_mask(more: Tensor, gains: Tensor) -> Tensor:
    """Return the gains of a correction of logits, limited as they are heard."""
    mask = torch.sigmoid(more[..., :BINS].float() + logit(gains))
    # What is heard is limited, but what is too low is still to learn to rise.
    return mask + (mask.clamp(min=LOWEST_GAIN) - mask).detach()


def heard(mask: Tensor, batch: Batch) -> Heard:
    """Return what a mask leaves, beside the truth, without the edges that miss context."""
    inside = slice(EDGE * HOP, -EDGE * HOP)
    return Heard(
        resynthesised(batch["noisy"] * mask)[:, inside],
        batch["clean"][:, inside],
        batch["noise"][:, inside],
        batch["wall_hz"],
    )


def _rows(batch: Batch, item: int) -> FloorRows:
    kilohertz = torch.as_tensor(FREQUENCIES / 1000.0, dtype=torch.float32)
    return FloorRows(
        batch["floor_db"][item],
        batch["confidence"][item],
        bool(batch["measured"][item] > 0.5),
        kilohertz.to(batch["floor_db"].device),
    )


def _truth(
    noise: NDArray[np.float32], clean: NDArray[np.float32], floor: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return what there is to know of patches of 4 frames by 8 bins, (3, steps, bands).

    The noise's level above the believed floor in dB, the music's above the noise in 20 dB, and
    how far the loudest of the four frames stands out of the noise, in 5 dB.
    """
    bands = (noise.shape[1] - 1) // BAND

    def patches(power: NDArray[np.float32]) -> NDArray[Any]:
        cells = (power / floor.astype(np.float32))[:, 1 : 1 + bands * BAND]
        whole = cells[: len(cells) // FLOOR_STEP * FLOOR_STEP]
        return whole.reshape(-1, FLOOR_STEP, bands, BAND)

    among = patches(noise)
    level, music = among.mean((1, 3)), patches(clean).mean((1, 3))
    highest = among.mean(3).max(1) / (level + 1e-9)
    level_db = np.clip(power_to_db(level + 1e-4), SMALLEST_CORRECTION_DB, LARGEST_CORRECTION_DB)
    snr_db = np.clip(power_to_db((music + 1e-4) / (level + 1e-4)), -20, 30)
    standing_out = np.clip(np.log10(highest + 1e-3), 0, 1)
    return np.stack([level_db, snr_db / 20, 2 * standing_out]).astype(np.float32)


def floor_loss(correction_db: Tensor, auxiliary: Tensor, truth: Tensor, wall_hz: Tensor) -> Tensor:
    """Return how far a corrected floor is from the truth; above it counts a little more.

    Patches count less the louder the music is there: their noise cannot be heard, nor known. The
    other four outputs are the first and the last decile of the level, against the correction
    and in tens of decibels, and the rest of the truth.
    """
    level, snr, standing_out = truth.unbind(1)
    centres = torch.arange(truth.shape[3], device=truth.device) * BAND + 0.5 * (BAND + 1)
    audible = (centres[None] * RATE / (2 * (BINS - 1)) < wall_hz[:, None]).float()[:, None]
    counted = audible * (0.08 + 1.0 / (1.0 + 10.0 ** (2.0 * snr) / 3.0))

    def mean(values: Tensor) -> Tensor:
        return (values * counted).sum() / counted.sum()

    error = correction_db - level
    total = mean(_huber(error, 4.0) * (1.0 + 0.2 * (error > 0))) / FLOOR_STEP
    beyond = (level - correction_db.detach()) / 10.0
    for place, share in ((0, 0.1), (1, 0.9)):
        rest = beyond - auxiliary[:, place]
        total = total + mean(torch.maximum(share * rest, (share - 1.0) * rest))
    return (
        total + mean(_huber(auxiliary[:, 2] - snr)) + mean(_huber(auxiliary[:, 3] - standing_out))
    )


def _huber(error: Tensor, delta: float = 1.0) -> Tensor:
    zero = torch.zeros_like(error)
    return functional.huber_loss(error, zero, delta=delta, reduction="none")


def _channels_last(planes: Tensor) -> Tensor:
    return planes.contiguous(memory_format=torch.channels_last)

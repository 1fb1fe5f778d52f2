"""The judge of noise floors: shown a recording's picture, it says where its noise is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn

from restorack.dsp.decibels import db_to_power, power_to_db
from restorack.inference.noise_psd import PLACES, STEP_DB, TRUTH_WIDTH, lowest_shown_db
from restorack.meters.histogram_floor.level_histogram import LevelHistogram
from restorack.meters.histogram_floor.meter import PatchMeter, mean_density_db, total_power
from restorack.networks.noise_psd import floor_planes, read_floor, shown_part
from restorack.training.task import Batch, Clips, Example, Losses, Settings, Task
from restorack.training.tasks.denoise_noise import RATE, NoiseMaker, Samples
from restorack.training.tasks.denoise_scene import make_scene

# By hand: lengths of scenes and their shares; their SNR, and that of those hardly noisy; how
# little bands count in which music hides the noise; how far a swell raises the level that is asked
# for; what validation calls much too high, too low and sure; scenes in a batch.
SECONDS, SECONDS_SHARES = (6.0, 9.0, 12.0, 20.0), (0.3, 0.25, 0.3, 0.15)
LOUDEST_SNR_DB, QUIETEST_SNR_DB, HARDLY_NOISY_DB = 3.0, 40.0, 75.0
UNHEARD_SHARE = 0.3
SWELLS_DB = 2.0
MUCH_TOO_HIGH_DB, MUCH_TOO_LOW_DB, SURE = 6.0, 10.0, 0.5
VALIDATION_BATCH = 16


class FloorSettings(Settings):
    """How the judge of floors is trained."""

    noise_folder: Path | None = Field(None, description="a folder of recordings of noise alone")
    hardly_noisy: float = Field(
        0.25, ge=0, le=1, description="share of scenes of 40 dB and more over the noise, 0 to 1"
    )
    validation_scenes: int = Field(240, ge=1, description="a whole number from 1")


class Floor(Task[FloorSettings]):
    """Say at which level each band's noise lies, as a distribution.

    The truth of a band is the middle level of the patches of its noise alone. Where the music
    hides the noise at all times it can only be guessed, and counts a little less.
    """

    name = "floor"
    architecture = "floor-judge"
    settings_type = FloorSettings
    summary: ClassVar[str] = "Says where a recording's noise floor is, from counts of its levels."

    def __init__(self, settings: FloorSettings, network: Mapping[str, Any]) -> None:
        super().__init__(settings, network)
        self._noises = NoiseMaker(settings.noise_folder)
        self._khz = torch.from_numpy(PatchMeter(RATE, 1).centres_hz / 1000.0).float()
        self._held_out: list[Example] = []

    def make_examples(
        self, rng: np.random.Generator, clips: Clips, scene: int
    ) -> Iterable[Example]:
        """Make the picture of one scene of noisy music."""
        yield self._example(rng, clips)

    def _example(self, rng: np.random.Generator, clips: Clips) -> Example:
        seconds = float(rng.choice(SECONDS, p=SECONDS_SHARES))
        quiet = rng.random() < self.settings.hardly_noisy
        bounds = (QUIETEST_SNR_DB, HARDLY_NOISY_DB) if quiet else (LOUDEST_SNR_DB, QUIETEST_SNR_DB)
        made = make_scene(rng, clips, self._noises, seconds, float(rng.uniform(*bounds)))
        noise, music = _levels(made.noise), _levels(made.clean)
        picture, mean_db = _pictured(made.clean + made.noise)
        middle = np.median(noise, axis=0)
        swelling = power_to_db(np.mean(db_to_power(noise), axis=0))
        level = np.minimum(swelling, middle + SWELLS_DB)
        hidden = np.clip((np.quantile(music, 0.1, axis=0) - middle) / 10.0, 0.0, 2.0)
        return {
            "shown": shown_part(torch.from_numpy(picture.total), mean_db).byte().numpy(),
            "patches": np.array(picture.patches, np.float32),
            "level": (level - lowest_shown_db(mean_db)).astype(np.float32),
            "counted": (1.0 / (1.0 + UNHEARD_SHARE * hidden**2)).astype(np.float32),
        }

    def loss(self, network: nn.Module, batch: Batch) -> Losses:
        """Return the cross-entropy of the distributions, in nats a band."""
        likely = network(self._planes(batch)).log_softmax(-1)
        terms = -(_around(batch["level"]) * likely).sum(-1)
        total = (terms * batch["counted"]).sum() / batch["counted"].sum()
        return Losses(total)

    def _planes(self, batch: Batch) -> Tensor:
        khz = self._khz.to(batch["shown"].device)
        return floor_planes(batch["shown"].float(), batch["patches"], khz)

    def validate(self, network: nn.Module, clips: Clips, device: str) -> dict[str, float]:
        """Judge held-out scenes; bands that the music hides count less."""
        if not self._held_out:
            self._held_out = [
                self._example(np.random.default_rng([11, number]), clips)
                for number in range(self.settings.validation_scenes)
            ]
        errors, sureness, counted, losses = [], [], [], []
        for first in range(0, len(self._held_out), VALIDATION_BATCH):
            chosen = self._held_out[first : first + VALIDATION_BATCH]
            batch = {
                key: torch.from_numpy(np.stack([one[key] for one in chosen])).to(device)
                for key in chosen[0]
            }
            found = network(self._planes(batch))
            level, sure = read_floor(found)
            errors.append((level - batch["level"]).cpu().numpy())
            sureness.append(sure.cpu().numpy())
            counted.append(batch["counted"].cpu().numpy())
            terms = -(_around(batch["level"]) * found.log_softmax(-1)).sum(-1)
            losses.append((terms * batch["counted"]).cpu().numpy())
        return _figures(*(np.concatenate(part) for part in (errors, sureness, counted, losses)))

    def score(self, metrics: Mapping[str, float]) -> float:
        """Return the mean log likelihood of the truth, in nats a band."""
        return -metrics["cross_entropy"]


def _levels(audio: Samples) -> NDArray[np.float64]:
    """Return each patch's level in each band, (patches, bands)."""
    return np.array([patch.levels_db for patch in PatchMeter(RATE, 1).push(audio[np.newaxis])])


def _pictured(audio: Samples) -> tuple[LevelHistogram, float]:
    """Return the picture of a sound, and its mean power density in dB."""
    meter = PatchMeter(RATE, 1)
    picture, power = LevelHistogram(meter.sizes), 0.0
    for patch in meter.push(audio[np.newaxis]):
        picture.add(patch.levels_db, patch.ratios_db)
        power += total_power(patch.spectrum)
    return picture, mean_density_db(power, picture.patches, RATE)


def _figures(
    error: NDArray[Any], sure: NDArray[Any], counted: NDArray[Any], losses: NDArray[Any]
) -> dict[str, float]:
    audible = counted > SURE
    trusted = audible & (sure > SURE)
    return {
        "cross_entropy": float(losses.sum() / counted.sum()),
        "error_db": float(np.abs(error[audible]).mean()),
        "sure_share": float(trusted.sum() / audible.sum()),
        "sure_error_db": float(np.abs(error[trusted]).sum() / max(1, trusted.sum())),
        "much_too_high_share": float((error > MUCH_TOO_HIGH_DB)[audible].mean()),
        "much_too_low_share": float((error < -MUCH_TOO_LOW_DB)[audible].mean()),
    }


def _around(level: Tensor) -> Tensor:
    """Return distributions about levels in dB above the lowest shown, (..., places)."""
    place = (level / STEP_DB - 0.5).clamp(0.0, PLACES - 1.0)
    places = torch.arange(PLACES, device=level.device)
    near = torch.exp(-0.5 * ((places - place[..., None]) / TRUTH_WIDTH) ** 2)
    return near / near.sum(-1, keepdim=True)

"""The reader of noise floors: shown what bands show, it says where noise lies, if any does."""

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

from restorack.dsp.decibels import db_to_power, power_to_db
from restorack.inference.floor_reader import NEAR_DB
from restorack.meters.noise_floor.band_floor import BandFloor
from restorack.meters.noise_floor.band_signs import band_signs
from restorack.meters.noise_floor.bands import FRAME_S, frame_of, sixth_octaves
from restorack.meters.noise_floor.heard import Heard
from restorack.meters.noise_floor.read_bands import DOUBT_LOWERS_DB
from restorack.meters.noise_floor.steady_floor import SteadyFloorEstimator
from restorack.meters.noise_floor.tracks import TrackMeter
from restorack.meters.noise_floor.white_noise import WhiteNoise, white_noise
from restorack.networks import decibels as tensors
from restorack.networks.floor_reader import read_bands
from restorack.training.losses.wiener_gain import QUIET_SHARE, BandCells, wiener_gain, worth
from restorack.training.task import Batch, Clips, Example, Losses, Settings, Task
from restorack.training.tasks.denoise_noise import RATE, NoiseMaker
from restorack.training.tasks.floor_passages import Passage, make_passage

# By hand: moments of a passage that gains are measured at; the least density; weights of the
# errors of levels and of sureness; the error from which on it counts linearly; how far noise may
# lie under the whole until it counts no more; the harm that validation calls one; share of batches
# that end at a lower band, as of lower sample rates; the lowest number of bands.
MOMENTS = 32
LEAST = 1e-14
LEVEL_WEIGHT, SURE_WEIGHT = 0.03, 0.1
LINEAR_DB, UNHEARD_DB = 3.0, 25.0
HARMED_DB = -0.3
CUT_SHARE, FEWEST_BANDS = 0.25, 36
VALIDATION_BATCH = 64


class FloorReaderSettings(Settings):
    """How the reader is trained."""

    noise_folder: Path | None = Field(None, description="a folder of recordings of noise alone")
    harm: float = Field(5.0, ge=1, description="what a dB of loss counts, a number from 1")
    harm_expected: float = Field(
        2.0, ge=1, description="the same where noise is expected, a number from 1"
    )
    validation_scenes: int = Field(320, ge=1, description="a whole number from 1")


class FloorReading(Task[FloorReaderSettings]):
    """Say where the noise of a passage lies: a Wiener filter is to gain much and harm little."""

    name = "floor-reader"
    architecture = "floor-reader"
    settings_type = FloorReaderSettings
    summary: ClassVar[str] = "Says where a recording's noise floor is, from signs of its bands."

    def __init__(self, settings: FloorReaderSettings, network: Mapping[str, Any]) -> None:
        super().__init__(settings, network)
        self._noises = NoiseMaker(settings.noise_folder)
        widths = sixth_octaves(RATE, frame_of(FRAME_S, RATE)).widths_hz
        self._widths = torch.from_numpy(widths).float()
        self._held_out: list[Example] = []

    def make_examples(
        self, rng: np.random.Generator, clips: Clips, scene: int
    ) -> Iterable[Example]:
        """Make the signs and the truth of one passage; none where it cannot be measured."""
        example = measured(make_passage(rng, clips, self._noises))
        if example is not None:
            yield example

    def loss(self, network: nn.Module, batch: Batch) -> Losses:
        """Return what is lost, less what is gained, and the errors of levels and sureness."""
        batch = _cut(batch)
        level, odds, floor = _read(network, batch)
        gain = self._worth(batch, floor).mean()
        noisy = ~batch["clean"][:, None]
        truth = batch["truth"]
        below = truth - tensors.power_to_db(batch["cells"].mean((1, 3)) + LEAST)
        counted = noisy * (1.0 + below.clamp(-UNHEARD_DB, 0.0) / UNHEARD_DB)
        errors = functional.smooth_l1_loss(level, truth, reduction="none", beta=LINEAR_DB)
        level_loss = (errors * counted).sum() / (counted.sum() + 1.0)
        right = ((level - truth).abs() < NEAR_DB).float() * noisy
        sure_loss = functional.binary_cross_entropy_with_logits(odds, right)
        total = -gain + LEVEL_WEIGHT * level_loss + SURE_WEIGHT * sure_loss
        return Losses(total, {"worth": gain, "level": level_loss, "sure": sure_loss})

    def _worth(self, batch: Batch, floor: Tensor) -> Tensor:
        gained, changed = self._gain(batch, floor)
        harms = torch.where(batch["expected"], self.settings.harm_expected, self.settings.harm)
        return worth(gained, changed, batch["clean"], harms)

    def _gain(self, batch: Batch, floor: Tensor) -> tuple[Tensor, Tensor]:
        widths = self._widths[: floor.shape[1]].to(floor.device)
        return wiener_gain(BandCells(batch["cells"], batch["noise"], widths), floor)

    def validate(self, network: nn.Module, clips: Clips, device: str) -> dict[str, float]:
        """Read held-out passages and measure what is gained."""
        if not self._held_out:
            made = (
                measured(make_passage(np.random.default_rng([11, at]), clips, self._noises))
                for at in range(self.settings.validation_scenes)
            )
            self._held_out = [one for one in made if one is not None]
        return self.figures(network, self._held_out, device)

    def figures(
        self, network: nn.Module, examples: list[Example], device: str = "cpu"
    ) -> dict[str, float]:
        """Return what a network gains on passages, in dB.

        Parameters
        ----------
        network : torch.nn.Module
        examples : list of dict
            Of :func:`measured`.
        device : str
        """
        parts = []
        for first in range(0, len(examples), VALIDATION_BATCH):
            chosen = examples[first : first + VALIDATION_BATCH]
            batch = {
                key: torch.from_numpy(np.stack([one[key] for one in chosen])).to(device)
                for key in chosen[0]
            }
            floor = _read(network, batch)[2]
            gained, changed = self._gain(batch, floor)
            value = self._worth(batch, floor)
            parts.append(torch.stack([gained, changed, value, batch["clean"].float()]))
        gained, changed, value, clean = torch.cat(parts, 1).cpu().numpy()
        return _figures(gained[clean == 0.0], changed[clean == 1.0], value)

    def score(self, metrics: Mapping[str, float]) -> float:
        """Return what the gains and losses are worth."""
        return metrics["worth"]


def measured(passage: Passage) -> Example | None:
    """Return what is shown of a passage, and the truth; None where it is too short or silent.

    Parameters
    ----------
    passage : Passage
        At 44.1 kHz.
    """
    rows = np.ascontiguousarray(passage.given, np.float32)
    estimator = SteadyFloorEstimator(RATE, len(rows), _unread, expected=passage.expected)
    estimator.push(rows)
    found = estimator.heard()
    if found is None or not found[1].all():
        return None
    heard = found[0]
    noise = TrackMeter(RATE, len(rows)).push(np.ascontiguousarray(passage.noise, np.float32))
    noise_tracks = np.concatenate([mean for _, mean in noise])
    signs = band_signs(heard, white_noise(RATE))
    whole = db_to_power(heard.density_db)
    truth = power_to_db(noise_tracks.mean(axis=0) / whole + LEAST)
    chosen = np.linspace(0, len(heard.quiet_db) - 1, MOMENTS).astype(int)
    return {
        "signs": signs.values,
        "decile": (signs.first_decile_db - heard.density_db).astype(np.float32),
        "cells": (_cells(heard, chosen) / whole).astype(np.float32),
        "noise": (noise_tracks[chosen] / whole).astype(np.float32),
        "truth": truth.astype(np.float32),
        "clean": np.array(passage.clean),
        "expected": np.array(passage.expected),
        "groups": np.array(passage.groups, np.int64),
    }


def _unread(heard: Heard, white: WhiteNoise, /) -> BandFloor:
    """Stand for what finds floors where none is asked for."""
    raise NotImplementedError


def _cells(heard: Heard, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return densities of each band's quieter bins and of the others, (moments, bands, 2)."""
    quiet, mean = (db_to_power(one[chosen]) for one in (heard.quiet_db, heard.mean_db))
    rest = np.maximum((mean - QUIET_SHARE * quiet) / (1.0 - QUIET_SHARE), quiet)
    return np.stack([quiet, rest], axis=-1)


def _read(network: nn.Module, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    """Return levels, log odds that they are right, and floors lowered by doubt."""
    over, odds, noisy = read_bands(network(batch["signs"]))
    level = batch["decile"] + over
    doubt = 1.0 - torch.sigmoid(noisy)
    return level, odds, level - DOUBT_LOWERS_DB * doubt[:, None]


def _cut(batch: Batch) -> Batch:
    """Return a batch as it is, or now and then without its upper bands."""
    if torch.rand(()) >= CUT_SHARE:
        return batch
    bands = int(torch.randint(FEWEST_BANDS, batch["signs"].shape[1], ()))
    by_band = {"signs": 1, "decile": 1, "cells": 2, "noise": 2, "truth": 1}
    return {
        key: value.narrow(by_band[key], 0, bands) if key in by_band else value
        for key, value in batch.items()
    }


def _figures(gained: NDArray[Any], changed: NDArray[Any], value: NDArray[Any]) -> dict[str, float]:
    return {
        "worth": float(value.mean()),
        "gain_db": float(gained.mean()),
        "median_gain_db": float(np.median(gained)),
        "worst_gain_db": float(gained.min()),
        "harmed_share": float((gained < HARMED_DB).mean()),
        "clean_change_db": float(np.quantile(changed, 0.95)) if len(changed) else 0.0,
    }

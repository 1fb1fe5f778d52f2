"""Declick: teach the judges which candidates for clicks are clicks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from restorack.degrade.randomness import log_uniform
from restorack.dsp.decibels import db_to_amplitude, db_to_power
from restorack.networks.click_classifier import EVIDENCE, ClickJudges
from restorack.training.click_damage import clicks, crackle, hiss, pulses
from restorack.training.click_oracle import LabelledExample, labelled_examples
from restorack.training.task import Batch, Clips, Example, Losses, Settings, Task

Floats = NDArray[np.float64]

# Rates in Hz that examples have, and how often: those of transfers most. By hand.
RATES = (44_100, 48_000, 32_000, 22_050, 16_000, 11_025, 8000, 88_200)
RATE_SHARES = (0.36, 0.28, 0.09, 0.09, 0.06, 0.04, 0.04, 0.04)
KINDS, KIND_SHARES = ("clean", "clicks", "hiss", "worn"), (0.3, 0.26, 0.28, 0.16)
NOISE_DB = (2.0, 40.0)
"""How far noise lies below the music: worn shellac is hardly above its own."""
NOISES = 0.5
"""Share of noisy scenes whose noise is a recording of the settings' folder, if there is one."""
FALSE_A_MINUTE = (0.16, 0.8, 4.0, 20.0, 100.0)
"""False repairs that each sensitivity stands for, on undamaged validation audio."""
DENSE = 0.25
"""The part of a worn record's many candidates that is kept."""
EDIT = db_to_power(35.0)
"""Strength of a candidate in a clean recording from which it is an edit, or a click: not taught."""
"""What stands out so far of undamaged audio is an edit or a real click: it is not taught."""
GRIDS = (None, 2.0**15, 2.0**23)
GRID_SHARES = (0.6, 0.3, 0.1)
"""Steps per full scale that a scene is rounded to: the last notes of a fade are coarse stairs."""
PULSES, STROKES = 0.2, 0.25
"""Shares of scenes: synthetic pulse trains, and quick strokes, of which most stand alone."""
SHIFT = 6
"""Candidates are seen up to so many samples beside their middle."""


class DeclickSettings(Settings):
    """Settings of :class:`Declick`."""

    seconds: float = Field(5.0, ge=2.0, le=30.0, description="seconds of a scene, from 2 to 30")
    blind: float = Field(
        0.25, ge=0, le=1, description="how often the classical evidence is hidden, from 0 to 1"
    )
    validation_scenes: int = Field(60, ge=2, description="a whole number from 2")
    noise: Path | None = Field(None, description="a folder of recorded noise without clicks")


class Declick(Task[DeclickSettings]):
    """Tell clicks from music among the candidates of the Declicker's own search."""

    name = "declick"
    architecture = "click-judges"
    settings_type = DeclickSettings
    summary = "Says which candidates for clicks are clicks, at two time scales."

    def make_examples(
        self, rng: np.random.Generator, clips: Clips, scene: int
    ) -> Iterable[Example]:
        """Damage an excerpt, and label every candidate by what its repair does."""
        kind = str(rng.choice(KINDS, p=KIND_SHARES))
        for lesson in _scene(rng, clips, self.settings, kind)[0]:
            taught = rng.random() < DENSE if kind == "worn" else kind != "clean"
            if taught or (kind == "clean" and lesson.strength < EDIT):
                yield _example(lesson, kind)

    def loss(self, network: nn.Module, batch: Batch) -> Losses:
        """Return the weighted cross-entropy; sign, place and evidence are hidden at random."""
        wave, facts = batch["wave"].float(), batch["facts"].float()
        wave = torch.roll(wave, int(torch.randint(-SHIFT, SHIFT + 1, ())), 2)
        count = len(wave)
        sign = 1.0 - 2.0 * torch.randint(0, 2, (count, 1, 1), device=wave.device)
        hidden = torch.rand(count, device=wave.device) < self.settings.blind
        facts = _with_evidence(facts, ~hidden)
        odds = network(wave * sign, batch["levels"].float(), facts, batch["coarse"].bool())
        target = 0.98 * batch["helps"] + 0.01
        each = binary_cross_entropy_with_logits(odds, target, reduction="none")
        return Losses((each * batch["weight"]).mean())

    def validate(self, network: nn.Module, clips: Clips, device: str) -> dict[str, float]:
        """Calibrate the least odds on undamaged audio; measure what is found at the default."""
        judges = cast(ClickJudges, network)
        seconds = {"clean": 0.0, "clicks": 0.0}
        heard: dict[str, list[LabelledExample]] = {"clean": [], "clicks": []}
        for number in range(self.settings.validation_scenes):
            kind = "clean" if number % 2 else "clicks"
            rng = np.random.default_rng([11, number])
            found, length = _scene(rng, clips, self.settings, kind)
            heard[kind] += found
            seconds[kind] += length
        parts: dict[str, float] = {}
        for mode, shown in enumerate((True, False)):
            clean = _odds(judges, heard["clean"], shown, device)
            worn = _odds(judges, heard["clicks"], shown, device)
            right = hits = 0
            for scale in (0, 1):
                ours = [lesson.scale == scale for lesson in heard["clean"]]
                least = min_odds(clean[ours], seconds["clean"] / 60.0)
                judges.least_odds[mode, scale] = torch.tensor(least)
                for lesson, odds in zip(heard["clicks"], worn, strict=True):
                    if lesson.scale == scale and lesson.helps and lesson.weight > 0.2:
                        right += 1
                        hits += bool(odds > least[2])
            parts["found" if shown else "found_blind"] = hits / max(1, right)
        return parts

    def score(self, metrics: Mapping[str, float]) -> float:
        """Return the share of worthwhile candidates that are found at the default."""
        return metrics["found"]


def min_odds(clean: NDArray[np.float32], minutes: float) -> list[float]:
    """Return the odds that so many candidates of undamaged audio a minute pass.

    Half of :data:`FALSE_A_MINUTE`, since there are two scales. Beyond what was heard, the
    logarithm of the rate goes on in a straight line.
    """
    falling = np.sort(clean)[::-1].astype(np.float64)
    if len(falling) < 8:
        return [4.0, 2.0, 0.0, -2.0, -4.0]
    rate = np.arange(1, len(falling) + 1) / max(minutes, 1e-9)
    top = slice(0, max(8, len(falling) // 20))
    slope, offset = np.polyfit(falling[top], np.log(rate[top]), 1)
    out = []
    for wanted in FALSE_A_MINUTE:
        goal = np.log(wanted / 2.0)
        if goal < np.log(rate[0]) and slope < 0:
            out.append((goal - offset) / slope)
        else:
            out.append(float(np.interp(goal, np.log(rate), falling)))
    return [float(value) for value in np.minimum.accumulate(out)]


def _scene(
    rng: np.random.Generator, clips: Clips, settings: DeclickSettings, kind: str
) -> tuple[list[LabelledExample], float]:
    """Return the labelled examples of one damaged excerpt, and its length in seconds."""
    seconds, noise = settings.seconds, settings.noise
    rate = int(rng.choice(RATES, p=RATE_SHARES))
    music = _music(rng, clips, seconds, rate)
    peak = float(np.abs(music).max())
    if peak < 1e-3:  # silence teaches nothing
        return [], 0.0
    music *= log_uniform(rng, 0.02, 0.8) / peak
    peak, level, samples = float(np.abs(music).max()), float(music.std()) + 1e-9, len(music)
    target = music
    if kind in ("hiss", "worn") or rng.random() < 0.3:
        loud = db_to_amplitude(-rng.uniform(*NOISE_DB))
        target = music + level * loud * _noise(rng, samples, rate, noise)
    damaged = target.copy()
    if kind != "clean":
        struck, swings = clicks(rng, samples, rate, log_uniform(rng, 0.5, 30.0))
        target = target + peak * swings  # which repair of clicks cannot take away
        damaged = target + peak * struck
    if kind == "worn":
        damaged += 2.0 * peak * crackle(rng, samples, rate)
    grid = GRIDS[rng.choice(len(GRIDS), p=GRID_SHARES)]
    if grid is not None:  # rounding belongs to the signal, as hiss does
        damaged, target = np.round(damaged * grid) / grid, np.round(target * grid) / grid
    return list(labelled_examples(damaged, target, rate)), samples / rate


def _noise(rng: np.random.Generator, samples: int, rate: int, folder: Path | None) -> Floats:
    """Return noise of unit power: made, or cut from a recording of a folder."""
    if folder is None or rng.random() >= NOISES:
        return hiss(rng, samples, rate)
    paths = sorted(path for path in folder.iterdir() if path.suffix in (".wav", ".flac", ".ogg"))
    row = _recording(paths[int(rng.integers(len(paths)))], rate)
    row = np.tile(row, 1 + samples // len(row))
    start = int(rng.integers(len(row) - samples + 1))
    out = row[start : start + samples]
    return out / max(float(out.std()), 1e-9)


@lru_cache(maxsize=128)
def _recording(path: Path, rate: int) -> Floats:
    """Return the first channel of a recording at a rate."""
    import soundfile
    import soxr

    rows, own_rate = soundfile.read(path, always_2d=True, dtype="float64")
    return cast(Floats, soxr.resample(rows[:, 0], own_rate, rate))


def _music(rng: np.random.Generator, clips: Clips, seconds: float, rate: int) -> Floats:
    """Return an excerpt, quick strokes cut from several, or pulses that only sound like clicks."""
    choice = rng.random()
    samples = round(seconds * rate)
    if choice < PULSES:
        return pulses(rng, samples, rate)
    music = clips.draw(rng, seconds, rate).audio.astype(np.float64)
    if choice < PULSES + STROKES:
        if choice < PULSES + 0.6 * STROKES:
            music *= 0.0
        start = 0
        while start < samples - 100:
            stroke = clips.draw(rng, log_uniform(rng, 0.1, 1.0), rate).audio.astype(np.float64)
            fade = min(len(stroke), rate // 100)
            stroke[-fade:] *= np.linspace(1.0, 0.0, fade)
            stroke[: rate // 1000] *= np.linspace(0.0, 1.0, rate // 1000)
            part = music[start : start + len(stroke)]
            part += stroke[: len(part)] * log_uniform(rng, 0.1, 1.0)
            start += max(200, int(rate / log_uniform(rng, 1.5, 14.0)))
    return music


def _example(lesson: LabelledExample, kind: str) -> Example:
    weight = lesson.weight * (2.0 if kind == "clean" else 1.0)
    return {
        "wave": lesson.features.wave.astype(np.float16),
        "levels": lesson.features.levels.astype(np.float16),
        "facts": lesson.features.facts,
        "coarse": np.array(lesson.scale == 1),
        "helps": np.array(lesson.helps, np.float32),
        "weight": np.array(weight, np.float32),
    }


def _with_evidence(facts: torch.Tensor, shown: torch.Tensor) -> torch.Tensor:
    """Return facts with a last one that says whether the classical evidence is given."""
    facts = torch.cat([facts, torch.ones_like(facts[:, :1])], dim=1)
    mask = torch.ones_like(facts)
    mask[~shown, :EVIDENCE] = 0.0
    mask[~shown, -1] = 0.0
    return facts * mask


def _odds(
    judges: ClickJudges, heard: list[LabelledExample], shown: bool, device: str
) -> NDArray[np.float32]:
    out: list[Any] = []
    for start in range(0, len(heard), 512):
        part = heard[start : start + 512]
        wave, levels, facts = (
            torch.from_numpy(np.stack([getattr(one.features, name) for one in part])).to(device)
            for name in ("wave", "levels", "facts")
        )
        facts = _with_evidence(facts, torch.full((len(part),), shown, device=device))
        coarse = torch.tensor([one.scale == 1 for one in part], device=device)
        out.append(judges(wave, levels, facts, coarse).cpu().numpy())
    return np.concatenate(out) if out else np.zeros(0, np.float32)

"""Bandwidth: levels above an edge from what is heard below it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import nn

from restorack.degrade.randomness import log_uniform
from restorack.dsp.decibels import db_to_amplitude, db_to_power, power_to_db
from restorack.dsp.stft import FrameAnalysis, square_root_hann
from restorack.meters.bandwidth_edge import LongTermSpectrum
from restorack.plugins.bandwidth.features import (
    BandFeatures,
    LongTerm,
    averaging,
    bands_above,
)
from restorack.training.task import Batch, Clips, Example, Losses, Settings, Task

# Hz and samples: the extender's own frames at 44.1 kHz.
RATE = 44_100
FRAME, HOP = 1024, 256
BINS = FRAME // 2 + 1
GROUP = 8
"""Frames that are analysed at a time."""
BIN_HZ = RATE / FRAME

LOWEST_EDGE_HZ, HIGHEST_EDGE_HZ = 1_500.0, 16_000.0
"""Edges that are drawn, from an acoustic record's to an MP3's. By hand."""

SILENCE = 1e-13
"""Power per bin of 16 bits' rounding, near enough."""

NO_LESS_DB, NO_MORE_DB = -90.0, 40.0
"""Levels over that just below the edge are learnt within these."""

ENERGY_SHARE = 0.2
"""Weight of the divergence of powers beside a tenth of the distance in dB."""

STEEPEST = 3.0
"""Rise of the power over what was expected, in nepers of power, above which the divergence goes on
in a straight line: else single onsets would rule a step."""

Floats = NDArray[np.float64]


class BandwidthSettings(Settings):
    """Settings of :class:`Bandwidth`."""

    seconds: float = Field(8.0, ge=3.0, le=60.0, description="seconds of a scene, from 3 to 60")
    frames: int = Field(192, ge=64, le=1024, description="frames of an example, from 64 to 1024")
    crops: int = Field(6, ge=1, le=64, description="examples from a scene, from 1 to 64")
    tilt_db: float = Field(
        2.0, ge=0, le=12, description="spread of a random slope in dB per octave, from 0 to 12"
    )
    validation_scenes: int = Field(60, ge=1, description="a whole number from 1")


class Bandwidth(Task[BandwidthSettings]):
    """Predict the envelope above an edge, wherever it is."""

    name = "bandwidth"
    architecture = "band-envelope"
    settings_type = BandwidthSettings
    summary = "Predicts levels and energies of sixth-octave bands above the edge of a band."

    def make_examples(
        self, rng: np.random.Generator, clips: Clips, scene: int
    ) -> Iterable[Example]:
        """Make a scene of music, and crops of it below and above several edges."""
        power, whole, wall = self._scene(rng, clips)
        frames = min(self.settings.frames, len(power))
        for _ in range(self.settings.crops):
            edge = log_uniform(rng, LOWEST_EDGE_HZ, 0.85 * wall)
            first = int(rng.integers(0, len(power) - frames + 1))
            crop = power[first : first + frames]
            yield _example(crop, _slope(rng, edge), min(edge, HIGHEST_EDGE_HZ), whole, wall)

    def loss(self, network: nn.Module, batch: Batch) -> Losses:
        """Return the distance of the levels in dB, by bins, as the log-spectral distance counts.

        To it comes the divergence of Itakura and Saito between powers, which is least for the
        expected power: mean levels alone would be some 10 dB short of energy.
        """
        made = network(batch["features"].transpose(1, 2)).transpose(1, 2)
        levels, energies = made.chunk(2, dim=2)
        widths = batch["widths"][:, None]
        whole = widths.sum(2).clamp(min=1e-6)
        square = ((levels - batch["levels"]).square() * widths).sum(2) / whole
        distance = (square + 1.0).sqrt().mean()
        divergence = _divergence(batch["energies"] - energies)
        divergence = ((divergence * widths).sum(2) / whole).mean()
        parts = {"distance_db": distance.detach(), "divergence": divergence.detach()}
        return Losses(distance / 10.0 + ENERGY_SHARE * divergence, parts)

    def validate(self, network: nn.Module, clips: Clips, device: str) -> dict[str, float]:
        """Measure the distance and the mean error of the levels at three edges."""
        distances: dict[float, list[float]] = {4_000.0: [], 8_000.0: [], 12_000.0: []}
        biases, balances = [], []
        for number in range(self.settings.validation_scenes):
            power, whole, wall = self._scene(np.random.default_rng([7, number]), clips)
            for edge, found in distances.items():
                one = _example(power, np.ones(BINS), edge, whole, max(wall, 1.1 * edge))
                features = torch.from_numpy(one["features"].T[np.newaxis]).to(device)
                made, energies = np.split(network(features)[0].T.cpu().numpy(), 2, axis=1)
                weights = one["widths"] / one["widths"].sum()
                error = made - one["levels"]
                near = BandFeatures(edge, BIN_HZ, BINS, whole).near_db(power)[:, np.newaxis]
                balances.append(_balance(energies, one["energies"], near, weights))
                found.append(float(np.sqrt(np.square(error) @ weights).mean()))
                biases.append(float((error @ weights).mean()))
        measured = {f"distance_{edge:.0f}_hz_db": _mean(v) for edge, v in distances.items()}
        return measured | {
            "bias_db": _mean(biases),
            "energy_bias_db": _mean(balances),
        }

    def score(self, metrics: Mapping[str, float]) -> float:
        """Return minus the mean distance over the edges."""
        found = [value for name, value in metrics.items() if name.startswith("distance")]
        return -_mean(found)

    def _scene(self, rng: np.random.Generator, clips: Clips) -> tuple[Floats, LongTerm, float]:
        """Return frames' power, the whole excerpt's statistics and its wall."""
        excerpt = clips.draw(rng, self.settings.seconds, RATE)
        audio = _coloured(rng, excerpt.audio.astype(np.float64), self.settings.tilt_db)
        rows = audio[np.newaxis].astype(np.float32)
        spectrum = LongTermSpectrum(1, RATE)
        spectrum.push(rows)
        groups = FrameAnalysis(1, FRAME, HOP, GROUP).push(rows)
        spectra = np.concatenate([group[0] for group in groups])
        power = np.square(np.abs(spectra)) / np.sum(square_root_hann(FRAME) ** 2)
        return power, LongTerm(spectrum.power, spectrum.floor_db), min(excerpt.wall_hz, 21_500.0)


def _divergence(error_db: torch.Tensor) -> torch.Tensor:
    """Return Itakura and Saito's divergence of the true power from the expected one."""
    rise = error_db * (np.log(10) / 10)
    steep = rise.clamp(max=STEEPEST)
    divergence: torch.Tensor = steep.exp() * (1.0 + rise - steep) - rise - 1.0
    return divergence


def _balance(made: Floats, truth: Floats, near: Floats, weights: Floats) -> float:
    """Return by how many dB the energy made lies above the true one, over all frames."""
    sums = [float(np.sum(db_to_power(levels + near) @ weights)) for levels in (made, truth)]
    return float(power_to_db(sums[0] / sums[1]))


def _coloured(rng: np.random.Generator, audio: Floats, tilt_db: float) -> Floats:
    """Return audio through a random smooth filter, on the noise of a random recorder."""
    octaves = np.log2(np.maximum(np.fft.rfftfreq(len(audio), 1 / RATE), 50.0) / 1_000.0)
    knots = np.linspace(octaves[0], octaves[-1], 9)
    curve = rng.normal(0.0, tilt_db) * octaves
    curve += np.interp(octaves, knots, rng.normal(0.0, tilt_db, len(knots)))
    made = np.fft.irfft(np.fft.rfft(audio) * db_to_amplitude(curve), len(audio))
    noise = np.fft.rfft(rng.standard_normal(len(audio)))
    noise *= db_to_amplitude(rng.uniform(-5.0, 2.0) * octaves)
    level = db_to_amplitude(rng.uniform(-130.0, -60.0))
    peak = max(float(np.abs(made).max()), 1e-6)
    return np.asarray(made / peak * rng.uniform(0.1, 0.9) + level * np.fft.irfft(noise, len(audio)))


def _slope(rng: np.random.Generator, edge: float) -> Floats:
    """Return the power gain of what limited the band: a wall, or a slope that is 6 dB down."""
    if rng.random() < 0.5:
        return np.ones(BINS)
    order = rng.integers(2, 13)
    corner = edge / (db_to_power(6.0) - 1) ** (1 / (2 * order))
    return np.asarray(1 / (1 + (np.arange(BINS) * BIN_HZ / corner) ** (2 * order)))


def _example(power: Floats, slope: Floats, edge: float, whole: LongTerm, wall: float) -> Example:
    given = LongTerm(whole.power * _resampled(slope, len(whole.power)), whole.floor_db)
    measured = BandFeatures(edge, BIN_HZ, BINS, given)
    heard = power * slope
    lower, upper = bands_above(edge / BIN_HZ)
    end = min(0.98 * wall / BIN_HZ, BINS - 1.0)
    means, near = averaging(lower, np.minimum(upper, end), BINS), measured.near_db(heard)
    truths = power_to_db(power + SILENCE) @ means, power_to_db(power @ means + SILENCE)
    levels, energies = (
        np.clip(truth - near[:, np.newaxis], NO_LESS_DB, NO_MORE_DB) for truth in truths
    )
    return {
        "features": measured(heard),
        "levels": levels.astype(np.float32),
        "energies": energies.astype(np.float32),
        "widths": np.clip(np.minimum(upper, end) - lower, 0.0, None).astype(np.float32),
    }


def _resampled(curve: Floats, count: int) -> Floats:
    return np.interp(np.linspace(0, 1, count), np.linspace(0, 1, len(curve)), curve)


def _mean(values: list[float]) -> float:
    return float(np.mean(values))

"""The task of judging floors: its truth is the noise's level, its figures are what they say."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from restorack.inference.noise_psd import lowest_shown_db
from restorack.training.tasks import floor as task_file
from restorack.training.tasks.denoise_scene import RATE, Scene
from restorack.training.tasks.floor import Floor, FloorSettings


class Tones:
    """Clips of a few loud tones."""

    def draw(self, rng, seconds, sample_rate, channels=1):
        time = np.arange(round(seconds * sample_rate)) / sample_rate
        tones = sum(np.sin(2 * np.pi * hz * time) for hz in rng.uniform(200, 4000, 5))
        audio = (0.05 * tones).astype(np.float32)
        return SimpleNamespace(audio=audio, wall_hz=20_000.0, piece=SimpleNamespace(kind="music"))


def batch(task, count):
    examples = [
        next(iter(task.make_examples(np.random.default_rng(seed), Tones(), seed)))
        for seed in range(count)
    ]
    return {key: torch.from_numpy(np.stack([one[key] for one in examples])) for key in examples[0]}


@pytest.fixture
def task():
    return Floor(FloorSettings(validation_scenes=3), {})


def test_the_truth_is_the_level_of_the_noise(task, monkeypatch):
    def known(rng, clips, noises, seconds, snr_db):
        count = round(seconds * RATE)
        noise = (0.001 * rng.standard_normal(count)).astype(np.float32)
        time = np.arange(count) / RATE
        clean = (0.1 * np.sin(2 * np.pi * 440 * time)).astype(np.float32)
        return Scene(clean, noise, noise[:RATE], 22_050.0)

    monkeypatch.setattr(task_file, "make_scene", known)
    example = next(iter(task.make_examples(np.random.default_rng(1), Tones(), 0)))
    # A sine of amplitude 0.1 has a power of -23 dB; variance 1e-6 is a density of -60 dB.
    levels = example["level"] + lowest_shown_db(-23.0)
    assert np.median(levels) == pytest.approx(-60.0, abs=0.5)
    assert np.abs(levels + 60.0).max() < 2.0
    assert example["shown"].sum() == example["patches"] * len(levels)


def test_bands_that_music_hides_count_less(task):
    counted = batch(task, 4)["counted"]
    assert counted.max() == 1.0
    assert 0.4 < counted.min() < 1.0


def test_a_few_steps_lower_the_loss(task):
    torch.manual_seed(0)
    network, examples = task.build_network(), batch(task, 4)
    optimiser = torch.optim.AdamW(network.parameters(), 2e-3)
    losses = []
    for _ in range(12):
        total = task.loss(network, examples).total
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        losses.append(float(total.detach()))
    assert losses[-1] < 0.8 * losses[0]


def test_validation_is_the_same_each_time_and_scores_the_likelier_higher(task):
    torch.manual_seed(0)
    network = task.build_network().eval()
    with torch.no_grad():
        first = task.validate(network, Tones(), "cpu")
        assert task.validate(network, Tones(), "cpu") == first
    assert task.score({**first, "cross_entropy": 1.0}) > task.score(first)
    assert 0.0 <= first["much_too_high_share"] <= 1.0

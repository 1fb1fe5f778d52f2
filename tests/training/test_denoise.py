"""The task: what it shows the networks is what is there; its losses are what they say."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from restorack.training.tasks.denoise import Denoise, DenoiseSettings, floor_loss
from restorack.training.tasks.denoise_losses import (
    Heard,
    LossWeights,
    denoising_losses,
    resynthesised,
)
from restorack.training.tasks.denoise_noise import NoiseMaker, crackle, hiss
from restorack.training.tasks.denoise_scene import HOP, RATE, make_scene, spectra


class Chords:
    """Clips of harmonic tones."""

    def draw(self, rng, seconds, sample_rate, channels=1):
        time = np.arange(round(seconds * sample_rate)) / sample_rate
        base = rng.uniform(100, 900)
        tones = sum(np.sin(2 * np.pi * base * k * time) / k for k in range(1, 9))
        audio = (0.1 * tones * (1 + np.sin(4 * np.pi * time))).astype(np.float32)
        return SimpleNamespace(audio=audio, wall_hz=20_000.0, piece=SimpleNamespace(kind="render"))


def decibels(audio):
    return 10 * np.log10(np.mean(audio.astype(float) ** 2))


@pytest.mark.parametrize("snr", [0.0, 25.0])
def test_a_scene_has_the_signal_to_noise_ratio_asked_for(snr):
    scene = make_scene(np.random.default_rng(2), Chords(), NoiseMaker(), 8.0, snr)
    assert decibels(scene.clean) - decibels(scene.noise) == pytest.approx(snr, abs=1.5)
    assert len(scene.clean) == len(scene.noise)
    assert len(scene.lead) == RATE


@pytest.mark.parametrize("make", [hiss, crackle, NoiseMaker().make])
def test_noise_repeats_with_its_seed_and_differs_without(make):
    first, again, other = (make(np.random.default_rng(seed), 30_000) for seed in (1, 1, 2))
    assert first.shape == (30_000,)
    assert np.isfinite(first).all()
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_resynthesis_undoes_the_analysis():
    audio = np.random.default_rng(3).standard_normal(40 * HOP).astype(np.float32)
    back = resynthesised(torch.from_numpy(spectra(audio))[None])[0].numpy()
    assert np.allclose(back, audio[: len(back)], atol=1e-5)


def heard(estimate):
    random = torch.Generator().manual_seed(1)
    clean = torch.randn(2, 20_000, generator=random)
    noise = 0.1 * torch.randn(2, 20_000, generator=random)
    return Heard(estimate(clean, noise), clean, noise, torch.tensor([22_050.0, 22_050.0]))


def test_the_waveform_term_says_how_much_nearer_the_estimate_is():
    unchanged = denoising_losses(heard(lambda x, n: x + n), LossWeights())
    halved = denoising_losses(heard(lambda x, n: x + 0.5 * n), LossWeights())
    perfect = denoising_losses(heard(lambda x, n: x), LossWeights())
    # Noise 20 dB below the music is 10.04 dB below it and a ten-thousandth of its power.
    assert float(unchanged["change_db"]) == pytest.approx(0.0, abs=0.1)
    assert float(halved["change_db"]) == pytest.approx(-6.0, abs=0.15)
    assert float(perfect["change_db"]) == pytest.approx(-25.2, abs=0.1)
    assert float(perfect["compressed"]) == pytest.approx(0.0, abs=1e-6)


def test_what_is_missing_counts_in_the_asymmetric_term_and_what_is_left_does_not():
    less = denoising_losses(heard(lambda x, n: 0.5 * x), LossWeights())
    more = denoising_losses(heard(lambda x, n: 2.0 * x), LossWeights())
    assert float(more["asymmetric"]) == 0.0
    assert float(less["asymmetric"]) > 0.01


def test_a_floor_that_is_right_costs_nothing():
    truth = torch.zeros(1, 3, 6, 16)
    truth[:, 0], truth[:, 1] = 4.0, 0.3
    auxiliary = torch.zeros(1, 4, 6, 16)
    auxiliary[:, 2] = 0.3
    wall = torch.tensor([22_050.0])
    level = torch.full((1, 6, 16), 4.0)
    right = floor_loss(level, auxiliary, truth, wall)
    above, below = (floor_loss(level + by, auxiliary, truth, wall) for by in (2.0, -2.0))
    assert float(right) == pytest.approx(0.0, abs=1e-6)
    assert float(above) > float(below) > 0.0


@pytest.mark.slow
def test_a_few_steps_on_one_batch_lower_the_loss():
    torch.manual_seed(0)
    task = Denoise(DenoiseSettings(scene_seconds=8.0, crops=1), {})
    rng, examples = np.random.default_rng(3), []
    while len(examples) < 2:
        examples += list(task.make_examples(rng, Chords(), 0))
    batch = {
        key: torch.from_numpy(np.stack([one[key] for one in examples[:2]])) for key in examples[0]
    }
    network = task.build_network()
    optimiser = torch.optim.AdamW(task.parameter_groups(network, 3e-4, 1e-4))
    history = []
    for _ in range(8):
        found = task.loss(network, batch)
        optimiser.zero_grad()
        found.total.backward()
        optimiser.step()
        history.append(float(found.total.detach()))
    assert min(history[4:]) < history[0]

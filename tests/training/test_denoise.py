"""The task: what it shows the networks is what is there; its losses are what they say."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from restorack.training.tasks import denoise_validation as validation
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


def judged(gain_db, snr_db=10.0, weak_partials_db=0.0):
    return validation.Judged(snr_db, gain_db, 0.5, weak_partials_db, 8.0)


def test_the_one_worst_scene_does_not_decide_the_score():
    scenes = [judged(gain) for gain in [-7.0, 1.0, 1.5, *[3.0] * 27]]
    found = validation.summarise(scenes)
    assert found["worst_gain_db"] == -7.0
    assert found["worst_tenth_gain_db"] == pytest.approx((-7.0 + 1.0 + 1.5) / 3)
    assert validation.score(found) == validation.score({**found, "worst_gain_db": -70.0})
    # Of weights that gain a little everywhere else, those are kept, though one scene is worse.
    better = [judged(gain) for gain in [-8.0, 1.4, 1.9, *[3.4] * 27]]
    assert validation.score(validation.summarise(better)) > validation.score(found)
    worse = [judged(gain) for gain in [-7.0, -6.0, -6.0, *[3.0] * 27]]
    assert validation.score(validation.summarise(worse)) < validation.score(found) - 1.0


def test_quiet_scenes_and_those_without_weak_partials_do_not_count_where_they_say_nothing():
    scenes = [judged(3.0, 10.0, -2.0), judged(5.0, 25.0, np.nan), judged(-1.0, 35.0, -9.0)]
    found = validation.summarise(scenes)
    assert found["gain_db"] == 4.0
    assert found["gain_at_35_db"] == -1.0
    assert found["weak_partials_db"] == -2.0
    assert validation.summarise([judged(3.0, 10.0, np.nan)])["weak_partials_db"] == 0.0


def test_a_scene_tells_what_was_left_from_what_was_eaten():
    def figures(estimate):
        random = np.random.default_rng(5)
        time = np.arange(60_000) / RATE
        clean = np.stack([0.003 * np.sin(2 * np.pi * hertz * time) for hertz in (440.0, 620.0)])
        noise = 0.03 * random.standard_normal(clean.shape)
        rows = [torch.from_numpy(one.astype(np.float32)) for one in (clean, noise)]
        walls = torch.full((2,), 22_050.0)
        return validation.judge(Heard(estimate(*rows), *rows, walls), 10.0)

    left, eaten = figures(lambda x, n: x + n), figures(lambda x, n: 0.25 * (x + n))
    assert left.noise_attenuation_db == pytest.approx(0.0, abs=0.01)
    assert eaten.noise_attenuation_db == pytest.approx(20 * np.log10(4), abs=0.01)
    assert eaten.weak_partials_db == pytest.approx(left.weak_partials_db - 20 * np.log10(4))
    assert left.gain_db == pytest.approx(0.0, abs=0.1)


@pytest.mark.slow
def test_untrained_networks_gain_on_held_out_scenes_and_validate_alike_each_time():
    task = Denoise(DenoiseSettings(scene_seconds=8.0, crops=2, validation_scenes=6), {})
    network = task.build_network().eval()
    found = task.validate(network, Chords(), "cpu")
    assert found == task.validate(network, Chords(), "cpu")
    assert found["gain_db"] > 0.5
    assert found["noise_attenuation_db"] > 3.0
    assert found["worst_gain_db"] <= found["worst_tenth_gain_db"] <= found["gain_db"]


@pytest.mark.slow
def test_a_few_steps_on_one_batch_lower_the_loss():
    torch.manual_seed(0)
    task = Denoise(DenoiseSettings(scene_seconds=8.0, crops=1), {})
    rng, examples = np.random.default_rng(3), []
    while not examples:
        examples += list(task.make_examples(rng, Chords(), 0))
    batch = {key: torch.from_numpy(value[None]) for key, value in examples[0].items()}
    network = task.build_network()
    optimiser = torch.optim.AdamW(task.parameter_groups(network, 3e-4, 1e-4))
    history = []
    for _ in range(5):
        found = task.loss(network, batch)
        optimiser.zero_grad()
        found.total.backward()
        optimiser.step()
        history.append(float(found.total.detach()))
    assert min(history[2:]) < history[0]

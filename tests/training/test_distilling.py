"""A narrow mask network learns what a wide one says, and nothing else changes."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from restorack.errors import ConfigError
from restorack.networks.denoiser import MASK_INPUTS, DenoiserNet, MaskNet
from restorack.training.config import read_config
from restorack.training.narrowing import narrow_mask
from restorack.training.tasks import task_class
from restorack.training.tasks.denoise_distil import (
    LOWEST_MATCHED,
    DistilDenoiser,
    DistilSettings,
    masks_apart,
)
from restorack.weights.native import load_native
from restorack.weights.store import load_network, save_network

NARROW = (8, 8, 16, 16)


def settings(**more):
    return DistilSettings(scene_seconds=8.0, crops=1, **more)


def random_mask(widths, seed):
    generator = torch.Generator().manual_seed(seed)
    network = MaskNet(widths)
    for values in network.parameters():
        values.data = 0.1 * torch.randn(values.shape, generator=generator)
    return network.eval()


@torch.inference_mode()
def test_a_network_of_the_same_width_is_copied():
    wide, same = random_mask(NARROW, 1), random_mask(NARROW, 2)
    narrow_mask(wide, same)
    shown = torch.randn(1, MASK_INPUTS, 20, 17)
    assert torch.equal(wide(shown), same(shown))


@torch.inference_mode()
def test_channels_that_are_not_read_are_the_first_to_go():
    narrow, wide = random_mask(NARROW, 1), MaskNet((12, 12, 24, 24)).eval()
    for values in wide.parameters():
        values.data.zero_()
    # The narrow network's channels are spread over the wide one's; the others stay zero.
    places = {8: torch.arange(8) + 4, 16: torch.arange(16) + 8}
    for name, module in narrow.named_modules():
        if isinstance(module, torch.nn.Conv2d):
            into = wide.get_submodule(name)
            rows = places.get(module.out_channels, torch.arange(module.out_channels))
            columns = places.get(module.in_channels, torch.arange(module.in_channels))
            into.weight.data[rows[:, None], columns[None]] = module.weight
            into.bias.data[rows] = module.bias
    found = MaskNet(NARROW).eval()
    narrow_mask(wide, found)
    shown = torch.randn(1, MASK_INPUTS, 20, 17)
    assert torch.allclose(found(shown), narrow(shown), atol=1e-5)


def test_a_network_is_not_made_wider():
    with pytest.raises(ValueError, match="12 channels from a network that has 8"):
        narrow_mask(MaskNet(NARROW), MaskNet((12, 8, 16, 16)))


def test_masks_are_compared_in_decibels_where_they_are_followed():
    gains = torch.full((1, 4, 5), 0.5)
    louder, none = torch.full((1, 4, 5), 1.0), torch.zeros(1, 4, 5)
    all_of_it = torch.ones(1, 4, 5)
    assert float(masks_apart(louder, louder, gains, all_of_it)) == 0.0
    assert float(masks_apart(louder, none, gains, 0 * all_of_it)) == 0.0
    mask = 1.0 / (1.0 + math.exp(-1.0))
    apart_db = 20.0 * math.log10((mask + LOWEST_MATCHED) / (0.5 + LOWEST_MATCHED))
    # Below 6 dB it is half the square.
    expected = 0.5 * apart_db**2
    assert float(masks_apart(louder, none, gains, all_of_it)) == pytest.approx(expected, rel=1e-4)


def test_the_pupil_has_the_teachers_floor_and_learns_its_mask_alone():
    task = DistilDenoiser(settings(), {"mask_widths": NARROW})
    network, teacher = task.build_network(), load_network("denoiser")
    for name, value in teacher.floor.state_dict().items():
        assert torch.equal(network.floor.state_dict()[name], value)
    trained = {
        id(value) for group in task.parameter_groups(network, 1e-3, 0) for value in group["params"]
    }
    assert trained == {id(value) for value in network.mask.parameters()}
    count = [sum(value.numel() for value in one.mask.parameters()) for one in (network, teacher)]
    assert count[0] < 0.15 * count[1]


def test_a_pupil_wider_than_its_teacher_is_refused():
    task = DistilDenoiser(settings(), {"mask_widths": (40, 32, 48, 64)})
    with pytest.raises(ConfigError, match="40 channels") as caught:
        task.build_network()
    assert "mask_widths" in str(caught.value)


def test_only_a_denoiser_teaches():
    task = DistilDenoiser(settings(teacher="tiny-hiss"), {"mask_widths": NARROW})
    with pytest.raises(ConfigError, match="another architecture"):
        task.build_network()


def test_the_configuration_names_the_teacher(tmp_path):
    file = tmp_path / "distil.yaml"
    file.write_text(
        "format: 1\nstage: denoise-distil\ncorpus: {path: c}\nbudget: {steps: 1}\n"
        "task: {teacher: other, match: 2}\nnetwork: {mask_widths: [8, 8, 16, 16]}\n"
    )
    found = read_config(file, task_class("denoise-distil").settings_type)
    assert (found.task["teacher"], found.task["match"]) == ("other", 2.0)


def test_a_narrow_network_is_stored_with_its_widths_and_runs_natively(tmp_path):
    network = DenoiserNet(NARROW)
    network.mask = random_mask(NARROW, 5)
    facts = {
        "description": "", "licence": "", "data": [], "validation": {},
        "architecture": {"name": "denoiser", "settings": {"mask_widths": list(NARROW)}},
        "training": {"task": "denoise-distil", "seed": 0, "steps": 0, "minutes": 0.0,
                     "device": "cpu", "commit": "", "versions": {}, "config": {}},
    }  # fmt: skip
    path = save_network(tmp_path, "small", network, facts)
    loaded = load_network(path)
    shown = torch.randn(1, MASK_INPUTS, 12, 17)
    with torch.inference_mode():
        expected = network.mask(shown)[0]
        assert torch.equal(loaded.mask(shown)[0], expected)
    (found,) = load_native(path).network("mask").whole(shown[0].permute(1, 2, 0).numpy())
    assert np.allclose(found.reshape(12, -1), expected, atol=1e-4)


class Chords:
    """Clips of harmonic tones, as the corpus would give."""

    def draw(self, rng, seconds, sample_rate, channels=1):
        from types import SimpleNamespace

        time = np.arange(round(seconds * sample_rate)) / sample_rate
        base = rng.uniform(100, 900)
        tones = sum(np.sin(2 * np.pi * base * k * time) / k for k in range(1, 9))
        audio = (0.1 * tones * (1 + np.sin(4 * np.pi * time))).astype(np.float32)
        return SimpleNamespace(audio=audio, wall_hz=20_000.0, piece=SimpleNamespace(kind="render"))


@pytest.mark.slow
def test_a_few_steps_bring_the_pupil_nearer_to_the_teacher():
    torch.manual_seed(0)
    task = DistilDenoiser(settings(), {"mask_widths": NARROW})
    rng, examples = np.random.default_rng(3), []
    while not examples:
        examples += list(task.make_examples(rng, Chords(), 0))
    batch = {key: torch.from_numpy(value[None]) for key, value in examples[0].items()}
    # Half the bits of what the teacher said are as good as all.
    assert float(task.loss(load_network("denoiser"), batch).parts["match"]) < 1e-3
    network, history = task.build_network(), []
    optimiser = torch.optim.AdamW(task.parameter_groups(network, 1e-3, 1e-4))
    for _ in range(5):
        found = task.loss(network, batch)
        optimiser.zero_grad()
        found.total.backward()
        optimiser.step()
        history.append(float(found.parts["match"].detach()))
    assert history[-1] < 0.9 * history[0]

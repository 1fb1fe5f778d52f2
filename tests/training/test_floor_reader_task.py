"""The task of reading floors: its truth is the noise's level, its passages are what they say."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
import torch

from restorack.training.tasks import floor_passages
from restorack.training.tasks.denoise_noise import RATE, NoiseMaker
from restorack.training.tasks.floor_passages import Passage, coded, make_passage
from restorack.training.tasks.floor_reader import FloorReaderSettings, FloorReading, measured
from restorack.training.tasks.steady_sounds import steady_sound


class Tones:
    """Clips of a few loud tones that come and go."""

    def draw(self, rng, seconds, sample_rate, channels=1):
        time = np.arange(round(seconds * sample_rate)) / sample_rate
        tones = sum(np.sin(2 * np.pi * hz * time) for hz in rng.uniform(200, 4000, 5))
        audio = (0.05 * tones * (time % 1.0 < 0.7)).astype(np.float32)
        piece = SimpleNamespace(kind="music", file="tones.wav")
        return SimpleNamespace(audio=audio, wall_hz=20_000.0, piece=piece)


def noise(seconds, level_db):
    random = np.random.default_rng(2)
    gain = np.float32(10 ** (level_db / 20))
    return gain * random.standard_normal((1, round(seconds * RATE)), dtype=np.float32)


@pytest.fixture
def task():
    return FloorReading(FloorReaderSettings(validation_scenes=3), {})


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(floor_passages, "SECONDS", (3.5,))


@pytest.fixture
def batch(task):
    made = [
        example
        for seed in range(6)
        for example in task.make_examples(np.random.default_rng(seed), Tones(), seed)
    ]
    return {key: torch.from_numpy(np.stack([one[key] for one in made])) for key in made[0]}


def test_the_truth_is_the_level_of_the_noise():
    music, hiss = Tones().draw(np.random.default_rng(1), 5.0, RATE).audio, noise(5.0, -60.0)
    example = measured(Passage(music + hiss, hiss, False, False, (1, 2)))
    density = 10 * np.log10(np.mean(music**2) + 1e-6)
    assert np.median(example["truth"]) + density == pytest.approx(-60.0, abs=0.5)
    # The quietest moment of the quieter bins.
    ratio = example["cells"].min(axis=(0, 2)) / example["noise"].mean(axis=0)
    assert np.median(ratio) == pytest.approx(0.45, abs=0.15)
    assert example["groups"].tolist() == [1, 2]


def test_a_passage_too_short_to_measure_gives_no_example():
    hiss = noise(0.2, -40.0)
    assert measured(Passage(hiss, hiss, False, False, (0, 0))) is None


def test_passages_without_noise_are_never_expected_to_have_some():
    noises, clips = NoiseMaker(None), Tones()
    made = [make_passage(np.random.default_rng(seed), clips, noises) for seed in range(12)]
    assert {one.clean for one in made} == {True, False}
    for one in made:
        assert one.given.shape == one.noise.shape
        assert np.isfinite(one.given).all()
        if one.clean:
            assert not one.noise.any()
            assert not one.expected


def test_recorded_noise_is_named(tmp_path, monkeypatch):
    soundfile.write(tmp_path / "hum.flac", 0.1 * noise(2.0, 0.0)[0], RATE)
    monkeypatch.setattr(floor_passages, "RECORDED", 1.0)
    monkeypatch.setattr(floor_passages, "CLEAN", 0.0)
    made = make_passage(np.random.default_rng(1), Tones(), NoiseMaker(tmp_path))
    assert made.groups[1] == 1


def test_coding_keeps_length_and_place():
    audio = Tones().draw(np.random.default_rng(3), 3.0, RATE).audio
    back = coded(audio, 0.3)
    assert back.shape == audio.shape
    assert np.sum((back - audio) ** 2) < 1e-3 * np.sum(audio**2)


@pytest.mark.parametrize("seed", range(8))
def test_steady_sounds_have_a_power_of_one(seed):
    sound = steady_sound(np.random.default_rng(seed), 2 * RATE)
    assert sound.shape == (2 * RATE,)
    assert np.mean(sound.astype(float) ** 2) == pytest.approx(1.0, abs=1e-3)


def test_a_floor_that_is_right_is_worth_more_than_none(task, batch):
    true = task._worth(batch, batch["truth"])[~batch["clean"]]
    none = task._worth(batch, batch["truth"] - 60.0)[~batch["clean"]]
    assert (true > none).all()


def test_training_learns(task, batch):
    torch.manual_seed(1)
    network = task.build_network()
    optimiser = torch.optim.Adam(network.parameters(), 3e-3)
    losses = []
    for _ in range(15):
        losses.append(task.loss(network, batch).total)
        optimiser.zero_grad()
        losses[-1].backward()
        optimiser.step()
    assert losses[-1] < losses[0] - 0.1


def test_figures_are_those_of_the_passages(task, batch):
    network = task.build_network().eval()
    with torch.no_grad():
        found = task.validate(network, Tones(), "cpu")
        assert found == task.validate(network, Tones(), "cpu")
    assert task.score(found) == found["worth"]
    assert found["worst_gain_db"] <= found["median_gain_db"]
    assert 0.0 <= found["harmed_share"] <= 1.0

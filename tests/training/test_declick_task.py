"""The declicker's task: labels tell the truth, a run comes out as weights that the stage reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from training_corpus import make_corpus

from restorack.training.click_damage import click, clicks, crackle, hiss, pulses, swing
from restorack.training.click_oracle import labelled_examples
from restorack.training.run import train
from restorack.training.tasks.declick import _noise, min_odds
from restorack.weights.store import load_tensors

RATE = 44_100
CONFIG = """\
format: 1
corpus: {path: corpus}
task: {seconds: 2.0, validation_scenes: 4}
network: {hidden: 16}
data: {batch: 8, pool: 64, reuse: 4}
budget: {steps: 6}
every: {validate_steps: 6}
"""


def music(seconds: float = 2.0) -> np.ndarray:
    random = np.random.default_rng(3)
    time = np.arange(int(seconds * RATE)) / RATE
    tone = sum(np.sin(2 * np.pi * f * time) / k for k, f in enumerate((220, 440, 1320), 1))
    return 0.1 * tone + 1e-4 * random.standard_normal(len(time))


def test_planted_clicks_are_lessons_that_help():
    target = music()
    worn = target.copy()
    places = range(5000, len(worn) - 5000, 8000)
    for start in places:
        worn[start : start + 25] += 0.3 * np.random.default_rng(start).standard_normal(25)
    helping = [lesson for lesson in labelled_examples(worn, target, RATE) if lesson.helps]
    assert len(helping) >= len(places)
    assert all(lesson.left < 0.8 for lesson in helping)
    assert {lesson.features.wave.shape for lesson in helping} == {(5, 512)}


def test_undamaged_music_has_no_lesson_that_helps():
    random = np.random.default_rng(5)
    target = music()
    for start in range(6000, len(target) - 6000, 9000):  # strokes
        stroke = random.standard_normal(3000) * np.exp(-np.arange(3000) / 400.0)
        target[start : start + 3000] += 0.3 * stroke
    found = list(labelled_examples(target, target, RATE))
    assert not any(lesson.helps for lesson in found)
    assert all(0.0 < lesson.weight < 5.0 for lesson in found)


@pytest.mark.parametrize("rate", [8000, 44_100, 96_000])
def test_damage_is_finite_and_in_its_range(rate):
    random = np.random.default_rng(1)
    for _ in range(60):
        shape = click(random, rate)
        assert np.abs(shape).max() == pytest.approx(1.0)
        assert 2 <= len(shape) <= 0.0034 * rate + 5
    struck, swings = zip(*(clicks(random, 2 * rate, rate, 20.0) for _ in range(12)), strict=True)
    assert min(np.abs(one).max() for one in struck) > 0.01
    assert max(np.abs(one).max() for one in swings) > 0.01  # the arm swings in some scenes only
    assert min(np.abs(one).max() for one in swings) == 0.0
    assert np.abs(swing(random, rate)).max() == pytest.approx(1.0)
    assert np.count_nonzero(crackle(random, 2 * rate, rate)) > 100
    assert hiss(random, 2 * rate, rate).std() == pytest.approx(1.0)
    assert np.isfinite(pulses(random, 2 * rate, rate)).all()


def test_least_odds_let_the_wanted_rate_pass():
    odds = np.random.default_rng(2).standard_normal(50_000).astype(np.float32)
    least = min_odds(odds, 100.0)
    assert least == sorted(least, reverse=True)
    for wanted, at in zip((4.0, 20.0, 100.0), least[2:], strict=True):
        passed = np.count_nonzero(odds > at) / 100.0
        assert passed == pytest.approx(wanted / 2, rel=0.02)  # two scales share it


def test_a_run_makes_weights_that_load(tmp_path: Path):
    make_corpus(tmp_path / "corpus")
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG)
    trained = train("declick", path, tmp_path / "run")
    tensors, manifest = load_tensors(trained.weights)
    assert manifest.architecture.name == "click-judges"
    assert tensors["least_odds"].shape == (2, 2, 5)
    assert (np.diff(tensors["least_odds"], axis=2) <= 0).all()
    assert 0.0 <= manifest.validation["found"] <= 1.0


def test_noise_of_a_folder_is_heard_in_scenes(tmp_path: Path):
    rate, tone = 8000, np.sin(np.arange(8000) * 2.0 * np.pi * 1000.0 / 8000)
    soundfile.write(tmp_path / "hum.wav", 0.1 * tone, rate)
    rng = np.random.default_rng(3)
    drawn = [_noise(rng, 20_000, rate, tmp_path) for _ in range(12)]
    tonal = [abs(np.vdot(np.exp(2j * np.pi * np.arange(20_000) / 8), x)) > 5000 for x in drawn]
    assert 0 < sum(tonal) < 12  # the recording, longer than it is, or made noise
    assert np.allclose([x.std() for x in drawn], 1.0, atol=0.2)
    assert not any(abs(x).max() > 50 for x in drawn)


def test_a_share_of_clicks_are_pops():
    rng = np.random.default_rng(4)
    widths = [len(click(rng, 44_100.0)) / 44_100.0 for _ in range(400)]
    assert 0.4 < np.mean(np.array(widths) > 1e-3) < 0.62  # a third of log-uniform ones, and pops

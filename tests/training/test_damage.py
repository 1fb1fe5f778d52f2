"""Damage on the fly: the ratios that are asked for, targets with what stays, a truth that sums."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from training_corpus import notes

from restorack.errors import ConfigError
from restorack.training.config import read_config
from restorack.training.curriculum import Curriculum
from restorack.training.damage import DamagedScene, DamageSettings, Degrader
from restorack.training.tasks import task_class

RATE = 44_100
MUSIC = notes(1, 2.0, RATE)
HISS = {"stage": "restorack.Hiss", "params": {"tilt_db_per_octave": [-5, 2]}}
CLICKS = {"stage": "restorack.Clicks", "own_level": True}
BAND = {"stage": "restorack.BandLimit", "stays": True, "params": {"high_hz": [3000, 4000]}}
TUBE = {"stage": "restorack.TubeDistortion", "params": {"drive_db": 12.0}}


def damaged(
    *stages: dict[str, Any], snr_db: float | None = 10.0, seed: int = 1, **settings: Any
) -> DamagedScene:
    made = DamageSettings.model_validate({"stages": list(stages), **settings})
    return Degrader(made).damage(np.random.default_rng(seed), MUSIC, RATE, 0, snr_db)


@pytest.mark.parametrize("ratio", [0.0, 12.5, 40.0])
def test_noise_has_the_ratio_that_is_asked_for(ratio: float) -> None:
    scene = damaged(HISS, {"stage": "restorack.Hum"}, snr_db=ratio)
    noise = scene.audio.astype(float) - scene.target
    got = 10 * np.log10(np.sum(scene.target.astype(float) ** 2) / np.sum(noise**2))
    assert got == pytest.approx(ratio, abs=0.01)
    assert np.array_equal(scene.target, MUSIC)


def test_tracks_and_impulses_are_the_truth() -> None:
    scene = damaged(HISS, CLICKS, {"stage": "restorack.Clicks", "params": {"seed": 5}})
    assert np.allclose(scene.audio, scene.target + sum(scene.tracks.values()), atol=1e-7)
    assert set(scene.tracks) == {"noise", "clicks"}
    assert scene.events
    assert [one.start_sample for one in scene.events] == sorted(
        one.start_sample for one in scene.events
    )
    # both trains are in the track, each impulse with the peak that it really has
    strongest = max(scene.events, key=lambda one: one.peak)
    stretch = scene.tracks["clicks"][strongest.start_sample :][: strongest.length]
    assert np.abs(stretch).max() == pytest.approx(strongest.peak, rel=0.2)


def test_impulses_may_keep_their_level() -> None:
    quiet, loud = (damaged(HISS, CLICKS, snr_db=ratio).tracks for ratio in (40.0, 0.0))
    assert np.array_equal(quiet["clicks"], loud["clicks"])
    assert np.abs(loud["noise"]).max() > 50 * np.abs(quiet["noise"]).max()


def test_what_stays_is_in_the_target_too() -> None:
    scene = damaged(BAND, HISS)
    assert not np.allclose(scene.target, MUSIC, atol=1e-3)
    assert np.allclose(scene.audio - scene.target, scene.tracks["noise"], atol=1e-6)


def test_what_distorts_comes_last_and_is_to_be_undone() -> None:
    scene = damaged(TUBE, HISS)
    assert np.array_equal(scene.target, MUSIC)
    assert not np.allclose(scene.audio, scene.target + scene.tracks["noise"], atol=1e-3)


def test_clean_scenes_have_nothing_added() -> None:
    scene = damaged(HISS, TUBE, BAND, snr_db=math.inf)
    assert np.array_equal(scene.audio, scene.target)
    assert not scene.tracks


def test_a_kind_of_damage_grows_as_the_ratio_falls() -> None:
    def error(ratio: float) -> float:
        scenes = [damaged(kind="noise", snr_db=ratio, seed=seed) for seed in range(8)]
        return float(np.median([np.std(one.audio - one.target) for one in scenes]))

    assert error(5.0) > 5 * error(35.0)


def test_the_same_generator_gives_the_same_damage() -> None:
    one, same, other = (damaged(HISS, CLICKS, kind="record", seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(one.audio, same.audio)
    assert not np.array_equal(one.audio, other.audio)


def test_parameters_are_drawn_between_their_ends() -> None:
    params = {"high_hz": [3000, 12_000], "tilt_db_per_octave": [-4, 2], "low_hz": 50.0}
    stage = {"stage": "restorack.Hiss", "params": params}
    settings = DamageSettings.model_validate({"stages": [stage]}).stages[0]
    rng = np.random.default_rng(1)
    drawn = [settings.draw(rng).values() for _ in range(300)]
    edges = np.array([one["high_hz"] for one in drawn])
    tilts = np.array([one["tilt_db_per_octave"] for one in drawn])
    assert ((edges >= 3000) & (edges <= 12_000)).all()
    assert ((tilts >= -4) & (tilts <= 2)).all()
    # evenly in octaves for frequencies, evenly in decibels for slopes
    assert np.mean(edges < 6000) == pytest.approx(0.5, abs=0.1)
    assert np.mean(tilts < -1) == pytest.approx(0.5, abs=0.1)
    assert {one["low_hz"] for one in drawn} == {50.0}
    assert len({one["seed"] for one in drawn}) == 300


def test_words_are_drawn_from_their_list() -> None:
    stage = {"stage": "restorack.BandLimit", "params": {"shape": ["random", "butterworth"]}}
    settings = DamageSettings.model_validate({"stages": [stage]}).stages[0]
    rng = np.random.default_rng(1)
    drawn = {settings.draw(rng).values()["shape"] for _ in range(30)}
    assert drawn == {"random", "butterworth"}


def test_the_curriculum_falls_to_its_lowest_ratio() -> None:
    curriculum = Curriculum(lowest_db=0, highest_db=40, start_db=20, scenes=100, clean_share=0.25)
    assert curriculum.bounds(0) == (20.0, 40.0)
    assert curriculum.bounds(50) == (10.0, 40.0)
    assert curriculum.bounds(100) == curriculum.bounds(9999) == (0.0, 40.0)
    rng = np.random.default_rng(2)
    drawn = np.array([curriculum.draw(rng, 200) for _ in range(4000)])
    noisy = drawn[np.isfinite(drawn)]
    assert np.isinf(drawn).mean() == pytest.approx(0.25, abs=0.03)
    assert noisy.min() >= 0
    assert noisy.max() <= 40
    assert noisy.mean() == pytest.approx(20.0, abs=1.0)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("{stages: [{stage: restorack.Hisss}]}", "did you mean 'restorack.Hiss'"),
        ("{stages: [{stage: restorack.Dehum}]}", "not a stage that damages"),
        ("{stages: [{stage: restorack.Hiss, params: {level_db: 99}}]}", "level_db = 99"),
        ("{stages: [{stage: restorack.Hiss, probabilty: 1}]}", "did you mean 'probability'"),
        ("{kind: scratches}", "kind is clicks, noise, record, film or band"),
        ("{snr: {lowest_d: 0}}", "did you mean 'lowest_db'"),
    ],
)
def test_mistakes_name_their_line(tmp_path: Path, damage: str, words: str) -> None:
    text = f"format: 1\ncorpus: {{path: a}}\nbudget: {{steps: 1}}\ntask:\n  damage: {damage}\n"
    (tmp_path / "conf.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_config(tmp_path / "conf.yaml", task_class("tiny-hiss").settings_type)
    assert words in str(caught.value)
    assert "conf.yaml:5:" in str(caught.value)

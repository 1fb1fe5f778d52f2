"""Configurations: what is wrong in one is told with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from restorack.errors import ConfigError
from restorack.training.config import TrainingConfig, read_config
from restorack.training.tasks import TASKS, task_class

LEAST = "format: 1\ncorpus: {path: clips}\nbudget: {steps: 5}\n"


def read(folder: Path, text: str) -> TrainingConfig:
    path = folder / "conf.yaml"
    path.write_text(text)
    return read_config(path, task_class("tiny-hiss").settings_type)


def test_defaults_and_paths(tmp_path: Path) -> None:
    config = read(tmp_path, LEAST)
    assert config.corpus.path == str(tmp_path / "clips")  # from the configuration's own folder
    assert config.data.workers == 0
    assert config.task["frames"] == 96  # the task's defaults are part of what a run is resumed by


@pytest.mark.parametrize(
    ("line", "where", "words"),
    [
        ("sead: 1", "4:1", "unknown key 'sead'; did you mean 'seed'"),
        ("data: {batsh: 3}", "4:8", "unknown key 'batsh'; did you mean 'batch'"),
        ("data: {batch: 0}", "4:8", "data.batch = 0; batch is a whole number of examples"),
        ("data: {batch: many}", "4:8", "data.batch = 'many'"),
        ("data: 3", "4:1", "data = 3; data is a mapping"),
        ("optimiser:\n  learning_rate: 2", "5:3", "learning_rate is a number between 0 and 1"),
        ("optimiser: {betas: [0.9]}", "4:13", "betas is two numbers from 0, below 1"),
        ("task: {frames: 3}", "4:8", "task.frames = 3; frames is frames of an example"),
        ("task: {frame: 99}", "4:8", "unknown key 'frame'; did you mean 'frames'"),
        ("every: {log_steps: [}", "4:", "not YAML"),
        ("seed: 1\nseed: 2", "5:1", "'seed' is given twice"),
        ("seed: 1.5", "4:1", "seed = 1.5; seed is a whole number"),
        ("export: {name: My Net}", "4:10", "name is lower case"),
    ],
)
def test_mistakes_name_their_line(tmp_path: Path, line: str, where: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, f"{LEAST}{line}\n")
    assert f"conf.yaml:{where}" in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "an empty document"),
        ("[1]", "not a mapping"),
        ("format: 1\nbudget: {steps: 5}\n", "'corpus' is missing"),
        ("format: 1\ncorpus: {}\nbudget: {steps: 5}\n", "'corpus.path' is missing"),
        ("format: 2\ncorpus: {path: a}\nbudget: {steps: 5}\n", "format = 2"),
        ("format: 1\ncorpus: {path: a}\nbudget: {}\n", "a budget without an end"),
    ],
)
def test_what_is_missing_is_told(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=r"conf\.yaml") as caught:
        read(tmp_path, text)
    assert words in str(caught.value)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: cannot be read"):
        read_config(tmp_path / "none.yaml", task_class("tiny-hiss").settings_type)


def test_a_stage_that_cannot_be_trained_is_an_error() -> None:
    with pytest.raises(ConfigError, match="did you mean 'tiny-hiss'"):
        task_class("tiny-his")


def test_every_task_builds_its_network() -> None:
    for name in TASKS:
        kind: Any = task_class(name)
        task = kind(kind.settings_type(), {})
        assert kind.name == name
        assert kind.summary
        assert sum(value.numel() for value in task.build_network().parameters()) > 0

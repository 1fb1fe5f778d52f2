"""The trials themselves: what breaks the law is found, and a seed makes the same input again."""

from __future__ import annotations

import random
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from fuzzing import audio_files, law, mutations, presets
from fuzzing.law import attempt

from restorack.errors import FileError


def kind(trial: Any) -> ModuleType:
    """Return a kind of which every trial is the same."""
    made = ModuleType("fuzzing.made")
    made.trial = trial  # type: ignore[attr-defined]
    return made


def refuse(*_: Any) -> None:
    raise FileError("is not right", where="x")


def fail(*_: Any) -> None:
    raise ValueError("deep inside")


def take_long(*_: Any) -> None:
    time.sleep(30)


def compute_long(*_: Any) -> None:
    while True:
        pass


def wait_a_little(*_: Any) -> None:
    time.sleep(0.3)


def take_much(*_: Any) -> None:
    bytearray(600_000_000)


def leave_a_part(_: Any, folder: Path) -> None:
    (folder / ".0-1.restorack-part").touch()
    refuse()


def say_nothing(*_: Any) -> None:
    raise FileError("")


@pytest.mark.parametrize(
    ("trial", "verdict", "said"),
    [
        (lambda *_: None, "passed", ""),
        (refuse, "refused", "x: is not right"),
        (fail, "failed", "deep inside"),
        (take_long, "failed", "longer than 0.2 s"),
        (compute_long, "failed", "longer than 0.2 s"),
        (wait_a_little, "passed", ""),
        (take_much, "failed", "more memory"),
        (leave_a_part, "failed", "half-written"),
        (say_nothing, "failed", "says nothing"),
    ],
)
def test_what_breaks_the_law_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trial: Any, verdict: str, said: str
) -> None:
    if trial in (take_long, compute_long, wait_a_little):
        monkeypatch.setattr(law, "SECONDS", 0.2)
    found = attempt(kind(trial), 1, tmp_path)
    assert found.verdict == verdict, found.said
    assert said in found.said


def test_a_seed_makes_the_same_damage_again() -> None:
    def made(seed: int) -> list[Any]:
        choose = random.Random(seed)  # noqa: S311
        text = presets.bases()[0]
        tree = presets.tree_of(text)
        return [
            audio_files.damaged_audio(choose),
            presets.damaged_yaml(text, choose),
            mutations.mutated_tree(tree, choose),
            tree == presets.tree_of(text),
        ]

    assert made(3) == made(3)
    assert made(3) != made(4)
    assert made(3)[-1], "the original was damaged"


def test_undamaged_audio_of_every_format_is_sound(tmp_path: Path) -> None:
    import soundfile

    for index, (ending, _, _) in enumerate(audio_files.FORMATS):
        path = tmp_path / f"{index}.{ending}"
        path.write_bytes(audio_files.audio_bytes(index, 1))
        assert soundfile.info(path).frames >= audio_files.FRAMES

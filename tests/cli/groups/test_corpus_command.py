"""``restorack corpus``: build, add, info."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from command_line import Cli
from training_corpus import notes


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    (folder / "music").mkdir(parents=True)
    rows = ["name\tlicence"]
    for number in range(3):
        name = f"music/{'abc'[number]}.flac"
        soundfile.write(folder / name, notes(number, 3.0, 16_000), 16_000)
        rows.append(f"{name}\tCC BY")
    (folder / "SOURCES.tsv").write_text("\n".join([*rows, ""]))
    return folder


def test_build_add_and_info(cli: Cli, tmp_path: Path, recordings: Path) -> None:
    corpus = str(tmp_path / "corpus")
    built = cli(
        "corpus", "build", corpus, "--minutes", "0", "--recordings", str(recordings), "--rate",
        "16000", "--jobs", "0", "--json",
    )  # fmt: skip
    assert built.code == 0
    assert built.document["added"] == 3
    soundfile.write(tmp_path / "own.wav", notes(1, 3.0, 44_100), 44_100)
    rng = np.random.default_rng(1)
    soundfile.write(tmp_path / "hiss.wav", 0.1 * rng.standard_normal(3 * 44_100), 44_100)
    files = (str(tmp_path / "own.wav"), str(tmp_path / "hiss.wav"))
    added = cli("corpus", "add", corpus, *files, "--rate", "16000", "--json")
    assert added.code == 0
    taken = {Path(one["path"]).name: one["taken"] for one in added.document}
    assert taken == {"own.wav": True, "hiss.wav": False}
    told = cli("corpus", "info", corpus, "--json")
    assert told.document["pieces"] == 4
    assert {row["licence"] for row in told.document["sources"]} == {"CC BY", "own"}


def test_words_for_people(cli: Cli, tmp_path: Path, recordings: Path) -> None:
    corpus = str(tmp_path / "corpus")
    options = ("--minutes", "0", "--recordings", str(recordings), "--rate", "16000", "-j", "0")
    assert "3 pieces added, 0 there already" in cli("corpus", "build", corpus, *options).out
    assert "0 pieces added, 3 there already" in cli("corpus", "build", corpus, *options).out
    assert "CC BY" in cli("corpus", "info", corpus).out


def test_nothing_taken_is_a_failure(cli: Cli, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "low.wav", notes(1, 3.0, 8000), 8000)
    ran = cli("corpus", "add", str(tmp_path / "corpus"), str(tmp_path / "low.wav"))
    assert ran.code == 3
    assert "refused" in ran.out
    assert "rate of 8000 Hz" in ran.out


def test_mistakes_are_told(cli: Cli, tmp_path: Path) -> None:
    ran = cli("corpus", "info", str(tmp_path))
    assert ran.code == 3
    assert "no corpus here" in ran.err
    ran = cli("corpus", "build", str(tmp_path / "c"), "--minutes", "0", "--recordings", ".")
    assert "SOURCES.tsv" in ran.err

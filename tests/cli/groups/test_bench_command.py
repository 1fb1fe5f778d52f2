"""``restorack bench``: from clean recordings to scores."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import soundfile
from command_line import RATE, Cli

from restorack.testing.signals import clean_music


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    folder.mkdir()
    for name in ("one", "two"):
        soundfile.write(folder / f"{name}.wav", clean_music(RATE, 1.5, 1)[0], RATE)
    return folder


@pytest.fixture
def bench_set(cli: Cli, recordings: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "set"
    ran = cli(
        "bench", "make", folder, "--clean", recordings,
        "--conditions", "clean,hiss", "--conditions", "clicks",
        "--seconds", 1, "--json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert list(ran.document["conditions"]) == ["clean", "hiss", "clicks"]
    return folder


def test_a_rack_is_run_and_scored(cli: Cli, bench_set: Path, preset: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ran = cli("bench", "run", bench_set, out, "-p", preset, "--conditions", "hiss,clean", "--json")
    assert ran.code == 0, ran.err
    assert ran.document["items"] == 4
    assert soundfile.info(out / "hiss/one.wav").subtype == "PCM_24"
    target = tmp_path / "scores.csv"
    ran = cli("bench", "score", bench_set, out, bench_set, "--csv", target, "--json")
    assert ran.code == 0, ran.err
    ours, nothing = ran.document
    assert list(ours["conditions"]) == ["clean", "hiss"]
    assert list(nothing["conditions"]) == ["clean", "hiss", "clicks"]
    gain = nothing["conditions"]["hiss"]["summary"]["si_sdr_gain_db"]
    assert gain == {"median": 0.0, "worst": 0.0, "count": 2}
    # the preset takes 3 dB off
    loudness = ours["conditions"]["hiss"]["summary"]["loudness_change_lu"]["median"]
    assert loudness == pytest.approx(-3.0, abs=0.3)
    with target.open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 4 + 6
    assert {row["condition"] for row in rows} == {"clean", "hiss", "clicks"}


def test_scores_are_tables_for_people(cli: Cli, bench_set: Path) -> None:
    (bench_set / "clicks/one.wav").unlink()
    ran = cli(
        "bench", "score", bench_set, bench_set, "--conditions", "clicks", "-m", "clicks", "-q"
    )
    assert ran.code == 0, ran.err
    assert "impulse" in ran.out
    assert "1 missing" in ran.out


def test_mistakes_have_exit_codes(cli: Cli, bench_set: Path, recordings: Path) -> None:
    assert cli("bench", "make", bench_set, "--clean", recordings).code == 5
    assert cli("bench", "make", bench_set, "--clean", recordings, "--conditions", "clix").code == 2
    assert cli("bench", "run", bench_set, bench_set / "out").code == 2
    assert cli("bench", "score", recordings, bench_set).code == 5
    ran = cli(
        "bench",
        "run",
        bench_set,
        bench_set / "out",
        "--stage",
        "restorack.Air",
        "--conditions",
        "x",
    )
    assert ran.code == 2


def test_any_folder_of_items_can_be_run(cli: Cli, tmp_path: Path, preset: Path) -> None:
    for condition in ("clean", "worn"):
        (tmp_path / "mine" / condition).mkdir(parents=True)
        soundfile.write(tmp_path / f"mine/{condition}/a.wav", clean_music(RATE, 0.3, 1)[0], RATE)
    ran = cli("bench", "run", tmp_path / "mine", tmp_path / "out", "-p", preset, "--json")
    assert ran.document["items"] == 1
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["worn"]
    assert cli("bench", "run", tmp_path / "mine", tmp_path / "out", "-p", preset).code == 5

"""Scores of known outputs, and what is wrong with others."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from restorack.bench.conditions import choose_conditions
from restorack.bench.making import MakeOptions, make_set
from restorack.bench.scoring import as_entries, headline, score_set
from restorack.errors import FileError, ParameterError
from restorack.metrics import METRICS
from restorack.testing.signals import clean_music

RATE = 22_050


@pytest.fixture(scope="module")
def bench_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a set of two items with a lead-in."""
    folder = tmp_path_factory.mktemp("bench")
    (folder / "clean").mkdir()
    for name, level in (("one", 1.0), ("two", 0.5)):
        soundfile.write(folder / f"clean/{name}.wav", level * clean_music(RATE, 3.0, 1)[0], RATE)
    chosen = choose_conditions(["clean", "clicks", "hiss", "acoustic", "cut-4k"])
    make_set(folder / "set", folder / "clean", chosen, MakeOptions(0, 2.0, 0.5))
    return folder / "set"


@pytest.fixture
def outputs(bench_set: Path, tmp_path: Path) -> Path:
    """Return what a tool would write that knows the truth."""
    for condition in ("clean", "clicks", "hiss", "cut-4k"):
        shutil.copytree(bench_set / "clean-music", tmp_path / "out" / condition)
    shutil.copytree(bench_set / "truth/acoustic/music", tmp_path / "out/acoustic")
    return tmp_path / "out"


def test_the_truth_scores_perfectly(bench_set: Path, outputs: Path) -> None:
    scores = score_set(bench_set, outputs)
    assert list(scores) == ["clean", "clicks", "hiss", "acoustic", "cut-4k"]
    for score in scores.values():
        assert not any(score.faults().values())
        for found in score.measured.values():
            assert found.values["snr_db"] == 150.0
            assert found.samples == 2 * RATE  # the lead-in does not count
    clicks = scores["clicks"].measured["one"].values
    assert clicks["impulse_removal_rate"] == 1.0
    assert clicks["residual_clicks_db"] < -80
    assert scores["cut-4k"].measured["two"].values["distance_above_edge"] == 0.0
    assert "noise_attenuation_db" in scores["acoustic"].measured["one"].values


def test_doing_nothing_gains_nothing(bench_set: Path) -> None:
    scores = score_set(bench_set, bench_set, ["clicks", "hiss"])
    for score in scores.values():
        for found in score.measured.values():
            assert found.values["si_sdr_gain_db"] == 0.0
    assert scores["clicks"].measured["one"].values["impulse_removal_rate"] == 0.0
    assert scores["hiss"].measured["one"].values["noise_attenuation_db"] == pytest.approx(
        0, abs=0.01
    )


def test_faults_are_counted(bench_set: Path, outputs: Path) -> None:
    music, _ = soundfile.read(outputs / "hiss/one.wav")
    soundfile.write(outputs / "hiss/one.wav", np.pad(music, (40, 0)), RATE, "PCM_24")
    (outputs / "hiss/two.wav").unlink()
    soundfile.write(outputs / "clicks/one.wav", np.full(len(music), np.nan), RATE, "FLOAT")
    soundfile.write(outputs / "clicks/two.wav", music[::2], RATE // 2)
    scores = score_set(bench_set, outputs, ["hiss", "clicks"])
    assert scores["hiss"].faults() == {"missing": 1, "failed": 0, "late": 1, "other_length": 1}
    assert scores["hiss"].measured["one"].values["snr_db"] == 150.0
    assert scores["clicks"].faults()["failed"] == 2
    errors = [entry["error"]["what"] for entry in as_entries(scores) if "error" in entry]
    assert "nan" in errors[0]
    assert "11025 Hz" in errors[1]
    again = score_set(bench_set, outputs, ["clicks"], ["mse"], resample=True)
    assert list(again["clicks"].measured) == ["two"]


def test_what_is_not_there_is_said(bench_set: Path, outputs: Path, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no folder of a condition"):
        score_set(bench_set, tmp_path)
    with pytest.raises(ParameterError, match="did you mean 'clicks'"):
        score_set(bench_set, outputs, ["click"])
    with pytest.raises(ParameterError, match="did you mean 'mse'"):
        score_set(bench_set, outputs, None, ["msee"])
    with pytest.raises(FileError, match="is no folder"):
        score_set(bench_set, tmp_path / "nothing")


@pytest.mark.parametrize("kind", ["clean", "clicks", "noise", "all", "band"])
def test_headlines_are_metrics(kind: str) -> None:
    assert set(headline(kind)) <= set(METRICS)

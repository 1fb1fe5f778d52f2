"""``restorack evaluate``: files and folders against the truth, what is written and refused."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import soundfile
from command_line import RATE, Cli

from restorack.metrics import METRICS
from restorack.testing.signals import clean_music

MUSIC = clean_music(RATE, 1.0, 1)[0].astype(float)
NOISE = 0.01 * np.random.default_rng(2).standard_normal(len(MUSIC))
CLICKS = np.zeros(len(MUSIC))
CLICKS[5_000::9_000] = 0.5


def write(path: Path, audio: np.ndarray, rate: int = RATE) -> Path:
    path.parent.mkdir(exist_ok=True, parents=True)
    soundfile.write(path, audio.T, rate, subtype="FLOAT" if path.suffix == ".wav" else "PCM_24")
    return path


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    return write(tmp_path / "clean.wav", MUSIC)


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    """Return a folder of references, one of noisy files and one of better ones."""
    for name, gain in (("a", 1.0), ("deep/b", 0.5)):
        write(tmp_path / f"ref/{name}.wav", gain * MUSIC)
        write(tmp_path / f"noisy/{name}.flac", gain * MUSIC + NOISE)
        write(tmp_path / f"better/{name}.wav", gain * MUSIC + 0.1 * NOISE)
    return {name: tmp_path / name for name in ("ref", "noisy", "better")}


def test_one_file_is_measured(cli: Cli, clean: Path, tmp_path: Path) -> None:
    estimate = write(tmp_path / "estimate.wav", MUSIC + 0.5 * NOISE)
    degraded = write(tmp_path / "degraded.wav", MUSIC + NOISE)
    ran = cli("evaluate", clean, estimate, "--degraded", degraded, "--json")
    assert ran.code == 0, ran.err
    entry = ran.document
    assert entry["values"]["snr_gain_db"] == pytest.approx(6.02, abs=0.01)
    assert entry["values"]["noise_attenuation_db"] == pytest.approx(6.02, abs=0.3)
    assert (entry["sample_rate_hz"], entry["samples"]) == (RATE, len(MUSIC))
    assert entry["same_performance"] is True
    assert set(entry["values"]) | set(entry["notes"]) <= set(METRICS) | {"alignment"}


def test_the_table_is_for_people(cli: Cli, clean: Path, tmp_path: Path) -> None:
    estimate = write(tmp_path / "estimate.wav", MUSIC + 0.5 * NOISE)
    ran = cli("evaluate", clean, estimate, "-m", "si_sdr_db,levels")
    assert ran.code == 0, ran.err
    assert "si_sdr_db" in ran.out
    assert "dc_offset" in ran.out
    assert "log_spectral_distance" not in ran.out


def test_folders_are_paired_by_name(cli: Cli, folders: dict[str, Path]) -> None:
    ran = cli(
        "evaluate", folders["ref"], folders["noisy"], folders["better"],
        "--degraded", folders["noisy"], "-m", "snr_gain_db", "--json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    gains = [entry["values"]["snr_gain_db"] for entry in ran.document]
    assert gains == pytest.approx([0, 0, 20, 20], abs=0.1)
    assert ran.document[1]["reference"].endswith("ref/deep/b.wav")
    assert ran.document[1]["estimate"].endswith("noisy/deep/b.flac")


def test_a_column_for_each_folder(cli: Cli, folders: dict[str, Path]) -> None:
    ran = cli("evaluate", folders["ref"], folders["noisy"], folders["better"], "-m", "mse")
    assert ran.code == 0, ran.err
    assert ran.out.count("2 files: median (worst)") == 2


def test_rows_of_csv(cli: Cli, folders: dict[str, Path], tmp_path: Path) -> None:
    target = tmp_path / "figures.csv"
    ran = cli("evaluate", folders["ref"], folders["better"], "--csv", target, "-q")
    assert ran.code == 0, ran.err
    with target.open() as file:
        rows = list(csv.DictReader(file))
    assert [Path(row["estimate"]).stem for row in rows] == ["a", "b"]
    assert float(rows[0]["snr_db"]) > float(rows[1]["snr_db"]) + 5
    again = cli("evaluate", folders["ref"], folders["better"], "--csv", target)
    assert again.code == 5
    assert "exists" in again.err
    assert cli("evaluate", folders["ref"], folders["better"], "--csv", target, "--force").code == 0


def test_tracks_tell_what_was_added(cli: Cli, clean: Path, tmp_path: Path) -> None:
    track = write(tmp_path / "clicks.wav", CLICKS)
    degraded = write(tmp_path / "degraded.wav", MUSIC + NOISE + CLICKS)
    estimate = write(tmp_path / "estimate.wav", MUSIC + NOISE)
    ran = cli("evaluate", clean, estimate, "--degraded", degraded, "--clicks", track, "--json")
    assert ran.document["values"]["impulse_removal_rate"] == 1.0
    assert ran.document["values"]["noise_attenuation_db"] == pytest.approx(0.0, abs=0.01)


def test_pictures_are_drawn_and_aligned(cli: Cli, folders: dict[str, Path], tmp_path: Path) -> None:
    write(folders["better"] / "a.wav", np.pad(MUSIC, (50, 0)))
    plots = tmp_path / "plots"
    command = ("evaluate", folders["ref"], folders["better"], folders["noisy"], "-m", "mse")
    ran = cli(*command, "--plots", plots, "--json")
    assert ran.code == 0, ran.err
    names = sorted(path.name for path in plots.iterdir())
    assert names == ["1.a.png", "1.deep.b.png", "2.a.png", "2.deep.b.png"]
    assert (plots / "1.a.png").read_bytes().startswith(b"\x89PNG")
    assert ran.document[0]["offset_samples"] == 50
    assert "late by 50 samples" in ran.err
    assert cli(*command, "--plots", plots).code == 5


def test_other_performances_are_called_so(cli: Cli, clean: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other.wav", MUSIC[::-1])
    ran = cli("evaluate", clean, other, "--json")
    assert ran.code == 0
    assert "not the same performance" in ran.err
    assert ran.document["same_performance"] is False
    assert "snr_db" not in ran.document["values"]


def test_missing_partners_are_named(cli: Cli, folders: dict[str, Path]) -> None:
    (folders["better"] / "a.wav").unlink()
    write(folders["better"] / "c.wav", MUSIC)
    ran = cli("evaluate", folders["ref"], folders["better"], "-m", "mse", "--json")
    assert ran.code == 5
    assert "has no partner for" in ran.err
    assert "c.wav: has no reference" in ran.err
    assert [("error" in entry) for entry in ran.document] == [True, True, False]


def test_rates_and_lengths_must_fit(cli: Cli, clean: Path, tmp_path: Path) -> None:
    half = write(tmp_path / "half.wav", MUSIC[::2], RATE // 2)
    ran = cli("evaluate", clean, half)
    assert ran.code == 3
    assert "22050 Hz" in ran.err
    assert "--resample" in ran.err
    good = cli("evaluate", clean, half, "--resample", "-m", "correlation", "--json")
    assert good.document["values"]["correlation"] > 0.9
    short = write(tmp_path / "short.wav", MUSIC[: RATE // 2])
    ran = cli("evaluate", clean, short)
    assert ran.code == 3
    assert "lengths differ" in ran.err
    wide = write(tmp_path / "wide.wav", np.stack([MUSIC, MUSIC]))
    assert "has 2 channels" in cli("evaluate", clean, wide).err


def test_one_failure_does_not_stop_the_others(cli: Cli, clean: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    good = write(tmp_path / "good.wav", MUSIC)
    ran = cli("evaluate", clean, broken, good, "-m", "mse", "--json")
    assert ran.code == 5
    assert "error" in ran.document[0]
    assert ran.document[1]["values"] == {"mse": 0.0}


def test_what_is_mixed_up_is_refused(cli: Cli, folders: dict[str, Path], clean: Path) -> None:
    assert cli("evaluate", folders["ref"], clean).code == 5
    assert "must be a folder" in cli("evaluate", folders["ref"], clean).err
    assert cli("evaluate", clean, clean, "--degraded", folders["ref"]).code == 5
    ran = cli("evaluate", clean, clean, "-m", "si_sdr")
    assert ran.code == 2
    assert "did you mean 'si_sdr_db'" in ran.err


def test_a_folder_can_be_held_against_one_file(cli: Cli, clean: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(tmp_path / f"takes/{name}.wav", MUSIC + NOISE)
    ran = cli("evaluate", clean, tmp_path / "takes", "-m", "mse", "--json")
    assert [Path(entry["estimate"]).stem for entry in ran.document] == ["one", "two"]

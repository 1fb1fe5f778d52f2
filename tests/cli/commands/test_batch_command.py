"""``restorack batch``: the table, the document, exit codes, Ctrl-C, a drop folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile
from command_line import Cli

SLOW = """\
format: 1
name: slow
stages:
  - restorack.SpectralDenoiser: {}
"""
RESTORACK = [sys.executable, "-m", "restorack.cli.main"]


@pytest.fixture
def folder(make_worn: Callable[..., Path], tmp_path: Path) -> Path:
    for name in ("a.wav", "b.flac", "x/c.wav"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        make_worn(f"in/{name}")
    return tmp_path / "in"


def test_a_folder_becomes_a_folder(cli: Cli, folder: Path, preset: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ran = cli("batch", folder, "-r", "-p", preset, "-o", out, "--reports", "--jobs", 1, "--json")
    assert ran.code == 0
    document = ran.document
    assert document["counts"] == {
        "done": 3,
        "unchanged": 0,
        "failed": 0,
        "quarantined": 0,
        "left": 0,
    }
    assert document["audio_seconds"] == pytest.approx(1.5)
    assert document["files_per_second"] > 0
    assert document["most_memory_of_a_worker_bytes"] > 1e6
    for entry in document["files"]:
        assert soundfile.info(entry["output"]["path"]).frames == 22_050
        report = json.loads(Path(entry["report"]["path"]).read_text())
        assert report["source"]["path"] == entry["source"]["path"]
    assert sorted(p.relative_to(out).as_posix() for p in out.rglob("*.wav")) == [
        "a.wav", "b.wav", "x/c.wav"
    ]  # fmt: skip
    again = cli("batch", folder, "-r", "-p", preset, "-o", out, "--reports", "--jobs", 1)
    assert again.code == 0
    assert "skipped, unchanged  3" in again.out


def test_failed_files_are_named_and_counted(
    cli: Cli, folder: Path, preset: Path, tmp_path: Path
) -> None:
    (folder / "bad.wav").write_text("nothing of the kind")
    ran = cli("batch", folder, "-p", preset, "-o", tmp_path / "out", "-j", 1)
    assert ran.code == 5
    assert "done    2" in ran.out
    assert "failed  1" in ran.out
    assert f"{folder / 'bad.wav'}: is not audio" in ran.out
    assert "bad.wav" in ran.err


def test_a_plan_writes_nothing(cli: Cli, folder: Path, preset: Path, tmp_path: Path) -> None:
    pattern = "{parent}/{stem}.{preset}.flac"
    ran = cli("batch", folder, "-p", preset, "-o", tmp_path / "out", "--pattern", pattern,
              "--dry-run", "--json")  # fmt: skip
    assert ran.code == 0
    names = [entry["output"]["path"] for entry in ran.document["files"]]
    assert names == [str(tmp_path / "out" / "in" / f"{s}.low-cut.flac") for s in "ab"]
    assert not (tmp_path / "out").exists()


def test_wrong_options_are_refused(cli: Cli, folder: Path, preset: Path, tmp_path: Path) -> None:
    out = ("-o", tmp_path / "out")
    assert cli("batch", folder, *out).code == 2
    assert cli("batch", folder, "-p", preset, *out, "--pattern", "{nonsense}").code == 2
    assert cli("batch", folder, "-p", preset, *out, "--watch", "--dry-run").code == 2
    assert cli("batch", folder / "a.wav", "-p", preset, *out, "--watch").code == 2
    assert cli("batch", folder / "none", "-p", preset, *out).code == 5
    assert cli("batch", folder, "-p", preset, "-o", folder).code == 5  # a.wav itself
    assert not (tmp_path / "out" / "a.wav").exists()


def running(*arguments: object, **how: object) -> subprocess.Popen[str]:
    words = [*RESTORACK, "batch", *map(str, arguments)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **how)  # type: ignore[call-overload, no-any-return]


def wait_for(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.02)


@pytest.mark.slow
def test_ctrl_c_ends_in_order(make_worn: Callable[..., Path], tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / "in").mkdir(exist_ok=True)
        make_worn(f"in/{number:02}.wav")
    preset, out = tmp_path / "slow.yaml", tmp_path / "out"
    preset.write_text(SLOW)
    arguments = (tmp_path / "in", "-p", preset, "-o", out, "-j", 1, "--json")
    batch = running(*arguments)
    wait_for(lambda: len(list(out.glob("*.wav"))) > 1)
    batch.send_signal(signal.SIGINT)
    printed, said = batch.communicate(timeout=60)
    assert batch.returncode == 130
    counts = json.loads(printed)["counts"]
    assert counts["done"] >= 2
    assert counts["left"] >= 1
    assert sum(counts.values()) == 12
    assert "stopping after the files in progress" in said
    assert len(list(out.glob("*.wav"))) == counts["done"]
    assert not list(out.glob(".*part"))
    batch = running(*arguments)
    printed, _ = batch.communicate(timeout=120)
    assert batch.returncode == 0
    assert json.loads(printed)["counts"]["unchanged"] == counts["done"]


@pytest.mark.slow
def test_a_drop_folder_is_watched_until_sigterm(
    make_worn: Callable[..., Path], preset: Path, tmp_path: Path
) -> None:
    drop, out = tmp_path / "drop", tmp_path / "out"
    drop.mkdir()
    source = make_worn("scan.wav").read_bytes()
    batch = running(drop, "-p", preset, "-o", out, "-j", 1, "--watch", "--settle", 0.5, "--json")
    try:
        with (drop / "slow.wav").open("wb") as scanner:
            for at in range(0, len(source), len(source) // 4 + 1):
                scanner.write(source[at : at + len(source) // 4 + 1])
                scanner.flush()
                time.sleep(0.4)
                assert not (out / "slow.wav").exists()
        os.replace(make_worn("whole.wav"), drop / "whole.wav")
        wait_for(lambda: all((out / name).exists() for name in ("slow.wav", "whole.wav")))
    finally:
        batch.send_signal(signal.SIGTERM)
        printed, said = batch.communicate(timeout=60)
    assert batch.returncode == 0, said
    assert json.loads(printed)["counts"]["failed"] == 0
    assert soundfile.info(out / "slow.wav").frames == 22_050

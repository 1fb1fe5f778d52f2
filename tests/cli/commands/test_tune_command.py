"""``restorack tune``, as users call it."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile

RATE = 16_000


@pytest.fixture
def pair(tmp_path):
    noise = 0.1 * np.random.default_rng(4).standard_normal((RATE, 1))
    files = [tmp_path / "soft.wav", tmp_path / "loud.wav"]
    for file, rows in zip(files, (noise, 2.0 * noise), strict=True):
        soundfile.write(file, rows, RATE, subtype="FLOAT")
    return files


@pytest.fixture
def gain(tmp_path):
    path = tmp_path / "gain.yaml"
    path.write_text("format: 1\nname: gain\nstages:\n- pedalboard.Gain: {gain_db: 0}\n")
    return path


def test_it_writes_preset_history_and_picture(cli, gain, pair, tmp_path):
    out = tmp_path / "new" / "tuned.yaml"
    ran = cli(
        "tune", gain, "-i", pair[0], "--clean", pair[1], "--vary", "gain.gain_db=-12..12",
        "--trials", "40", "-o", out,
    )  # fmt: skip
    assert ran.code == 0
    assert "gain.gain_db: 0 to" in ran.out
    assert sorted(path.name for path in out.parent.iterdir()) == [
        "tuned.history.json", "tuned.png", "tuned.yaml",
    ]  # fmt: skip
    best = json.loads((out.parent / "tuned.history.json").read_text())
    found = min(best["trials"], key=lambda one: one["objective"] + one["prior"])
    assert found["values"][0] == pytest.approx(6.02, abs=0.5)
    assert cli("render", pair[0], "-o", tmp_path / "o.wav", "-p", out).code == 0


def test_a_grid_towards_a_reference_as_json(cli, gain, pair, tmp_path):
    ran = cli(
        "tune", gain, "-i", pair[0], "--reference", pair[1], "--vary", "gain.gain_db=-6..6",
        "--grid", "3", "-o", tmp_path / "t.yaml", "--json",
    )  # fmt: skip
    assert ran.code == 0
    assert len(ran.document["trials"]) == 4
    assert ran.document["status"] == "done"


def test_mistakes_write_nothing(cli, gain, pair, tmp_path):
    def code(*more, vary="gain.gain_db=-6..6"):
        return cli("tune", gain, "-o", tmp_path / "t.yaml", "--vary", vary, *more).code

    assert code() == 2
    assert code("-i", pair[0], "-i", pair[1], "--clean", pair[1]) == 2
    assert code("-i", pair[0], "--clean", pair[1], vary="gain.gain=0..1") == 2
    assert code("-i", pair[0], "--clean", pair[1], "--trials", "0") == 2
    assert code("-i", tmp_path / "none.wav") == 5
    assert not list(tmp_path.glob("t.*"))

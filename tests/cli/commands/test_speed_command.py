"""``restorack speed`` and ``render --speed-curve``: measured, written, edited, applied."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from command_line import Cli

RATE = 22_050


@pytest.fixture
def steady(tmp_path: Path) -> Path:
    """Return a chord of five seconds, in A4 = 440."""
    time = np.arange(5 * RATE) / RATE
    tones = [np.sin(2 * np.pi * 220 * 2 ** (n / 12) * time) for n in (0, 4, 7, 12)]
    soundfile.write(tmp_path / "chord.wav", 0.1 * sum(tones), RATE, subtype="FLOAT")
    return tmp_path / "chord.wav"


def test_a_curve_is_written_edited_and_applied(cli: Cli, steady: Path, tmp_path: Path) -> None:
    curve, picture = tmp_path / "c.csv", tmp_path / "c.png"
    ran = cli("speed", steady, "--csv", curve, "--picture", picture, "--json")
    assert ran.code == 0
    assert ran.document["wow"] is None
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert curve.read_text().splitlines()[:2] == ["seconds,speed", "0.000000,1.00000000"]
    assert "none" in cli("speed", steady).out
    assert cli("speed", steady, "--csv", curve).code == 5  # it exists
    before, _ = soundfile.read(steady, dtype="float32")
    words = ("render", steady, "--speed-curve", curve, "--subtype", "FLOAT")
    assert cli(*words, "-o", tmp_path / "a.wav").code == 0
    assert np.array_equal(soundfile.read(tmp_path / "a.wav", dtype="float32")[0], before)
    curve.write_text("seconds,speed\n0,1.02\n5,1.02\n")
    gain = ("--stage", "restorack.Loudness")
    assert cli(*words, *gain, "-o", tmp_path / "b.wav").code == 0
    assert soundfile.info(tmp_path / "b.wav").frames == round(before.size * 1.02)


def test_a_file_that_is_no_curve_ends_with_5(cli: Cli, steady: Path, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("seconds,speed\n0,one\n")
    ran = cli("render", steady, "--speed-curve", tmp_path / "c.csv", "-o", tmp_path / "o.wav")
    assert ran.code == 5
    assert "line 2" in ran.err
    assert not (tmp_path / "o.wav").exists()

"""``restorack compare``: damage fitted to a record, as a table, a preset and a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from command_line import RATE, Cli
from signals.damaged_music import rag

from restorack.degrade.additive.clicks import Clicks
from restorack.degrade.additive.hiss import Hiss
from restorack.presets import load_preset


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    path = tmp_path / "clean.wav"
    soundfile.write(path, rag()[0, : 15 * RATE], RATE, subtype="FLOAT")
    return path


def test_what_is_not_damaged_gives_no_damage(cli: Cli, clean: Path) -> None:
    ran = cli("compare", clean, clean)
    assert ran.code == 0
    assert "no damage that the clean one has not" in ran.out


def test_outputs_that_exist_are_refused_before_the_work(cli: Cli, clean: Path) -> None:
    preset = clean.with_name("there.yaml")
    preset.write_text("kept")
    ran = cli("compare", clean, clean, "-o", preset)
    assert ran.code == 5
    assert preset.read_text() == "kept"


def test_silence_cannot_be_damaged(cli: Cli, clean: Path, tmp_path: Path) -> None:
    silent = tmp_path / "silent.wav"
    soundfile.write(silent, np.zeros(RATE), RATE)
    ran = cli("compare", clean, silent)
    assert ran.code == 3
    assert "is silent" in ran.err


@pytest.mark.slow
def test_clicks_and_noise_are_fitted(cli: Cli, clean: Path, tmp_path: Path) -> None:
    music = rag()
    clicks = Clicks(rate_per_s=12.0, seed=5).damage(music, RATE).audio
    worn = clicks + Hiss(level_db=-25.0, seed=6).damage(music, RATE).tracks["noise"]
    real, preset, picture = (tmp_path / name for name in ("worn.wav", "fit.yaml", "fit.png"))
    soundfile.write(real, 0.7 * worn[0], RATE, subtype="FLOAT")
    ran = cli("compare", real, clean, "-o", preset, "--picture", picture, "--json")
    assert ran.code == 0
    figures = {one["figure"]: one for one in ran.document["figures"]}
    for name in ("clicks.per_second", "noise.hiss_below_music_db"):
        assert figures[name]["agrees"], figures[name]
    chain = load_preset(preset)
    assert {"clicks", "noise"} <= set(chain.names)
    # The same music was damaged so: the parameters themselves come back.
    assert chain.slot("clicks").stage.rate_per_s == pytest.approx(12.0, rel=0.2)
    assert chain.slot("noise").stage.level_db == pytest.approx(-25.0, abs=2.0)
    assert picture.read_bytes().startswith(b"\x89PNG")

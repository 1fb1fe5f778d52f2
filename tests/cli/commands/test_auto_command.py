"""``restorack auto`` and ``compare-presets``: a choice with its reason, and a page to judge it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from command_line import RATE, Cli

from restorack.presets import Advice, Suggestion


@pytest.fixture
def advised(preset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every recording but silence go through the preset of the tests."""

    def advise(found) -> Advice:
        if found.level.sample_peak_dbfs is None:
            return Advice(None, "it is silent")
        return Advice(str(preset), "it rumbles", (Suggestion("vinyl", "it crackles"),))

    monkeypatch.setattr("restorack.presets.advise", advise)


@pytest.mark.usefixtures("advised")
def test_auto_chooses_renders_and_says_why(
    cli: Cli, worn: Path, preset: Path, tmp_path: Path
) -> None:
    silent, broken = tmp_path / "silent.wav", tmp_path / "broken.wav"
    soundfile.write(silent, np.zeros(RATE // 2), RATE)
    broken.write_bytes(b"no audio")
    folder = tmp_path / "out"
    ran = cli("auto", broken, worn, silent, "-o", folder)
    assert ran.code == 5
    assert f"{preset}: it rumbles" in ran.out
    assert "also possible: vinyl" in ran.out
    assert "left as it is: it is silent" in ran.out
    assert "no audio" not in ran.out
    names = sorted(os.listdir(folder))
    assert names == [
        "audio", "index.html", "worn.difference.wav", "worn.report.json", "worn.restored.wav",
    ]  # fmt: skip
    assert json.loads((folder / "worn.report.json").read_text())["preset"] == "low-cut"
    assert "it rumbles" in (folder / "index.html").read_text()


@pytest.mark.usefixtures("advised")
def test_autos_document_has_every_file(cli: Cli, worn: Path, tmp_path: Path) -> None:
    silent = tmp_path / "silent.wav"
    soundfile.write(silent, np.zeros(RATE // 2), RATE)
    ran = cli("auto", silent, "-o", tmp_path / "out", "--json")
    assert ran.code == 0
    assert ran.document["page"] is None
    assert ran.document["files"][0]["preset"] is None
    assert not (tmp_path / "out").exists()


def test_presets_are_compared_on_one_page(
    cli: Cli, worn: Path, preset: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(preset.read_text().replace("low-cut", "other"))
    target = tmp_path / "presets.html"
    ran = cli("compare-presets", worn, "-p", preset, "-p", other, "-o", target, "--no-analysis")
    assert ran.code == 0, ran.err
    assert "removed by other" in target.read_text()
    alone = cli("compare-presets", worn, "-p", preset, "-p", preset, "-o", tmp_path / "x.html")
    assert alone.code == 2
    assert "between two and seven" in alone.err

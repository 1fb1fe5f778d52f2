"""``restorack presets``: list, show, validate."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Cli

from restorack.presets import load_preset, preset_names


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = tmp_path / "config" / "restorack" / "presets"
    folder.mkdir(parents=True)
    return folder


def test_the_list_names_every_preset(cli: Cli, preset: Path, own_home: Path) -> None:
    (own_home / "mine.yaml").write_text(preset.read_text())
    entries = cli("presets", "list", "--json").document
    assert [entry["name"] for entry in entries] == preset_names()
    by_name = {entry["name"]: entry for entry in entries}
    assert by_name["mine"]["description"] == "Takes the lowest octaves away."
    assert by_name["mine"]["path"] == str(own_home / "mine.yaml")
    assert "78rpm-heavy" in cli("presets", "list").out


def test_the_list_keeps_restoring_and_damaging_presets_apart(cli: Cli) -> None:
    kinds = {e["name"]: e["kind"] for e in cli("presets", "list", "--json").document}
    assert kinds["78rpm"] == kinds["phone-to-studio"] == "restores"
    assert {name for name, kind in kinds.items() if kind == "damages"} == {
        name for name in kinds if name.startswith("degrade-")
    }
    shown = cli("presets", "list").out
    assert shown.index("Restoring") < shown.index("vinyl") < shown.index("Damaging")
    assert shown.index("Damaging") < shown.index("degrade-78rpm-light")


def test_a_broken_preset_does_not_hide_the_others(cli: Cli, own_home: Path) -> None:
    (own_home / "broken.yaml").write_text("format: 1\nname: broken\nstagez: []\n")
    ran = cli("presets", "list", "--json")
    by_name = {entry["name"]: entry for entry in ran.document}
    assert (ran.code, "stagez" in by_name["broken"]["error"]["what"]) == (0, True)
    assert by_name["hiss-only"]["description"]


def test_what_is_shown_can_be_loaded(cli: Cli, preset: Path, tmp_path: Path) -> None:
    shown = cli("presets", "show", preset)
    assert shown.code == 0
    copy = tmp_path / "copy.yaml"
    copy.write_text(shown.out)
    assert cli("presets", "show", copy).out == shown.out
    assert load_preset(copy).names == ["highpassfilter", "gain"]
    document = cli("presets", "show", preset, "--json").document
    assert document["name"] == "low-cut"
    assert document["path"] == str(preset)
    assert len(document["stages"]) == 2


def test_validate_names_file_and_line(cli: Cli, preset: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(preset.read_text().replace("gain_db: -3", "gain_dB: -3"))
    assert cli("presets", "validate", preset).code == 0
    ran = cli("presets", "validate", preset, bad, tmp_path / "none.yaml", "--json")
    assert ran.code == 2
    assert [entry["valid"] for entry in ran.document] == [True, False, False]
    assert f"{bad}:6" in ran.document[1]["error"]["where"]
    assert "gain_db" in ran.document[1]["error"]["remedy"]


def test_an_unknown_name_gets_the_nearest(cli: Cli) -> None:
    ran = cli("presets", "show", "hiss-onli", "--json")
    assert (ran.code, "hiss-only" in ran.document["error"]["remedy"]) == (2, True)

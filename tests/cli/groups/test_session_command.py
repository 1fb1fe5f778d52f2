"""``restorack session`` and ``restorack stems``."""

from __future__ import annotations

import json
import runpy
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile
from command_line import RATE, Cli
from jsonschema import Draft202012Validator

from restorack.config.yaml_source import parse_yaml

EXAMPLES = Path(__file__).parents[3] / "examples"
SESSION = """\
format: 1
name: small
stems:
- {file: worn.wav, sends: [{to: room}]}
- {name: second, file: worn.wav, gain_db: -3, mute: true}
buses: [{name: room, stages: [{pedalboard.Gain: {gain_db: -9}}]}]
"""


@pytest.fixture
def session(worn: Path, tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SESSION)
    return path


def test_a_session_becomes_a_folder_of_its_name(cli: Cli, session: Path, tmp_path: Path) -> None:
    ran = cli("session", "render", session, "--stems", "--json")
    assert ran.code == 0
    folder = tmp_path / "small"
    files = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert files == {"small.wav", "report.json", "stems/worn.wav", "buses/room.wav"}
    assert ran.document == json.loads((folder / "report.json").read_text())
    strips = {strip["name"]: strip for strip in ran.document["strips"]}
    assert [strips[name]["heard"] for name in ("worn", "second", "room", "master")] == [
        True, False, True, True,
    ]  # fmt: skip
    assert strips["worn"]["ways"] == [
        {"to": "master", "kind": "output"}, {"to": "room", "kind": "send"},
    ]  # fmt: skip
    assert soundfile.info(folder / "small.wav").samplerate == RATE


def test_it_is_shown_to_people_and_never_overwrites(cli: Cli, session: Path) -> None:
    shown = cli("session", "render", session)
    assert shown.code == 0
    assert "room" in shown.out
    assert "true peak" in shown.out
    again = cli("session", "render", session)
    assert again.code == 5
    assert "exists" in again.err
    assert cli("session", "render", session, "--force", "-q").code == 0


def test_check_names_the_line(cli: Cli, session: Path) -> None:
    assert cli("session", "check", session, "--json").document["buses"] == ["room"]
    session.write_text(SESSION.replace("to: room", "to: rom"))
    ran = cli("session", "check", session, "--json")
    assert ran.code == 2
    assert ran.document["error"]["where"] == f"{session}:4:3"
    assert "'room'" in ran.document["error"]["remedy"]
    assert cli("session", "render", session, "--engine", "tape").code == 2


def test_the_schema_knows_the_example_and_its_slips(cli: Cli) -> None:
    schema = json.loads(cli("session", "schema").out)
    check = Draft202012Validator(schema)
    text = (EXAMPLES / "session.yaml").read_text()
    assert not list(check.iter_errors(parse_yaml(text, "session").plain()))
    for right, wrong in (("pan:", "pam:"), ("gain_db: -3", "gain_db: loud"), ("room_size", "size")):
        slip = parse_yaml(text.replace(right, wrong, 1), "session").plain()
        assert list(check.iter_errors(slip)), wrong


@pytest.mark.slow
def test_the_example_renders(cli: Cli, tmp_path: Path) -> None:
    for name in ("session.yaml", "make_stems.py"):
        shutil.copy(EXAMPLES / name, tmp_path)
    runpy.run_path(str(tmp_path / "make_stems.py"), run_name="__main__")
    ran = cli("session", "render", tmp_path / "session.yaml", "--json")
    assert ran.code == 0
    assert -20 < ran.document["true_peak_dbtp"] <= -1
    assert all(strip["heard"] for strip in ran.document["strips"])


def test_stems_keep_their_names(
    cli: Cli, preset: Path, make_worn: Callable[..., Path], tmp_path: Path
) -> None:
    for name in ("takes/one.wav", "takes/two.flac"):
        make_worn(name)
    ran = cli("stems", "apply", tmp_path / "takes", "-p", preset, "--json")
    assert ran.code == 0
    assert [entry["preset"] for entry in ran.document] == ["low-cut", "low-cut"]
    made = tmp_path / "takes.low-cut"
    assert sorted(path.name for path in made.iterdir()) == ["one.wav", "two.flac"]
    assert soundfile.info(made / "two.flac").format == "FLAC"
    assert cli("stems", "apply", tmp_path / "takes", "-p", preset).code == 5
    louder = cli("stems", "apply", tmp_path / "takes", "-p", preset, "--set", "gain.gain_db=0",
                 "--link", "--force", "-q")  # fmt: skip
    assert (louder.code, louder.err) == (0, "")

"""``restorack export`` and ``restorack import``."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Cli

SESSION = """\
format: 1
name: small
stems:
- {file: worn.wav, sends: [{to: room}], stages: [{restorack.Air: {}}]}
- {name: second, file: worn.wav, gain_db: -3, mute: true}
buses: [{name: room, stages: [{pedalboard.Gain: {gain_db: -9}}]}]
"""


@pytest.fixture
def session(worn: Path, tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SESSION)
    return path


def test_there_and_back(cli: Cli, session: Path, tmp_path: Path) -> None:
    out = tmp_path / "small.dawproject"
    ran = cli("export", "dawproject", session, "-o", out, "--json")
    assert ran.code == 0, ran.err
    assert ran.document["printed"] == ["worn"]
    [lost] = [loss for loss in ran.document["not_carried"] if "the stage gain" in loss["what"]]
    assert lost["place"] == f"{session}:6:9"
    back = cli("import", "dawproject", out, "-o", tmp_path / "back.yaml")
    assert back.code == 0
    assert "3 tracks, 1 bus, 0 markers" in back.err
    checked = cli("session", "check", tmp_path / "back.yaml", "--json")
    assert checked.document["stems"] == ["worn", "worn (dry)", "second"]


def test_losses_are_printed(cli: Cli, session: Path, tmp_path: Path) -> None:
    ran = cli("export", "dawproject", session, "-o", tmp_path / "a.dawproject")
    assert f"not carried: {session}:6:9: bus 'room': the stage gain" in ran.err
    assert "printed as audio: worn" in ran.err
    quiet = cli("export", "dawproject", session, "-o", tmp_path / "b.dawproject", "-q")
    assert quiet.err == ""


def test_errors_are_one_line(cli: Cli, session: Path, tmp_path: Path) -> None:
    ran = cli("import", "dawproject", session, "-o", tmp_path / "back.yaml")
    assert ran.code == 5
    assert ran.err.count("\n") == 1
    assert "is no readable ZIP" in ran.err
    wrong = cli("import", "dawproject", session, "-o", tmp_path / "back.wav")
    assert "it ends in .yaml" in wrong.err

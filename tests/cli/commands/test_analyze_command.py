"""``restorack analyze``: tables, JSON, pictures, and files that fail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile
from command_line import RATE, Cli
from signals.damaged_music import rag

from restorack.meters.findings import Findings


@pytest.fixture
def music(tmp_path: Path) -> Path:
    path = tmp_path / "music.wav"
    soundfile.write(path, rag()[0, : 4 * RATE], RATE, subtype="FLOAT")
    return path


def test_table_condition_and_advice(cli: Cli, music: Path) -> None:
    ran = cli("analyze", music)
    assert ran.code == 0
    assert "condition: clean" in ran.out
    assert "preset: none: nothing is wrong with it" in ran.out
    for word in ("level", "clicks", "noise", "band edge", "hum", "channels"):
        assert word in ran.out


def test_json_is_one_document_that_the_model_takes(cli: Cli, worn: Path) -> None:
    ran = cli("analyze", worn, "--json")
    document = ran.document
    assert Findings.model_validate(document["findings"]).recording.path == str(worn)
    assert set(document["advice"]) == {"preset", "reason", "alternatives", "steps"}


def test_several_files_one_of_which_fails(cli: Cli, music: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"nothing")
    ran = cli("analyze", music, broken, "--json")
    first, second = ran.document
    assert "findings" in first
    assert second["error"]["where"] == str(broken)
    assert ran.code == second["error"]["exit_code"] == 5


def test_pictures(cli: Cli, music: Path, worn: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    ran = cli("analyze", music, worn, "--plots", folder, "--json")
    assert ran.code == 0
    for entry, source in zip(ran.document, (music, worn), strict=True):
        picture = Path(entry["picture"])
        assert picture == folder / f"{source.stem}.png"
        assert picture.read_bytes().startswith(b"\x89PNG")
    again = cli("analyze", music, "--plots", folder)
    assert again.code == 5
    assert "exists" in again.err
    assert cli("analyze", music, "--plots", folder, "--force", "-q").out == ""


def test_two_inputs_of_one_name_would_give_one_picture(
    cli: Cli, make_worn: Callable[..., Path], tmp_path: Path
) -> None:
    first, second = make_worn("a/x.wav"), make_worn("b/x.wav")
    ran = cli("analyze", first, second, "--plots", tmp_path / "p")
    assert ran.code == 5
    assert "one picture" in ran.err
    assert not (tmp_path / "p").exists()


def test_too_little_to_look_at(cli: Cli, music: Path) -> None:
    ran = cli("analyze", music, "--max-seconds", 5)
    assert ran.code == 2
    assert "30 s or more" in ran.err

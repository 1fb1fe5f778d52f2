"""Names and tags that others wrote: escapes are shown, bytes that are not UTF-8 are no fault."""

from __future__ import annotations

import json
import os
from pathlib import Path

import mutagen.flac
import pytest
import soundfile
from command_line import RATE, Cli

from restorack.testing.signals import worn_music
from restorack.text import path_of_text, visible

EVIL = "\x1b]0;OWNED\x07\x1b[31mred\x9b2J\u202egnp"


@pytest.fixture
def evil(tmp_path: Path) -> Path:
    """Return a file whose name and tags hold escapes."""
    path = tmp_path / f"{EVIL}[bold]\n.flac"
    soundfile.write(path, worn_music(RATE, 0.3, 1).T, RATE)
    file = mutagen.flac.FLAC(path)
    file["title"], file["artist"], file["album"] = EVIL, "[bold red]x[/bold red]", "a\nb"
    file["comment"] = "x" * 300 + EVIL
    file.save()
    return path


def is_harmless(text: str) -> bool:
    return visible(text, keep="\n") == text


@pytest.mark.parametrize("as_json", [False, True])
def test_no_command_prints_escapes_of_names_and_tags(
    cli: Cli, evil: Path, preset: Path, tmp_path: Path, as_json: bool
) -> None:
    more = ["--json"] if as_json else []
    commands = [
        ("info", evil),
        ("render", evil, "-p", preset, "-o", tmp_path / "o.wav", "--dry-run"),
        ("render", evil, "-p", preset, "--report", tmp_path / "r.json"),
        ("render", evil, "-p", preset),
        ("batch", evil, "-p", preset, "-o", tmp_path / "out", "--dry-run"),
        ("render", tmp_path / EVIL, "-p", preset),
        ("render", evil, "-p", EVIL),
        ("info", tmp_path / EVIL, evil),
    ]
    for command in commands:
        ran = cli(*command, *more)
        assert ran.code != 70, ran.err
        assert is_harmless(ran.out), command
        assert is_harmless(ran.err), command
        if as_json:
            json.loads(ran.out)
    assert "\\u001b" in (tmp_path / "r.json").read_text()


def test_info_shows_the_whole_of_a_tag(cli: Cli, evil: Path) -> None:
    ran = cli("info", evil)
    assert r"\x1b]0;OWNED\x07\x1b[31mred\x9b2J\u202egnp" in ran.out
    assert "[bold red]x[/bold red]" in ran.out
    assert "a\nb" in cli("info", evil, "--json").document["tags"]["album"]
    assert cli("info", evil, "--json").document["tags"]["title"] == [EVIL]


@pytest.fixture
def latin(tmp_path: Path) -> list[Path]:
    """Return two files whose names differ in a byte that is not UTF-8."""
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/box\xff"))
    folder.mkdir()
    paths = [folder / os.fsdecode(b"caf" + end + b".wav") for end in (b"\xe9", b"\xe8")]
    for number, path in enumerate(paths):
        soundfile.write(os.fsencode(path), worn_music(RATE, 0.3 + 0.1 * number, 1).T, RATE)
    return paths


def test_names_that_are_no_utf8_are_rendered_and_told(
    cli: Cli, latin: list[Path], preset: Path, tmp_path: Path
) -> None:
    outputs = tmp_path / "o"
    ran = cli("render", *latin, "-p", preset, "-o", outputs, "--report", tmp_path / "r.json",
              "--difference", tmp_path / "d", "--json")  # fmt: skip
    assert ran.code == 0, ran.err
    assert sorted(os.listdir(outputs)) == sorted(path.name for path in latin)
    for document in (ran.document, json.loads((tmp_path / "r.json").read_bytes().decode())):
        assert [path_of_text(entry["source"]["path"]) for entry in document] == latin
    ran = cli("info", *latin, "--json")
    assert [path_of_text(entry["path"]) for entry in ran.document] == latin
    assert r"caf\xe9.wav" in cli("info", *latin).out.replace("\n", "")
    assert r"caf\xe9.gone" in cli("info", latin[0].with_suffix(".gone")).err


@pytest.mark.slow
def test_a_batch_of_names_that_are_no_utf8(
    cli: Cli, latin: list[Path], preset: Path, tmp_path: Path
) -> None:
    command = ("batch", latin[0].parent, "-p", preset, "-o", tmp_path / "o", "-j", 1, "--reports",
               "--pictures", "--differences", "--json")  # fmt: skip
    ran = cli(*command)
    assert ran.code == 0, ran.err
    assert sorted(path_of_text(f["source"]["path"]) for f in ran.document["files"]) == sorted(latin)
    outputs = [Path(entry["output"]["path"]) for entry in ran.document["files"]]
    assert len({soundfile.info(path).frames for path in outputs}) == 2
    assert cli(*command).document["counts"]["unchanged"] == 2


def test_a_page_of_names_that_are_no_utf8(
    cli: Cli, latin: list[Path], preset: Path, tmp_path: Path
) -> None:
    ran = cli("page", *latin, "-p", preset, "-o", tmp_path / "page", "--json")
    assert ran.code == 0, ran.err
    assert [path_of_text(name) for name in ran.document["files"]] == latin
    text = (tmp_path / "page" / "index.html").read_bytes().decode("utf-8")
    assert r'aria-label="caf\xe9.wav"' in text
    assert (tmp_path / "page" / os.fsdecode(b"caf\xe8.after.wav")).exists()

"""``--sandbox`` on every command that can host plugins, and what reports say of it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import typer
from command_line import Cli

from restorack.cli.main import app
from restorack.hosting.confine import landlock
from restorack.hosting.confine.modes import VARIABLE
from restorack.hosting.confine.policy import PARTS, missing_parts

HOSTING = (
    "render", "batch", "page", "session render", "session check", "stems apply", "bench run",
    "plugins show", "plugins scan", "plugins probe", "presets list", "presets show",
    "presets validate",
)  # fmt: skip
ZAM = ("--stage", "vst3=ZamCompX2")


@pytest.mark.parametrize("words", HOSTING)
def test_commands_that_host_plugins_have_the_option(words: str) -> None:
    command: Any = typer.main.get_command(app)
    for word in words.split():
        command = command.commands[word]
    assert "--sandbox" in {name for one in command.params for name in one.opts}


def test_words_that_are_no_mode_are_refused(
    cli: Cli, worn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = cli("render", worn, *ZAM, "--sandbox", "some", "--json")
    assert ran.code == 2
    assert ran.document["error"]["what"] == "--sandbox some"
    monkeypatch.setenv(VARIABLE, "every")
    ran = cli("render", worn, *ZAM, "--json")
    assert (ran.code, ran.document["error"]["what"]) == (2, f"{VARIABLE} every")


def test_strict_is_refused_before_anything_is_done_where_a_part_is_missing(
    cli: Cli, worn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landlock, "kernel_abi", lambda: 2)
    files = set(worn.parent.iterdir())
    ran = cli("render", worn, *ZAM, "--sandbox", "strict", "--json")
    assert ran.code == 6
    for part in ("files", "network", "scopes"):
        assert f"{part}: Landlock ABI" in ran.document["error"]["what"]
    assert set(worn.parent.iterdir()) == files
    monkeypatch.setenv(VARIABLE, "strict")
    assert cli("plugins", "probe", "ZamCompX2").code == 6


@pytest.mark.parametrize("mode", ["off", "auto", "strict"])
def test_reports_say_what_was_enforced(cli: Cli, worn: Path, mode: str) -> None:
    before = os.environ.get(VARIABLE)
    ran = cli("render", worn, *ZAM, "--sandbox", mode, "--json")
    assert os.environ.get(VARIABLE) == before  # the option is this command's alone
    if mode == "strict" and missing_parts():
        assert ran.code == 6
        return
    assert ran.code == 0
    [stage] = ran.document["stages"]
    found = stage["findings"]["sandbox"]
    assert found.pop("mode") == mode
    assert set(found) == set(PARTS)
    if mode == "strict":
        assert set(found.values()) == {"enforced"}
    if mode == "off":
        assert {found[part] for part in PARTS if part != "descriptors"} == {"off"}


def test_a_probe_shows_what_was_enforced(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("restorack.hosting.probe._Prober._aspects", lambda _: iter(()))
    for mode in ("off", "auto"):
        shown = cli("plugins", "probe", "ZamCompX2", "--sandbox", mode)
        assert f"sandbox     {mode}; " in shown.out
        document = cli("plugins", "probe", "ZamCompX2", "--sandbox", mode, "--json").document
        assert document["kept"] is True  # each mode's result is kept for itself
        assert document["sandbox"]["mode"] == mode


@pytest.mark.slow
def test_workers_of_a_batch_confine_their_plugins_so_too(
    cli: Cli, worn: Path, tmp_path: Path
) -> None:
    mode = "auto" if missing_parts() else "strict"
    options = ("-o", tmp_path / "out", "--reports", "--jobs", "1", "--sandbox", mode)
    assert cli("batch", worn, *ZAM, *options, "--quiet").code == 0
    [report] = (tmp_path / "out").rglob("*.report.json")
    [stage] = json.loads(report.read_text())["stages"]
    assert stage["findings"]["sandbox"]["mode"] == mode

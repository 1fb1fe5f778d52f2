"""Help is fast and complete, the page in docs is what the commands say, errors are JSON."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from command_line import Cli
from typer.testing import CliRunner

from restorack import __version__
from restorack.cli.contents import COMMANDS, GROUPS
from restorack.cli.listings import plain_listing
from restorack.cli.main import app, build_contents

HEAVY = (
    "numpy", "scipy", "pedalboard", "dawdreamer", "numba", "matplotlib", "soundfile", "soxr",
    "torch", "librosa", "ruamel",
)  # fmt: skip
ROOMS = ("restorack.cli.commands.", "restorack.cli.groups.")
ROOT = Path(__file__).parents[2]


def walk(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield every command that does something, with the words that call it."""
    below = getattr(command, "commands", None) or {}
    for name, one in below.items():
        yield from walk(one, f"{path} {name}")
    if not below:
        yield path, command


def loaded_by(*arguments: str) -> set[str]:
    """Return the modules that a command has loaded."""
    program = (
        "import sys\n"
        "from restorack.cli.main import main\n"
        f"assert main({list(arguments)}) == 0\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(ran.stderr.split())


@pytest.mark.parametrize("arguments", [("--help",), ("render", "--help"), ("--version",)])
def test_help_loads_nothing_heavy(arguments: tuple[str, ...]) -> None:
    assert not loaded_by(*arguments) & {*HEAVY, "rich"}


def test_the_list_of_commands_loads_none() -> None:
    assert not [name for name in loaded_by("--help") if name.startswith(ROOMS)]


@pytest.mark.parametrize("columns", ["40", "80", "120"])
def test_the_list_of_commands_is_what_they_say(
    columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    whole, contents = CliRunner(), CliRunner()
    expected = whole.invoke(app, ["--help"]).output
    assert contents.invoke(build_contents(), ["--help"]).output == expected
    assert all(name in expected for name in (*COMMANDS, *GROUPS))


@pytest.mark.parametrize("group", ["presets", "plugins"])
def test_a_plain_listing_is_what_typer_makes_of_it(group: str, cli: Cli) -> None:
    for flags in ([], ["--json"], ["-q", "--json"]):
        quick, whole = plain_listing([group, "list", *flags]), CliRunner()
        assert quick is not None
        assert cli(group, "list", *flags).out == whole.invoke(app, [group, "list", *flags]).stdout
    assert plain_listing([group, "list", "--help"]) is None
    assert plain_listing([group, "show"]) is plain_listing([f"{group} list"]) is None
    assert "pydantic" not in loaded_by(group, "list")


def test_a_command_loads_no_other_one() -> None:
    loaded = {name for name in loaded_by("info", "--help") if name.startswith(ROOMS)}
    assert loaded == {"restorack.cli.commands.info"}


def test_listing_presets_loads_no_stage() -> None:
    loaded = loaded_by("presets", "list")
    assert not loaded & set(HEAVY)
    assert not [
        name for name in loaded if name.startswith(("restorack.plugins", "restorack.chains"))
    ]


def test_listing_plugins_loads_no_stage() -> None:
    loaded = loaded_by("plugins", "list")
    assert not loaded & set(HEAVY)
    ours = ("restorack.plugins.", "restorack.degrade.", "restorack.chains.chain")
    packages = {"restorack.plugins.bandwidth", "restorack.plugins.declick",
                "restorack.plugins.declip", "restorack.plugins.denoise", "restorack.plugins.disc",
                "restorack.plugins.dynamics", "restorack.plugins.matching",
                "restorack.plugins.room",
                "restorack.degrade.additive", "restorack.degrade.channel",
                "restorack.degrade.codecs"}  # fmt: skip
    assert {name for name in loaded if name.startswith(ours)} <= packages


@pytest.mark.parametrize("arguments", [(), ("presets",)])
def test_without_a_command_the_help_is_shown(cli: Cli, arguments: tuple[str, ...]) -> None:
    ran = cli(*arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.startswith("Usage: restorack")
    assert "Commands:" in ran.err


def test_the_version(cli: Cli) -> None:
    assert cli("--version").out == f"restorack {__version__}\n"


def test_every_option_has_help_and_every_command_speaks_json() -> None:
    paths = []
    for path, command in walk(typer.main.get_command(app), "restorack"):
        paths.append(path)
        assert command.help, path
        for parameter in command.params:
            assert parameter.help, f"{path} {parameter.name}"
        options = {name for parameter in command.params for name in parameter.opts}
        assert {"--json", "--quiet"} <= options, path
    assert len(paths) == len(set(paths)) >= 9


def test_the_page_in_docs_is_what_the_commands_say() -> None:
    script = [sys.executable, str(ROOT / "scripts" / "pages" / "cli_docs.py")]
    printed = subprocess.run(script, capture_output=True, text=True, check=True).stdout
    page = (ROOT / "docs" / "reference" / "cli.md").read_text()
    assert page == printed, "run python scripts/pages/cli_docs.py > docs/reference/cli.md"
    for path, command in walk(typer.main.get_command(app), "restorack"):
        section = page.partition(f"## {path}\n")[2].partition("\n## ")[0]
        for parameter in command.params:
            shown = parameter.opts if parameter.param_type_name == "option" else [parameter.help]
            assert all(name in section for name in shown), f"{path} {parameter.name}"


def test_exit_codes_are_in_the_help(cli: Cli) -> None:
    assert "Exit codes" in cli("--help").out
    assert "Exit codes" in cli("render", "--help").out


def test_errors_of_parsing_are_json_too(cli: Cli) -> None:
    ran = cli("info", "--json")
    assert (ran.code, ran.document["error"]["exit_code"]) == (2, 2)
    assert cli("nonsense", "--json").document["error"]["what"]
    assert cli("plugins", "list", "--kind", "au", "--json").document["error"]["rule"]


def test_info_describes_several_files(cli: Cli, worn: Path, tmp_path: Path) -> None:
    alone = cli("info", worn, "--json")
    assert alone.document["sample_rate"] == 44_100
    ran = cli("info", worn, tmp_path / "none.wav", "--json")
    assert ran.code == 5
    assert ran.document[0] == alone.document
    assert "none.wav" in ran.document[1]["error"]["where"]
    assert all(word in cli("info", worn).out for word in ("44100 Hz", "mono", "0:00.500", "PCM_16"))

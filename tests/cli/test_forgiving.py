"""The command line takes what people write, and says what to add where it cannot."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from command_line import RATE, Cli

FAULTY = """\
format: 1
name: bad
nme: x
stages:
  - Airs: {}
  - restorack.Air: {amount_db: 99, frequency: 3}
  - {stage: compressor, params: {ration: 3}}
output: {subtype: PCM_99}
"""


def test_times_rates_bits_and_short_names(cli: Cli, worn: Path, tmp_path: Path) -> None:
    out, difference = tmp_path / "new" / "deep" / "out.wav", tmp_path / "new" / "d.wav"
    ran = cli(
        "render", worn, "--stage", "AIR:amount_db=6dB,mix=0.5,gain", "--set", "Gain.gain_DB=-6dB",
        "-o", out, "--start", "0:00.1", "--end", "400ms", "--subtype", "24", "--json",
        "--difference", difference, "--difference-subtype", "32f",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert [name for stage in ran.document["stages"] for name in stage["stages"]] == ["air", "gain"]
    info = soundfile.info(out)
    assert (info.frames, info.subtype) == (round(0.3 * RATE), "PCM_24")
    removed, _ = soundfile.read(difference)
    assert soundfile.info(difference).subtype == "FLOAT"
    given, _ = soundfile.read(worn, start=round(0.1 * RATE), frames=round(0.3 * RATE))
    assert np.allclose(soundfile.read(out)[0] + removed, given, atol=1e-7)
    again = cli("render", worn, "--stage", "gain", "--rate", "48k", "-o", tmp_path / "r.wav")
    assert again.code == 0
    assert soundfile.info(tmp_path / "r.wav").samplerate == 48_000


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [("--start", "1:75", "minutes and seconds end at 60"), ("--rate", "44.1dB", "44.1k or 48kHz")],
)
def test_numbers_that_mean_nothing(
    cli: Cli, worn: Path, option: str, value: str, words: str
) -> None:
    ran = cli("render", worn, "--stage", "gain", option, value)
    assert ran.code == 2
    assert words in ran.err


def test_a_wrong_unit_is_said(cli: Cli, worn: Path) -> None:
    ran = cli("render", worn, "--stage", "gain:gain_db=6ms")
    assert ran.code == 2
    assert "gain_db = 6ms" in ran.err


def test_folders_say_what_to_add(cli: Cli, make_worn: Callable[..., Path], tmp_path: Path) -> None:
    make_worn("wall/shelf.wav").rename(tmp_path / "shelf.wav")
    (tmp_path / "wall" / "inner").mkdir()
    (tmp_path / "shelf.wav").rename(tmp_path / "wall" / "inner" / "a.wav")
    ran = cli("render", tmp_path / "wall", "--stage", "gain")
    assert ran.code == 2
    assert "--recursive" in ran.err
    out = tmp_path / "new" / "out"
    for extra in ((), ("--dry-run",)):
        ran = cli("batch", tmp_path / "wall", "-o", out, "--stage", "gain", *extra)
        assert ran.code == 2
        assert "add --recursive" in ran.err
    assert not out.exists()
    assert cli("batch", tmp_path / "wall", "-o", out, "--stage", "gain", "-r", "-j", "1").code == 0
    assert (out / "inner" / "a.wav").exists()


def test_every_fault_of_a_preset_at_once(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(FAULTY)
    ran = cli("presets", "validate", path, "VINYL", "--json")
    assert ran.code == 2
    bad, good = ran.document
    assert good["valid"]
    places = [error["where"].rsplit(":", 2)[1] for error in bad["errors"]]
    assert places == ["3", "5", "6", "6", "7", "8"]
    assert bad["error"] == bad["errors"][0]


def test_help_has_no_types_of_python(cli: Cli) -> None:
    for command in (("render",), ("page",), ("train",), ("plugins", "show"), ("corpus", "add")):
        text = cli(*command, "--help").out
        assert not re.search(r"<\w+[\[\w\]]*>", text), text


def test_one_spelling_and_the_old_one_with_a_note(cli: Cli, worn: Path, tmp_path: Path) -> None:
    ran = cli("page", worn, "--preset", "nothing", "--out", tmp_path / "page")
    assert "--out is called --output now" in ran.err
    assert "no preset 'nothing'" in ran.err


def test_options_are_spelt_alike() -> None:
    """One meaning has one spelling, and one short form one meaning."""
    import typer

    from restorack.cli.main import build_app

    def options(command, path=""):
        for name, below in getattr(command, "commands", {}).items():
            yield from options(below, f"{path} {name}")
        for one in command.params if not hasattr(command, "commands") else ():
            if one.param_type_name == "option":
                yield path, tuple(sorted(one.opts, key=len))

    short: dict[str, set[str]] = {}
    for path, names in options(typer.main.get_command(build_app())):
        assert "--out" not in names, path
        if len(names) > 1:
            short.setdefault(names[0], set()).add(names[-1])
    assert all(len(meanings) == 1 for meanings in short.values()), short


def test_plugins_in_groups(cli: Cli) -> None:
    listed = cli("plugins", "list", "--kind", "Pedalboard").out
    assert listed.startswith("Effects of pedalboard")
    assert "pedalboard.Compressor" in listed
    shown = cli("plugins", "show", "compressor")
    assert "threshold_db" in shown.out


def test_meters_are_told_from_parameters(cli: Cli) -> None:
    shown = cli("plugins", "show", "zamcompx2").out
    table, _, meters = shown.partition("meters, which are read")
    assert "gain_reduction_db" in meters
    assert "gain_reduction_db" not in table
    assert "threshold_db" in table
    assert cli("plugins", "show", "lv2=zameq2").code == 0

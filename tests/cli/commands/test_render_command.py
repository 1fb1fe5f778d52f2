"""``restorack render``: names, refusals, several files, reports, and one JSON document."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pedalboard
import pytest
import soundfile
from command_line import RATE, Cli

from restorack.presets import load_preset
from restorack.render.api import render

MakeWorn = Callable[..., Path]


def read(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="float64", always_2d=True)[0].T


def test_without_o_the_output_is_named_after_the_preset(cli: Cli, worn: Path, preset: Path) -> None:
    ran = cli("render", worn, "-p", preset)
    assert ran.code == 0, ran.err
    assert (worn.parent / "worn.low-cut.wav").exists()
    assert "worn.low-cut.wav" in ran.out


def test_stages_on_the_spot_make_a_24_bit_file_called_restored(cli: Cli, worn: Path) -> None:
    ran = cli(
        "render", worn, "--stage", "pedalboard.HighpassFilter", "--stage", "restorack.Air",
        "--set", "highpassfilter.cutoff_frequency_hz=80", "--set", "air.mix=0", "--json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    out = worn.parent / "worn.restored.wav"
    assert ran.document["output"]["path"] == str(out)
    assert (ran.document["output"]["subtype"], ran.document["output"]["ceiling_gain_db"]) == (
        "PCM_24",
        0.0,
    )
    expected = pedalboard.HighpassFilter(80)(read(worn).astype(np.float32), RATE)
    assert np.abs(read(out) - expected).max() < 2.0**-21


def test_what_does_not_change_is_the_input_bit_for_bit(cli: Cli, make_worn: MakeWorn) -> None:
    worn = make_worn(subtype="PCM_16")
    assert cli("render", worn, "--stage", "restorack.Air", "--set", "air.mix=0").code == 0
    assert np.array_equal(read(worn.parent / "worn.restored.wav"), read(worn))


def test_o_names_a_file_or_a_folder(
    cli: Cli, make_worn: MakeWorn, preset: Path, tmp_path: Path
) -> None:
    worn = make_worn()
    assert cli("render", worn, "-p", preset, "-o", tmp_path / "named.flac").code == 0
    assert soundfile.info(tmp_path / "named.flac").format == "FLAC"
    assert cli("render", worn, "-p", preset, "-o", f"{tmp_path}/new/").code == 0
    assert (tmp_path / "new" / "worn.wav").exists()
    lossy = make_worn("song.mp3")
    assert cli("render", lossy, "-p", preset, "-o", tmp_path / "new").code == 0
    assert (tmp_path / "new" / "song.wav").exists()
    assert cli("render", worn, "-p", preset, "-o", tmp_path / "new", "--format", "flac").code == 0
    assert (tmp_path / "new" / "worn.flac").exists()


def test_several_inputs_go_on_past_a_bad_one(
    cli: Cli, make_worn: MakeWorn, preset: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"RIFF no sound here")
    files = [make_worn("a.wav"), bad, make_worn("b.wav")]
    ran = cli("render", *files, "-p", preset, "-o", tmp_path / "out", "--json")
    assert ran.code == 5
    assert [entry["status"] for entry in ran.document] == ["rendered", "failed", "rendered"]
    assert ran.document[1]["error"]["exit_code"] == 5
    assert str(bad) in ran.document[1]["error"]["where"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.wav", "b.wav"]
    assert str(bad) in ran.err


def test_reasons_that_differ_end_with_1(
    cli: Cli, make_worn: MakeWorn, preset: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"RIFF no sound here")
    short = make_worn()
    ran = cli("render", bad, short, "-p", preset, "-o", tmp_path / "out", "--start", "100")
    assert ran.code == 1
    assert cli("render", short, "-p", preset, "--start", "100").code == 3


@pytest.mark.parametrize("second", ["b/same.wav", "same.flac"])
def test_two_inputs_for_one_output_are_refused_before_any_work(
    cli: Cli, make_worn: MakeWorn, preset: Path, tmp_path: Path, second: str
) -> None:
    files = [make_worn("same.wav"), make_worn(second)]
    ran = cli("render", *files, "-p", preset, "-o", tmp_path / "out", "--json")
    assert ran.code == 5
    assert "one file" in ran.document["error"]["what"]
    assert not (tmp_path / "out").exists()


def test_a_file_named_twice_is_refused(cli: Cli, worn: Path, preset: Path) -> None:
    assert cli("render", worn, worn, "-p", preset).code == 5
    assert not (worn.parent / "worn.low-cut.wav").exists()


def test_no_input_is_ever_a_target(
    cli: Cli, make_worn: MakeWorn, preset: Path, tmp_path: Path
) -> None:
    files = [make_worn("a.wav"), make_worn("a.flac")]
    before = [path.read_bytes() for path in files]
    ran = cli("render", files[1], files[0], "-p", preset, "-o", tmp_path, "--force")
    assert (ran.code, "is an input" in ran.err) == (5, True)
    for option in ("-o", "--difference", "--picture", "--report"):
        assert cli("render", files[0], "-p", preset, option, files[0], "--force").code == 5
    assert [path.read_bytes() for path in files] == before


def test_a_folder_as_input_gets_the_hint_of_a_pattern(
    cli: Cli, preset: Path, tmp_path: Path
) -> None:
    ran = cli("render", tmp_path, "-p", preset)
    assert (ran.code, f"{tmp_path}/*.wav" in ran.err) == (2, True)


def test_one_name_for_several_inputs_is_refused(
    cli: Cli, make_worn: MakeWorn, preset: Path, tmp_path: Path
) -> None:
    files = [make_worn("a.wav"), make_worn("b.wav")]
    ran = cli("render", *files, "-p", preset, "-o", tmp_path / "one.wav")
    assert (ran.code, "folder" in ran.err) == (5, True)


def test_force_and_skip_existing(cli: Cli, worn: Path, preset: Path) -> None:
    out = worn.parent / "worn.low-cut.wav"
    out.write_bytes(b"mine")
    assert cli("render", worn, "-p", preset).code == 5
    ran = cli("render", worn, "-p", preset, "--skip-existing", "--json")
    assert (ran.code, ran.document["status"]) == (0, "skipped")
    assert out.read_bytes() == b"mine"
    both = cli("render", worn, "-p", preset, "--skip-existing", "--force")
    assert (both.code, out.read_bytes()) == (2, b"mine")
    assert cli("render", worn, "-p", preset, "--force").code == 0
    assert read(out).shape == read(worn).shape


def test_difference_report_and_picture_are_written(
    cli: Cli, worn: Path, preset: Path, tmp_path: Path
) -> None:
    files = {name: tmp_path / name for name in ("out.wav", "d.wav", "r.json", "p.png")}
    options = zip(("-o", "--difference", "--report", "--picture"), files.values(), strict=True)
    ran = cli("render", worn, "-p", preset, *(word for pair in options for word in pair), "--json")
    assert ran.code == 0, ran.err
    assert np.array_equal(read(files["out.wav"]) + read(files["d.wav"]), read(worn))
    assert json.loads(files["r.json"].read_text()) == ran.document
    assert files["p.png"].read_bytes()[:4] == b"\x89PNG"
    assert ran.document["difference"] == str(files["d.wav"])


@pytest.mark.parametrize("option", ["--report", "--picture", "--difference"])
def test_by_products_that_exist_stop_the_render_before_it_begins(
    cli: Cli, worn: Path, preset: Path, tmp_path: Path, option: str
) -> None:
    mine = tmp_path / "mine"
    mine.write_bytes(b"mine")
    assert cli("render", worn, "-p", preset, option, mine).code == 5
    assert mine.read_bytes() == b"mine"
    assert not (tmp_path / "worn.low-cut.wav").exists()


def test_the_report_on_several_files_is_a_list(
    cli: Cli, make_worn: MakeWorn, preset: Path, tmp_path: Path
) -> None:
    files = [make_worn("a.wav"), tmp_path / "missing.wav"]
    report = tmp_path / "r.json"
    ran = cli("render", *files, "-p", preset, "--report", report, "--difference", tmp_path / "d")
    assert ran.code == 5
    entries = json.loads(report.read_text())
    assert [entry["status"] for entry in entries] == ["rendered", "failed"]
    assert (tmp_path / "d" / "a.difference.wav").exists()


def test_a_dry_run_says_all_and_writes_nothing(
    cli: Cli, worn: Path, preset: Path, tmp_path: Path
) -> None:
    before = sorted(tmp_path.iterdir())
    options = ("-o", f"{tmp_path}/new/", "--rate", "48000", "--bypass", "gain", "--dry-run")
    ran = cli("render", worn, "-p", preset, *options, "--json")
    assert ran.code == 0, ran.err
    plan = ran.document
    assert (plan["status"], plan["output"]["sample_rate_hz"]) == ("planned", 48000)
    assert [stage["stages"] for stage in plan["stages"]] == [["highpassfilter"]]
    assert plan["bypassed"] == ["gain"]
    assert plan["estimated_memory_bytes"] > 0
    text = cli("render", worn, "-p", preset, *options).out
    assert all(word in text for word in ("48000 Hz", "highpassfilter", "MB", "new/worn.wav"))
    assert sorted(tmp_path.iterdir()) == before


def test_settings_reach_the_stages_as_yaml_scalars(cli: Cli, worn: Path, preset: Path) -> None:
    assert cli("render", worn, "-p", preset, "--set", "gain.gain_db=-200").code == 0
    assert np.abs(read(worn.parent / "worn.low-cut.wav")).max() < 1e-6


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 2),
        (["--stage", "restorack.Air", "-p", "x.yaml"], 2),
        (["--stage", "restorack.Airr"], 2),
        (["--stage", "Aire"], 2),
        (["--stage", "vst3="], 2),
        (["--stage", "restorack.Air", "--set", "air.amount_db=1000"], 2),
        (["--stage", "restorack.Air", "--set", "air.amount=1"], 2),
        (["--stage", "restorack.Air", "--set", "airr.amount_db=1"], 2),
        (["--stage", "restorack.Air", "--set", "amount_db"], 2),
        (["--stage", "restorack.Air", "--set", "air.amount_db=[1"], 2),
        (["--stage", "restorack.Air", "--bypass", "aire"], 2),
        (["--stage", "restorack.Air", "--engine", "steam"], 2),
        (["--stage", "restorack.Air", "--format", "wma"], 5),
        (["--stage", "restorack.Air", "--subtype", "PCM_12"], 5),
        (["--stage", "restorack.Air", "--tail", "-1"], 3),
        (["--stage", "restorack.Air", "--end", "9"], 3),
        (["--stage", "vst3=NoSuchPlugin"], 2),
        (["-p", "no-such-preset"], 2),
        (["--no-such-option"], 2),
    ],
)
def test_wrong_options_are_errors_in_one_line_or_one_document(
    cli: Cli, worn: Path, options: list[str], code: int
) -> None:
    ran = cli("render", worn, *options)
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith("error: ")
    assert len(ran.err.splitlines()) == 1
    as_json = cli("render", worn, *options, "--json")
    assert as_json.code == code
    error = as_json.document["error"]
    assert error["exit_code"] == code
    assert error["what"]
    assert {"where", "rule", "remedy"} <= set(error)
    assert [path.name for path in worn.parent.iterdir()] == ["worn.wav"]


def test_quiet_prints_nothing_when_all_is_well(cli: Cli, worn: Path, preset: Path) -> None:
    ran = cli("render", worn, "-p", preset, "--quiet")
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_the_table_says_what_was_done(cli: Cli, worn: Path) -> None:
    ran = cli("render", worn, "--stage", "restorack.Loudness", "--stage", "pedalboard.Invert")
    assert all(word in ran.out for word in ("loudness", "invert", "pedalboard", "x real time"))


def test_a_folder_without_permission_is_a_file_error(
    cli: Cli, worn: Path, preset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "there/out.wav")

    monkeypatch.setattr("restorack.render.api.write_outputs", refuse)
    ran = cli("render", worn, "-p", preset)
    assert (ran.code, "Permission denied" in ran.err, "there/out.wav" in ran.err) == (5, True, True)


def test_faults_of_our_own_ask_for_a_report(
    cli: Cli, worn: Path, preset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("restorack.render.api.write_outputs", fail)
    ran = cli("render", worn, "-p", preset)
    assert (ran.code, len(ran.err.splitlines())) == (70, 1)
    assert "RESTORACK_DEBUG=1" in ran.err
    monkeypatch.setenv("RESTORACK_DEBUG", "1")
    assert "Traceback" in cli("render", worn, "-p", preset).err


def test_an_interrupt_ends_with_130_and_says_how_far_it_came(
    cli: Cli, make_worn: MakeWorn, preset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from restorack.render import api

    files = [make_worn(name) for name in ("a.wav", "b.wav", "c.wav")]
    write_outputs = api.write_outputs

    def stop_at_b(*arguments: object) -> object:
        if "b.wav" in str(arguments[2]):
            raise KeyboardInterrupt
        return write_outputs(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(api, "write_outputs", stop_at_b)
    report = tmp_path / "r.json"
    ran = cli("render", *files, "-p", preset, "--json", "--report", report)
    assert ran.code == 130
    states = [entry["status"] for entry in ran.document]
    assert states == ["rendered", "interrupted", "interrupted"]
    assert json.loads(report.read_text()) == ran.document
    assert not list(tmp_path.glob("*.restorack-part"))
    assert cli("render", files[1], "-p", preset).code == 130


def test_a_request_to_terminate_is_an_interrupt(worn: Path, preset: Path) -> None:
    program = (
        "import os, signal\n"
        "from restorack.cli import main\n"
        "from restorack.render import api\n"
        "api.write_outputs = lambda *_: os.kill(os.getpid(), signal.SIGTERM)\n"
        "main.run()\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, "render", worn, "-p", preset],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (130, "error: interrupted\n")


def test_a_reader_that_leaves_gets_no_traceback(worn: Path, preset: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run(
        [sys.executable, "-m", "restorack", "render", worn, "-p", preset, "--json"],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert "Traceback" not in ran.stderr
    assert "Broken" not in ran.stderr
    assert ran.returncode != 0


def test_what_a_child_prints_stays_out_of_the_document(worn: Path, preset: Path) -> None:
    program = (
        "import os, sys\n"
        "from restorack.cli import main\n"
        "from restorack.io import description\n"
        "said = description.describe_file\n"
        "def noisy(path, **how):\n"
        "    os.system('echo noise of a child')\n"
        "    os.write(1, b'noise of a library')\n"
        "    return said(path, **how)\n"
        "description.describe_file = noisy\n"
        "sys.exit(main.main(['info', sys.argv[1], '--json']))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, worn], capture_output=True, text=True, check=True
    )
    assert json.loads(ran.stdout)["channels"] == 1
    assert "noise of a child" in ran.stderr
    assert "noise of a library" in ran.stderr


def test_a_preset_passes_through_four_modules_on_its_way_to_the_render(
    cli: Cli, worn: Path, preset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed: set[str] = set()

    def watched(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **options: Any) -> Any:
            names = [frame.frame.f_globals["__name__"] for frame in inspect.stack()]
            passed.update(names[1 : names.index("restorack.cli.commands.render")])
            return function(*given, **options)

        return call

    monkeypatch.setattr("restorack.presets.load_preset", watched(load_preset))
    monkeypatch.setattr("restorack.render.batch.work.render", watched(render))
    assert cli("render", worn, "-p", preset).code == 0
    assert passed == {
        "restorack.cli.chain_options",
        *(f"restorack.render.batch.{name}" for name in ("executors.inline", "run", "work")),
    }

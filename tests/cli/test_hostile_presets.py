"""Presets that would act, through every command that reads one: nothing of them is run."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile
from command_line import RATE, Cli, Ran
from native_plugins.native_probe import compile_probe

from restorack.testing.signals import worn_music

HEAD = "format: 1\nname: hostile\nstages:\n"
FOREIGN = (
    HEAD
    + """\
- faust:
    code: |
      r = ffunction(int rand(), <stdlib.h>, "");
      process = _ + 1e-20 * r;
"""
)
COMMANDS = ("validate", "show", "render --dry-run", "batch --dry-run", "session check", "render",
            "batch", "session render")  # fmt: skip
READING = COMMANDS[:5]


@pytest.fixture(autouse=True)
def unconfined(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let native code leave its mark if it runs: nothing else is to hold it off here."""
    monkeypatch.setenv("RESTORACK_SANDBOX", "off")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a recording and an empty configuration."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = tmp_path / "home"
    folder.mkdir()
    soundfile.write(folder / "in.wav", worn_music(RATE, 0.2, 1).T, RATE)
    return folder


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """Return a listening socket that nobody should connect to."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


def run(cli: Cli, command: str, home: Path, text: str) -> Ran:
    """Run one command on a preset, or on a session that names it."""
    preset = home / "hostile.yaml"
    preset.write_text(text)
    word, _, option = command.partition(" ")
    if word in ("validate", "show"):
        return cli("presets", word, preset)
    if word == "session":
        session = home / "session.yaml"
        session.write_text("format: 1\nname: s\nstems:\n- {file: in.wav, preset: ./hostile.yaml}\n")
        return cli("session", option, session)
    options = [option] if option else []
    target = home / "out.wav" if word == "render" else home / "out"
    return cli(word, home / "in.wav", "-p", preset, "-o", target, *options)


def new_files(home: Path) -> set[str]:
    """Return what was written beside the inputs."""
    inputs = {"in.wav", "hostile.yaml", "session.yaml", "Probe.vst3", "my.lib", "prog.dsp"}
    return {path.name for path in home.iterdir()} - inputs


@pytest.mark.parametrize("command", COMMANDS)
def test_a_program_that_calls_into_c_is_refused(cli: Cli, home: Path, command: str) -> None:
    ran = run(cli, command, home, FOREIGN)
    assert ran.code == 2
    assert "ffunction is refused" in ran.err
    assert "hostile.yaml:4:3" in ran.err
    assert not new_files(home)


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_is_imported_over_the_network(
    cli: Cli, home: Path, server: socket.socket, command: str
) -> None:
    url = f"http://127.0.0.1:{server.getsockname()[1]}/x.lib"
    ran = run(cli, command, home, f"{HEAD}- faust: {{code: 'import(\"{url}\"); process = _;'}}\n")
    assert ran.code == 2
    assert "import of" in ran.err
    with pytest.raises(BlockingIOError):
        server.accept()
    assert not new_files(home)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_plugin_beside_the_preset_is_not_loaded(
    cli: Cli, home: Path, tmp_path: Path, command: str
) -> None:
    mark = tmp_path / "mark"
    compile_probe(home, mark)
    ran = run(cli, command, home, f"{HEAD}- {{vst3: ./Probe.vst3, params: {{x: 1}}}}\n")
    assert not mark.exists()
    if command in READING:
        assert ran.code == 0, ran.err
        assert "restorack plugins trust" in ran.err
    else:
        assert ran.code == 4
        assert f"restorack plugins trust {home / 'Probe.vst3'}" in ran.err.replace("/./", "/")
    assert not new_files(home)


def test_setting_a_plugins_parameter_does_not_load_it_in_a_plan(
    cli: Cli, home: Path, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    bundle = compile_probe(home, mark)
    arguments = (home / "in.wav", "--stage", f"vst3={bundle}", "--set", "probe.x=1")
    assert cli("render", *arguments, "--dry-run", "--engine", "stream").code == 0
    assert cli("plugins", "list").code == 0
    assert not mark.exists()
    assert cli("render", *arguments).code != 0  # named on the command line: it is loaded
    assert mark.exists()


def test_a_trusted_plugin_is_loaded_until_it_changes(cli: Cli, home: Path, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    bundle = compile_probe(home, mark)
    text = f"{HEAD}- vst3: ./Probe.vst3\n"
    assert cli("plugins", "trust", bundle).code == 0
    assert [e["status"] for e in cli("plugins", "trust", "--list", "--json").document] == [
        "trusted"
    ]
    run(cli, "render", home, text)
    assert mark.exists()
    mark.unlink()
    [binary] = bundle.rglob("*.so")
    binary.write_bytes(binary.read_bytes() + b"\0")
    ran = run(cli, "render", home, text)
    assert (ran.code, mark.exists()) == (4, False)
    assert "has changed since it was trusted" in ran.err
    assert cli("plugins", "trust", bundle, "--remove").code == 0
    assert cli("plugins", "trust", "--list", "--json").document == []


@pytest.mark.parametrize("command", COMMANDS)
def test_presets_that_extend_each_other_end(cli: Cli, home: Path, command: str) -> None:
    (home / "config").mkdir()
    (home / "config" / "b.yaml").write_text("format: 1\nname: b\nextends: ./c.yaml\n")
    (home / "config" / "c.yaml").write_text("format: 1\nname: c\nextends: ./b.yaml\n")
    ran = run(cli, command, home, "format: 1\nname: a\nextends: ./config/b.yaml\n")
    assert ran.code == 2
    assert "extends itself" in ran.err
    assert new_files(home) == {"config"}


@pytest.mark.parametrize(
    "stage",
    [
        "faust: {file: ../secret.txt}",
        "faust: {file: link.txt}",
        "{vst3: ZamCompX2, state: ../secret.txt}",
        "restorack.Declicker: {repairs_file: ../secret.txt}",
        "restorack.LearnedMask: {weights: ../secret.safetensors}",
        "faust: {code: 'import(\"link.txt\"); process = _;'}",
        "faust: {code: 'import(\"../secret.txt\"); process = _;'}",
    ],
)
def test_files_outside_the_presets_folder_are_refused(cli: Cli, home: Path, stage: str) -> None:
    (home.parent / "secret.txt").write_text("process = _;")
    (home / "link.txt").symlink_to(home.parent / "secret.txt")
    ran = run(cli, "validate", home, f"{HEAD}- {stage}\n")
    assert ran.code == 2
    assert "folder" in ran.err


def test_a_preset_elsewhere_is_extended_by_name_alone(cli: Cli, home: Path) -> None:
    (home.parent / "base.yaml").write_text("format: 1\nname: base\n")
    ran = run(cli, "validate", home, "format: 1\nname: a\nextends: ../base.yaml\n")
    assert (ran.code, "lies outside the preset's folder" in ran.err) == (2, True)
    assert run(cli, "validate", home, "format: 1\nname: a\nextends: hiss-only\n").code == 0


def test_a_changed_import_is_rendered_again(cli: Cli, home: Path) -> None:
    (home / "my.lib").write_text("g = 0.75;")
    (home / "prog.dsp").write_text('import("my.lib");\nprocess = _*g;')
    text = f"{HEAD}- faust: {{file: prog.dsp}}\n"
    assert run(cli, "batch", home, text).code == 0
    (home / "my.lib").write_text("g = 0.25;")
    assert run(cli, "batch", home, text).code == 0
    before, _ = soundfile.read(home / "in.wav")
    after, _ = soundfile.read(home / "out" / "in.wav")
    assert abs(after - 0.25 * before).max() < 1e-4


@pytest.mark.parametrize("command", READING)
def test_a_program_is_evaluated_before_anything_is_shown_or_planned(
    cli: Cli, home: Path, command: str
) -> None:
    ran = run(cli, command, home, f"{HEAD}- faust: {{code: 'process = gain;'}}\n")
    if command in ("validate", "show"):
        assert ran.code == 2
        assert "hostile.yaml:4:3" in ran.err
    else:
        assert ran.code == 4
    assert "undefined symbol" in ran.err
    assert not ran.out


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", ["process = par(i, 1000000000, _);", "f(x) = f(x+1); process = f(1);"]
)
def test_a_program_without_end_is_a_named_error(
    cli: Cli, home: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("restorack.hosting.sandbox.READING_TIMEOUT", 3.0)
    ran = run(cli, "validate", home, f"{HEAD}- faust: {{code: '{text}'}}\n")
    assert ran.code == 2
    assert "hostile.yaml:4:3: faust code" in ran.err


def test_a_plugins_parameters_are_left_to_the_render(cli: Cli, home: Path) -> None:
    text = f"{HEAD}- {{vst3: ZamCompX2, params: {{treshold_db: 1}}}}\n"
    ran = run(cli, "validate", home, text)
    assert ran.code == 0
    assert "its settings are checked when it renders" in ran.err
    for command in ("render", "batch", "session render"):
        ran = run(cli, command, home, text)
        assert ran.code == 2
        assert "hostile.yaml:4:" in ran.err
        assert "did you mean 'threshold_db'" in ran.err
        assert not new_files(home)

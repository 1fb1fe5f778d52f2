"""Sessions whose plugins crash, or that are killed: nothing half-written, nothing left."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import soundfile
from native_plugins import lv2_bundle

from restorack.errors import PluginCrashError, PluginError, PluginHangError
from restorack.hosting.process import remove_stale_folders
from restorack.hosting.sandbox import shared_sandbox
from restorack.presets import chain_from_text
from restorack.render.api import render
from restorack.render.session import SessionOptions, load_session, render_session
from restorack.testing.signals import worn_music

RATE = 44_100

SESSION = """
format: 1
name: mix
stems:
- file: one.wav
  stages: [{{restorack.Air: {{amount_db: 2}}}}, {{vst3: ZamCompX2}}]
- {{file: two.wav, output: band, sends: [{{to: room, gain_db: -6}}]}}
buses:
- name: band
  stages:
  - {{vst3: ZaMaximX2, timeout_s: 4}}
  - {plugin}
  - {{faust: {{code: "process = _, _;"}}, timeout_s: 4}}
- {{name: room, stages: [{{restorack.Air: {{amount_db: 1}}}}]}}
"""
GOOD = "{vst3: ZamGateX2}"


def lag(**params: float) -> str:
    return f"{{lv2: '{lv2_bundle.STEREO_URI}', timeout_s: 4, params: {params}}}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Two stems, the test's LV2 plugin, and a temporary folder that can be looked into."""
    lv2_bundle.install(tmp_path)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    shared_sandbox().close()  # the next child sees the new home
    for name, seconds in (("one", 0.6), ("two", 0.7)):
        soundfile.write(tmp_path / f"{name}.wav", worn_music(RATE, seconds, 2).T, RATE)
    yield tmp_path
    shared_sandbox().close()


def session(folder: Path, plugin: str) -> Path:
    path = folder / "session.yaml"
    path.write_text(SESSION.format(plugin=plugin))
    return path


def files(folder: Path) -> dict[str, bytes]:
    """Return everything in a folder, hidden files too."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() or path.is_symlink():
            found[str(path.relative_to(folder))] = path.read_bytes()
    return found


def rendered(folder: Path, plugin: str, output: str = "out") -> dict[str, bytes]:
    options = SessionOptions(stems=True, force=True)
    render_session(load_session(session(folder, plugin)), folder / output, options)
    return files(folder / output)


@pytest.mark.parametrize(
    ("mode", "kind", "words"),
    [
        (1, PluginCrashError, "SIGABRT"),
        pytest.param(2, PluginHangError, "no answer within", marks=pytest.mark.slow),
        (3, PluginError, "returned nan"),
    ],
)
def test_a_crash_in_the_mix_is_named_and_leaves_nothing(
    folder: Path, mode: int, kind: type[PluginError], words: str
) -> None:
    with pytest.raises(kind, match=words) as caught:
        rendered(folder, lag(mode=mode))
    assert "bus band: stage 2 (stereo-lag)" in caught.value.where
    assert "ZaMaximX2" not in caught.value.where
    assert files(folder / "out") == {}
    assert files(folder / "temporary") == {}
    again = rendered(folder, GOOD)
    assert sorted(again) == [
        "buses/band.wav", "buses/room.wav", "mix.wav", "stems/one.wav", "stems/two.wav"
    ]  # fmt: skip
    shared_sandbox().close()
    assert list((folder / "temporary").iterdir()) == []


def test_a_crash_beside_stages_of_ours_keeps_the_old_file(folder: Path) -> None:
    text = "format: 1\nname: x\nstages:\n- restorack.Air: {{amount_db: 2}}\n- {}\n- {}\n"
    target = folder / "out.wav"
    target.write_bytes(b"what was there")
    bad = chain_from_text(text.format(GOOD, lag(mode=1)))
    with pytest.raises(PluginCrashError, match="SIGABRT") as caught:
        render(folder / "one.wav", target, bad, difference=folder / "gone.wav", force=True)
    assert "stage 3 (stereo-lag)" in caught.value.where
    assert target.read_bytes() == b"what was there"
    assert not (folder / "gone.wav").exists()
    assert not [name for name in files(folder) if "part" in name]
    render(folder / "one.wav", target, chain_from_text(text.format(GOOD, GOOD)), force=True)
    assert soundfile.info(target).frames == soundfile.info(folder / "one.wav").frames


def started(folder: Path, plugin: str) -> subprocess.Popen[str]:
    """Start a render of the session in a process of its own; it says when it begins."""
    code = (
        "import sys\n"
        "from restorack.render.session import SessionOptions, load_session, render_session\n"
        f"loaded = load_session({str(session(folder, plugin))!r})\n"
        "print('begins', flush=True)\n"
        f"render_session(loaded, {str(folder / 'out')!r}, SessionOptions(stems=True, force=True))\n"
        "print('ends', flush=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "begins\n"
    return process


def killed(process: subprocess.Popen[str]) -> None:
    """Kill a render with -9; its sandbox child is gone with it."""
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.stdout is not None
    process.stdout.close()
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive


@pytest.mark.slow
def test_killed_while_a_plugin_holds_the_mix(folder: Path) -> None:
    """The plugin hangs, so that the kill comes in the midst of the graph for certain."""
    expected = rendered(folder, GOOD, "undisturbed")
    process = started(folder, lag(mode=2).replace("timeout_s: 4", "timeout_s: 300"))
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        children = psutil.Process(process.pid).children()
        if children and max(child.cpu_times().user for child in children) > 2.0:
            break  # it loops
        time.sleep(0.1)
    killed(process)
    assert files(folder / "out") == {}
    assert list((folder / "temporary").iterdir()) != []  # nobody was left to clear up
    shared_sandbox().close()
    assert rendered(folder, GOOD) == expected
    shared_sandbox().close()
    assert list((folder / "temporary").iterdir()) == []


@pytest.mark.slow
def test_killed_at_random_moments(folder: Path) -> None:
    expected = rendered(folder, GOOD, "undisturbed")
    moments = random.Random(7)  # noqa: S311  moments, no secrets
    for _ in range(3):
        process = started(folder, GOOD)
        time.sleep(moments.uniform(0.0, 1.5))
        killed(process)
        for name, data in files(folder / "out").items():
            hidden = Path(name).name.startswith(".")  # a part, of which the next run gets rid
            assert hidden or data == expected[name]
    assert rendered(folder, GOOD) == expected
    shared_sandbox().close()
    remove_stale_folders(older_than=-1.0)
    assert list((folder / "temporary").iterdir()) == []
    assert not [name for name in files(folder / "out") if Path(name).name.startswith(".")]

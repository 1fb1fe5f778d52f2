"""The sandbox survives plugins that abort, loop, are cut short or return no numbers."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from native_plugins.bad_bundles import compile_bundle, truncated_bundle

from restorack.errors import PluginError
from restorack.hosting.installed import find_vst3, installed_lv2, installed_vst3
from restorack.hosting.sandbox import Sandbox
from restorack.hosting.scanner import cache_path, read_cache, scan
from restorack.hosting.spec import PluginSpec
from restorack.hosting.stage import HostedPlugin, vst3
from restorack.testing.signals import worn_music

RATE = 44_100
AUDIO = worn_music(RATE, 0.3, 2)
GOOD = PluginSpec("vst3", "/usr/lib/vst3/ZamCompX2.vst3")


def bad(folder: Path, name: str) -> PluginSpec:
    return PluginSpec("vst3", str(compile_bundle(folder, name)))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Aborts", ["SIGABRT", "last words of Aborts"]),
        ("Segfaults", ["SIGSEGV"]),
        ("Exits", ["exit status 3"]),
        ("Loops", ["no answer within", "hangs"]),
    ],
)
def test_a_bad_plugin_is_named_and_the_next_one_works(
    tmp_path: Path, sandbox: Sandbox, name: str, words: list[str]
) -> None:
    spec = bad(tmp_path, name)
    with pytest.raises(PluginError) as caught:
        sandbox.render([spec], AUDIO, RATE)
    for word in [f"{name}.vst3", *words]:
        assert word in str(caught.value)
    out, _ = sandbox.render([GOOD], AUDIO, RATE)
    assert out.shape == AUDIO.shape


def test_a_truncated_plugin_is_named(tmp_path: Path, sandbox: Sandbox) -> None:
    spec = PluginSpec("vst3", str(truncated_bundle(tmp_path)))
    with pytest.raises(PluginError, match=r"Truncated\.vst3"):
        sandbox.render([spec], AUDIO, RATE)
    assert sandbox.layout(GOOD)["inputs"] == 2


def test_the_culprit_of_several_is_found(tmp_path: Path, sandbox: Sandbox) -> None:
    with pytest.raises(PluginError) as caught:
        sandbox.render([GOOD, bad(tmp_path, "Aborts"), GOOD], AUDIO, RATE)
    assert "Aborts.vst3" in str(caught.value)
    assert "ZamCompX2" not in str(caught.value)


def test_samples_that_are_not_finite_are_an_error() -> None:
    with pytest.raises(PluginError, match="finite"):
        vst3("ZamEQ2", frequency_1_hz=14_000, boost_cut_1_db=20)(worn_music(11_025, 1.0, 1), 11_025)


def test_no_process_and_no_memory_is_left(tmp_path: Path) -> None:
    before, others = psutil.Process().num_fds(), psutil.Process().children()
    sandbox = Sandbox(load_timeout=6.0)
    sandbox.layout(GOOD)
    with pytest.raises(PluginError):
        sandbox.layout(bad(tmp_path, "Loops"))
    sandbox.layout(GOOD)
    children = [child for child in psutil.Process().children() if child not in others]
    assert children
    sandbox.close()
    psutil.wait_procs(children, timeout=5)
    assert not any(child.is_running() for child in children)
    assert psutil.Process().num_fds() == before  # the shared memory has no name, only these


def test_the_child_dies_with_its_parent() -> None:
    code = (
        "import time; from restorack.hosting.sandbox import Sandbox\n"
        "from restorack.hosting.spec import PluginSpec\n"
        "s = Sandbox(); s.layout(PluginSpec('vst3', '/usr/lib/vst3/ZamCompX2.vst3'))\n"
        "print('ready', flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    assert parent.stdout.readline() == "ready\n"
    children = psutil.Process(parent.pid).children()
    assert len(children) == 1
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    _, alive = psutil.wait_procs(children, timeout=5)
    assert not alive


def test_a_killed_child_is_started_again(sandbox: Sandbox) -> None:
    others = psutil.Process().children()
    sandbox.layout(GOOD)
    [child] = [child for child in psutil.Process().children() if child not in others]
    child.kill()
    time.sleep(0.2)
    assert sandbox.layout(GOOD)["outputs"] == 2


def test_an_abandoned_stream_does_no_harm(sandbox: Sandbox) -> None:
    plugin = HostedPlugin(GOOD, sandbox)
    plugin.process(AUDIO, RATE, reset=False)
    plugin.reset()
    assert plugin.process(AUDIO, RATE).shape == AUDIO.shape


def test_scanning_remembers_what_crashed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compile_bundle(tmp_path, "Aborts")
    (tmp_path / "ZamCompX2.vst3").symlink_to("/usr/lib/vst3/ZamCompX2.vst3")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("restorack.hosting.installed.VST3_FOLDERS", (str(tmp_path),))
    monkeypatch.setattr("restorack.hosting.installed.LV2_FOLDERS", ())
    monkeypatch.setattr("restorack.hosting.installed.CLAP_FOLDERS", ())
    found = {entry.name: entry for entry in scan()}
    assert "SIGABRT" in found["Aborts"].fault
    assert found["ZamCompX2"].description["inputs"] == 2
    names = [parameter["name"] for parameter in found["ZamCompX2"].description["parameters"]]
    assert "threshold_db" in names
    assert read_cache()["vst3 Aborts"] == found["Aborts"]

    def refuse(*_: object) -> None:
        raise AssertionError("an unchanged plugin was loaded again")

    monkeypatch.setattr(Sandbox, "describe", refuse)
    assert {entry.name: entry for entry in scan()} == found
    cache_path().write_text("{broken")
    assert read_cache() == {}


def test_every_kind_describes_its_parameters(sandbox: Sandbox) -> None:
    compressor = sandbox.describe(PluginSpec("lv2", "urn:zamaudio:ZamCompX2"))
    ranges = {p["name"]: p["range"] for p in compressor["parameters"]}
    assert ranges["threshold_db"] == "a number from -80 to 0 dB"
    assert ranges["sidechain"] == "one of Off, On"
    faust = sandbox.describe(PluginSpec("faust", 'process = *(hslider("Gain", 0, -60, 6, 1));'))
    assert (faust["inputs"], faust["parameters"][0]["name"]) == (1, "gain")


def test_plugins_are_found_by_name_without_loading() -> None:
    assert find_vst3("zamcompx2") == Path("/usr/lib/vst3/ZamCompX2.vst3")
    assert "ZaMaximX2" in installed_vst3()
    assert "urn:zamaudio:ZamCompX2" in installed_lv2()
    with pytest.raises(PluginError, match="no such file"):
        find_vst3("/nowhere/Foo.vst3")

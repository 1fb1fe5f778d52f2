"""Plugins that fail while they process, and requests that are cut off: named, and survived."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from native_plugins import lv2_bundle
from native_plugins.bad_bundles import compile_bundle

from restorack.chains import Chain
from restorack.errors import PluginError
from restorack.hosting import process, wire
from restorack.hosting.run import HostedRun
from restorack.hosting.sandbox import Sandbox
from restorack.hosting.scanner import read_cache, scan
from restorack.hosting.spec import PluginSpec
from restorack.hosting.stage import HostedPlugin, faust, vst3
from restorack.testing.checks import stream
from restorack.testing.signals import worn_music

RATE = 44_100
AUDIO = worn_music(RATE, 0.5, 2)
GOOD = PluginSpec("vst3", "/usr/lib/vst3/ZamCompX2.vst3")
SLOW = PluginSpec("vst3", "/usr/lib/vst3/ZaMaximX2.vst3")


@pytest.fixture
def lag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> Sandbox:
    """Return a sandbox whose child finds the test's LV2 plugin."""
    lv2_bundle.install(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return sandbox


def lag_spec(**params: float) -> PluginSpec:
    return PluginSpec("lv2", lv2_bundle.URI, params)


def test_latency_that_a_parameter_changes_is_taken_off(lag: Sandbox) -> None:
    for samples in (300, 0, 1000, 4000):
        out, latency = lag.render([lag_spec(lag=samples)], AUDIO[:1], RATE)
        assert latency == samples
        assert np.array_equal(out, AUDIO[:1])
    plugin = HostedPlugin(lag_spec(lag=1000), lag)
    assert plugin.layout(RATE)["latency_samples"] == 1000
    plugin.set_parameter("lag", 50)
    assert plugin.layout(RATE)["latency_samples"] == 50


@pytest.mark.parametrize(
    ("mode", "words"), [(1, "SIGABRT"), (2, "no answer within"), (3, "returned nan")]
)
def test_the_culprit_of_a_graph_is_named_with_its_place(
    lag: Sandbox, mode: int, words: str
) -> None:
    level = faust("process = *(0.5);").spec
    if mode == 2:
        lag._load_timeout = 1.0  # for each plugin; what is repeated alone gets that of all
    guilty = PluginSpec("lv2", lv2_bundle.URI, {"mode": mode}, place="stage 3 (lag)")
    with pytest.raises(PluginError, match=words) as caught:
        lag.render([level, lag_spec(), guilty, level], AUDIO[:1, :9000], 192_000)
    assert caught.value.where == f"stage 3 (lag): lv2 {lv2_bundle.URI}"
    out, _ = lag.render([lag_spec(), level], AUDIO[:1], RATE)
    assert np.array_equal(out, AUDIO[:1] * np.float32(0.5))


def test_a_chain_puts_the_stage_before_its_plugins_error(tmp_path: Path) -> None:
    bad = HostedPlugin(PluginSpec("vst3", str(compile_bundle(tmp_path, "Aborts"))))
    with pytest.raises(PluginError) as caught:
        Chain([vst3("ZamCompX2"), bad])(AUDIO, RATE)
    assert "stage 2 (aborts): vst3" in str(caught.value)
    assert "SIGABRT" in str(caught.value)


def test_an_interrupted_request_does_not_answer_the_next(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.layout(GOOD)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(process, "receive", interrupted)
        with pytest.raises(KeyboardInterrupt):
            sandbox.render([GOOD], AUDIO, RATE)
    assert sandbox.layout(SLOW)["latency_samples"] == 480


def test_a_stream_that_another_plugins_crash_ended_says_so(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    aborts = PluginSpec("vst3", str(compile_bundle(tmp_path, "Aborts")))
    sandbox.admit([aborts])  # so that both are in one child
    plugin = HostedPlugin(GOOD, sandbox)
    plugin.process(AUDIO, RATE, reset=False)
    with pytest.raises(PluginError, match="SIGABRT"):
        sandbox.layout(aborts)
    with pytest.raises(PluginError, match="stream was lost"):
        plugin.process(AUDIO, RATE, reset=False)
    plugin.reset()
    assert np.array_equal(plugin(AUDIO, RATE), vst3("ZamCompX2")(AUDIO, RATE))


def test_a_plugin_in_another_folder_costs_no_open_stream(tmp_path: Path, sandbox: Sandbox) -> None:
    """What a child may read is settled when it begins: so this one runs in a second child."""
    others = psutil.Process().children()
    streamed, opened = [], sandbox.open_stream([GOOD], RATE, 2)
    streamed.append(opened.push(AUDIO[:, :5000]))
    copy = shutil.copytree(GOOD.reference, tmp_path / "ZamCompX2.vst3")
    expected, _ = sandbox.render([PluginSpec("vst3", str(copy))], AUDIO, RATE)
    streamed += [opened.push(AUDIO[:, 5000:]), opened.finish()]
    assert np.array_equal(np.concatenate(streamed, axis=1), expected)
    sandbox.layout(GOOD)
    children = [child for child in psutil.Process().children() if child not in others]
    assert len(children) == 1  # the first one ends with its last stream


def test_a_bundle_that_is_built_anew_is_found(tmp_path: Path, sandbox: Sandbox) -> None:
    """The kernel's rules are for files, not for names."""
    copy = tmp_path / "ZamCompX2.vst3"
    for _ in range(2):
        shutil.copytree(GOOD.reference, copy)
        assert sandbox.layout(PluginSpec("vst3", str(copy)))["inputs"] == 2
        copy.rename(tmp_path / "Old.vst3")
        shutil.rmtree(tmp_path / "Old.vst3")


def test_a_child_killed_under_a_stream_is_named(sandbox: Sandbox) -> None:
    others = psutil.Process().children()
    opened = sandbox.open_stream([GOOD, SLOW], RATE, 2)
    [child] = [child for child in psutil.Process().children() if child not in others]
    child.kill()
    with pytest.raises(PluginError, match="SIGKILL"):
        opened.push(AUDIO)
    with pytest.raises(PluginError, match="stream was lost"):
        opened.finish()


def test_abandoned_streams_are_freed(sandbox: Sandbox) -> None:
    plugin = HostedPlugin(GOOD, sandbox)
    others = psutil.Process().children()
    sizes = []
    for _ in range(25):
        Chain([plugin]).process(AUDIO, RATE, reset=False)
        plugin.process(AUDIO, RATE, reset=False)
        plugin.reset()
        [child] = [child for child in psutil.Process().children() if child not in others]
        sizes.append(child.memory_info().rss)
    assert sizes[-1] - sizes[4] < 20e6  # each instance takes 3.5 MB


def test_a_forked_process_has_a_child_of_its_own(sandbox: Sandbox) -> None:
    expected, _ = sandbox.render([GOOD], AUDIO, RATE)
    opened = sandbox.open_stream([GOOD], RATE, 2)
    context = multiprocessing.get_context("fork")
    answers = context.Queue()

    def work() -> None:
        try:
            opened.push(AUDIO)
        except PluginError as error:
            answers.put(error.what)
        out, _ = sandbox.render([GOOD], AUDIO, RATE)
        sandbox.close()
        answers.put(np.array_equal(out, expected))

    worker = context.Process(target=work)
    worker.start()
    assert "stream was lost" in answers.get(timeout=60)
    assert answers.get(timeout=60) is True
    worker.join()
    assert worker.exitcode == 0
    streamed = np.concatenate([opened.push(AUDIO), opened.finish()], axis=1)
    assert np.array_equal(streamed, expected)


def test_a_stage_is_pickled_without_its_stream() -> None:
    plugin = vst3("ZaMaximX2", threshold_db=-20)
    expected = plugin(AUDIO, RATE)
    plugin.process(AUDIO, RATE, reset=False)
    chain = Chain([plugin, vst3("ZamComp")])
    run = HostedRun([plugin])
    run.process(AUDIO, RATE, reset=False)
    copies = pickle.loads(pickle.dumps((plugin, chain, run)))  # noqa: S301  our own
    assert np.array_equal(copies[0](AUDIO, RATE), expected)
    assert np.array_equal(copies[2](AUDIO, RATE), expected)
    assert np.array_equal(copies[1](AUDIO, RATE), chain(AUDIO, RATE))


def test_a_flood_of_output_is_bounded(tmp_path: Path, sandbox: Sandbox) -> None:
    before = psutil.Process().memory_info().rss
    with pytest.raises(PluginError, match="SIGABRT") as caught:
        sandbox.layout(PluginSpec("vst3", str(compile_bundle(tmp_path, "Shouts"))))
    assert psutil.Process().memory_info().rss - before < 30e6
    assert len(str(caught.value)) < 1500


def test_much_shared_memory_is_given_back(sandbox: Sandbox) -> None:
    length = wire.KEPT_BYTES // 8 + RATE
    sandbox.render([faust("process = _,_;").spec], np.zeros((2, length), np.float32), RATE)
    child = sandbox._child
    assert child is not None
    assert os.fstat(child.samples.descriptor).st_blocks * 512 <= wire.KEPT_BYTES


def test_a_crash_leaves_no_files(
    tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.setenv("TMPDIR", str(temporary))
    with pytest.raises(PluginError):
        sandbox.layout(PluginSpec("vst3", str(compile_bundle(tmp_path, "Aborts"))))
    sandbox.layout(GOOD)
    sandbox.close()
    assert list(temporary.iterdir()) == []


def test_folders_of_killed_processes_are_removed_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    code = (
        "import os, signal, tempfile\n"
        "from restorack.hosting.process import PrivateFolder\n"
        f"tempfile.tempdir = {str(tmp_path)!r}\n"
        "print(PrivateFolder().path, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=False
    )
    left = Path(ended.stdout.strip())
    assert ended.returncode == -signal.SIGKILL
    assert left.parent == tmp_path
    assert left.exists()
    kept = process.PrivateFolder()  # making one clears up after the dead
    assert [left.exists(), kept.path.exists()] == [False, True]
    unlocked = tmp_path / f"restorack-sandbox-{os.getpid()}-young"  # its maker is about to lock it
    unlocked.mkdir()
    process.remove_stale_folders(older_than=3600.0)
    assert unlocked.exists()
    process.remove_stale_folders(older_than=-1.0)
    assert [unlocked.exists(), kept.path.exists()] == [False, True]
    kept.remove()
    assert list(tmp_path.iterdir()) == []


def test_modules_in_the_working_folder_are_not_imported(
    tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dawdreamer.py").write_text("raise SystemExit('not me')")
    monkeypatch.chdir(tmp_path)
    assert sandbox.layout(GOOD)["inputs"] == 2


def test_an_interrupted_scan_keeps_what_it_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ZamComp", "ZamCompX2"):
        (tmp_path / f"{name}.vst3").symlink_to(f"/usr/lib/vst3/{name}.vst3")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("restorack.hosting.installed.VST3_FOLDERS", (str(tmp_path),))
    monkeypatch.setattr("restorack.hosting.installed.LV2_FOLDERS", ())
    monkeypatch.setattr("restorack.hosting.installed.CLAP_FOLDERS", ())

    def stop(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan(on_plugin=stop)
    assert list(read_cache()) == ["vst3 ZamComp"]


def test_streams_of_a_run_withhold_what_is_predicted() -> None:
    run = HostedRun([vst3("ZaMaximX2"), vst3("ZamComp"), vst3("ZamCompX2")])
    taken = given = most = 0
    for at in range(3000):
        given += run.process(AUDIO[:, at : at + 1], RATE, reset=False).shape[1]
        taken += 1
        most = max(most, taken - given)
    assert most == run.predict_latency(RATE)
    assert taken - given == run.flush().shape[1]
    whole = HostedRun([vst3("ZaMaximX2"), vst3("ZamComp"), vst3("ZamCompX2")])
    expected = whole.render_whole(AUDIO, RATE)
    assert np.array_equal(stream(run, AUDIO, RATE, [1000, 7]), expected)


def test_the_child_ends_when_its_sandbox_is_dropped() -> None:
    others = psutil.Process().children()
    dropped = Sandbox()
    dropped.layout(GOOD)
    children = [child for child in psutil.Process().children() if child not in others]
    assert len(children) == 1
    del dropped
    deadline = time.monotonic() + 10
    while any(child.is_running() for child in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(child.is_running() for child in children)

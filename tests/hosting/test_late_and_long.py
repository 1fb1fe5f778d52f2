"""Latency that is stated, tails that are cut, and what probes say of both to a render."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from native_plugins import lv2_bundle, vst3_bundle

from restorack.chains import Chain
from restorack.hosting import probe as probe_module
from restorack.hosting.probe import probe
from restorack.hosting.run import HostedRun
from restorack.hosting.sandbox import Sandbox
from restorack.hosting.spec import PluginSpec
from restorack.hosting.stage import HostedPlugin, faust
from restorack.presets import chain_from_text, dump_preset
from restorack.testing.checks import stream
from restorack.testing.signals import worn_music

RATE = 44_100
AUDIO = worn_music(RATE, 0.4, 2)
LAG = "process = par(i, 2, @(239));"
Lag = Callable[..., HostedPlugin]


@pytest.fixture
def lag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lag]:
    """Return a maker of the test's LV2, which delays; in mode 6 it reports 100 samples."""
    lv2_bundle.install(tmp_path, lag=300, mode=6)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    sandbox = Sandbox()
    yield lambda **given: HostedPlugin(PluginSpec("lv2", lv2_bundle.URI, **given), sandbox)
    sandbox.close()


def test_a_stated_latency_is_taken_off() -> None:
    late = faust(LAG)
    assert not np.array_equal(late(AUDIO, RATE), AUDIO)
    stated = HostedPlugin(PluginSpec("faust", LAG, latency_samples=239))
    assert np.array_equal(stated(AUDIO, RATE), AUDIO)
    assert stated.findings()["latency_samples"] == 239


@pytest.mark.parametrize("stated", [0, 100, 480, 700])
def test_it_is_the_same_in_both_hosts(stated: int) -> None:
    """ZaMaximX2 reports 480 samples, and is 480 late."""
    path = "/usr/lib/vst3/ZaMaximX2.vst3"
    plugin = HostedPlugin(PluginSpec("vst3", path, latency_samples=stated))
    run = Chain([plugin]).runs()[0].stage
    assert isinstance(run, HostedRun)
    run.whole = True
    whole = run(AUDIO, RATE)
    assert np.array_equal(stream(plugin, AUDIO, RATE, [1000, 77]), whole)
    true = HostedPlugin(PluginSpec("vst3", path))(AUDIO, RATE)
    shift = stated - 480
    kept = slice(max(0, -shift), AUDIO.shape[1] - max(0, shift))
    moved = slice(kept.start + shift, kept.stop + shift)
    assert np.array_equal(whole[:, kept], true[:, moved])


def test_presets_hold_both() -> None:
    text = (
        "format: 1\nname: late\nstages:\n"
        "  - {vst3: ZaMaximX2, latency_samples: 481, tail_seconds: 2.5}\n"
    )
    chain = chain_from_text(text)
    plugin = chain[0]
    assert isinstance(plugin, HostedPlugin)
    assert (plugin.spec.latency_samples, plugin.spec.tail_seconds) == (481, 2.5)
    assert chain_from_text(dump_preset(chain))[0].spec == plugin.spec  # type: ignore[attr-defined]


ECHO = "process = par(i, 2, + ~ (@(4000) : *(0.7)));"


@pytest.mark.parametrize(("tail", "hint"), [(None, "--tail SECONDS"), (3.0, "--tail 3"), (0, "")])
def test_a_tail_that_is_cut_is_told(tail: float | None, hint: str) -> None:
    plugin = HostedPlugin(PluginSpec("faust", ECHO, tail_seconds=tail))
    plugin(AUDIO, RATE)
    found = plugin.findings().get("warnings", [])
    assert len(found) == (1 if hint else 0)
    if hint:
        assert "sound goes on after the end" in found[0]
        assert hint in found[0]
    faded = np.pad(AUDIO, ((0, 0), (0, 2 * RATE)))
    plugin(faded, RATE)
    assert "warnings" not in plugin.findings()


def test_a_streamed_tail_is_told(tmp_path: Path) -> None:
    path = "/usr/lib/vst3/ZamDelay.vst3"
    plugin = HostedPlugin(PluginSpec("vst3", path, {"feedback": 0.7}))
    stream(plugin, AUDIO, RATE, [5000])
    [warning] = plugin.findings()["warnings"]
    assert "sound goes on after the end" in warning
    gain = HostedPlugin(PluginSpec("vst3", str(vst3_bundle.single(tmp_path, "Gain"))))
    stream(gain, AUDIO, RATE, [5000])
    assert "warnings" not in gain.findings()


def test_what_a_probe_found_late_the_render_tells(
    lag: Lag, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe_module, "RATES", ())
    probe(lag().spec)
    plugin = lag(params={"mode": 0})
    plugin(AUDIO[0], RATE)
    told = " ".join(plugin.findings()["warnings"])
    assert "lags by 300 samples at 44100 Hz, and reports 100: latency_samples" in told
    assert "not deterministic" in told
    stated = lag(params={"mode": 0}, latency_samples=300)
    assert np.array_equal(stated(AUDIO[0], RATE), AUDIO[0])
    assert "latency_samples" not in " ".join(stated.findings()["warnings"])


def test_a_tail_that_a_probe_measured_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lv2_bundle.install(tmp_path, lag=0, mode=7)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(probe_module, "RATES", ())
    spec = PluginSpec("lv2", lv2_bundle.URI)
    found, _ = probe(spec)
    sandbox = Sandbox()
    plugin = HostedPlugin(spec, sandbox)
    plugin(AUDIO[0], RATE)
    sandbox.close()
    assert plugin.tail_seconds == found.tail["seconds"]
    [warning] = plugin.findings()["warnings"]
    assert f"--tail {found.tail['seconds']:.3g}" in warning

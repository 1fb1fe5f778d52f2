"""CLAP plugins: hosted as the others are, in the same child, checked by a file of some C."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from native_plugins import clap_file

from restorack.chains import Chain
from restorack.cli.catalogue import listed
from restorack.errors import ParameterError, PluginError
from restorack.hosting import installed, probe as probe_module
from restorack.hosting.loading import load_plugin
from restorack.hosting.probe import probe
from restorack.hosting.sandbox import Sandbox
from restorack.hosting.scanner import scan
from restorack.hosting.spec import PluginSpec
from restorack.hosting.stage import HostedPlugin, faust
from restorack.presets import chain_from_text, dump_preset
from restorack.testing.signals import worn_music

RATE = 44_100
AUDIO = worn_music(RATE, 0.3, 2)
HALF = np.float32(0.5)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clap_file.compile_clap(tmp_path_factory.mktemp("clap"))


@pytest.fixture(scope="module")
def sandbox(file: Path) -> Iterator[Sandbox]:
    made = Sandbox()
    yield made
    made.close()


def gain(file: Path, sandbox: Sandbox, **given: object) -> HostedPlugin:
    spec = PluginSpec("clap", str(file), plugin="Test Gain", **given)  # type: ignore[arg-type]
    return HostedPlugin(spec, sandbox)


def test_it_is_aligned_and_repeatable(file: Path, sandbox: Sandbox) -> None:
    plugin = gain(file, sandbox, params={"gain": 0.5})
    for _ in range(3):  # the third one may be a kept instance
        assert np.array_equal(plugin(AUDIO, RATE), AUDIO * HALF)
    assert plugin.findings()["engine"] == "restorack"
    assert plugin.layout()["latency_samples"] == clap_file.LATENCY
    assert np.array_equal(plugin(AUDIO[0], RATE), AUDIO[0] * HALF)
    late = gain(file, sandbox, latency_samples=0)(AUDIO, RATE)
    assert np.array_equal(late[:, clap_file.LATENCY :], AUDIO[:, : -clap_file.LATENCY])
    chain = Chain([plugin, faust("process = *(2), *(2);"), gain(file, sandbox)])
    assert np.array_equal(chain(AUDIO, RATE), AUDIO)


def test_parameters_are_named_checked_and_described(file: Path, sandbox: Sandbox) -> None:
    found = gain(file, sandbox, params={"mode": "soft", "gain": "2.00 x"}).describe()
    assert (found["name"], found["maker"], found["version"]) == ("Test Gain", "restorack", "3.1")
    parameters = {p["name"]: p for p in found["parameters"]}
    assert list(parameters) == ["gain", "mute", "mode"]
    assert (parameters["gain"]["default"], parameters["gain"]["current"]) == ("1.00 x", "2.00 x")
    assert parameters["mode"]["choices"] == ["Loud", "Soft"]
    for params in ({"mute": "On"}, {"Mute": True}, {"#1": 1}):
        assert not gain(file, sandbox, params=params)(AUDIO, RATE).any()
    for params, words in (
        ({"gain": 5}, "gain is a number from 0 to 4"), ({"mute": 0.7}, "one of Off, On"),
        ({"mode": "Sotf"}, "did you mean 'Soft'"), ({"gian": 1}, "did you mean 'gain'"),
        ({"gain": "much"}, "gain is a number"), ({"gain": 1, "#0": 1}, "are one parameter"),
    ):  # fmt: skip
        with pytest.raises(ParameterError, match=words):
            gain(file, sandbox, params=params).check()


def test_automation_moves_on_the_grid(file: Path, sandbox: Sandbox) -> None:
    plugin = gain(file, sandbox, automation={"gain": [[0.0, 0.0], [0.2, 4.0]]}, latency_samples=0)
    out = plugin(np.ones((2, RATE // 5), np.float32), RATE)[:, clap_file.LATENCY :]
    at = np.arange(clap_file.LATENCY, RATE // 5)
    assert np.allclose(out, at // 64 * 64 / RATE / 0.2 * 4.0, atol=1e-5)


def test_states_and_bands(file: Path, sandbox: Sandbox, tmp_path: Path) -> None:
    state = tmp_path / "mine.state"
    state.write_bytes(gain(file, sandbox, params={"gain": 0.5}).save_state())
    again = gain(file, sandbox, state=str(state))
    assert np.array_equal(again(AUDIO, RATE), AUDIO * HALF)
    state.write_bytes(b"short")
    with pytest.raises(PluginError, match="does not load its state"):
        gain(file, sandbox, state=str(state))(AUDIO, RATE)
    for band, share in ((1, 0.25), (2, 0.75)):
        spec = PluginSpec("clap", str(file), plugin="Test Split", band=band)
        assert np.array_equal(HostedPlugin(spec, sandbox)(AUDIO, RATE), AUDIO * np.float32(share))


def test_its_side_chain_is_fed_and_silent_else(file: Path, sandbox: Sandbox) -> None:
    duck = PluginSpec("clap", str(file), plugin="Test Duck", sidechain="drums")
    plugin = HostedPlugin(duck, sandbox)
    plugin.check_sidechain()
    key = np.linspace(0, 1, AUDIO.shape[1], dtype=np.float32)[np.newaxis]
    plugin.feed_sidechain(lambda rate, samples: key[:, :samples])
    assert np.array_equal(plugin(AUDIO, RATE), AUDIO * (1 - key))
    alone = HostedPlugin(replace(duck, sidechain=None), sandbox)
    assert np.array_equal(alone(AUDIO, RATE), AUDIO)


def test_presets_name_it(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAP_PATH", str(file.parent))
    text = (
        "format: 1\nname: x\nstages:\n"
        "  - clap: {path: effects, name: Test Gain}\n    params: {gain: 0.5}\n"
    )
    chain = chain_from_text(text)
    assert chain.names == ["test_gain"]
    assert np.array_equal(chain(AUDIO, RATE), AUDIO * HALF)
    assert dump_preset(chain_from_text(dump_preset(chain))) == dump_preset(chain)
    with pytest.raises(PluginError, match="did you mean 'Effects'"):
        HostedPlugin(PluginSpec("clap", "Efects"))
    with pytest.raises(PluginError, match=r"holds 3 plugins.*Test Gain, Test Split"):
        HostedPlugin(PluginSpec("clap", "Effects"))(AUDIO, RATE)


def test_it_is_loaded_by_path_and_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = clap_file.compile_clap(tmp_path, "Lonely", plugins=1)
    monkeypatch.setenv("CLAP_PATH", str(tmp_path))
    for reference in (str(path), path, "lonely", "clap=Lonely"):
        plugin = load_plugin(reference, {"gain": 0.5})
        assert (plugin.spec.kind, plugin.spec.reference) == ("clap", str(path))
    assert np.array_equal(plugin(AUDIO, RATE), AUDIO * HALF)


def test_a_preset_loads_none_by_path_without_leave(file: Path, tmp_path: Path) -> None:
    text = f"format: 1\nname: x\nstages:\n  - clap: {{path: {file}, name: Test Gain}}\n"
    with pytest.raises(PluginError, match="is not allowed to be loaded"):
        chain_from_text(text, str(tmp_path / "x.yaml"))(AUDIO, RATE)


def test_what_is_no_clap_is_named(sandbox: Sandbox, tmp_path: Path) -> None:
    broken = tmp_path / "Broken.clap"
    broken.write_bytes(b"\x7fELF and no more")
    with pytest.raises(PluginError, match="cannot be loaded"):
        HostedPlugin(PluginSpec("clap", str(broken)), sandbox)(AUDIO, RATE)


def test_scans_and_probes_know_it(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("VST3_FOLDERS", "LV2_FOLDERS", "CLAP_FOLDERS"):
        monkeypatch.setattr(installed, name, ())
    monkeypatch.setenv("CLAP_PATH", str(file.parent))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(probe_module, "RATES", ())
    assert [entry.name for entry in scan()] == [
        "Effects#Test Gain", "Effects#Test Split", "Effects#Test Duck"
    ]  # fmt: skip
    assert {entry["status"] for entry in listed("clap")} == {"usable"}
    found, _ = probe(PluginSpec("clap", "Effects", plugin="Test Gain"))
    assert found.faults == []
    assert [(e["reported"], e["measured"]) for e in found.latency] == [(37, 37)]
    assert found.deterministic is True
    assert found.determinism["reset_clears_graph"] is True

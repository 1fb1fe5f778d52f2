"""VST3 plugins of every form: several in a bundle, stereo from mono, equal titles, no input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pedalboard
import pytest
import soundfile
from native_plugins import vst3_bundle

from restorack.chains import Chain
from restorack.cli.catalogue import listed
from restorack.errors import ParameterError, PluginError, RenderError
from restorack.hosting import installed
from restorack.hosting.engines.vst3 import restore_float_environment
from restorack.hosting.run import HostedRun
from restorack.hosting.scanner import scan
from restorack.hosting.spec import PluginSpec
from restorack.hosting.stage import HostedPlugin
from restorack.presets import chain_from_text, dump_preset
from restorack.presets.overrides import chain_from_stages
from restorack.render import plan, render
from restorack.testing.checks import stream
from restorack.testing.signals import worn_music

RATE = 44_100
AUDIO = worn_music(RATE, 0.3, 2)
HALF, QUARTER = np.float32(0.5), np.float32(0.25)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundles")
    vst3_bundle.several(folder)
    for name in ("Gain", "Wide", "Tone", "Ducker"):
        vst3_bundle.single(folder, name)
    return folder


def alone(home: Path, name: str, **params: float | str | bool) -> HostedPlugin:
    return HostedPlugin(PluginSpec("vst3", str(home / f"{name}.vst3"), params))


def named(home: Path, name: str, **params: float | str | bool) -> HostedPlugin:
    path = str(home / f"{vst3_bundle.NAME}.vst3")
    return HostedPlugin(PluginSpec("vst3", path, params, plugin=name))


def whole(plugin: HostedPlugin) -> HostedRun:
    run = Chain([plugin]).runs()[0].stage
    assert isinstance(run, HostedRun)
    run.whole = True
    return run


def test_one_of_several_in_a_bundle_is_named(home: Path) -> None:
    expected = AUDIO * np.array([[0.5], [0.25]], np.float32)
    plugin = named(home, "gain", gain_1=0.5, gain_2=0.25)
    for rendered in (plugin(AUDIO, RATE), whole(plugin)(AUDIO, RATE)):
        assert np.array_equal(rendered, expected)
    assert np.array_equal(stream(plugin, AUDIO, RATE, [777, 50]), expected)
    mixed = Chain([named(home, "Gain", gain_1=0.5), alone(home, "Wide"), named(home, "Gain")])
    middle = ((AUDIO[0] * HALF) + AUDIO[1]) * HALF
    assert np.allclose(mixed(AUDIO, RATE), [middle, middle * HALF], atol=1e-7)
    with pytest.raises(PluginError, match=r"holds 5 plugins.*names: Gain, Wide, Tone"):
        alone(home, vst3_bundle.NAME)(AUDIO, RATE)
    with pytest.raises(PluginError, match="no plugin 'Gian'; did you mean 'Gain'"):
        named(home, "Gian").check()


def test_titles_that_recur_are_parameters_of_their_own(home: Path) -> None:
    plugin = alone(home, "Gain", gain_1=0.5, gain_2=0.25, größe=1.5)
    expected = AUDIO * np.array([[0.5], [0.25]], np.float32)
    assert np.array_equal(plugin(AUDIO, RATE), expected)
    assert np.array_equal(whole(plugin)(AUDIO, RATE), expected)
    found = {p["name"]: p for p in plugin.describe()["parameters"]}
    assert list(found) == ["gain_1", "gain_2", "größe", "mute"]
    assert (found["größe"]["default"], found["größe"]["current"]) == ("1.000", "1.500")
    with pytest.raises(ParameterError, match=r"2 parameters.*gain_1, gain_2"):
        alone(home, "Gain", gain=0.5).check()
    by_index = alone(home, "Gain", **{"#1": 0.25, "gain_1": 0.5})
    assert np.array_equal(by_index(AUDIO, RATE), expected)
    moving = alone(home, "Gain")
    moving.automate("#0", [(0.0, 0.5), (0.1, 0.5)])
    assert np.array_equal(moving(AUDIO, RATE)[0], AUDIO[0] * HALF)


@pytest.mark.parametrize("value", [True, "On", "on", "true", 1])
def test_a_switch_is_turned_on_by_its_words(home: Path, value: str | bool | int) -> None:
    assert not alone(home, "Gain", mute=value)(AUDIO, RATE).any()
    with pytest.raises(ParameterError, match="mute is true or false"):
        alone(home, "Gain", mute=0.7).check()


def test_stereo_from_mono_is_stereo(home: Path) -> None:
    plugin = alone(home, "Wide")
    out = plugin(AUDIO, RATE)
    mono = np.mean(AUDIO, axis=0, dtype=np.float32)
    assert np.array_equal(out, np.stack([mono, mono * HALF]))
    assert plugin.findings()["channels"] == "mono in, stereo out"
    assert np.array_equal(stream(plugin, AUDIO, RATE, [512, 3]), out)
    with pytest.raises(PluginError, match="takes 1 channel and gives 2, the signal has 1"):
        plugin(AUDIO[0], RATE)


def test_parameters_of_one_that_pedalboard_does_not_load(home: Path) -> None:
    mono = np.mean(AUDIO, axis=0, dtype=np.float32)
    plugin = alone(home, "Wide", level=0.5)
    plugin.check()
    assert np.array_equal(plugin(AUDIO, RATE), np.stack([mono * HALF, mono * QUARTER]))
    near = alone(home, "Wide", level="0.333")(AUDIO, RATE)[0]
    assert np.allclose(near, mono * np.float32(0.333), rtol=1e-5)
    found = {p["name"]: p for p in plugin.describe()["parameters"]}
    assert [found["level"][key] for key in ("default", "current", "range")] == [
        "1.000", "0.500", "a number from 0 to 2"
    ]  # fmt: skip
    for wrong in ({"level": 3}, {"levl": 1}):
        with pytest.raises(ParameterError, match="level"):
            alone(home, "Wide", **wrong).check()  # type: ignore[arg-type]
    moving = alone(home, "Wide")
    moving.automate("level", [(0.0, 0.0), (0.1, 2.0)])
    out = moving(AUDIO, RATE)[0]
    assert np.array_equal(out[-1000:], mono[-1000:] * 2)
    assert not out[:64].any()
    with pytest.raises(PluginError, match="stereo of one channel, which pedalboard does not host"):
        plugin.save_state()


def test_stereo_from_mono_is_refused_where_it_does_not_fit(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "in.wav", tmp_path / "out.wav"
    soundfile.write(source, AUDIO.T, RATE)
    monkeypatch.setattr(plan, "MEMORY_BUDGET", 1000)
    with pytest.raises(RenderError, match=r"\(wide\) cannot be streamed"):
        render(source, target, Chain([alone(home, "Wide")]))
    render(source, target, Chain([alone(home, "Gain")]))
    monkeypatch.undo()
    render(source, target, Chain([alone(home, "Wide")]), force=True)


def test_an_instrument_is_named_as_one_at_once(home: Path) -> None:
    for plugin in (alone(home, "Tone"), named(home, "Tone")):
        with pytest.raises(PluginError, match="instrument"):
            plugin.layout(RATE)


def test_a_side_chain_that_no_host_opens_is_refused(home: Path) -> None:
    with pytest.raises(PluginError, match="no side-chain that can be fed"):
        alone(home, "Ducker").check_sidechain()


def test_raw_states_need_no_window(home: Path) -> None:
    real = pedalboard.load_plugin(str(home / "Gain.vst3"))
    restore_float_environment()
    real.mute = False
    real._parameters[1].raw_value = 0.125
    real(AUDIO, RATE)
    (home / "gain.raw").write_bytes(real.raw_state)
    for path, name in (("Gain", None), (vst3_bundle.NAME, "Gain")):
        state = str(home / "gain.raw")
        plugin = HostedPlugin(
            PluginSpec("vst3", str(home / f"{path}.vst3"), state=state, plugin=name)
        )
        for rendered in (plugin(AUDIO, RATE), whole(plugin)(AUDIO, RATE)):
            assert np.array_equal(rendered, AUDIO * np.array([[1], [0.25]], np.float32))


def test_a_plugin_whose_defaults_do_not_hold_gets_its_parameters(home: Path) -> None:
    """Until each was sent it halves what it is given, and shows a gain of 1."""
    vst3_bundle.single(home, "Unsettled")
    for plugin in (alone(home, "Unsettled"), named(home, "Unsettled")):
        assert np.array_equal(plugin(AUDIO, RATE), AUDIO)
        assert np.array_equal(whole(plugin)(AUDIO, RATE), AUDIO)
    steady = alone(home, "Gain")
    assert steady.sandbox.settled(steady.spec) == steady.spec


def test_a_scan_lists_each_of_several(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(installed, "VST3_FOLDERS", ())
    monkeypatch.setattr(installed, "LV2_FOLDERS", ())
    monkeypatch.setattr(installed, "CLAP_FOLDERS", ())
    monkeypatch.setenv("VST3_PATH", str(home))
    found = {entry.name: entry for entry in scan()}
    several = {f"Several#{name}" for name in vst3_bundle.PLUGINS}
    assert several <= set(found)
    assert "Several" not in found
    assert found["Several#Gain"].description["inputs"] == 2
    assert "makes stereo of one channel" in found["Several#Wide"].fault
    assert "instrument" in found["Tone"].fault
    assert {entry.name: entry for entry in scan()} == found
    listing = {entry["name"]: entry["status"] for entry in listed("vst3")}
    assert several <= set(listing)
    assert (listing["Several#Gain"], listing["Tone"]) == ("usable", "faulty")


def test_a_list_names_lv2_bundles_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installed, "LV2_FOLDERS", (str(tmp_path),))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "broken.lv2").mkdir()
    (tmp_path / "broken.lv2/manifest.ttl").write_text("<urn:x> a lv2:Plugin .")
    [entry] = listed("lv2")
    assert (entry["name"], entry["status"]) == (str(tmp_path / "broken.lv2"), "faulty")
    assert "no Turtle" in entry["fault"]


def test_presets_and_references_name_one_of_several(home: Path, tmp_path: Path) -> None:
    entry = f"{{vst3: {{path: {home}/Several.vst3, name: Gain}}, params: {{gain_1: 0.5}}}}"
    text = f"format: 1\nname: one\nstages:\n  - {entry}\n"
    chain = chain_from_text(text, str(tmp_path / "one.yaml"), allow_plugins=True)
    assert chain.names == ["gain"]
    assert np.array_equal(chain(AUDIO, RATE)[0], AUDIO[0] * HALF)
    assert "name: Gain" in dump_preset(chain)
    stage = chain_from_stages([f"vst3={home}/Several.vst3#Unsettled"])[0]
    assert isinstance(stage, HostedPlugin)
    assert (stage.spec.plugin, stage.default_name) == ("Unsettled", "unsettled")
    stranger = chain_from_text(text, str(tmp_path / "one.yaml"))
    with pytest.raises(PluginError, match="is not allowed to be loaded"):
        stranger(AUDIO, RATE)

"""States, programs and values in words: they reach the plugin in both hosts, or are refused."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pedalboard
import pytest

from restorack.chains import Chain
from restorack.errors import ParameterError, PluginError, PresetError
from restorack.hosting.engines.vst3 import restore_float_environment
from restorack.hosting.parameters.names import NamedParameter
from restorack.hosting.parameters.vst3 import Vst3Parameter, raw_value
from restorack.hosting.run import HostedRun
from restorack.hosting.spec import PluginSpec
from restorack.hosting.stage import HostedPlugin, lv2, vst3
from restorack.presets import chain_from_text, check_preset, dump_preset
from restorack.testing.signals import worn_music

RATE = 44_100
AUDIO = worn_music(RATE, 0.4, 2)
SET = {"threshold_db": -40.0, "makeup_db": 10.0}


@lru_cache
def states(name: str = "ZamCompX2") -> tuple[bytes, bytes]:
    """Return a plugin's state as ``.vstpreset`` and raw, with SET set where it has that."""
    real = pedalboard.load_plugin(f"/usr/lib/vst3/{name}.vst3")
    restore_float_environment()
    for parameter, value in SET.items():
        if parameter in real.parameters:
            setattr(real, parameter, value)
    real(AUDIO[: 2 if name.endswith("X2") else 1], RATE)  # before the first block it is stale
    restore_float_environment()
    return real.preset_data, real.raw_state


def both_hosts(plugin: HostedPlugin) -> list[np.ndarray]:
    run = Chain([plugin]).runs()[0].stage
    assert isinstance(run, HostedRun)
    run.whole = True
    return [plugin(AUDIO, RATE), run(AUDIO, RATE)]


def preset(*lines: str) -> str:
    return "\n".join(["format: 1", "name: mine", "stages:", *(f"  {line}" for line in lines)])


def test_a_preset_finds_its_state_beside_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "presets" / "states").mkdir(parents=True)
    (tmp_path / "presets" / "states" / "mine.vstpreset").write_bytes(states()[0])
    text = preset("- {vst3: ZamCompX2, state: states/mine.vstpreset}")
    file = tmp_path / "presets" / "mine.yaml"
    file.write_text(text)
    monkeypatch.chdir(tmp_path)
    chain = chain_from_text(text, str(file))
    assert np.array_equal(chain(AUDIO, RATE), vst3("ZamCompX2", **SET)(AUDIO, RATE))
    assert "state: states/mine.vstpreset" in dump_preset(chain, tmp_path / "presets")
    (tmp_path / "presets" / "states" / "mine.vstpreset").unlink()
    with pytest.raises(PresetError, match=r"mine\.yaml:4:.*no such file"):
        chain_from_text(text, str(file))


@pytest.mark.parametrize("form", [0, 1], ids=["vstpreset", "raw"])
def test_a_state_may_be_written_into_the_preset(form: int) -> None:
    written = base64.b64encode(states()[form]).decode()
    folded = "\n".join(f"        {written[at : at + 60]}" for at in range(0, len(written), 60))
    text = preset("- vst3: ZamCompX2", "  state:", f"    base64: |\n{folded}")
    chain = chain_from_text(text)
    expected = vst3("ZamCompX2", **SET)(AUDIO, RATE)
    plugin = chain["zamcompx2"]
    assert isinstance(plugin, HostedPlugin)
    for out in both_hosts(plugin):
        assert np.array_equal(out, expected)
    again = chain_from_text(dump_preset(chain))
    assert np.array_equal(again(AUDIO, RATE), expected)
    assert dump_preset(again) == dump_preset(chain)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda: states()[1][:-40], "is cut short"),
        (lambda: states()[0][:60], "is cut short"),
        (lambda: states()[0][:20], "is cut short"),
        (lambda: b"VC2!\4\0\0\0<a/>", "is no state of a VST3"),
        (lambda: b"no state at all", "is no state of a VST3"),
        (lambda: b"", "is no state of a VST3"),
        (lambda: b"CcnK" + bytes(60), "VST2 program"),
    ],
)
def test_what_a_plugin_would_silently_ignore_is_refused(
    tmp_path: Path, damage: Callable[[], bytes], words: str
) -> None:
    (tmp_path / "bad.bin").write_bytes(damage())
    with pytest.raises(PluginError, match=words) as caught:
        vst3("ZamCompX2", state=str(tmp_path / "bad.bin"))
    assert "vst3 ZamCompX2" in caught.value.where
    written = base64.b64encode(damage()).decode()
    with pytest.raises(PresetError, match=words):
        chain_from_text(preset(f"- {{vst3: ZamCompX2, state: {{base64: '{written}'}}}}"))


def test_a_state_of_another_plugin_is_refused_by_its_class(tmp_path: Path) -> None:
    (tmp_path / "other.vstpreset").write_bytes(states("ZamGateX2")[0])
    plugin = vst3("ZamCompX2", state=str(tmp_path / "other.vstpreset"))
    for host in (True, False):
        run = HostedRun([plugin])
        run.whole = host
        with pytest.raises(PluginError, match="belongs to another plugin") as caught:
            run(AUDIO, RATE)
        assert states("ZamGateX2")[0][8:40].decode() in caught.value.rule
        assert states()[0][8:40].decode() in caught.value.rule
    file = tmp_path / "mine.yaml"
    file.write_text(preset("- vst3: ZamCompX2", "  state: other.vstpreset"))
    with pytest.raises(PresetError, match=r"mine\.yaml:5:.*belongs to another plugin"):
        check_preset(file, load_plugins=True)


def test_only_files_are_states(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # reading it would never end
    for name in ("pipe", ".", "none"):
        with pytest.raises(PluginError, match="no such file"):
            vst3("ZamCompX2", state=str(tmp_path / name))
    with pytest.raises(PresetError, match="is no base64"):
        chain_from_text(preset("- {vst3: ZamCompX2, state: {base64: 'VlNUMw'}}"))
    with pytest.raises(PresetError, match=r"state is the path .* or \{base64: TEXT\}"):
        chain_from_text(preset("- {vst3: ZamCompX2, state: {base46: 'VlNUMw'}}"))


def test_programs_by_name_and_number_then_parameters() -> None:
    assert vst3("ZamCompX2").describe()["programs"] == ["Zero", "PoppySnare", "VocalLeveller"]
    named = both_hosts(vst3("ZamCompX2", program="poppysnare"))
    snare = {
        "attack_ms": 10.0, "release_ms": 10.0, "knee_db": 1.0, "ratio": 5.0,
        "threshold_db": -18.0, "makeup_db": 6.0, "slew": 20.0,
        "stereo_detection": 1.0,
    }  # fmt: skip
    by_hand = vst3("ZamCompX2", **snare)(AUDIO, RATE)
    for out in (*named, *both_hosts(vst3("ZamCompX2", program=2))):
        assert np.abs(out - by_hand).max() < 1e-3  # the program rounds otherwise: -18.000002 dB
        assert np.array_equal(out, named[0])
    moved = both_hosts(vst3("ZamCompX2", program="PoppySnare", makeup_db=0))
    by_hand = vst3("ZamCompX2", **snare | {"makeup_db": 0.0})(AUDIO, RATE)
    for out in moved:
        assert np.abs(out - by_hand).max() < 1e-3
    assert np.abs(moved[0] - named[0]).max() > 0.01


def test_unknown_programs_are_named(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="did you mean 'PoppySnare'") as caught:
        vst3("ZamCompX2", program="PopySnare").check()
    assert "a number from 1 to 3, or one of Zero" in caught.value.rule
    assert "vst3" in caught.value.where
    for number in (0, 4):
        with pytest.raises(ParameterError, match=f"no program {number}"):
            vst3("ZamCompX2", program=number).check()
    with pytest.raises(ParameterError, match="has no programs"):
        vst3("ZamVerb", program="Hall").check()
    with pytest.raises(PluginError, match="VST3 plugins have programs"):
        HostedPlugin(PluginSpec("lv2", "urn:zamaudio:ZamCompX2", program=1))
    file = tmp_path / "mine.yaml"
    file.write_text(preset("- vst3: ZamCompX2", "  program: Zeroo"))
    with pytest.raises(PresetError, match=r"mine\.yaml:5:.*'Zero'"):
        check_preset(file, load_plugins=True)
    (tmp_path / "a.raw").write_bytes(states()[1])
    with pytest.raises(PluginError, match="and a program"):
        vst3("ZamCompX2", program=1, state=str(tmp_path / "a.raw"))


def test_words_are_values_where_the_plugin_has_them() -> None:
    plain = lv2("urn:zamaudio:ZamCompX2", stereo_detection="On")(AUDIO, RATE)
    assert np.array_equal(lv2("urn:zamaudio:ZamCompX2", stereo_detection="on")(AUDIO, RATE), plain)
    with pytest.raises(ParameterError, match="did you mean") as caught:
        lv2("urn:zamaudio:ZamCompX2", sidechain="Onn").check()
    assert "one of Off, On" in caught.value.rule


def sync_parameter() -> SimpleNamespace:
    """Return a parameter whose texts only the plugin reads, as pedalboard presents it."""
    texts = {0.0: "-inf", 0.25: "1/8", 0.5: "1/4 T", 1.0: "6.0"}

    def raw(text: str) -> float:
        return next((raw for raw, own in texts.items() if own.lower() == text.lower()), 1.0)

    def in_range(value: float) -> float:
        raise ValueError(value)

    return SimpleNamespace(
        name="Sync", type=float, units="dB", range=(-60.0, 6.0, None), valid_values=[],
        get_raw_value_for=in_range, get_raw_value_for_text=raw,
        get_text_for_raw_value=texts.__getitem__,
    )  # fmt: skip


def test_the_plugin_converts_texts_that_are_no_numbers() -> None:
    sync = Vst3Parameter(NamedParameter("sync", "Sync"), 0, sync_parameter())
    assert raw_value(sync, "1/8", "p") == 0.25
    assert raw_value(sync, "1/4 t", "p") == 0.5
    assert raw_value(sync, "-inf", "p") == 0.0
    with pytest.raises(ParameterError, match=r"sync is a number from -60 to 6 dB"):
        raw_value(sync, "1/16", "p")  # taken for 6.0: plugins take any text


def test_choices_in_words_are_matched_and_suggested() -> None:
    choices = SimpleNamespace(
        name="Mode", type=str, units="", range=(None,) * 3, valid_values=["Slow", "Very Fast"],
        get_raw_value_for=["Slow", "Very Fast"].index, get_raw_value_for_text=lambda _: 0.0,
        get_text_for_raw_value=lambda _: "Slow",
    )  # fmt: skip
    mode = Vst3Parameter(NamedParameter("mode", "Mode"), 0, choices)
    assert raw_value(mode, "very  fast", "p") == 1.0
    with pytest.raises(ParameterError, match="did you mean 'Very Fast'") as caught:
        raw_value(mode, "very fats", "p")
    assert caught.value.rule == "mode is one of Slow, Very Fast"

"""Presets load: every kind of stage arrives, from the user's folder, the shipped ones or a path."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pedalboard
import pytest
import soundfile
from preset_texts import HEAD, STAGES, WHOLE

from restorack.chains import Parallel
from restorack.core import registry
from restorack.errors import PresetError
from restorack.hosting.stage import HostedPlugin
from restorack.plugins.air import Air
from restorack.presets import (
    chain_from_text,
    check_preset,
    describe_preset,
    find_preset,
    load_preset,
    preset_names,
    user_folder,
)
from restorack.testing.signals import worn_music


def test_every_part_arrives_in_the_chain() -> None:
    chain = chain_from_text(WHOLE)
    assert chain.names == [
        "air", "rumble", "zamcompx2", "notinstalledanywhere", "parallel", "faust", "compressor",
        "air_2",
    ]  # fmt: skip
    assert chain["air"].amount_db == 3
    assert chain["rumble"].cutoff_frequency_hz == 60
    assert chain.slot("rumble").native_automation["cutoff_frequency_hz"].at(6.25) == 50
    assert isinstance(chain["zamcompx2"], HostedPlugin)
    assert chain.skipped == ["notinstalledanywhere"]
    assert isinstance(chain["parallel"], Parallel)
    assert chain["parallel"].gains_db == [-6, 0]
    assert not chain.slot("air_2").enabled
    assert chain.settings.work_rate == 48_000
    assert (chain.settings.output.format, chain.settings.output.ceiling_dbtp) == ("flac", -1)


def test_a_loaded_preset_is_called_like_a_pedalboard() -> None:
    text = f"{STAGES}- pedalboard.Gain: {{gain_db: 6}}\n- restorack.Air: {{}}\n"
    audio = worn_music(44_100, 0.2, 2)
    expected = Air()(pedalboard.Pedalboard([pedalboard.Gain(6)])(audio, 44_100), 44_100)
    assert np.array_equal(chain_from_text(text)(audio, 44_100), expected)


def test_a_stage_of_another_package_is_loaded_by_its_registered_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = EntryPoint("acme.Deesser", "restorack.plugins.air:Air", registry.GROUP)
    broken = EntryPoint("acme.Broken", "acme_is_not_installed:Broken", registry.GROUP)
    entries = {**registry._entries(), "acme.Deesser": entry, "acme.Broken": broken}
    monkeypatch.setattr(registry, "_entries", lambda: entries)
    chain = chain_from_text(f"{STAGES}- acme.Deesser: {{amount_db: 2}}\n")
    assert isinstance(chain["air"], Air)
    with pytest.raises(PresetError, match=r"preset:4:3: no stage 'acme.Desser'.*'acme.Deesser'"):
        chain_from_text(f"{STAGES}- acme.Desser: {{}}\n")
    with pytest.raises(PresetError, match=r"preset:4:3: acme.Broken cannot be imported"):
        chain_from_text(f"{STAGES}- acme.Broken: {{}}\n")


def test_words_of_enumerations_and_yes_are_what_they_say() -> None:
    chain = chain_from_text(f"{STAGES}- pedalboard.LadderFilter: {{mode: HPF24, drive: 2}}\n")
    assert chain["ladderfilter"].mode.name == "HPF24"
    assert chain_from_text("format: 1\nname: 'yes'\ndescription: 2020-01-01\n").settings == (
        chain_from_text("format: 1\nname: yes\ndescription: '2020-01-01'\n").settings
    )


def test_paths_count_from_the_presets_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    soundfile.write(tmp_path / "hall.wav", np.array([1.0, 0.5]), 44_100)
    (tmp_path / "half.dsp").write_text("process = *(0.5), *(0.5);")
    xml = b"<VST3PluginState/>"
    (tmp_path / "mine.state").write_bytes(b"VC2!" + len(xml).to_bytes(4, "little") + xml)
    (tmp_path / "paths.yaml").write_text(
        f"{STAGES}- pedalboard.Convolution: {{impulse_response_filename: hall.wav, mix: 1}}\n"
        "- faust: {file: half.dsp}\n"
        "- {vst3: ZamCompX2, state: mine.state}\n"
        "- {vst3: folder/Gone.vst3, optional: true}\n"
        "- restorack.SpectralDenoiser: {noise_profile: hiss.wav}\n"
        "- restorack.SpectralDenoiser: {noise_profile: 0.5-1.5}\n"
    )
    (tmp_path / "heir.yaml").write_text(f"{HEAD}extends: ./paths.yaml\n")
    monkeypatch.chdir("/")
    for path in (tmp_path / "paths.yaml", tmp_path / "heir.yaml"):
        chain = load_preset(path)
        assert Path(chain[0].impulse_response_filename).resolve() == tmp_path / "hall.wav"
        assert Path(chain["half"].spec.file).resolve() == tmp_path / "half.dsp"
        assert Path(chain["zamcompx2"].spec.state).resolve() == tmp_path / "mine.state"
        assert Path(chain["gone"].spec.reference).resolve() == tmp_path / "folder" / "Gone.vst3"
        assert Path(chain["spectraldenoiser"].noise_profile).resolve() == tmp_path / "hiss.wav"
        assert chain["spectraldenoiser_2"].noise_profile == "0.5-1.5"


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text)
    return path


def test_the_users_presets_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = tmp_path / "restorack" / "presets"
    assert user_folder() == folder
    mine = write(folder, "mine.yml", "format: 1\nname: mine\n")
    write(folder, "._mine.yaml", "left by another system")
    write(folder, "vinyl.yaml", "format: 1\nname: vinyl\ndescription: my own\n")
    assert find_preset("mine") == mine
    assert {"mine", "vinyl", "hiss-only"} <= set(preset_names())
    assert "._mine" not in preset_names()
    assert load_preset("vinyl").settings.description == "my own"
    assert describe_preset("vinyl")["origin"] == "user"
    with pytest.raises(PresetError, match=r"no preset 'mien'.*did you mean 'mine'"):
        find_preset("mien")
    with pytest.raises(PresetError, match=r"no such preset file.*did you mean 'mine\.yml'"):
        find_preset(str(folder / "mien.yml"))


def test_without_a_config_home_the_users_folder_is_in_their_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    expected = tmp_path / ".config" / "restorack" / "presets"
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    assert user_folder() == expected
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative/is/invalid")
    assert user_folder() == expected


def test_a_description_says_what_is_in_a_preset(tmp_path: Path) -> None:
    described = describe_preset(write(tmp_path, "whole.yaml", WHOLE))
    assert described["origin"] == "file"
    assert described["extends"] is None
    assert [stage["name"] for stage in described["stages"]][:2] == ["air", "rumble"]
    assert described["stages"][0] == {
        "name": "air", "stage": "restorack.Air", "params": {"amount_db": 3},
    }  # fmt: skip
    assert [stage["name"] for stage in described["stages"] if stage.get("missing")] == [
        "notinstalledanywhere"
    ]
    assert described["output"]["format"] == "flac"


@pytest.mark.parametrize(
    ("marked", "words"),
    [
        ("- {vst3: ZamCompX2, params: {¦treshold_db: 1}}", "did you mean 'threshold_db'"),
        ("- {vst3: ZamCompX2, params: {¦threshold_db: 1}}", "threshold_db"),
        ("- {vst3: ZamCompX2, automation: {¦ratioo: [[0, 1]]}}", "did you mean 'ratio'"),
        ("- {lv2: 'urn:zamaudio:ZamEQ2', params: {¦none: 1}}", "no parameter 'none'"),
        ("- {¦faust: {code: 'process = nothing;'}}", "faust code"),
        ("- {parallel: [[{vst3: ZamCompX2, params: {¦treshold_db: 1}}]]}", "'threshold_db'"),
    ],
)
def test_checking_loads_the_plugins_and_knows_their_parameters(
    tmp_path: Path, marked: str, words: str
) -> None:
    path = write(tmp_path, "hosted.yaml", STAGES + marked.replace("¦", ""))
    load_preset(path)
    with pytest.raises(PresetError) as caught:
        check_preset(path, load_plugins=True)
    assert caught.value.where == f"{path}:4:{marked.index('¦') + 1}"
    assert words in str(caught.value)


def test_checking_lets_a_good_preset_pass(tmp_path: Path) -> None:
    text = f"{STAGES}- {{vst3: ZamCompX2, params: {{threshold_db: -18}}}}\n- restorack.Air: {{}}\n"
    assert check_preset(write(tmp_path, "good.yaml", text)).names == ["zamcompx2", "air"]

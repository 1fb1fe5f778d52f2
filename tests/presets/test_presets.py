"""Presets load, inherit, round-trip, and say on which line what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pedalboard
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from restorack.chains import Chain, Parallel
from restorack.contract.signals import worn_music
from restorack.errors import ParameterError, PresetError
from restorack.hosting.stage import HostedPlugin
from restorack.plugins.air import Air
from restorack.plugins.dither import Dither
from restorack.presets import (
    apply_settings,
    chain_from_stages,
    chain_from_text,
    dump_preset,
    find_preset,
    load_preset,
    preset_json_schema,
    preset_names,
    save_preset,
)
from restorack.presets.finding import shipped_folder

WHOLE = """\
format: 1
name: whole
description: Every kind of stage.
work_rate: 48000
stages:
- restorack.Air: {amount_db: 3}
- stage: pedalboard.HighpassFilter
  params: {cutoff_frequency_hz: 60}
  automation:
    cutoff_frequency_hz:
    - [0, 60]
    - [12.5, 40]
  name: rumble
- vst3: ZamCompX2
  params: {threshold_db: -18}
- {vst3: NotInstalledAnywhere, optional: true}
- parallel:
  - - restorack.Air: {}
  - []
  gains_db: [-6, 0]
- faust: {code: 'process = _,_;'}
- pedalboard.Compressor: {ratio: 4, threshold_db: -20}
- stage: restorack.Air
  params: {mix: 0.5}
  enabled: false
output: {sample_rate: 44100, format: flac, ceiling_dbtp: -1}
"""


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
    assert not chain.slot("air_2").enabled
    assert chain.settings.work_rate == 48_000
    assert (chain.settings.output.format, chain.settings.output.ceiling_dbtp) == ("flac", -1)


def test_text_to_chain_to_text_is_the_identity() -> None:
    assert dump_preset(chain_from_text(WHOLE)) == WHOLE


def test_a_loaded_preset_is_called_like_a_pedalboard() -> None:
    text = "format: 1\nname: x\nstages:\n- pedalboard.Gain: {gain_db: 6}\n- restorack.Air: {}\n"
    audio = worn_music(44_100, 0.2, 2)
    expected = Air()(pedalboard.Pedalboard([pedalboard.Gain(6)])(audio, 44_100), 44_100)
    assert np.array_equal(chain_from_text(text)(audio, 44_100), expected)


@pytest.mark.parametrize("name", sorted(p.stem for p in shipped_folder().glob("*.yaml")))
def test_every_shipped_preset_loads_describes_itself_and_round_trips(name: str) -> None:
    chain = load_preset(name)
    assert chain.settings.name == name
    assert len(chain.settings.description) > 40
    again = chain_from_text(dump_preset(chain))
    assert dump_preset(again) == dump_preset(chain)
    assert again.settings == chain.settings


def test_the_shipped_presets() -> None:
    promised = {
        "78rpm-light", "78rpm", "78rpm-heavy", "vinyl", "film-dialogue", "musicgen-polish",
        "phone-to-studio", "hiss-only",
    }  # fmt: skip
    assert promised <= set(preset_names())
    polish = load_preset("musicgen-polish")
    assert [type(stage).__name__ for stage in polish] == [
        "SpectralDenoiser", "BandwidthExtender", "Compressor", "SpectralShaper", "Loudness",
    ]  # fmt: skip
    assert polish.settings.work_rate == polish.settings.output.sample_rate == 44_100
    assert load_preset("78rpm-heavy").names[0] == "declicker"


# ruff: noqa: E501  a table of documents and what is said of them
ERRORS = [
    ("format: 1\nname: x\nstagse: []\n", ":3:1", "unknown key 'stagse'", "'stages'"),
    ("format: 2\nname: x\n", ":1:1", "format = 2", "1"),
    ("name: x\n", ":1", "'format' is missing", ""),
    ("format: 1\nname: x\nname: y\n", ":3", "'name' is given twice", ""),
    ("format: 1\nname: x\nstages:\n\t- a\n", ":4", "not YAML", "tabs"),
    ("format: 1\nname: x\nstages:\n- restorack.Aire: {}\n", ":4", "'restorack.Aire'", "'restorack.Air'"),
    ("format: 1\nname: x\nstages:\n- pedalboard.Compresor: {}\n", ":4", "Compresor", "pedalboard.Compressor"),
    ("format: 1\nname: x\nstages:\n- restorack.Air:\n    mix: 1\n    amount: 3\n", ":6", "'amount'", "'amount_db'"),
    ("format: 1\nname: x\nstages:\n- restorack.Air: {amount_db: 99}\n", ":4", "amount_db = 99", "from 0 to 12 dB"),
    ("format: 1\nname: x\nstages:\n- restorack.Air: {amount_db: much}\n", ":4", "'much'", "a number"),
    ("format: 1\nname: x\nstages:\n- pedalboard.HighpassFilter: {cutoff_hz: 60}\n", ":4", "'cutoff_hz'", "'cutoff_frequency_hz'"),
    ("format: 1\nname: x\nstages:\n- pedalboard.Gain: {gain_db: loud}\n", ":4", "gain_db", ""),
    ("format: 1\nname: x\nstages:\n- restorack.Air\n", ":4", "'restorack.Air'", "restorack.Air: {}"),
    ("format: 1\nname: x\nstages:\n- {enabled: true}\n", ":4", "no source", "one of stage"),
    ("format: 1\nname: x\nstages:\n- {stage: restorack.Air, optional: true}\n", ":4", "optional", "vst3"),
    ("format: 1\nname: x\nstages:\n- restorack.Air: {}\n- {stage: restorack.Air, name: air}\n", ":5", "'air'", "unique"),
    ("format: 1\nname: x\nstages:\n- {remove: air}\n", ":4", "extends nothing", "extends"),
    ("format: 1\nname: x\nextends: 78rpm-heavyy\n", ":3", "78rpm-heavyy", "'78rpm-heavy'"),
    ("format: 1\nname: x\nextends: 78rpm\nstages:\n- {remove: declicer}\n", ":5", "'declicer'", "'declicker'"),
    ("format: 1\nname: x\noutput: {dither: wide}\n", ":3", "dither", "triangular"),
    ("format: 1\nname: x\noutput: {subtype: PCM_25}\n", ":3", "PCM_25", "PCM_24"),
    ("format: 1\nname: x\noutput: {format: wave64}\n", ":3", "wave64", ""),
    ("format: 1\nname: x\nwork_rate: 12\n", ":3", "work_rate = 12", "Hz"),
    ("format: 1\nname: x\nstages:\n- vst3: ZamCompX3\n", ":4", "ZamCompX3", "'ZamCompX2'"),
    ("format: 1\nname: x\nstages:\n- lv2: urn:zamaudio:ZamCompX3\n", ":4", "not installed", "ZamCompX2"),
    ("format: 1\nname: x\nstages:\n- {stage: restorack.Air, automation: {amount_db: [[1, 3], [0, 2]]}}\n", ":4", "automation", "rising"),
    ("format: 1\nname: x\nstages:\n- {parallel: [[], []], gains_db: [0]}\n", ":4", "gains", "one gain for each"),
    ("format: 1\nname: !!python/object:os.system x\n", ":2", "tagged", "words"),
    ("format: 1\nname: &a x\ndescription: *a\n", ":2", "alias", "write the value out"),
    ("- 1\n", ":1", "not a mapping", ""),
    ("", "preset", "empty", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "what", "remedy"), ERRORS, ids=[e[2] for e in ERRORS])
def test_mistakes_are_named_with_line_and_remedy(
    text: str, place: str, what: str, remedy: str
) -> None:
    with pytest.raises(PresetError) as caught:
        chain_from_text(text, "preset")
    message = str(caught.value)
    assert message.startswith("preset" + (place if place.startswith(":") else ""))
    assert what in message
    assert remedy in message


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text)
    return path


def test_extends_edits_by_name(tmp_path: Path) -> None:
    write(tmp_path, "base", WHOLE)
    child = write(
        tmp_path,
        "child",
        "format: 1\nname: child\nextends: base.yaml\nwork_rate: input\n"
        "stages:\n"
        "- {change: air, params: {frequency_hz: 8000}}\n"
        "- {before: rumble, stage: restorack.Air, name: new}\n"
        "- {after: faust, stage: pedalboard.Gain}\n"
        "- {remove: zamcompx2}\n"
        "- restorack.Dither: {}\n"
        "output: {subtype: PCM_16}\n",
    )
    chain = load_preset(child)
    assert chain.names == [
        "air", "new", "rumble", "notinstalledanywhere", "parallel", "faust", "gain", "compressor",
        "air_2", "dither",
    ]  # fmt: skip
    assert (chain["air"].amount_db, chain["air"].frequency_hz) == (3, 8000)
    assert chain.settings.work_rate == "input"
    assert (chain.settings.output.subtype, chain.settings.output.format) == ("PCM_16", "flac")


def test_endless_inheritance_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "a", "format: 1\nname: a\nextends: b.yaml\n")
    path = write(tmp_path, "b", "format: 1\nname: b\nextends: a.yaml\n")
    with pytest.raises(PresetError, match="extends itself"):
        load_preset(path)


def test_the_users_presets_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = tmp_path / "restorack" / "presets"
    folder.mkdir(parents=True)
    write(folder, "mine", "format: 1\nname: mine\n")
    write(folder, "vinyl", "format: 1\nname: vinyl\ndescription: my own\n")
    assert "mine" in preset_names()
    assert load_preset("vinyl").settings.description == "my own"
    with pytest.raises(PresetError, match="did you mean 'mine'"):
        find_preset("mien")
    with pytest.raises(PresetError, match="no such preset file"):
        find_preset("folder/none.yaml")


def test_files_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"format: 1\nname: caf\xe9\n")
    with pytest.raises(PresetError, match=r"latin\.yaml:2: not UTF-8"):
        load_preset(path)
    path.write_bytes(b" " * (2 << 20))
    with pytest.raises(PresetError, match="bytes"):
        load_preset(path)


def test_settings_from_the_command_line() -> None:
    chain = chain_from_text(WHOLE)
    apply_settings(
        chain,
        [
            "air.amount_db=2.5",
            "compressor.ratio=8",
            "zamcompx2.threshold_db=-30",
            "air.residual=true",
        ],
    )
    assert chain["air"].amount_db == 2.5
    assert chain["air"].residual is True
    assert chain["compressor"].ratio == 8
    assert chain["zamcompx2"].spec.params["threshold_db"] == -30
    for setting, words in [
        ("aire.amount_db=1", "'air'"),
        ("air.amount=1", "'amount_db'"),
        ("air.amount_db=x", "from 0 to 12"),
        ("compressor.ration=1", "'ratio'"),
        ("zamcompx2.treshold_db=1", "'threshold_db'"),
        ("nonsense", "stage.param=value"),
    ]:
        with pytest.raises(ParameterError) as caught:
            apply_settings(chain, [setting])
        assert words in str(caught.value)


def test_stages_from_the_command_line(tmp_path: Path) -> None:
    program = tmp_path / "half.dsp"
    program.write_text("process = *(0.5), *(0.5);")
    chain = chain_from_stages(
        [
            "restorack.Air",
            "pedalboard.Gain",
            "vst3=ZamCompX2",
            "lv2=urn:zamaudio:ZamEQ2",
            f"faust={program}",
        ]
    )
    assert chain.names == ["air", "gain", "zamcompx2", "zameq2", "half"]
    with pytest.raises(PresetError, match=r"restorack\.Air"):
        chain_from_stages(["restorack.Aire"])


def test_saving_is_atomic_and_careful(tmp_path: Path) -> None:
    chain = Chain([Air(amount_db=2), pedalboard.Compressor(-18, 3)])
    path = tmp_path / "mine.yaml"
    save_preset(chain, path)
    assert dump_preset(load_preset(path)) == path.read_text()
    with pytest.raises(Exception, match="exists"):
        save_preset(chain, path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.yaml"]


def test_the_schema_knows_the_fields() -> None:
    schema = preset_json_schema()
    assert {"format", "name", "stages", "output", "extends"} <= set(schema["properties"])
    assert "automation" in schema["$defs"]["StageModel"]["properties"]


stage_strategy = st.one_of(
    st.builds(lambda v: Air(amount_db=v), st.floats(0, 12)),
    st.builds(lambda s, m: Dither(seed=s, mix=m), st.integers(0, 1000), st.floats(0, 1)),
    st.builds(pedalboard.Compressor, st.floats(-60, 0), st.floats(1, 20)),
    st.builds(pedalboard.Gain, st.floats(-40, 40)),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(stage_strategy, max_size=5), st.lists(st.booleans(), min_size=5, max_size=5))
def test_any_chain_survives_its_text(stages: list[Any], enabled: list[bool]) -> None:
    chain = Chain(stages)
    for slot, on in zip(chain.slots, enabled, strict=False):
        slot.enabled = on
    text = dump_preset(chain)
    again = chain_from_text(text)
    assert dump_preset(again) == text
    for before, after in zip(chain.slots, again.slots, strict=True):
        assert (before.name, before.enabled) == (after.name, after.enabled)
        if hasattr(before.stage, "values"):
            assert after.stage.values() == before.stage.values()


def test_numbers_are_written_short() -> None:
    text = dump_preset(Chain([pedalboard.Gain(0.1), Air(amount_db=2.0, mix=0.123456789)]))
    assert "gain_db: 0.1}" in text
    assert "amount_db: 2, mix: 0.123456789}" in text

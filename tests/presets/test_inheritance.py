"""`extends` inherits; stages are edited by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from preset_texts import HEAD, WHOLE

from restorack.errors import PresetError
from restorack.presets import dump_preset, load_preset


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text)
    return path


def heir(folder: Path, text: str, parent: str = WHOLE) -> Path:
    write(folder, "base", parent)
    return write(folder, "heir", f"format: 1\nname: heir\nextends: base.yaml\n{text}")


def test_extends_edits_by_name(tmp_path: Path) -> None:
    path = heir(
        tmp_path,
        "work_rate: input\n"
        "stages:\n"
        "- {change: air, params: {frequency_hz: 8000}}\n"
        "- {before: rumble, stage: restorack.Air, name: new}\n"
        "- {after: faust, stage: pedalboard.Gain}\n"
        "- {remove: zamcompx2}\n"
        "- restorack.Dither: {}\n"
        "output: {subtype: PCM_16}\n",
    )
    chain = load_preset(path)
    assert chain.names == [
        "air", "new", "rumble", "notinstalledanywhere", "parallel", "faust", "gain", "compressor",
        "air_2", "dither",
    ]  # fmt: skip
    assert (chain["air"].amount_db, chain["air"].frequency_hz) == (3, 8000)
    assert chain.settings.name == "heir"
    assert chain.settings.work_rate == "input"
    output = chain.settings.output
    assert (output.subtype, output.format, output.ceiling_dbtp) == ("PCM_16", "flac", -1)


def test_every_part_of_a_stage_can_be_changed(tmp_path: Path) -> None:
    chain = load_preset(
        heir(
            tmp_path,
            "stages:\n"
            "- {change: rumble, name: low, automation: {cutoff_frequency_hz: []}}\n"
            "- {change: low, params: {cutoff_frequency_hz: 30}}\n"
            "- {change: zamcompx2, params: {ratio: 2}, optional: true}\n"
            "- {change: parallel, gains_db: [-3, -3]}\n"
            "- {change: air_2, enabled: true}\n"
            "- {change: air, params: }\n",
        )
    )
    assert chain.slot("low").native_automation == {}
    assert chain["low"].cutoff_frequency_hz == 30
    assert chain["zamcompx2"].spec.params == {"threshold_db": -18, "ratio": 2}
    assert chain["parallel"].gains_db == [-3, -3]
    assert chain["parallel"].branches[0].names == ["air"]
    assert chain.slot("air_2").enabled
    assert chain["air"].amount_db == 3


def test_what_is_inherited_keeps_its_name_whatever_stands_before_it(tmp_path: Path) -> None:
    chain = load_preset(
        heir(
            tmp_path,
            "stages:\n"
            "- {before: air, stage: restorack.Air}\n"
            "- {change: air, params: {amount_db: 5}}\n"
            "- {change: air_3, params: {amount_db: 1}}\n",
        )
    )
    assert chain.names[:2] == ["air_3", "air"]
    assert [chain[0].amount_db, chain[1].amount_db] == [1, 5]
    again = write(tmp_path, "again", dump_preset(chain))
    assert load_preset(again).names == chain.names


def test_a_mistake_in_what_is_inherited_is_named_where_it_stands(tmp_path: Path) -> None:
    parent = f"{HEAD}stages:\n- restorack.Air: {{amount_db: 99}}\n"
    for change, place in [
        ("frequency_hz: 8000", "base.yaml:4:19"),
        ("amount_db: 98", "heir.yaml:5:26"),
    ]:
        path = heir(tmp_path, f"stages:\n- {{change: air, params: {{{change}}}}}\n", parent)
        with pytest.raises(PresetError) as caught:
            load_preset(path)
        assert caught.value.where == str(tmp_path / place)


def test_two_stages_may_not_get_one_name(tmp_path: Path) -> None:
    for line in ("{change: air_2, name: air}", "{after: air, stage: restorack.Dither, name: air}"):
        with pytest.raises(PresetError, match=r"heir\.yaml:5:.*two stages named 'air'"):
            load_preset(heir(tmp_path, f"stages:\n- {line}\n"))


def test_an_inherited_subtype_gives_way_to_a_format_that_cannot_hold_it(tmp_path: Path) -> None:
    parent = f"{HEAD}output: {{format: wav, subtype: FLOAT, ceiling_dbtp: -1}}\n"
    for own, expected in [
        ("{format: aiff}", ("aiff", "FLOAT")),
        ("{format: flac}", ("flac", "PCM_24")),
        ("{format: OGG}", ("ogg", "VORBIS")),
        ("{format: ogg, subtype: opus}", ("ogg", "OPUS")),
    ]:
        output = load_preset(heir(tmp_path, f"output: {own}\n", parent)).settings.output
        assert (output.format, output.subtype) == expected
        assert output.ceiling_dbtp == -1


def test_endless_inheritance_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "a", "format: 1\nname: a\nextends: b.yaml\n")
    path = write(tmp_path, "b", "format: 1\nname: b\nextends: a.yaml\n")
    with pytest.raises(PresetError, match=r"a\.yaml:3:1: 'b\.yaml' extends itself"):
        load_preset(path)
    with pytest.raises(PresetError, match=r"c\.yaml:3:1: 'c\.yaml' extends itself"):
        load_preset(write(tmp_path, "c", "format: 1\nname: c\nextends: c.yaml\n"))


def test_ones_own_preset_may_extend_the_shipped_one_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = tmp_path / "restorack" / "presets"
    folder.mkdir(parents=True)
    text = "format: 1\nname: hiss-only\nextends: hiss-only\noutput: {subtype: PCM_16}\n"
    write(folder, "hiss-only", text)
    chain = load_preset("hiss-only")
    assert chain.names == ["spectraldenoiser"]
    assert chain.settings.output.subtype == "PCM_16"

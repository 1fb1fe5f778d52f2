"""What stands for a chain: stages, names, lists of both, presets."""

from __future__ import annotations

from pathlib import Path

import pedalboard
import pytest
from toys import Gain

from restorack.chains import Chain
from restorack.errors import PresetError
from restorack.presets import list_presets, load_preset
from restorack.presets.listing import ListedPreset
from restorack.presets.making import chain_of


def test_whatever_stands_for_a_chain() -> None:
    chain = Chain([Gain()])
    assert chain_of(chain) is chain
    assert chain_of(chain[0])[0] is chain[0]
    assert chain_of(pedalboard.Gain(3)).names == ["gain"]
    assert chain_of("VINYL").settings.name == "vinyl"
    assert chain_of("declicker").names == ["declicker"]
    mixed = chain_of(["Declicker:sensitivity=0.7", pedalboard.Gain(), "compressor:attack_ms=5ms"])
    assert mixed.names == ["declicker", "gain", "compressor"]
    assert mixed[0].sensitivity == 0.7
    assert mixed[2].attack_ms == 5
    with pytest.raises(PresetError, match="did you mean"):
        chain_of("vinil")


def test_names_in_any_case() -> None:
    assert load_preset("Vinyl").settings.name == "vinyl"
    text = "format: 1\nname: x\nstages: [air, pedalboard.gain, {COMPRESSOR: {ratio: 3}}]\n"
    from restorack.presets import chain_from_text, dump_preset

    chain = chain_from_text(text)
    written = dump_preset(chain)
    assert "restorack.Air" in written
    assert "pedalboard.Compressor: {ratio: 3}" in written


def test_presets_are_listed_with_their_faults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = tmp_path / "restorack" / "presets"
    folder.mkdir(parents=True)
    (folder / "bad.yaml").write_text("format: 1\nname: bad\nstages: [nothing]\n")
    (folder / "worn.yaml").write_text("format: 1\nname: worn\ndescription: D.\nstages: [Hiss]\n")
    listed = {preset.name: preset for preset in list_presets()}
    assert "no stage 'nothing'" in str(listed["bad"].error)
    assert listed["worn"] == ListedPreset("worn", folder / "worn.yaml", "damages", "D.")
    assert listed["vinyl"].kind == "restores"

"""Stages by name: in any case, by their last part, and those that a program registers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from toys import Gain

from restorack import batch, load_preset, register, render
from restorack.chains import Chain
from restorack.core import registry
from restorack.core.registry import full_name, processor_class, registered_name
from restorack.errors import RegistryError
from restorack.plugins.air import Air
from restorack.testing.signals import worn_music


@pytest.fixture(autouse=True)
def nothing_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registered", {})


@pytest.mark.parametrize("name", ["restorack.Air", "RESTORACK.air", "Air", "air"])
def test_names_in_any_case_and_alone(name: str) -> None:
    assert processor_class(name) is Air
    assert full_name("restorack.Airs") is None


def test_a_registered_stage_is_in_presets_and_batches(tmp_path: Path) -> None:
    class Halved(Gain):
        """Half the level."""

    assert register(Halved) is Halved
    assert registered_name(Halved) == "user.Halved"
    preset = tmp_path / "p.yaml"
    preset.write_text("format: 1\nname: p\nstages: [halved, {user.Halved: {gain_db: -12}}]\n")
    chain = load_preset(preset)
    assert [type(stage) for stage in chain] == [Halved, Halved]
    chain.save(tmp_path / "q.yaml")
    assert "user.Halved: {gain_db: -12}" in (tmp_path / "q.yaml").read_text()

    audio = worn_music(44_100, 0.2, 1)
    soundfile.write(tmp_path / "in.wav", audio[0], 44_100, "FLOAT")
    result = batch(tmp_path / "in.wav", tmp_path / "out", [Halved()], subtype="FLOAT")
    assert [entry.status for entry in result.entries] == ["done"]
    out, _ = soundfile.read(tmp_path / "out" / "in.wav", dtype="float32")
    assert np.array_equal(out, Halved()(audio[0], 44_100))
    render(tmp_path / "in.wav", tmp_path / "one.wav", "halved", subtype="FLOAT")
    assert np.array_equal(soundfile.read(tmp_path / "one.wav", dtype="float32")[0], out)


def test_registered_again_as_a_notebook_does() -> None:
    first, second = (type("Again", (Gain,), {}) for _ in range(2))
    register("acme.Again")(first)
    assert register(second, "acme.Again") is processor_class("again")
    with pytest.raises(RegistryError, match="no installed package has"):
        register(second, "restorack.Air")
    with pytest.raises(RegistryError, match="not a Processor"):
        register(Chain)  # type: ignore[type-var]

"""What the list says of shipped presets without loading them is what loading says."""

from __future__ import annotations

from pathlib import Path

import pytest

import restorack.chains
import restorack.presets
from restorack.degrade.degradation import Degradation
from restorack.presets.at_a_glance import glance
from restorack.presets.finding import shipped_files
from restorack.presets.loader import load_preset


@pytest.mark.parametrize("name", shipped_files())
def test_a_glance_says_what_loading_says(name: str) -> None:
    path = shipped_files()[name]
    chain = load_preset(path)
    damages = any(isinstance(stage, Degradation) for stage in chain)
    assert chain.settings.name == name
    assert glance(path) == {
        "description": chain.settings.description,
        "kind": "damages" if damages else "restores",
    }


def test_presets_of_ones_own_are_loaded(tmp_path: Path) -> None:
    own = tmp_path / "78rpm.yaml"
    own.write_text(shipped_files()["78rpm"].read_text())
    assert glance(own) is None


def test_a_description_of_several_lines_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = {"restores": tmp_path}
    monkeypatch.setattr("restorack.presets.at_a_glance.shipped_folders", lambda: folders)
    for text in (">\n  one\n  two", "'quoted'", "|\n  one", '"quoted"'):
        path = tmp_path / "new.yaml"
        path.write_text(f"format: 1\nname: new\ndescription: {text}\n")
        assert glance(path) is None


@pytest.mark.parametrize("package", [restorack.presets, restorack.chains])
def test_every_public_name_is_there(package: object) -> None:
    for name in package.__all__:
        assert getattr(package, name) is not None
    with pytest.raises(AttributeError):
        package.nothing  # noqa: B018

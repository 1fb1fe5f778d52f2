"""Recipes: a rack as text that is built again anywhere, and a hash that changes when it does."""

from __future__ import annotations

import json
import pickle
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
from batches import QUIETER
from toys import Gain

from restorack.chains import Chain
from restorack.errors import FileError
from restorack.hosting.bundles import hash_path
from restorack.presets import apply_settings, chain_from_text, load_preset
from restorack.render.batch import Recipe, make_recipe
from restorack.render.batch.recipe import _versions as versions_of, files_of
from restorack.render.plan import RenderOptions
from restorack.testing.signals import worn_music

RATE = 44_100


def recipe(chain: Chain, **options: object) -> Recipe:
    return make_recipe(chain, "test", RenderOptions(**options))  # type: ignore[arg-type]


def test_a_rack_is_built_again_with_all_that_was_changed() -> None:
    chain = load_preset("78rpm")
    apply_settings(chain, ["declicker.sensitivity=0.65"])
    chain.bypass(chain.names[-1])
    again = pickle.loads(pickle.dumps(recipe(chain))).build()  # noqa: S301  made here
    assert again.names == chain.names
    assert again.settings == chain.settings
    assert again["declicker"].sensitivity == 0.65
    audio = worn_music(RATE, 1.0, 1)
    assert np.array_equal(again(audio, RATE), chain(audio, RATE))


def test_the_digest_tells_what_matters_and_nothing_else() -> None:
    one = recipe(chain_from_text(QUIETER))
    assert recipe(chain_from_text(QUIETER)).digest == one.digest
    assert recipe(chain_from_text(QUIETER), force=True).digest == one.digest
    others = [
        recipe(chain_from_text(QUIETER.replace("-6", "-5"))),
        recipe(chain_from_text(QUIETER), subtype="FLOAT"),
        recipe(chain_from_text(QUIETER), tail_seconds=1.0),
        recipe(chain_from_text(QUIETER + "output: {dither: none}\n")),
    ]
    assert len({one.digest, *(other.digest for other in others)}) == 5


def test_files_that_the_rack_reads_are_part_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "half.dsp"
    program.write_text("process = *(0.5);")
    text = (
        "format: 1\nname: x\nstages:\n- faust: {file: half.dsp}\n"
        "- parallel:\n  - - vst3: ZamCompX2\n  - []\n"
    )
    preset = tmp_path / "x.yaml"
    preset.write_text(text)
    monkeypatch.chdir(tmp_path)
    chain = load_preset("./x.yaml")
    assert list(files_of(chain)) == [program, Path("/usr/lib/vst3/ZamCompX2.vst3")]
    before = recipe(chain)
    assert str(program) in before.document
    assert before.build().slots[0].stage.spec.file == str(program)  # whole, wherever it is built
    program.write_text("process = *(0.6);")
    assert recipe(load_preset("./x.yaml")).digest != before.digest


def test_a_bundle_is_hashed_with_its_names(tmp_path: Path) -> None:
    bundle = tmp_path / "a.vst3"
    (bundle / "Contents").mkdir(parents=True)
    (bundle / "Contents" / "a.so").write_bytes(b"code")
    first = hash_path(bundle)
    assert hash_path(bundle) == first
    (bundle / "Contents" / "a.so").rename(bundle / "Contents" / "b.so")
    assert hash_path(bundle) != first
    with pytest.raises(FileError, match="No such file"):
        hash_path(tmp_path / "nothing")


def test_the_version_of_another_package_is_part_of_it_too() -> None:
    class Theirs(Gain):
        pass

    Theirs.__module__ = "_pytest.stages"
    of_ours = json.loads(recipe(chain_from_text(QUIETER)).document)["versions"]
    assert "pytest" not in of_ours
    assert {"restorack", "python", "numpy", "pedalboard"} <= set(of_ours)
    assert versions_of(Chain([Theirs()]))["pytest"] == version("pytest")

"""Weights are what their manifest says, or an error says what is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from restorack.errors import WeightsError
from restorack.networks.registry import NETWORKS, build_network
from restorack.weights.store import (
    find_weights,
    load_network,
    load_tensors,
    read_manifest,
    save_network,
    weight_names,
)

FACTS: dict[str, Any] = {
    "description": "a test's",
    "licence": "CC0",
    "architecture": {"name": "tiny-mask", "settings": {"width": 4, "dilations": [1]}},
    "training": {"task": "tiny-hiss", "seed": 1, "steps": 2, "minutes": 0.1, "device": "cpu"},
    "data": [{"source": "synthetic", "licence": "CC0", "minutes": 1.0}],
    "validation": {"score": 1.5},
}


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    network = build_network("tiny-mask", FACTS["architecture"]["settings"])
    for value in network.parameters():
        torch.nn.init.normal_(value)
    return save_network(tmp_path, "mine", network, FACTS)


def rewrite(path: Path, **changed: Any) -> None:
    manifest = json.loads(path.with_suffix(".json").read_text())
    path.with_suffix(".json").write_text(json.dumps({**manifest, **changed}))


def test_what_is_saved_is_loaded(saved: Path) -> None:
    network = load_network(saved)
    tensors, manifest = load_tensors(saved.with_suffix(".json"))  # either file names the pair
    for name, value in network.state_dict().items():
        assert np.array_equal(value.numpy(), tensors[name])
    assert not network.training
    assert not any(value.requires_grad for value in network.parameters())
    assert manifest.size == saved.stat().st_size
    assert manifest.parameters == sum(value.size for value in tensors.values())
    assert manifest.validation == {"score": 1.5}
    assert manifest.data[0].licence == "CC0"


def test_saving_again_replaces_both_files(saved: Path) -> None:
    before = read_manifest(saved).sha256
    network = build_network("tiny-mask", FACTS["architecture"]["settings"])
    save_network(saved.parent, "mine", network, FACTS)
    assert read_manifest(saved).sha256 != before
    load_network(saved)
    assert sorted(path.name for path in saved.parent.iterdir()) == [
        "mine.json",
        "mine.safetensors",
    ]


def test_a_missing_file_is_named(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"nowhere\.safetensors.*no such file"):
        load_network(tmp_path / "nowhere.safetensors")
    saved.with_suffix(".json").unlink()
    with pytest.raises(WeightsError, match=r"mine\.json: no manifest"):
        load_network(saved)


def test_a_name_that_is_not_shipped_is_an_error() -> None:
    with pytest.raises(WeightsError, match="no weights are called 'nothing'"):
        load_network("nothing")


@pytest.mark.parametrize("damage", ["flip", "cut"])
def test_a_damaged_file_is_refused(saved: Path, damage: str) -> None:
    data = bytearray(saved.read_bytes())
    if damage == "flip":
        data[-1] ^= 1
    saved.write_bytes(data if damage == "flip" else data[:-10])
    with pytest.raises(WeightsError, match="not the file that its manifest describes"):
        load_network(saved)


def test_a_file_that_is_not_safetensors_is_refused(saved: Path) -> None:
    import hashlib

    data = b"\xff" * 100
    saved.write_bytes(data)
    rewrite(saved, sha256=hashlib.sha256(data).hexdigest())
    with pytest.raises(WeightsError, match="not a safetensors file"):
        load_network(saved)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"width": 4, "dilations": [1, 2]}, "missing middle.1.bias"),
        ({"width": 4, "dilations": []}, "unknown middle.0.bias"),
        ({"width": 5, "dilations": [1]}, "wrong shape first.weight"),
        ({"height": 4}, "settings"),
    ],
)
def test_weights_that_do_not_fit_are_refused(saved: Path, settings: Any, words: str) -> None:
    rewrite(saved, architecture={"name": "tiny-mask", "settings": settings})
    with pytest.raises(WeightsError, match=words):
        load_network(saved)


def test_an_unknown_architecture_is_refused(saved: Path) -> None:
    rewrite(saved, architecture={"name": "tiny-mast", "settings": {}})
    with pytest.raises(WeightsError, match="did you mean 'tiny-mask'"):
        load_network(saved)


@pytest.mark.parametrize(
    "changed",
    [{"sha256": "none"}, {"format": 2}, {"surprise": 1}, {"name": "../mine"}, {"data": [{}]}],
)
def test_a_manifest_that_breaks_the_schema_is_refused(saved: Path, changed: Any) -> None:
    rewrite(saved, **changed)
    with pytest.raises(WeightsError, match=rf"mine\.json: {next(iter(changed))}"):
        load_network(saved)


def test_weights_that_are_not_finite_are_neither_saved_nor_loaded(saved: Path) -> None:
    import hashlib

    network = build_network("tiny-mask", {})
    with torch.no_grad():
        next(network.parameters()).fill_(torch.nan)
    with pytest.raises(WeightsError, match="prior holds NaN"):
        save_network(saved.parent, "broken", network, FACTS)
    assert not (saved.parent / "broken.safetensors").exists()
    save_file({"a": np.array([np.inf], np.float32)}, saved)
    rewrite(saved, sha256=hashlib.sha256(saved.read_bytes()).hexdigest())
    with pytest.raises(WeightsError, match="a holds NaN or infinity"):
        load_tensors(saved)


def test_every_architecture_can_be_built() -> None:
    for name in NETWORKS:
        assert sum(value.numel() for value in build_network(name, {}).parameters()) > 0


def test_every_shipped_network_loads_and_is_small() -> None:
    for name in weight_names():
        manifest = read_manifest(name)
        assert manifest.name == name
        assert manifest.data
        assert manifest.licence
        assert manifest.size < 20_000_000
        load_network(name)


def test_the_installed_package_has_the_weights() -> None:
    source = Path(__file__).parents[2] / "src" / "restorack" / "weights"
    for path in (*source.glob("*.safetensors"), *source.glob("*.json")):
        installed = find_weights(path.stem).with_suffix(path.suffix)
        assert installed.read_bytes() == path.read_bytes()
    assert weight_names() == sorted(path.stem for path in source.glob("*.json"))


def test_reading_weights_does_not_load_torch(saved: Path) -> None:
    code = (
        "import sys; from restorack.weights.store import load_tensors; "
        f"load_tensors({str(saved)!r}); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_card_says_what_the_manifest_says() -> None:
    from restorack.training.export import model_card

    page = Path(__file__).parents[2] / "docs" / "models" / "tiny-hiss.md"
    assert page.read_text() == model_card("tiny-hiss")

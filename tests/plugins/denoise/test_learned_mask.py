"""LearnedMask: takes noise off with shipped weights, or one's own, and says what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from training_corpus import notes

from restorack.errors import WeightsError
from restorack.metrics.distortion import si_sdr_db
from restorack.networks.registry import build_network
from restorack.plugins.denoise.learned_mask import LearnedMask
from restorack.weights.store import list_layers, save_network

RATE = 44_100


def noisy(snr_db: float = 15.0, seconds: float = 6.0, rate: int = RATE) -> tuple[Any, Any]:
    clean = notes(3, seconds, rate)
    noise = np.random.default_rng(2).standard_normal(len(clean)).astype(np.float32)
    noise *= np.sqrt(np.mean(clean**2)) * np.float32(10 ** (-snr_db / 20))
    return clean, clean + noise


def exported(folder: Path, *, architecture: str = "tiny-mask", **settings: Any) -> str:
    torch.manual_seed(2)
    network = build_network(architecture, settings)
    facts = {
        "architecture": {"name": architecture, "settings": settings},
        "training": {"task": "t", "seed": 0, "steps": 0, "minutes": 0, "device": "cpu"},
        "licence": "CC0",
    }
    return str(save_network(folder, "own", network, facts))


@pytest.mark.parametrize("rate", [44_100, 48_000, 32_000])
@pytest.mark.parametrize("snr_db", [5.0, 15.0, 25.0])
def test_it_brings_music_nearer_to_what_it_was(rate: int, snr_db: float) -> None:
    clean, worn = noisy(snr_db, rate=rate)
    restored = LearnedMask().process(worn, rate)
    assert si_sdr_db(clean, restored) > si_sdr_db(clean, worn) + 1.0


def test_clean_music_stays_as_it_is() -> None:
    clean, _ = noisy()
    assert np.array_equal(LearnedMask().process(clean, RATE), clean)


def test_the_change_has_its_limits() -> None:
    _, worn = noisy(5.0)
    whole = LearnedMask().process(worn, RATE) - worn
    half = LearnedMask(strength=0.5).process(worn, RATE) - worn
    assert np.allclose(half, 0.5 * whole, atol=1e-6)
    assert np.array_equal(LearnedMask(max_attenuation_db=0.0).process(worn, RATE), worn)
    small = LearnedMask(max_attenuation_db=3.0).process(worn, RATE) - worn
    assert np.std(small) < 0.6 * np.std(whole)


def test_weights_of_ones_own_are_used(tmp_path: Path) -> None:
    _, worn = noisy(seconds=3.0)
    own = LearnedMask(weights=exported(tmp_path, width=4, dilations=[1, 2, 3]))
    shipped = LearnedMask()
    assert own.predict_latency(RATE) > shipped.predict_latency(RATE)  # it looks further ahead
    assert not np.array_equal(own.process(worn, RATE), shipped.process(worn, RATE))
    whole = own.process(worn, RATE)
    own.prepare([worn], RATE)
    parts = [own.process(part, RATE, reset=False) for part in np.array_split(worn, 7)]
    assert np.array_equal(np.concatenate([*parts, own.flush()]), whole)


def test_weights_that_are_not_there_or_not_a_mask_are_errors(tmp_path: Path) -> None:
    _, worn = noisy(seconds=1.0)
    with pytest.raises(WeightsError, match="no weights are called"):
        LearnedMask(weights="tiny-his").process(worn, RATE)
    with pytest.raises(WeightsError, match=r"gone\.safetensors"):
        LearnedMask(weights=str(tmp_path / "gone.safetensors")).process(worn, RATE)
    with pytest.raises(WeightsError, match="architecture 'denoiser"):
        LearnedMask(weights="denoiser").process(worn, RATE)


def test_weights_whose_manifest_lists_no_layers_are_listed_by_torch(tmp_path: Path) -> None:
    _, worn = noisy(seconds=1.0)
    path = Path(exported(tmp_path, width=4, dilations=[1]))
    expected = LearnedMask(weights=str(path)).process(worn, RATE)
    assert not np.array_equal(expected, worn)
    manifest = json.loads(path.with_suffix(".json").read_text())
    del manifest["layers"]
    path.with_suffix(".json").write_text(json.dumps(manifest))
    assert np.array_equal(LearnedMask(weights=str(path)).process(worn, RATE), expected)
    list_layers(path)
    assert "layers" in json.loads(path.with_suffix(".json").read_text())
    assert np.array_equal(LearnedMask(weights=str(path)).process(worn, RATE), expected)


def test_layers_that_are_no_mask_are_errors(tmp_path: Path) -> None:
    _, worn = noisy(seconds=1.0)
    path = Path(exported(tmp_path, width=5, dilations=[1]))
    text = path.with_suffix(".json").read_text()

    def refused(words: str, **changed: Any) -> None:
        manifest = json.loads(text)
        manifest["layers"].update(changed)
        path.with_suffix(".json").write_text(json.dumps(manifest))
        with pytest.raises(WeightsError, match=words):
            LearnedMask(weights=str(path)).process(worn, RATE)

    layers = json.loads(text)["layers"]["logits"]["layers"]
    refused("gains of another shape", logits={"layers": layers, "outputs": ["first"]})
    refused("named before", logits={"layers": layers, "outputs": ["nothing"]})
    refused(
        "planes of the shapes",
        logits={
            "layers": [
                {**layers[0], "channels": 3},
                {"name": "y", "kind": "joined", "inputs": ["folded"]},
            ],
            "outputs": ["y"],
        },
    )
    refused("Unexpected keyword", logits={"layers": [{**layers[0], "code": "x"}], "outputs": ["y"]})

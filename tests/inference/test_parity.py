"""Every shipped network says natively what its torch module says in float32."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from restorack.inference.denoiser_grid import MASK_LATE
from restorack.inference.layers import LayerList
from restorack.inference.network import Network
from restorack.inference.tiny_mask import TinyMask
from restorack.meters.noise_floor.band_signs import SIGNS
from restorack.networks.registry import NETWORKS
from restorack.weights.native import load_native
from restorack.weights.store import load_network, read_manifest, weight_names

Values = NDArray[np.float32]

BOUND_DB = -115.0
"""Sums of a thousand products in another order differ by a millionth, 23 layers by a few."""


def noise(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def last(planes: torch.Tensor) -> Values:
    """Return a plane (channels, frames, width) with its channels last."""
    return np.ascontiguousarray(planes.permute(1, 2, 0).numpy())


def difference_db(found: Values, expected: torch.Tensor) -> float:
    wanted = expected.numpy().astype(float)
    assert found.shape == wanted.shape
    error = np.sum((found.astype(float) - wanted) ** 2)
    return float(10 * np.log10(error / np.sum(wanted**2) + 1e-30))


def both(name: str) -> tuple[Any, Any]:
    return load_network(name), load_native(name)


def test_every_shipped_network_is_compared_here() -> None:
    assert weight_names() == [
        "bandwidth", "declick", "denoiser", "denoiser-small", "floor", "floor-reader", "tiny-hiss",
    ]  # fmt: skip
    assert len(NETWORKS) == 6


@pytest.mark.parametrize("name", weight_names())
def test_manifests_hold_the_layers_of_the_modules(name: str) -> None:
    network: Any = load_network(name)
    lists = read_manifest(name).layers
    assert lists == network.layer_lists()
    assert all(isinstance(one, LayerList) for one in lists.values())


@torch.inference_mode()
@pytest.mark.parametrize("name", ["denoiser", "denoiser-small"])
@pytest.mark.parametrize("groups", [1, 7, 257])
def test_the_mask_network(groups: int, name: str) -> None:
    trained, native = both(name)
    features = noise(19, 60, groups)
    (found,) = native.networks["mask"].whole(last(features))
    expected = trained.mask(features[None])[0]
    assert difference_db(found.reshape(60, -1), expected) < BOUND_DB


@torch.inference_mode()
def test_the_mask_network_over_a_stream() -> None:
    """But for what is near the ends, where the whole sees other zeros."""
    trained, native = both("denoiser")
    features, ends = noise(19, 256, 33), 80
    stream = native.networks["mask"].stream([33])
    late = np.concatenate([stream.push(part)[0] for part in np.array_split(last(features), 5)])
    assert stream.late == MASK_LATE
    expected = trained.mask(features[None])[0]
    inside = slice(ends, 256 - ends)
    found = late[stream.late :][inside]
    assert difference_db(found.reshape(len(found), -1), expected[inside]) < BOUND_DB


@torch.inference_mode()
def test_the_floor_network() -> None:
    trained, native = both("denoiser")
    statistics = noise(8, 40, 128)
    (found,) = native.networks["floor"].whole(last(statistics))
    net = trained.floor
    expected = net.out(net.body(torch.relu(net.stem(statistics[None]))))[0]
    assert difference_db(found[..., :5], expected.permute(1, 2, 0)) < BOUND_DB
    assert np.array_equal(found[..., 5:], last(statistics))


@torch.inference_mode()
@pytest.mark.parametrize("bands", [1, 80])
def test_the_noise_psd_network(bands: int) -> None:
    trained, native = both("floor")
    planes = noise(18, bands, 64).abs()
    (found,) = native.networks["places"].whole(last(planes))
    assert difference_db(found[..., 0], trained(planes[None])[0]) < BOUND_DB


@torch.inference_mode()
@pytest.mark.parametrize("bands", [1, 55])
def test_the_floor_reader(bands: int) -> None:
    trained, native = both("floor-reader")
    signs = noise(bands, SIGNS)
    (found,) = native.networks["bands"].whole(signs[None].numpy())
    assert difference_db(found[0], trained(signs[None])[0]) < BOUND_DB


@torch.inference_mode()
@pytest.mark.parametrize("scale", ["fine", "coarse"])
def test_the_click_judges(scale: str) -> None:
    from restorack.inference.click_classifier import ClickJudge

    trained, native = both("declick")
    wave, levels, facts = noise(21, 5, 512), noise(21, 5, 64), noise(21, 9)
    fused, alone = ClickJudge(native.networks[scale]).log_odds(
        wave.numpy(), levels.numpy(), facts.numpy()
    )
    judge = getattr(trained, scale)
    shown = torch.cat([facts, torch.ones(21, 1)], 1)
    hidden = torch.cat([torch.zeros(21, 3), facts[:, 3:], torch.zeros(21, 1)], 1)
    assert difference_db(fused, judge(wave, levels, shown)) < BOUND_DB
    assert difference_db(alone, judge(wave, levels, hidden)) < BOUND_DB


@torch.inference_mode()
def test_the_band_envelope() -> None:
    trained, native = both("bandwidth")
    features = noise(52, 200)
    levels, excess = native.networks["envelope"].whole(last(features[..., None]))
    found = 15.0 * np.concatenate([levels, levels + excess], 2)[:, 0]
    assert difference_db(found, trained(features[None])[0].T) < BOUND_DB


@torch.inference_mode()
@pytest.mark.parametrize("bins", [1025, 1030])
def test_the_tiny_mask(bins: int) -> None:
    trained, native = both("tiny-hiss")
    mask = TinyMask(native.networks["logits"], native.tensors["prior"], native.settings)
    features = noise(4, 18, bins)
    assert difference_db(mask.gains(features.numpy()), trained(features[None])[0]) < BOUND_DB
    assert mask.reach == trained.reach


@torch.inference_mode()
def test_any_settings_of_an_architecture_are_listed() -> None:
    """Not only the shipped ones: weights of one's own have other widths."""
    from restorack.networks.band_envelope import BandEnvelope

    torch.manual_seed(5)
    network = BandEnvelope(inputs=9, outputs=5, width=6, dilations=(1, 3, 7)).eval()
    tensors = {name: value.numpy() for name, value in network.state_dict().items()}
    native = Network(network.layer_lists()["envelope"], tensors)
    features = noise(9, 50)
    levels, excess = native.whole(last(features[..., None]))
    found = 15.0 * np.concatenate([levels, levels + excess], 2)[:, 0]
    assert difference_db(found, network(features[None])[0].T) < BOUND_DB

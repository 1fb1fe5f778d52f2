"""What the networks see in numpy is what the training shows them in torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from restorack.inference import denoiser_features as native
from restorack.inference.denoiser import FloorStream, MaskStream, cautious_correction
from restorack.inference.denoiser_grid import FLOOR_LATE, MASK_LATE
from restorack.networks import denoiser_inputs as trained
from restorack.networks.denoiser import FloorNet
from restorack.weights.native import load_native
from restorack.weights.store import load_network

BINS = (193, 257, 1025, 1121)


def ratios(frames, bins, seed=3):
    random = np.random.default_rng(seed)
    return (10 ** random.uniform(-4, 7, (frames, bins))).astype(np.float32)


def rows(bins, measured=False):
    random = np.random.default_rng(bins)
    level, sure = random.uniform(-90, -30, bins), random.uniform(0, 1, bins)
    values = [one.astype(np.float32) for one in (level, sure, np.arange(bins) * 0.0215)]
    floor = native.FloorRows(values[0], values[1], measured, values[2])
    tensors = [torch.from_numpy(one) for one in values]
    return floor, trained.FloorRows(tensors[0], tensors[1], measured, tensors[2])


def near(found, expected, channels_last=False):
    wanted = expected.numpy()
    wanted = np.moveaxis(wanted, 0, -1) if channels_last else wanted
    assert found.dtype == np.float32
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("bins", BINS)
def test_patch_statistics_and_doubt(bins):
    ratio, (ours, theirs) = ratios(16, bins), rows(bins)
    found = native.patch_statistics(ratio, ours)
    expected = trained.patch_statistics(torch.from_numpy(ratio), theirs)
    near(found, expected, channels_last=True)
    near(native.patch_doubt(found), trained.patch_doubt(expected[None])[0, 0])


@pytest.mark.parametrize("bins", BINS)
@pytest.mark.parametrize("measured", [False, True])
def test_gain_features_and_shares(bins, measured):
    ours, theirs = rows(bins, measured)
    random = np.random.default_rng(1)
    planes = [ratios(12, bins), random.random((12, bins), np.float32), ratios(12, bins, 4)]
    planes.append(random.uniform(-20, 3, (12, bins)).astype(np.float32))
    tensors = [torch.from_numpy(one) for one in planes]
    near(native.gain_features(*planes, ours), trained.gain_features(*tensors, theirs), True)
    near(
        native.with_doubt(planes[3], planes[0], ours),
        trained.with_doubt(tensors[3], tensors[0], theirs),
    )
    near(native.logit(planes[1]), trained.logit(tensors[1]))
    near(native.sigmoid(planes[3]), torch.sigmoid(tensors[3]))


@pytest.mark.parametrize("bins", BINS)
@pytest.mark.parametrize("steps", [3, 18])
def test_spreading_over_bins(bins, steps):
    bands = (bins - 1) // 8
    patches = np.random.default_rng(2).standard_normal((steps, bands)).astype(np.float32)
    expected = trained.spread_over_bins(torch.from_numpy(patches), 4 * steps, bins)
    near(native.BinSpreader(bands, bins)(patches), expected)


@torch.inference_mode()
def test_caution_is_the_trained_one():
    network, random = FloorNet().eval(), torch.Generator().manual_seed(4)
    torch.nn.init.normal_(network.out.weight, generator=random)
    hidden, seen = torch.randn(1, 32, 9, 5, generator=random), torch.rand(1, 8, 9, 5)
    expected, _ = network.cautious(hidden, seen)
    said = network.out(hidden)[0, 0].numpy()
    planes = np.moveaxis(seen[0].numpy(), 0, -1)
    near(cautious_correction(said, planes), expected[0, 0])


@torch.inference_mode()
@pytest.mark.parametrize("block", [16, 64])
def test_streams_say_what_the_modules_say_of_the_whole(block):
    """But for what is near the ends, where the whole sees other zeros."""
    frames, bins, ends = 256, 257, 80
    network, held = load_network("denoiser"), load_native("denoiser").networks
    ratio, (ours, theirs) = ratios(frames, bins) ** np.float32(0.3), rows(bins)
    inside = slice(ends, frames - ends)

    floors = FloorStream(held["floor"], bins)
    late = np.concatenate([floors.push(one, ours) for one in np.split(ratio, frames // block)])
    statistics = trained.patch_statistics(torch.from_numpy(ratio), theirs)
    said = network.floor(statistics[None])[0][0, 0]
    whole = trained.spread_over_bins(said, frames, bins)
    assert floors.late == FLOOR_LATE
    assert whole.abs().max() > 1.0
    np.testing.assert_allclose(late[FLOOR_LATE:][inside], whole[inside], atol=1e-3)

    masks, gain = MaskStream(held["mask"], bins), 1.0 / (1.0 + 1.0 / ratio)
    correction = np.zeros_like(ratio)
    parts = zip(*(np.split(one, frames // block) for one in (ratio, gain)), strict=True)
    late = np.concatenate([masks.push(r, g, r, correction[: len(r)], ours) for r, g in parts])
    tensors = [torch.from_numpy(one) for one in (ratio, gain, ratio, correction)]
    whole = network.mask(trained.gain_features(*tensors, theirs)[None])[0, :, :bins]
    assert masks.late == MASK_LATE
    assert whole.abs().max() > 1.0
    np.testing.assert_allclose(late[MASK_LATE:][inside], whole[inside], atol=1e-3)

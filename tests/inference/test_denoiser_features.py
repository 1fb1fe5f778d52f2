"""What the networks see natively is what the training shows them in torch."""

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
    # The planes have bins that the networks do not see.
    given = np.pad(np.stack(planes, axis=1), ((0, 0), (0, 0), (0, 5)), constant_values=0.5)
    near(native.gain_features(given, ours), trained.gain_features(*tensors, theirs), True)

    said = random.uniform(-30, 30, (12, bins)).astype(np.float32)
    before = tensors[0] * 10 ** (tensors[3] / 10)
    more = trained.with_doubt(torch.from_numpy(said), before, theirs)
    found = native.masked_gains(given, np.pad(said, ((0, 0), (0, 5))), ours)
    assert np.array_equal(found[:, 0], given[:, 0])
    assert np.array_equal(found[:, 1, bins:], given[:, 1, bins:])
    gain = np.ascontiguousarray(found[:, 1, :bins])
    near(gain, torch.sigmoid(trained.logit(tensors[1]) + more))
    assert gain.min() < 1e-4
    assert gain.max() > 0.999


def test_ratios_to_a_corrected_floor():
    ratio, largest = ratios(5, 40), np.float32(1e5)
    said = np.random.default_rng(1).uniform(-24, 3, (5, 40)).astype(np.float32)
    found = native.corrected_ratio(ratio, said, largest)
    expected = np.minimum(ratio.astype(float) / 10 ** (said.astype(float) / 10), largest)
    expected[ratio >= largest] = largest
    np.testing.assert_allclose(found[:, 0], expected, rtol=1e-6)
    assert np.array_equal(found[:, 1], said)


def test_planes_of_other_shapes_are_refused():
    floor, planes = rows(33)[0], np.zeros((4, 4, 30), np.float32)
    with pytest.raises(ValueError, match="cannot be"):
        native.gain_features(planes, floor)
    with pytest.raises(ValueError, match="cannot be"):
        native.masked_gains(planes, np.zeros((4, 30), np.float32), floor)
    with pytest.raises(ValueError, match="cannot be"):
        native.masked_gains(np.zeros((4, 4, 33), np.float32), planes[0], floor)
    with pytest.raises(ValueError, match="cannot be"):
        native.patch_statistics(np.zeros((5, 33), np.float32), floor)
    with pytest.raises(ValueError, match="cannot be"):
        native.spread_over_bins(np.zeros((2, 5), np.float32), 40)


@pytest.mark.parametrize("bins", BINS)
@pytest.mark.parametrize("steps", [3, 18])
def test_spreading_over_bins(bins, steps):
    bands = (bins - 1) // 8
    patches = np.random.default_rng(2).standard_normal((steps, bands)).astype(np.float32)
    expected = trained.spread_over_bins(torch.from_numpy(patches), 4 * steps, bins)
    near(native.spread_over_bins(patches, bins), expected)
    near(native.spread_over_bins(patches, bins, 4), expected[4:-4])


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
    planes = np.stack([ratio, gain, ratio, np.zeros_like(ratio)], axis=1)
    parts = np.split(planes, frames // block)
    late = np.concatenate([masks.push(part, ours) for part in parts])
    tensors = [torch.from_numpy(planes[:, plane].copy()) for plane in range(4)]
    whole = network.mask(trained.gain_features(*tensors, theirs)[None])[0, :, :bins]
    assert masks.late == MASK_LATE
    assert whole.abs().max() > 1.0
    np.testing.assert_allclose(late[MASK_LATE:][inside], whole[inside], atol=1e-3)

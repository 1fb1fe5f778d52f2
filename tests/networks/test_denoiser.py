"""The denoiser's networks: zero before training, blind beyond their reach, blind to level."""

from __future__ import annotations

import pytest
import torch

from restorack.inference import denoiser_grid as grid
from restorack.inference.denoiser_grid import BAND
from restorack.networks.denoiser import FLOOR_INPUTS, MASK_INPUTS, DenoiserNet
from restorack.networks.denoiser_inputs import (
    FloorRows,
    gain_features,
    logit,
    patch_statistics,
    spread_over_bins,
    with_doubt,
)

BINS = 257


def any_network():
    network = DenoiserNet()
    generator = torch.Generator().manual_seed(3)
    for values in network.parameters():
        values.data = 0.1 * torch.randn(values.shape, generator=generator)
    return network.eval()


def rows(bins=BINS, level=-60.0):
    return FloorRows(
        torch.linspace(level, level - 20.0, bins),
        torch.full((bins,), 0.8),
        measured=False,
        kilohertz=torch.arange(bins) * 0.0215,
    )


def changed_frames(first, second):
    different = (first != second).reshape(-1, first.shape[-2], first.shape[-1]).any(0).any(1)
    return torch.nonzero(different)[:, 0]


@torch.inference_mode()
def test_untrained_networks_change_nothing():
    network = DenoiserNet().eval()
    correction, _ = network.floor(torch.randn(1, FLOOR_INPUTS, 20, 32))
    assert not correction.any()
    assert not network.mask(torch.randn(1, MASK_INPUTS, 40, 65)).any()


@torch.inference_mode()
def test_the_floor_stage_sees_as_far_as_the_grid_says():
    network, at = any_network(), 60
    before = torch.randn(1, FLOOR_INPUTS, 2 * at, 32)
    after = before.clone()
    after[:, :, at] += 5.0
    seen = changed_frames(network.floor.estimate(before)[0], network.floor.estimate(after)[0])
    # One step more is for the straight lines between the steps.
    assert grid.FLOOR_STEP * (at - int(seen.min()) + 1) == grid.FLOOR_REACH
    assert grid.FLOOR_STEP * (int(seen.max()) - at + 1) == grid.FLOOR_REACH


@torch.inference_mode()
def test_the_mask_stage_sees_as_far_as_the_grid_says():
    network, at = any_network(), 60
    before = torch.randn(1, MASK_INPUTS, 2 * at, 65)
    after = before.clone()
    after[:, :, at] += 5.0
    seen = changed_frames(network.mask(before), network.mask(after))
    reach = max(at - int(seen.min()), int(seen.max()) - at)
    assert reach + grid.FLOOR_STEP // 2 <= grid.MASK_REACH


@torch.inference_mode()
@pytest.mark.parametrize("bins", [193, 257, 1025, 1121])
def test_every_number_of_bins_is_taken(bins):
    network = any_network()
    ratio = torch.rand(16, bins) * 10.0
    statistics = patch_statistics(ratio, rows(bins))
    correction, _ = network.floor(statistics[None])
    spread = spread_over_bins(correction[0, 0], 16, bins)
    features = gain_features(ratio, torch.rand(16, bins), ratio, spread, rows(bins))
    assert network.mask(features[None]).shape[2] - bins in range(4)


def test_the_level_of_recording_and_floor_together_does_not_matter():
    ratio = torch.rand(16, BINS)
    quiet, loud = (patch_statistics(ratio, rows(level=level)) for level in (-90.0, -20.0))
    assert torch.allclose(quiet, loud, atol=1e-5)


def test_noise_and_partials_have_other_statistics():
    generator = torch.Generator().manual_seed(1)
    noise = torch.empty(16, BINS).exponential_(generator=generator)
    partial = torch.full((16, BINS), 1e-2)
    partial[:, ::8] = 8.0
    spread = [patch_statistics(ratio, rows())[1].mean() for ratio in (noise, partial)]
    # The arithmetic mean of exponential variables is e^gamma above their geometric mean.
    assert (float(spread[0]) + 1.5) / 5.0 == pytest.approx(0.25, abs=0.02)
    assert float(spread[1]) > 1.0


def test_spreading_is_straight_between_the_patches_centres():
    patches = torch.arange(6.0)[:, None].expand(6, 4)
    spread = spread_over_bins(patches, 24, 4 * BAND + 1)
    assert torch.allclose(spread[2:-2].diff(dim=0), torch.tensor(0.25), atol=1e-6)
    assert torch.equal(spread[:, 0], spread[:, 1])


def test_logits_undo_the_sigmoid_within_their_limits():
    gain = torch.tensor([0.01, 0.3, 0.99])
    assert torch.allclose(torch.sigmoid(logit(gain)), gain, atol=1e-6)
    assert torch.isfinite(logit(torch.tensor([0.0, 1.0]))).all()


def test_corrections_are_made_by_doubt_and_not_where_music_is_loud():
    sure, unsure, measured = (
        FloorRows(torch.zeros(2), torch.full((2,), confidence), heard, torch.ones(2))
        for confidence, heard in ((1.0, False), (0.0, False), (1.0, True))
    )
    # A cell at the floor, and one 20 dB above it.
    ratio, more = torch.tensor([[1.0, 100.0]]), torch.tensor([[-1.0, -1.0]])
    shares = [-with_doubt(more, ratio, floor)[0] for floor in (sure, measured, unsure)]
    assert 0.0 < shares[0][0] < shares[1][0] < shares[2][0] < 1.0
    assert not any(share[1] for share in shares)

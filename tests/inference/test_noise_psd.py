"""The noise-PSD estimator in numpy shows and reads what the torch module was trained with."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from restorack.inference import noise_psd as native
from restorack.meters.histogram_floor.level_histogram import KINDS, LEVELS
from restorack.networks import noise_psd as trained
from restorack.weights.native import load_native
from restorack.weights.store import load_network


def counts(bands, seed=1):
    random = np.random.default_rng(seed)
    return random.poisson(0.2, (KINDS, bands, LEVELS)).astype(np.int32)


@pytest.mark.parametrize("mean_db", [-400.0, -40.0, -12.4, 20.0, 500.0])
def test_the_same_part_is_shown(mean_db):
    found = native.shown_part(counts(5), mean_db)
    expected = trained.shown_part(torch.from_numpy(counts(5)), mean_db)
    assert np.array_equal(found, expected.numpy())


@torch.inference_mode()
@pytest.mark.parametrize("patches", [0, 1, 20, 400])
def test_the_same_planes_are_seen(patches):
    shown = native.shown_part(counts(9), -30.0)
    khz = np.geomspace(0.01, 20.0, 9).astype(np.float32)
    found = native.floor_planes(shown, patches, khz)
    expected = trained.floor_planes(
        torch.from_numpy(shown)[None], torch.tensor([float(patches)]), torch.from_numpy(khz)
    )[0]
    np.testing.assert_allclose(found, expected.permute(1, 2, 0), rtol=1e-5, atol=1e-5)


@torch.inference_mode()
def test_the_same_floor_is_read():
    logits = 6.0 * np.random.default_rng(3).standard_normal((200, native.PLACES))
    logits = np.concatenate([logits, 40.0 * np.eye(native.PLACES)]).astype(np.float32)
    found = native.read_floor(logits)
    for one, expected in zip(found, trained.read_floor(torch.from_numpy(logits)), strict=True):
        np.testing.assert_allclose(one, expected, rtol=1e-4, atol=1e-4)


@torch.inference_mode()
def test_the_whole_estimate_is_the_modules():
    khz = np.geomspace(0.02, 20.0, 40).astype(np.float32)
    network = load_native("floor").networks["places"]
    level, sure = native.estimate_levels(network, counts(40), 30, -25.0, khz)
    shown = trained.shown_part(torch.from_numpy(counts(40)), -25.0).float()[None]
    planes = trained.floor_planes(shown, torch.tensor([30.0]), torch.from_numpy(khz))
    expected, confidence = trained.read_floor(load_network("floor")(planes)[0])
    np.testing.assert_allclose(level, expected + native.lowest_shown_db(-25.0), atol=2e-3)
    np.testing.assert_allclose(sure, confidence, atol=1e-3)

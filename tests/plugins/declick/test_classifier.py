"""The network that judges candidates: its evaluation, its scale, what it is given."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from restorack.dsp.autoregression import estimate_models
from restorack.inference.network import Network
from restorack.networks.click_classifier import ClickJudges
from restorack.plugins.declick.candidates import Click
from restorack.plugins.declick.classifier import CandidateNetwork, NetworkClassifier, Selection
from restorack.plugins.declick.features import (
    EVIDENCE,
    FACTS,
    LEVEL_BLOCKS,
    LEVEL_CHANNELS,
    WAVE_CHANNELS,
    WAVE_LENGTH,
    CandidateFeatures,
    extract_features,
)
from restorack.plugins.declick.support import log_odds
from restorack.plugins.declick.thresholds import load_networks, make_classifier, min_odds


def with_features(count: int, seed: int = 1) -> list[CandidateFeatures]:
    random = np.random.default_rng(seed)
    return [
        CandidateFeatures(
            random.standard_normal((WAVE_CHANNELS, WAVE_LENGTH)).astype(np.float32),
            random.standard_normal((LEVEL_CHANNELS, LEVEL_BLOCKS)).astype(np.float32),
            random.standard_normal(FACTS).astype(np.float32),
        )
        for _ in range(count)
    ]


def candidates(count: int, strength: float = 100.0) -> list[Click]:
    return [
        Click(100 * i, 100 * i + 9, strength, scale=i % 2, features=features)
        for i, features in enumerate(with_features(count))
    ]


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(4)
    return ClickJudges().eval()


def native(network, part: str) -> CandidateNetwork:
    tensors = {name: value.numpy() for name, value in network.state_dict().items()}
    return CandidateNetwork(Network(network.layer_lists()[part], tensors))


def test_odds_are_those_of_the_torch_module(network):
    found = candidates(7)
    fused, alone = native(network, "fine").log_odds(found)
    wave, levels, facts = (
        torch.from_numpy(np.stack([getattr(c.features, name) for c in found]))
        for name in ("wave", "levels", "facts")
    )
    given = torch.cat([facts, torch.ones(len(found), 1)], dim=1)
    hidden = given.clone()
    hidden[:, :EVIDENCE] = 0.0
    hidden[:, -1] = 0.0
    with torch.no_grad():
        # float32 sums of some hundred terms, in another order
        np.testing.assert_allclose(fused, network.fine(wave, levels, given), atol=1e-4)
        np.testing.assert_allclose(alone, network.fine(wave, levels, hidden), atol=1e-4)


def test_scales_are_judged_apart(network):
    found = candidates(6)
    wave, levels, facts = (
        torch.from_numpy(np.stack([getattr(c.features, name) for c in found]))
        for name in ("wave", "levels", "facts")
    )
    given = torch.cat([facts, torch.ones(6, 1)], dim=1)
    coarse = torch.tensor([c.scale == 1 for c in found])
    with torch.no_grad():
        odds = network(wave, levels, given, coarse)
        for i, classifier in enumerate([network.fine, network.coarse] * 3):
            expected = classifier(wave[i : i + 1], levels[i : i + 1], given[i : i + 1])
            torch.testing.assert_close(odds[i : i + 1], expected, atol=1e-5, rtol=1e-4)


def test_more_odds_asked_for_keep_fewer(network):
    parts = native(network, "fine"), native(network, "coarse")
    found = candidates(20)

    def select(least: float, residual: float = 50.0, deferred: float = 0.0) -> Selection:
        classifier = NetworkClassifier(parts, (least, least), deferred, residual, 1.0, True)
        return classifier.select(found, np.zeros(1), 0)

    kept = [len(select(least).accepted) for least in (-10.0, 0.0, 10.0)]
    assert kept[0] == 20
    assert kept[2] == 0
    everything = select(-10.0).accepted
    assert {click.found_by for click in everything} == {"both"}
    assert all(0.0 < click.confidence < 1.0 for click in everything)
    assert {click.found_by for click in select(-10.0, 500.0).accepted} == {"network"}
    assert select(-10.0).deferred == []


def test_what_lies_a_little_below_the_least_odds_is_deferred(network):
    found = [replace(click, scale=0) for click in candidates(20)]
    parts = (native(network, "fine"),) * 2
    odds = np.sort(parts[0].log_odds(found)[0])
    least, deferred = (odds[14] + odds[15]) / 2, (odds[15] - odds[9]) / 1.0
    classifier = NetworkClassifier(parts, (least, least), deferred, 50.0, 1.0, True)
    selected = classifier.select(found, np.zeros(1), 0)
    assert len(selected.accepted) == 5
    assert len(selected.deferred) == np.count_nonzero((odds > least - deferred) & (odds < least))
    assert 0 < len(selected.deferred) < 15
    assert min(log_odds(c) for c in selected.accepted) > max(log_odds(c) for c in selected.deferred)


@pytest.mark.parametrize("mode", ["dual", "neural", "analytical"])
def test_odds_asked_for_fall_with_sensitivity(mode):
    threshold = [make_classifier(mode, s).threshold for s in (0.0, 0.5, 1.0)]
    assert threshold == sorted(threshold, reverse=True)
    _, calibrated = load_networks()
    assert calibrated.shape == (2, 2, 5)
    assert (np.diff(calibrated, axis=2) < 0).all()


def test_least_odds_are_those_of_mode_and_sensitivity():
    _, calibrated = load_networks()
    for row, mode in enumerate(("dual", "neural")):
        for column, sensitivity in enumerate((0.0, 0.25, 0.5, 0.75, 1.0)):
            expected = calibrated[row, :, column]
            np.testing.assert_allclose(min_odds(mode, sensitivity), expected, rtol=1e-6)
        between = calibrated[row, :, 1:3].mean(axis=1)
        np.testing.assert_allclose(min_odds(mode, 0.375), between, rtol=1e-6)


@pytest.mark.parametrize("gain", [0.01, 30.0])
def test_portraits_have_no_scale(gain):
    random = np.random.default_rng(6)
    signal = np.convolve(random.standard_normal(12_000), [1.0, 1.4, 0.8, 0.2])
    signal[6000:6030] += 20.0
    signal *= 0.02

    def seen(x: np.ndarray) -> CandidateFeatures:
        model = estimate_models(x[np.newaxis, 4000:8096], 128)[0]
        return extract_features(x, model, 6000, 6030, 64, 44_100.0, (20.0, 1.0))

    one, other = seen(signal), seen(gain * signal)
    for name in ("wave", "levels", "facts"):
        # the least level, -120 dBFS, is added to every level
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=0.02)


def test_portraits_show_the_run_in_the_middle():
    random = np.random.default_rng(7)
    signal = 0.01 * random.standard_normal(12_000)
    signal[6000:6030] += 0.5
    model = estimate_models(np.where(np.abs(signal) > 0.2, 0, signal)[np.newaxis, 4000:8096], 128)[
        0
    ]
    features = extract_features(signal, model, 6000, 6030, 64, 44_100.0, (20.0, 1.0))
    change = features.wave[1]
    middle = WAVE_LENGTH // 2
    assert (change[: middle - 15] == 0).all()
    assert (change[middle + 15 :] == 0).all()
    assert (change[middle - 15 : middle + 15] > 3).all()  # 50 deviations, as arcsinh
    np.testing.assert_allclose(features.wave[0, :200].std(), np.arcsinh(1.0), rtol=0.3)
    assert features.levels[2].argmax() in (31, 32)

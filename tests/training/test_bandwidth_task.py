"""The task bandwidth: its second head learns expected power, not expected levels."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from restorack.networks.band_envelope import BandEnvelope
from restorack.training.tasks.bandwidth import Bandwidth, BandwidthSettings, _divergence


def test_the_divergence_is_least_for_the_expected_power() -> None:
    # Powers of 0 and 6 dB alike often: the mean power lies at 10 log10((1 + 3.981) / 2) = 3.96 dB.
    truth = torch.tensor([0.0, 6.0])
    guesses = torch.linspace(0.0, 6.0, 601)
    costs = torch.stack([_divergence(truth - guess).mean() for guess in guesses])
    assert float(guesses[costs.argmin()]) == pytest.approx(3.96, abs=0.02)
    assert float(_divergence(torch.zeros(1))) == 0.0


def test_a_steep_rise_costs_in_proportion() -> None:
    costs = _divergence(torch.tensor([30.0, 40.0, 50.0]))
    assert float(costs[2] - costs[1]) == pytest.approx(float(costs[1] - costs[0]), rel=1e-4)


def test_expected_energies_never_lie_below_expected_levels() -> None:
    torch.manual_seed(3)
    levels, energies = BandEnvelope(width=8, dilations=(1, 2))(torch.randn(2, 52, 40)).chunk(2, 1)
    assert levels.shape == energies.shape == (2, 27, 40)
    assert bool((energies > levels).all())


def test_a_step_brings_both_heads_nearer() -> None:
    torch.manual_seed(4)
    task = Bandwidth(BandwidthSettings(), {"width": 8, "dilations": (1, 2)})
    network = task.build_network()
    random = np.random.default_rng(5)
    levels = torch.from_numpy(random.normal(-30, 8, (4, 64, 27)).astype(np.float32))
    batch = {
        "features": torch.from_numpy(random.standard_normal((4, 64, 52)).astype(np.float32)),
        "levels": levels,
        "energies": levels + 3.0,
        "widths": torch.ones(4, 27),
    }
    optimiser = torch.optim.Adam(network.parameters(), 1e-2)
    before = task.loss(network, batch)
    for _ in range(60):
        optimiser.zero_grad()
        task.loss(network, batch).total.backward()
        optimiser.step()
    after = task.loss(network, batch)
    for name in ("distance_db", "divergence"):
        assert float(after.parts[name]) < 0.7 * float(before.parts[name])

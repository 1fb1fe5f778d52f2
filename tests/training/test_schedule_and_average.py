"""The learning rate and the averaged weights follow their formulas."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from restorack.training.ema import Ema
from restorack.training.schedule import rate_factor


def test_the_rate_rises_in_equal_steps() -> None:
    factors = [rate_factor(step, 0.0, warmup_steps=10, final_fraction=0.0) for step in range(12)]
    assert factors == pytest.approx([*(k / 10 for k in range(1, 11)), 1.0, 1.0])


@pytest.mark.parametrize("progress", [0.0, 0.25, 0.5, 2 / 3, 1.0])
def test_the_rate_falls_as_half_a_cosine(progress: float) -> None:
    got = rate_factor(1000, progress, warmup_steps=10, final_fraction=0.1)
    assert got == pytest.approx(0.1 + 0.9 * math.cos(math.pi * progress / 2) ** 2)


def test_the_rate_ends_where_it_is_told() -> None:
    assert rate_factor(5, 1.0, warmup_steps=0, final_fraction=0.03) == pytest.approx(0.03)
    assert rate_factor(5, 1.7, warmup_steps=0, final_fraction=0.03) == pytest.approx(0.03)


def test_the_average_is_the_weighted_sum() -> None:
    network = nn.Linear(1, 1, bias=False).double()
    values = torch.randn(40, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        network.weight.fill_(values[0])
    average = Ema(network, 0.9)
    expected = values[0].item()
    for updates, value in enumerate(values[1:]):
        with torch.no_grad():
            network.weight.fill_(value)
        average.update(network)
        decay = min(0.9, (1 + updates) / (10 + updates))
        expected = decay * expected + (1 - decay) * value.item()
    assert average.network.weight.item() == pytest.approx(expected, rel=1e-12)
    assert average.updates == 39


def test_the_average_of_one_value_is_that_value_and_buffers_follow() -> None:
    network = nn.BatchNorm1d(3)
    average = Ema(network, 0.99)
    network.running_mean += 2.0
    average.update(network)
    assert torch.equal(average.network.weight, network.weight)
    assert torch.equal(average.network.running_mean, network.running_mean)
    assert not average.network.weight.requires_grad

"""Losses: closed forms, and gradients that lead downhill."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from restorack.training.losses.spectral import (
    Resolution,
    compressed_stft,
    over_suppression,
)
from restorack.training.losses.waveform import (
    error_to_noise,
)

SAMPLES = 8192
LOSSES = (compressed_stft, over_suppression)


@pytest.fixture
def pair() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(3)
    reference = torch.randn(2, SAMPLES, generator=generator) * 0.2
    estimate = 0.8 * reference + 0.05 * torch.randn(2, SAMPLES, generator=generator)
    return estimate, reference


def test_error_to_noise_counts_harm_more(pair: tuple[Tensor, Tensor]) -> None:
    _, reference = pair
    noise = 0.1 * torch.randn(2, SAMPLES, generator=torch.Generator().manual_seed(5))

    def level(share: float) -> float:
        return error_to_noise(
            reference + share * noise, reference, reference + noise, floor=0.0, ground=0.0
        ).item()  # fmt: skip

    assert level(1.0) == pytest.approx(0.0, abs=1e-2)  # left as it was
    assert level(0.1) == pytest.approx(-2.0, abs=1e-2)
    assert level(10.0) == pytest.approx(1.5 * math.log(1.0 + 2.0), abs=1e-2)


def test_compression_is_its_formula() -> None:
    reference = torch.randn(1, SAMPLES, generator=torch.Generator().manual_seed(2))

    def distance(gain: float) -> float:
        return compressed_stft(gain * reference, reference, complex_share=0.5).item()

    # Magnitudes' and complex values' distances are alike where phases agree.
    assert distance(4.0) / distance(2.0) == pytest.approx((4**0.3 - 1) / (2**0.3 - 1), rel=1e-3)


def test_what_is_above_the_ceiling_does_not_count(pair: tuple[Tensor, Tensor]) -> None:
    _, reference = pair
    time = torch.arange(SAMPLES) / 44_100
    tone = torch.sin(2 * math.pi * 15_000 * time) * torch.hann_window(SAMPLES)
    estimate = reference + 0.3 * tone
    resolution = [Resolution(2048, 512)]

    def distance(hertz: float) -> float:
        ceiling = torch.tensor([hertz, hertz])
        return compressed_stft(estimate, reference, resolution, ceiling_hz=ceiling).item()

    assert distance(13_000) < 0.02 * distance(16_000)
    assert compressed_stft(estimate, reference, resolution).item() == pytest.approx(
        distance(30_000), rel=1e-5
    )


def test_taking_too_much_costs_and_leaving_some_is_free(pair: tuple[Tensor, Tensor]) -> None:
    _, reference = pair
    assert over_suppression(2.0 * reference, reference).item() == 0.0
    assert over_suppression(0.5 * reference, reference).item() > 0.05


@pytest.mark.parametrize("loss_of", LOSSES)
def test_losses_are_smallest_for_the_reference_and_fall_along_the_gradient(
    loss_of: Callable[..., Tensor], pair: tuple[Tensor, Tensor]
) -> None:
    estimate, reference = pair
    estimate = estimate.clone().requires_grad_()
    loss = loss_of(estimate, reference)
    loss.backward()
    assert estimate.grad is not None
    assert torch.isfinite(estimate.grad).all()
    step = 1e-3 * estimate.grad / estimate.grad.norm()
    with torch.no_grad():
        lower = loss_of(estimate - step, reference)
        least = loss_of(reference.clone(), reference)
    assert lower < loss
    assert least < loss


@pytest.mark.parametrize("loss_of", LOSSES)
def test_silence_gives_finite_losses_and_gradients(loss_of: Callable[..., Tensor]) -> None:
    estimate = torch.zeros(1, SAMPLES, requires_grad=True)
    loss = loss_of(estimate, torch.zeros(1, SAMPLES))
    loss.backward()
    assert math.isfinite(loss.item())
    assert estimate.grad is not None
    assert torch.isfinite(estimate.grad).all()

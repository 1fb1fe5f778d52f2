"""Losses: closed forms, the same numbers as auraloss, and gradients that lead downhill."""

from __future__ import annotations

import math
from collections.abc import Callable

import auraloss
import pytest
import torch
from torch import Tensor

from restorack.training.losses.spectral import (
    Resolution,
    compressed_stft,
    multi_resolution_stft,
    over_suppression,
)
from restorack.training.losses.waveform import (
    error_to_noise,
    impulse_weighted_error,
    mean_absolute_error,
    si_sdr_loss,
)

SAMPLES = 8192
LOSSES = (
    mean_absolute_error, si_sdr_loss, multi_resolution_stft, compressed_stft, over_suppression
)  # fmt: skip


@pytest.fixture
def pair() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(3)
    reference = torch.randn(2, SAMPLES, generator=generator) * 0.2
    estimate = 0.8 * reference + 0.05 * torch.randn(2, SAMPLES, generator=generator)
    return estimate, reference


def test_stft_agrees_with_auraloss(pair: tuple[Tensor, Tensor]) -> None:
    estimate, reference = pair
    sizes = ((1024, 120, 600), (2048, 240, 1200), (512, 50, 240))
    theirs = auraloss.freq.MultiResolutionSTFTLoss(
        *zip(*sizes, strict=True), w_sc=1.0, w_log_mag=0.7, w_lin_mag=0.3
    )
    expected = theirs(estimate[:, None], reference[:, None])
    got = multi_resolution_stft(
        estimate, reference, [Resolution(*size) for size in sizes], logarithmic=0.7, linear=0.3
    )
    assert got.item() == pytest.approx(expected.item(), rel=1e-5)  # sums of float32


def test_si_sdr_agrees_with_auraloss(pair: tuple[Tensor, Tensor]) -> None:
    estimate, reference = pair
    expected = auraloss.time.SISDRLoss()(estimate[:, None] + 0.3, reference[:, None])
    assert si_sdr_loss(estimate + 0.3, reference).item() == pytest.approx(expected.item(), rel=1e-5)


def test_si_sdr_of_orthogonal_noise_is_its_ratio() -> None:
    time = torch.arange(SAMPLES, dtype=torch.float64) * (2 * math.pi / SAMPLES)
    reference, noise = torch.sin(8 * time)[None], torch.sin(9 * time)[None]
    loss = si_sdr_loss(3.0 * reference + 0.3 * noise, reference, eps=1e-15)
    assert loss.item() == pytest.approx(-20.0, abs=1e-6)


def test_waveform_errors_are_their_formulas() -> None:
    estimate, reference = torch.tensor([[1.0, 2.0, 4.0]]), torch.tensor([[1.0, 1.0, 1.0]])
    assert mean_absolute_error(estimate, reference).item() == pytest.approx(4 / 3)
    impulses = torch.tensor([[0.0, 1.0, 0.0]])
    got = impulse_weighted_error(estimate, reference, impulses, weight=5.0)
    assert got.item() == pytest.approx((1 * 0 + 5 * 1 + 1 * 3) / 7)


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

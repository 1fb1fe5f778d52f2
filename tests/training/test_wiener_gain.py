"""What a floor is worth: the true one gains, none gains nothing, one too high loses."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from restorack.training.losses.wiener_gain import BandCells, wiener_gain, worth


def cells(signal, noise, frames=4, bands=3):
    """Return cells of which every second frame is a rest."""
    music = signal * (torch.arange(frames) % 2)[None, :, None, None].float()
    noises = torch.full((1, frames, bands), noise)
    return BandCells(
        (music + noise).expand(1, frames, bands, 2), noises, torch.tensor([1.0, 2.0, 4.0])
    )


def test_a_floor_of_nothing_changes_nothing():
    gained, wrong = wiener_gain(cells(1.0, 0.1), torch.full((1, 3), -100.0))
    assert gained.item() == pytest.approx(0.0, abs=1e-3)
    assert wrong.item() == pytest.approx(10 * np.log10(0.1 / 0.6), abs=1e-3)
    clean = wiener_gain(cells(1.0, 0.0), torch.full((1, 3), -100.0))[1]
    assert clean.item() == pytest.approx(-60.0, abs=0.1)


def test_the_true_floor_gains_what_the_closed_form_says():
    found = wiener_gain(cells(1.0, 0.1), torch.full((1, 3), -10.0))[0]
    loud = 1.0 - 0.13 / 1.1
    deepest = 10 ** (-15 / 20)
    wrong = (1 - loud) ** 2 * 1.0 + loud**2 * 0.1 + deepest**2 * 0.1
    assert found.item() == pytest.approx(10 * np.log10(0.2 / wrong), abs=1e-3)


def test_a_floor_at_the_level_of_the_music_loses():
    assert wiener_gain(cells(1.0, 0.01), torch.full((1, 3), 0.0))[0].item() < -10.0


def test_losses_count_as_often_as_asked_and_clean_recordings_by_their_change():
    gains, changes = torch.tensor([2.0, -2.0, 0.0]), torch.tensor([-20.0, -20.0, -40.0])
    clean = torch.tensor([False, False, True])
    found = worth(gains, changes, clean, torch.tensor([5.0, 5.0, 5.0]))
    assert found.tolist() == pytest.approx([10 * (1 - np.exp(-0.2)), -10.0, -1.2], abs=1e-5)
    least = worth(torch.tensor([-40.0]), changes[:1], clean[:1], torch.tensor([2.0]))
    assert least.item() == pytest.approx(-30.0)

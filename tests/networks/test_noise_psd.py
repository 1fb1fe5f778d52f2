"""The judge of floors: what it is shown of a picture, and how its distributions are read."""

from __future__ import annotations

import pytest
import torch

from restorack.inference.noise_psd import (
    PLACES,
    SHOWN_DB,
    STEP_DB,
    TRUTH_WIDTH,
    lowest_shown_db,
)
from restorack.meters.histogram_floor.level_histogram import KINDS, LEVELS, LOWEST_DB
from restorack.networks.noise_psd import FloorJudgeNet, floor_planes, read_floor, shown_part


def one_count(level_db):
    counts = torch.zeros(KINDS, 3, LEVELS)
    counts[2, 1, level_db - LOWEST_DB] = 7.0
    return counts


@pytest.mark.parametrize("mean_db", [-40.0, -12.4, 20.0])
def test_a_level_is_shown_where_it_lies_below_the_mean(mean_db):
    shown = shown_part(one_count(-60), mean_db)
    assert shown.shape == (KINDS, 3, SHOWN_DB)
    assert shown[2, 1, -60 - lowest_shown_db(mean_db)] == 7.0
    assert shown.sum() == 7.0


@pytest.mark.parametrize(("mean_db", "place"), [(60.0, 0), (-150.0, -1), (-400.0, -1), (500.0, 0)])
def test_what_is_outside_is_counted_at_the_edge(mean_db, place):
    shown = shown_part(one_count(-60), mean_db)
    assert shown[2, 1, place] == 7.0
    assert shown.sum() == 7.0


def test_gain_does_not_matter():
    quiet, loud = (
        shown_part(one_count(level), mean) for level, mean in ((-80, -50.0), (-50, -20.0))
    )
    assert torch.equal(quiet, loud)


def test_planes_hold_shares_and_their_sum():
    shown = torch.zeros(1, KINDS, 4, SHOWN_DB)
    shown[0, 0, :, 40], shown[0, 5, :, 90] = 30.0, 10.0
    planes = floor_planes(shown, torch.tensor([40.0]), torch.tensor([0.1, 1.0, 10.0, 20.0]))
    assert planes.shape == (1, KINDS + 6, 4, PLACES)
    assert planes[0, 0, 0, 20] == pytest.approx(3.0 * 0.75**0.5)
    cumulated = planes[0, KINDS + 1, 0]
    assert cumulated[19] == 0.0
    assert cumulated[20] == pytest.approx(0.75)
    assert cumulated[-1] == pytest.approx(1.0)
    assert torch.isfinite(planes).all()


def bell(centre, width):
    places = torch.arange(PLACES, dtype=torch.float32)
    return -0.5 * ((places - centre)[None] / width) ** 2


@pytest.mark.parametrize("centre", [20.0, 31.4])
def test_a_distribution_as_narrow_as_learned_is_read_at_its_middle(centre):
    level, sure = read_floor(bell(centre, TRUTH_WIDTH))
    # The middle of the first place is 1 dB above the lowest level shown.
    assert level[0] == pytest.approx(STEP_DB * (centre + 0.5), abs=0.3)
    assert sure[0] > 0.95


def test_the_less_sure_the_lower():
    (narrow, sure), (wide, unsure) = read_floor(bell(30.0, 0.7)), read_floor(bell(30.0, 6.0))
    assert wide[0] < narrow[0] - 5.0
    assert unsure[0] < 0.5 < sure[0]


def test_of_two_likely_levels_the_lower_is_read():
    two = torch.logaddexp(bell(10.0, 0.7), bell(40.0, 0.7) + 0.7)
    level, sure = read_floor(two)
    assert level[0] == pytest.approx(STEP_DB * 10.5, abs=2.0)
    assert sure[0] < 0.5


def test_any_number_of_bands_is_judged():
    network = FloorJudgeNet(8).eval()
    for bands in (5, 80):
        planes = torch.rand(2, KINDS + 6, bands, PLACES)
        assert network(planes).shape == (2, bands, PLACES)

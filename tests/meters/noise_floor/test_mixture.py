"""Where what is steady and what the network judges differ, the evidence tells which is right."""

from __future__ import annotations

import numpy as np
import pytest
from signals.floor_scenes import floor_estimator, plucked, white

from restorack.meters.noise_floor.judgement import Judgement, corroborated
from restorack.meters.noise_floor.mixture import mixed_floor, of_the_whole, with_sure_judgement
from restorack.meters.noise_floor.steady_bands import SteadyBands

CENTRES = 100.0 * 2.0 ** (np.arange(24) / 4)
VOTING = np.ones(24, bool)


def mixed(modulation=1.0, tone_db=0.0, trust=1.0, snr_db=20.0, range_db=10.0, sure=0.5):
    row = np.ones(24)
    bands = SteadyBands(-40.0 * row, trust * row, modulation * row, tone_db * row, 20.0 * row)
    judged = Judgement(-50.0 * row, sure * row)
    whole = of_the_whole(bands, judged, VOTING, snr_db, range_db)
    return mixed_floor(bands, judged, CENTRES, whole)


def floor_under(voices, level_db, seconds=10.0):
    """The floor of white noise under some voices that play the same at other times."""
    one = plucked(seconds)
    rows = sum(np.roll(one, 3571 * voice) for voice in range(voices))
    estimator = floor_estimator()
    estimator.push(rows.astype(np.float32) + white(seconds, level_db))
    return estimator.estimate()


def test_a_mixed_floor_lies_between_the_two():
    for found in (mixed(), mixed(modulation=9.0, trust=0.0), mixed(range_db=25.0)):
        assert np.all((found > -50.0) & (found < -40.0))


def test_what_is_tonal_or_moves_gets_less_of_the_steady_level():
    assert mixed(tone_db=8.0).mean() < mixed().mean() - 1.0
    assert mixed(trust=0.0).mean() < mixed().mean() - 1.0


def test_a_programme_that_never_rests_gets_less_of_the_steady_level():
    assert mixed(range_db=2.0).mean() < mixed(range_db=16.0).mean() - 2.0


def test_of_faint_noise_a_sure_network_is_believed():
    judged = Judgement(np.array([-50.0, -50.0, -50.0, -30.0]), np.array([0.8, 0.65, 0.3, 1.0]))
    mixed_db = np.full(4, -40.0)
    assert with_sure_judgement(mixed_db, judged, 20.0) == pytest.approx(mixed_db)
    faint = with_sure_judgement(mixed_db, judged, 30.0)
    assert faint == pytest.approx([-50.0, -45.0, -40.0, -38.0])


def test_one_sure_band_among_unsure_ones_is_not_believed():
    sure = np.zeros(9)
    sure[4] = 1.0
    assert corroborated(sure)[4] == pytest.approx(0.32)
    assert corroborated(np.ones(9)) == pytest.approx(1.0)


@pytest.mark.parametrize("level_db", [-55.0, -65.0])
def test_dense_music_without_a_rest_is_not_taken_for_noise(level_db):
    """What is steady below two dozen overlapping voices lies at -36 dB."""
    floor = floor_under(24, level_db)
    if floor is not None:
        grid = np.geomspace(300.0, 9000.0, 40)
        assert np.mean(10 * np.log10(floor.density(grid, 0.0))) < -48.0


@pytest.mark.parametrize("level_db", [-45.0, -55.0])
def test_noise_under_nine_voices_is_found_at_its_level(level_db):
    grid = np.geomspace(300.0, 9000.0, 40)
    found = np.mean(10 * np.log10(floor_under(9, level_db).density(grid, 0.0)))
    assert found == pytest.approx(level_db, abs=1.5)

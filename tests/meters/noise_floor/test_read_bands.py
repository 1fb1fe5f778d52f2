"""Floors as a reader says: its levels over the first decile, lowered by its doubt, or none."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from signals.floor_scenes import RATE, applause, estimated, level_db, organ, plucked, white

from restorack.meters.noise_floor.read_bands import ReadBands
from restorack.meters.noise_floor.steady_floor import SteadyFloorEstimator
from restorack.meters.noise_floor.white_noise import white_noise
from restorack.plugins.denoise.noise_psd import BANDS_READ, SteadyBandReader, read_floor_estimator


def saying(over_db, noisy, sure=0.5):
    """Return a reader that says the same of every band."""

    def read(signs):
        many = np.ones(len(signs))
        return SimpleNamespace(over_db=over_db * many, sure=sure * many, noisy=noisy)

    return ReadBands(read)


def found(find_bands, rows):
    estimator = SteadyFloorEstimator(RATE, len(rows), find_bands)
    estimator.push(rows)
    heard, _ = estimator.heard()
    return find_bands(heard, white_noise(RATE)), heard


def test_levels_are_over_the_first_decile():
    rows = white(8.0, -50.0)
    floor, heard = found(saying(3.0, 0.9), rows)
    decile = np.quantile(heard.quiet_db, 0.1, axis=0)
    assert floor.level_db == pytest.approx(decile + 3.0)
    assert floor.trust == pytest.approx(0.5)
    assert floor.evidence.snr_db == pytest.approx(heard.snr_db(10 ** (floor.level_db / 10)))


def test_doubt_lowers_the_floor_and_little_sureness_leaves_none():
    rows = plucked(8.0) + white(8.0, -45.0)
    for noisy, lowered in ((1.0, 0.0), (0.8, 6.0), (0.11, 26.7)):
        assert found(saying(0.0, noisy), rows)[0].lowered_db == pytest.approx(lowered)
    assert found(saying(0.0, 0.1), rows)[0].lowered_db is None
    # Not a floor of nothing: none, so that the input passes bit for bit.
    doubtful = SteadyFloorEstimator(RATE, 1, saying(0.0, 0.1))
    assert estimated(doubtful, rows, (1 << 16,)) is None
    loud, doubted = (
        estimated(SteadyFloorEstimator(RATE, 1, saying(0.0, noisy)), rows, (1 << 16,))
        for noisy in (1.0, 0.8)
    )
    fallen = level_db(loud, 500.0, 9000.0) - level_db(doubted, 500.0, 9000.0)
    assert fallen == pytest.approx(6.0, abs=0.01)


def test_a_sound_that_hardly_moves_needs_more_snr_unless_noise_is_expected():
    held = organ(8.0) + white(8.0, -50.0)
    quiet, heard = found(saying(0.0, 0.9), held)
    assert heard.range_db < 3.0
    assert quiet.evidence.snr_db < 20.0
    assert quiet.lowered_db is None
    expecting = replace(heard, expected=True)
    assert saying(0.0, 0.9)(expecting, white_noise(RATE)).lowered_db == pytest.approx(3.0)
    assert saying(-20.0, 0.9)(heard, white_noise(RATE)).lowered_db == pytest.approx(3.0)


def test_bands_above_what_was_learned_are_read_as_the_last_below():
    def read(signs):
        assert len(signs) == BANDS_READ
        over = np.arange(len(signs), dtype=np.float32)
        return SimpleNamespace(over_db=over, sure=over / 100, noisy=0.7)

    answer = SteadyBandReader(read)(np.zeros((BANDS_READ + 6, 40), np.float32))
    assert answer.over_db.shape == answer.sure.shape == (BANDS_READ + 6,)
    assert answer.over_db[BANDS_READ - 2 :].tolist() == [BANDS_READ - 2.0] + 7 * [BANDS_READ - 1.0]
    assert answer.noisy == 0.7


@pytest.mark.parametrize("rate", [8000.0, 44_100.0])
def test_the_shipped_reader_finds_hiss_under_music(rate):
    rows = plucked(8.0, rate) + white(8.0, -40.0, rate)
    floor = estimated(read_floor_estimator(rate, 1), rows, (1 << 16,))
    assert level_db(floor, 200.0, 0.4 * rate) == pytest.approx(-41.0, abs=2.0)


def test_the_shipped_reader_leaves_clean_music_and_applause():
    for rows in (plucked(8.0), applause(8.0)):
        assert estimated(read_floor_estimator(RATE, 1), rows, (1 << 16,)) is None

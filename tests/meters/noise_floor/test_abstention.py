"""Noise is told from sounds that are steady themselves by what moves and how much lies below."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.meters.noise_floor.abstention import Evidence, lowered_by_doubt, middle_bands


def test_noise_under_music_that_moves_is_sure():
    assert Evidence(snr_db=8.0, range_db=9.0, spread=1.2, judged=0.9).broadband() == 1.0


def test_the_same_noise_under_a_sound_that_never_moves_is_not():
    assert Evidence(snr_db=8.0, range_db=1.0, spread=1.2, judged=0.7).broadband() == 0.0
    assert Evidence(snr_db=30.0, range_db=1.0, spread=1.2, judged=0.7).broadband() == 1.0


def test_where_the_network_is_certain_nothing_else_is_asked():
    assert Evidence(snr_db=-3.0, range_db=1.0, spread=1.0, judged=0.9).broadband() == 1.0


def test_what_is_as_loud_as_the_programme_is_no_noise():
    assert Evidence(snr_db=3.0, range_db=12.0, spread=1.0, judged=0.7).broadband() == 0.0


def test_noise_too_faint_to_be_told_from_a_clean_recording_is_left():
    assert Evidence(snr_db=45.0, range_db=12.0, spread=1.0, judged=0.9).broadband() == 1.0
    assert Evidence(snr_db=51.0, range_db=12.0, spread=1.0, judged=0.9).broadband() == 0.0


def test_faint_noise_is_left_where_the_network_is_unsure():
    assert Evidence(snr_db=35.0, range_db=12.0, spread=1.0, judged=0.6).broadband() == 1.0
    assert Evidence(snr_db=35.0, range_db=12.0, spread=1.0, judged=0.45).broadband() == 0.0
    assert Evidence(snr_db=20.0, range_db=12.0, spread=1.0, judged=0.2).broadband() == 1.0


def test_faint_noise_that_is_expected_is_believed_but_not_the_faintest():
    assert Evidence(35.0, 12.0, 1.0, judged=0.2, expected=True).broadband() == 1.0
    assert Evidence(51.0, 12.0, 1.0, judged=0.2, expected=True).broadband() == 0.0
    assert Evidence(8.0, 1.0, 1.0, judged=0.2, expected=True).broadband() == 0.0


def test_lines_need_a_programme_that_moves():
    assert Evidence(snr_db=8.0, range_db=9.0, spread=9.0, judged=0.9).lines(8.0) == 1.0
    assert Evidence(snr_db=8.0, range_db=4.0, spread=1.0, judged=0.9).lines(8.0) == 0.0
    assert Evidence(snr_db=8.0, range_db=9.0, spread=1.0, judged=0.9).lines(3.0) == 0.0


def test_lines_of_a_recording_that_is_clean_otherwise_are_left():
    assert Evidence(snr_db=34.0, range_db=9.0, spread=1.0, judged=0.0).lines(20.0) == 1.0
    assert Evidence(snr_db=41.0, range_db=9.0, spread=1.0, judged=0.0).lines(20.0) == 0.0


def test_doubt_lowers_a_floor():
    level = np.array([-40.0, -50.0])
    assert lowered_by_doubt(level, 1.0) == pytest.approx(level)
    assert lowered_by_doubt(level, 0.5) == pytest.approx(level - 10.0)
    assert lowered_by_doubt(level, 0.0) is None


def test_bands_outside_of_hearing_do_not_vote():
    centres = np.array([40.0, 100.0, 1000.0, 20_000.0])
    assert middle_bands(centres).tolist() == [False, True, True, False]
    assert middle_bands(centres[:1]).tolist() == [True]

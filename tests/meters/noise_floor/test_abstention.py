"""Noise is told from sounds that are steady themselves by what moves and how much lies below."""

from __future__ import annotations

import pytest

from restorack.meters.noise_floor.abstention import Evidence, lowered_by
from restorack.meters.noise_floor.bands import sixth_octaves


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
    assert lowered_by(1.0) == pytest.approx(0.0)
    assert lowered_by(0.5) == pytest.approx(10.0)
    assert lowered_by(0.03) == pytest.approx(19.4)
    assert lowered_by(0.02) is None


def test_bands_outside_of_hearing_do_not_vote():
    bands = sixth_octaves(48_000.0, 4096)
    middle = bands.centres_hz[bands.middle]
    assert middle[0] == pytest.approx(63.5, abs=0.1)
    assert middle[-1] == pytest.approx(12_902.0, rel=0.01)
    assert sixth_octaves(110.0, 16).middle.all()

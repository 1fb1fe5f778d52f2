"""What is found in a side: borders of every kind of medium, and none in music."""

from __future__ import annotations

import numpy as np
import pytest
from signals.record_sides import RATE, noise, notes, side

from restorack.bench.sides import make_side
from restorack.splitting.detection import detect
from restorack.splitting.levels import measure_levels


def found(made, **how):
    """Return starts and ends of the tracks that are found, in seconds."""
    levels = measure_levels([made.audio], made.sample_rate, made.audio.shape[0])
    heard = detect(levels, **({"min_gap_s": 0.3, "min_track_s": 4.0} | how))
    if heard is None:
        return None
    starts = [gap.stop * heard.hop_s for gap in heard.gaps[:-1]]
    return starts, [gap.start * heard.hop_s for gap in heard.gaps[1:]]


def assert_right(made, within_s=0.3, **how):
    starts, ends = found(made, **how)
    assert len(starts) == len(made.starts_s)
    np.testing.assert_allclose(starts, made.starts_s, rtol=0, atol=within_s)
    np.testing.assert_allclose(ends, made.ends_s, rtol=0, atol=within_s)


@pytest.mark.parametrize("gap_s", [0.8, 4.0])
@pytest.mark.parametrize("noise_level", [1e-4, 3e-3])
def test_gaps_of_every_length_and_noise(gap_s, noise_level):
    assert_right(side([10, 9], [gap_s], noise_level=noise_level))


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (48_000, 2), (96_000, 1)])
def test_every_rate_and_channels(rate, channels):
    assert_right(side([5, 6], [1.5], rate=rate, channels=channels))


def test_music_in_one_of_six_channels_is_music():
    made = side([6, 6], [2.0], channels=6)
    made.audio[1:] = noise(made.audio.shape[1] / RATE, 1e-3, channels=5)[:, : made.audio.shape[1]]
    assert_right(made)


def test_one_track_of_a_78_between_lead_in_and_run_out():
    assert_right(side([12], [], noise_level=1e-2, lead_in_s=4.0, run_out_s=9.0))


def test_hiss_between_the_tracks_of_a_tape():
    assert_right(side([6, 7], [2.0], has_needle=False, outside_s=0.0))


def test_a_side_that_begins_and_ends_in_music_has_no_lead_in():
    made = side([6, 6], [2.0], has_needle=False, outside_s=0.0, lead_in_s=0.0, run_out_s=0.0)
    starts, ends = found(made)
    assert starts[0] == 0.0
    assert ends[-1] == pytest.approx(made.audio.shape[1] / RATE, abs=0.05)
    assert len(starts) == 2


def test_digital_silence_between_tracks_is_a_gap():
    made = side([6, 6], [2.0], noise_level=0.0, has_needle=False)
    starts, _ = found(made)
    np.testing.assert_allclose(starts, made.starts_s, rtol=0, atol=0.3)


def test_needle_drop_and_lift_off_are_no_music():
    made = side([6, 6], [2.0], lead_in_s=3.0, outside_s=1.0)
    assert np.abs(made.audio[:, RATE : 2 * RATE]).max() > 5e-3  # the needle is heard
    assert_right(made)


def test_clicks_in_a_gap_neither_part_nor_hide_it():
    made = side([7, 7], [2.0])
    first = round((made.ends_s[0] + 0.4) * RATE)
    made.audio[:, first : first + RATE : RATE // 3] = 0.5
    assert_right(made)


def test_swish_of_every_turn_is_noise():
    made = side([7, 7], [3.0], noise_level=0.0)
    hiss = noise(made.audio.shape[1] / RATE, 2e-3)[:, : made.audio.shape[1]]
    turn = np.arange(hiss.shape[1]) / RATE * 2 * np.pi / 1.8
    made.audio[:] += hiss * 10 ** (2.0 * np.sin(turn) / 20.0)
    assert_right(made)


def test_a_quiet_movement_and_its_rests_are_not_parted():
    quiet = notes(20.0, 7, level=0.02)
    for at in (6.0, 13.0):  # rests of 0.4 s that the hall fills
        first = round(at * RATE)
        decay = np.exp(-np.arange(round(0.4 * RATE)) / (0.15 * RATE))
        quiet[:, first : first + decay.size] *= decay
    made = make_side([notes(6.0, 1), quiet], [2.0], noise(10.0, 5e-4), RATE)
    assert_right(made)


def test_many_rests_of_speech_are_no_gaps_where_a_longer_one_is():
    random = np.random.default_rng(3)

    def words(seed):
        rows = notes(15.0, seed)
        for at in np.arange(1.0, 14.0, 1.1):
            first = round((at + random.uniform(0.0, 0.3)) * RATE)
            rows[:, first : first + round(random.uniform(0.3, 0.55) * RATE)] = 0.0
        return rows

    assert_right(make_side([words(1), words(2)], [2.5], noise(10.0, 2e-3), RATE))


def test_music_without_any_gap_is_one_track():
    starts, _ = found(side([25], [], has_needle=False, outside_s=0.0))
    assert len(starts) == 1


def test_tracks_that_run_into_each_other_are_parted_only_on_request():
    live = [notes(8.0, seed) for seed in range(3)]
    bridge = notes(3.0, 9, level=0.01)
    rows = np.concatenate([live[0], bridge, live[1], bridge, live[2]], axis=1)
    rows += noise(rows.shape[1] / RATE + 1.0, 0.001)[:, : rows.shape[1]]
    made = make_side([rows], [], noise(10.0, 1e-5), RATE)
    levels = measure_levels([made.audio], RATE, 1)
    assert len(detect(levels, min_gap_s=0.3, min_track_s=4.0).gaps) == 2
    three = detect(levels, min_gap_s=0.3, min_track_s=4.0, tracks=3)
    starts = [gap.stop * three.hop_s for gap in three.gaps[:-1]]
    first = made.starts_s[0]
    np.testing.assert_allclose(starts, [first, first + 9.5, first + 20.5], rtol=0, atol=2.0)


def test_the_number_of_tracks_chooses_the_likeliest_gaps():
    made = side([7, 7, 7], [0.8, 3.0])
    starts, _ = found(made, tracks=2)
    np.testing.assert_allclose(starts, [made.starts_s[0], made.starts_s[2]], rtol=0, atol=0.3)


def test_shortest_gap_and_track_are_kept_to():
    made = side([7, 7, 7], [1.0, 3.0])
    assert len(found(made, min_gap_s=2.0)[0]) == 2
    assert len(found(made, min_gap_s=0.5)[0]) == 3
    assert len(found(made, min_track_s=8.0)[0]) < 3


def test_noise_and_silence_hold_no_track():
    for rows in (noise(15.0, 1e-3), np.zeros((1, 15 * RATE), np.float32)):
        levels = measure_levels([rows], RATE, 1)
        heard = detect(levels, min_gap_s=0.3, min_track_s=4.0)
        assert heard is None, heard.gaps

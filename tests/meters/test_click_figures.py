"""Rates from impulses: without bias, without the music's attacks."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.meters.click_figures import WINDOW_S, click_figures, windows_in
from restorack.meters.impulses import Impulse

SECONDS = 120.0


def impulses(places, peak=0.3):
    return [Impulse(float(s), 0.5, peak, 0.1, 0.2, 0.7) for s in np.sort(places)]


def figures(clicks, levels=None, seconds=SECONDS, passages=None):
    passages = passages or [(0.0, seconds)]
    count = sum(windows_in(length) for _, length in passages)
    levels = np.random.default_rng(5).uniform(size=count) if levels is None else levels
    return click_figures(clicks, 1.0, passages, levels, 1)


@pytest.mark.parametrize("rate", [5.0, 15.0, 25.0])
def test_clicks_that_hide_behind_others_are_made_up_for(rate):
    random = np.random.default_rng(int(rate))
    places = np.sort(random.uniform(0.0, SECONDS, round(rate * SECONDS)))
    seen = [places[0]]
    for place in places[1:]:  # a detector that is blind for 5 ms after each click
        if place - seen[-1] > 5e-3:
            seen.append(place)
    assert len(seen) < len(places)
    # Counting in two thirds of the time leaves a deviation of 1 / sqrt(600 * 3) at the least.
    assert figures(impulses(seen)).per_second == pytest.approx(rate, rel=0.06)


def test_what_comes_only_where_it_is_loud_follows_the_music():
    levels = np.zeros(windows_in(SECONDS))
    levels[: len(levels) // 2] = 1.0
    loud = np.random.default_rng(2).uniform(0.0, 0.5 * SECONDS, 60)
    found = figures(impulses(loud), levels)
    assert found.follow_music
    assert found.per_second == found.counted == 0
    anywhere = figures(impulses(2.0 * loud), levels)
    assert not anywhere.follow_music
    assert anywhere.per_second == pytest.approx(0.5, rel=0.4)


def test_few_clicks_in_a_short_recording_prove_little():
    few = figures(impulses([0.2, 1.1]), seconds=2.0)
    many = figures(impulses(np.linspace(0.1, 119.9, 120)))
    assert few.at_least_per_second < 0.4
    assert many.at_least_per_second > 0.7


def test_small_impulses_are_no_clicks():
    assert figures(impulses([1.0, 2.0, 3.0], peak=0.03)).counted == 0
    assert figures(impulses([1.0, 2.0, 3.0], peak=0.05)).counted == 3


def test_intervals_do_not_reach_from_one_passage_to_a_far_one():
    clicks = impulses([1.0, 2.0, 101.0, 102.5])
    found = figures(clicks, passages=[(0.0, 10.0), (100.0, 10.0)])
    assert found.interval_ms.p90 < 2_000.0
    assert sum(found.interval_histogram_ms.counts) == 2


def test_histograms_hold_every_click():
    random = np.random.default_rng(3)
    clicks = [Impulse(float(s), 10 ** random.uniform(-3, 2), 10 ** random.uniform(-1.3, 1), 0, 0, 1)
              for s in np.sort(random.uniform(0, SECONDS, 50))]  # fmt: skip
    found = figures(clicks)
    assert sum(found.peak_histogram_db.counts) == sum(found.width_histogram_ms.counts) == 50


def test_a_window_is_a_quarter_second():
    assert windows_in(1.0) == 1.0 / WINDOW_S
    assert windows_in(1.01) == 5

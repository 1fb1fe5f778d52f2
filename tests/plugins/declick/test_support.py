"""Which candidates are believed: by their odds, their strength, and the clear clicks near them."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.plugins.declick.candidates import Click
from restorack.plugins.declick.support import (
    DENSITIES,
    FILE_SECONDS,
    MOST_SUPPORT,
    REACH_SECONDS,
    ClickDensity,
    SupportedClicks,
    SupportRule,
    log_odds,
)

RATE = 10_000
RULE = SupportRule((0.3, -0.4), RATE, pad=2)
PLAIN_DB = 13.0


def click(
    seconds: float = 10.0,
    odds: float = 6.0,
    strength_db: float = PLAIN_DB,
    scale: int = 0,
    width: int = 9,
) -> Click:
    start = round(seconds * RATE)
    confidence = 1.0 / (1.0 + np.exp(-odds))
    return Click(start, start + width, 10.0 ** (strength_db / 10.0), scale, confidence)


def least_odds(per_second: float, **of_click: float) -> float:
    """Return the log odds from which on a candidate is accepted."""
    low, high = -9.0, 12.0
    while high - low > 1e-4:
        odds = (low + high) / 2
        if RULE.accepts(click(odds=odds, **of_click), per_second, None):
            high = odds
        else:
            low = odds
    return high


@pytest.mark.parametrize(
    ("per_second", "fine", "coarse"),
    [
        (0.0, -3.3, -4.0),
        (0.05, -3.3, -4.0),
        (0.1, -3.3, -4.0),
        (0.25, 0.0, -1.0),
        (1.3, 1.5, 1.0),
        (100.0, 1.5, 1.0),
    ],
)
def test_the_threshold_falls_with_the_density_of_clear_clicks(per_second, fine, coarse):
    assert least_odds(per_second) == pytest.approx(0.3 - fine, abs=1e-3)
    assert least_odds(per_second, scale=1) == pytest.approx(-0.4 - coarse, abs=1e-3)


def test_between_the_knots_it_falls_with_the_logarithm_of_the_density():
    low, middle, high = (least_odds(x) for x in (0.1, np.sqrt(0.1 * 0.25), 0.25))
    assert middle == pytest.approx((low + high) / 2, abs=1e-3)


def test_strength_adds_to_the_odds_within_bounds():
    plain = least_odds(DENSITIES[1])
    assert least_odds(DENSITIES[1], strength_db=23.0) == pytest.approx(plain - 1.5, abs=1e-3)
    assert least_odds(DENSITIES[1], strength_db=3.0) == pytest.approx(plain + 1.5, abs=1e-3)
    assert least_odds(DENSITIES[1], strength_db=28.0) == pytest.approx(plain - 2.25, abs=1e-3)
    assert least_odds(DENSITIES[1], strength_db=60.0) == pytest.approx(plain - 2.25, abs=1e-3)
    assert least_odds(DENSITIES[1], strength_db=-9.0) == pytest.approx(plain + 2.25, abs=1e-3)


def test_alone_a_strong_candidate_gains_less_than_a_faint_one_loses():
    plain = least_odds(0.0)
    assert least_odds(0.0, strength_db=23.0) == pytest.approx(plain - 0.4 * 1.5, abs=1e-3)
    assert least_odds(0.0, strength_db=3.0) == pytest.approx(plain + 1.5, abs=1e-3)


def test_nothing_adds_more_than_the_most():
    # or candidates are needed that the finders did not keep
    assert least_odds(50.0, strength_db=60.0) == pytest.approx(0.3 - MOST_SUPPORT, abs=1e-3)
    assert pytest.approx(2.5) == MOST_SUPPORT


def test_wide_fine_runs_need_twice_the_density_and_are_no_evidence():
    wide = round(2e-3 * RATE) + 4 + 1  # 2 ms, the pads, and a sample
    assert least_odds(50.0, width=wide) == pytest.approx(0.3, abs=1e-3)
    assert least_odds(50.0, width=wide - 1) == pytest.approx(0.3 - 1.5, abs=1e-3)
    assert least_odds(50.0, width=wide, scale=1) == pytest.approx(-0.4 - 1.0, abs=1e-3)
    assert least_odds(0.2, width=wide) == pytest.approx(0.3 + 3.3, abs=1e-3)
    assert least_odds(0.5, width=wide) == pytest.approx(0.3, abs=1e-3)
    assert least_odds(0.32, width=wide) == pytest.approx(least_odds(0.16), abs=1e-3)
    assert RULE.vote(click(width=wide)) == 0.0
    assert RULE.vote(click(width=wide, scale=1)) == 1.0


@pytest.mark.parametrize(
    ("odds", "vote"), [(0.0, 0.0), (2.5, 0.0), (3.25, 0.5), (4.0, 1.0), (9.0, 1.0)]
)
def test_votes_rise_with_the_odds(odds, vote):
    assert RULE.vote(click(odds=odds)) == pytest.approx(vote, abs=1e-6)


def test_at_the_ends_of_a_file_few_clear_clicks_are_not_enough():
    samples, clear = 20 * RATE, 12.0

    def accepts(seconds: float, per_second: float, length: int | None = samples) -> bool:
        return RULE.accepts(click(seconds, clear), per_second, length)

    for inside, outside in ((0.05, 0.095), (19.95, 19.9)):
        assert not accepts(inside, 0.2)
        assert accepts(inside, 0.25)
        assert accepts(outside, 0.0)
    assert accepts(19.95, 0.2, None)  # a stream's end is not known before it is there


def density(*seconds: float, heard: float = 20.0, odds: float = 6.0) -> ClickDensity:
    counted = ClickDensity(RULE)
    counted.add([[click(at, odds) for at in seconds]], round(heard * RATE))
    return counted


def test_density_is_of_what_was_heard():
    assert density(1.0, 2.0, 3.0, 4.0).per_second == pytest.approx(0.2)
    assert density(1.0, 2.0, heard=5.0).per_second == pytest.approx(0.4)
    assert density(1.0, 2.0, odds=3.25).per_second == pytest.approx(0.05)


def test_what_falls_together_counts_once_in_whichever_channels():
    counted = ClickDensity(RULE)
    together = [[click(5.01), click(5.03, 3.25)], [click(5.02)]]
    counted.add(together, 10 * RATE)
    assert counted.per_second == pytest.approx(0.1)
    counted.add([[], [click(5.04)]], 20 * RATE)
    assert counted.per_second == pytest.approx(0.05)
    counted.add([[click(5.11)], []], 20 * RATE)
    assert counted.per_second == pytest.approx(0.1)


def test_a_candidate_does_not_speak_for_itself():
    assert density(10.0).around(click(10.0)) == 0.0
    assert density(10.0).around(click(10.5)) > 0.0


def test_near_clicks_count_more_than_far_ones():
    near_seconds = 2 * REACH_SECONDS + 0.1
    whole = FILE_SECONDS / 20.0  # what one click in 20 s adds through the whole file
    expected = (1.0 + whole) / (near_seconds + FILE_SECONDS)
    assert density(13.9).around(click(10.05)) == pytest.approx(expected)
    assert density(6.1).around(click(10.05)) == pytest.approx(expected)
    far = whole / (near_seconds + FILE_SECONDS)
    assert density(14.3).around(click(10.05)) == pytest.approx(far)
    assert density(5.8).around(click(10.05)) == pytest.approx(far)


def test_at_its_ends_a_file_has_less_time_that_is_near():
    whole = FILE_SECONDS / 20.0
    assert density(1.0).around(click(0.05)) == pytest.approx((1 + whole) / (4.1 + FILE_SECONDS))
    assert density(19.0).around(click(19.95)) == pytest.approx((1 + whole) / (4.1 + FILE_SECONDS))


def test_two_clicks_in_a_second_of_audio_are_not_a_worn_record():
    assert density(0.2, 0.4, 0.6, heard=1.0).around(click(0.4)) == pytest.approx(0.8)  # not 2


def test_a_given_density_stands_for_the_file():
    given = ClickDensity(RULE, per_second=2.0)
    given.add([[]], 20 * RATE)
    near = 2 * REACH_SECONDS + 0.1
    expected = 2.0 * FILE_SECONDS / (near + FILE_SECONDS)
    assert given.around(click(10.05)) == pytest.approx(expected)


def test_forgetting_changes_nothing_that_is_still_asked():
    places = np.arange(0.5, 59.5, 1.7)
    kept, forgetful = ClickDensity(RULE), ClickDensity(RULE)
    for second in range(60):
        found = [[click(at) for at in places if second <= at < second + 1]]
        for counted in (kept, forgetful):
            counted.add(found, (second + 1) * RATE)
        forgetful.forget()
        asked = click(max(0.0, second - 2.0))
        assert forgetful.around(asked) == pytest.approx(kept.around(asked))
    assert forgetful.per_second == kept.per_second
    assert len(forgetful._votes) <= 81  # bins of 8.1 seconds


class Planned:
    """Gaps that are returned hop by hop, whatever is heard."""

    def __init__(self, hops: list[list[list[Click]]]) -> None:
        self._hops = iter(hops)

    def advance(self, fresh: np.ndarray) -> list[list[Click]]:
        return next(self._hops)


def test_a_stream_believes_doubtful_clicks_once_clear_ones_were_heard():
    doubtful = [[click(at + 0.5, odds=0.0, strength_db=15.0)] for at in range(30)]
    clear = [[click(at + 0.05)] if 10 <= at < 20 else [] for at in range(30)]
    source = Planned([[a, b] for a, b in zip(doubtful, clear, strict=True)])
    stream = SupportedClicks(source, RULE, ClickDensity(RULE))
    kept = [stream.advance(np.zeros((2, RATE))) for _ in range(30)]
    believed = np.array([len(of_first) for of_first, _ in kept])
    assert not believed[:11].any()
    assert believed[16:23].all()
    clear_kept = [len(of_second) for _, of_second in kept]
    assert sum(clear_kept) == 10  # beyond doubt from the first on


def test_log_odds_are_those_of_the_confidence():
    for odds in (-7.0, 0.0, 3.0):
        assert log_odds(click(odds=odds)) == pytest.approx(odds)
    assert np.isfinite([log_odds(Click(0, 1, 1.0, confidence=c)) for c in (0.0, 1.0)]).all()

"""The first pass finds the clicks of a file, and a stream of that file repairs them."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.plugins.declick.candidates import Click
from restorack.plugins.declick.declicker import Declicker
from restorack.plugins.declick.finder import WindowLayout
from restorack.plugins.declick.first_pass import (
    ClickSurvey,
    RecalledClicks,
    checksum,
    pack,
    unpack,
)
from restorack.plugins.declick.support import SupportRule

RATE = 8000
RULE = SupportRule((0.3, -0.4), RATE, pad=1)
LAYOUT = WindowLayout(
    hop=400, guard=40, margin=20, context=100, pad=1, tail=8, segment=40, shadow=60
)


def click(start: int, odds: float, width: int = 5) -> Click:
    confidence = 1.0 / (1.0 + np.exp(-odds))
    return Click(start, start + width, 10.0**1.3, confidence=confidence, found_by="both")


def noise(samples: int, channels: int = 1, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((channels, samples)).astype(np.float32)


class Planned:
    """Finds given clicks, each in the hop after the one that it begins in."""

    def __init__(self, clicks: list[Click], first: int = 0) -> None:
        self._clicks, self._end = clicks, first
        self.heard: list[np.ndarray] = []

    def advance(self, fresh: np.ndarray) -> list[list[Click]]:
        hop = fresh.shape[1]
        self._end += hop
        self.heard.append(fresh)
        begin, end = self._end - 2 * hop, self._end - hop
        return [[each for each in self._clicks if begin <= each.start < end]]


def survey(clicks: list[Click], audio: np.ndarray):
    found = ClickSurvey(1, Planned(clicks), RULE, LAYOUT)
    for at in range(0, audio.shape[1], 333):
        found.push(audio[:, at : at + 333])
    return found.finish()


def recalled(source: RecalledClicks, audio: np.ndarray) -> list[list[Click]]:
    hop = LAYOUT.hop
    padded = np.pad(audio, ((0, 0), (0, -audio.shape[1] % hop + 2 * hop)))
    hops = padded.astype(np.float64).reshape(1, -1, hop).swapaxes(0, 1)
    return [source.advance(each)[0] for each in hops]


def no_search(*_: object) -> Planned:
    raise AssertionError("this is the file that was surveyed")


def test_doubtful_clicks_are_judged_by_the_whole_file():
    audio = noise(16 * RATE)
    doubtful = click(RATE, 0.5)
    clear = [click(at * RATE, 6.0) for at in range(6, 15)]
    assert survey([doubtful], audio).per_second == 0.0
    found = survey([doubtful, *clear], audio)
    assert found.per_second == pytest.approx(9 / 16)
    kept = [one for of_hop in found.gaps for one in unpack(of_hop[0])]
    assert kept == [doubtful, *clear]  # those heard later speak for one before them
    assert not any(len(of_hop[0]) for of_hop in survey([doubtful], audio).gaps)


def test_what_would_begin_after_the_end_is_no_click():
    audio = noise(4 * RATE + 10)
    clear = [click(at * RATE // 2, 6.0) for at in range(1, 8)]
    found = survey([*clear, click(4 * RATE + 50, 9.0)], audio)
    assert sum(len(of_hop[0]) for of_hop in found.gaps) == len(clear)


def test_clicks_of_a_file_are_recalled_in_their_hops():
    audio, clicks = noise(3 * RATE + 70), [click(at, 8.0) for at in (1000, 1300, 9000, 3 * RATE)]
    source = RecalledClicks(1, survey(clicks, audio), LAYOUT, no_search)
    found = recalled(source, audio)
    assert [one for of_hop in found for one in of_hop] == clicks
    assert all(found[one.start // LAYOUT.hop + 1].count(one) == 1 for one in clicks)


def test_other_samples_are_searched_from_where_they_begin():
    audio = noise(3 * RATE)
    clicks = [click(at, 8.0) for at in (1000, 9000, 20_000)]
    other = audio.copy()
    other[0, 12_010] += 0.5
    begun: list[tuple[int, Planned]] = []

    def search_from(first: int) -> Planned:
        begun.append((first, Planned([click(at, 8.0) for at in (9000, 15_000)], first)))
        return begun[-1][1]

    found = recalled(RecalledClicks(1, survey(clicks, audio), LAYOUT, search_from), other)
    assert [one.start for of_hop in found for one in of_hop] == [1000, 9000, 15_000]
    [(first, search)] = begun
    heard = np.concatenate(search.heard, axis=1)
    hop = LAYOUT.hop
    assert first == 12_000 - hop * -(-LAYOUT.window // hop)  # it hears a window before them
    end = first + heard.shape[1]
    np.testing.assert_array_equal(heard[0, : 3 * RATE - first], other[0, first:])
    assert end >= 3 * RATE


def test_a_longer_stream_than_the_file_is_searched_on():
    audio = noise(2 * RATE)
    more = np.concatenate([audio, noise(RATE, seed=4)], axis=1)
    begun = []

    def search_from(first: int) -> Planned:
        begun.append(first)
        return Planned([], first)

    recalled(RecalledClicks(1, survey([], audio), LAYOUT, search_from), more)
    assert begun == [2 * RATE - LAYOUT.hop * -(-LAYOUT.window // LAYOUT.hop)]


def test_packed_clicks_are_the_same():
    clicks = [
        Click(1 << 40, (1 << 40) + 7, 0.1, 1, 1.0 / 3.0, "network"),
        Click(5, 9, 1e9, 0, 0.999, "residual"),
    ]
    assert unpack(pack(clicks)) == clicks
    assert unpack(pack([])) == []
    assert pack(clicks).itemsize == 34


def test_checksums_tell_samples_apart():
    audio = noise(400, 2)
    changed = audio.copy()
    changed[1, 3] = np.nextafter(changed[1, 3], 9.0)
    assert checksum(audio) == checksum(audio.astype(np.float64)) != checksum(changed)
    assert checksum(audio) != checksum(audio[::-1])


def worn(seconds: float = 6.0, seed: int = 1) -> np.ndarray:
    random = np.random.default_rng(seed)
    out = 0.02 * random.standard_normal((1, round(seconds * RATE)))
    for at in range(3000, out.shape[1] - 3000, 2500):
        out[0, at : at + 6] += 0.4 * random.standard_normal(6)
    return out.astype(np.float32)


def test_a_stage_prepared_on_another_file_searches_this_one():
    audio, other = worn(), worn(seed=2)
    stage = Declicker(thumps=False)
    stage.prepare([other], RATE)
    out = stage.process(audio, RATE)
    density = stage.findings()["clicks_per_second"]
    assert density > 1.0
    given = Declicker(thumps=False, clicks_per_second=stage._learned.per_second)
    np.testing.assert_array_equal(out, given.process(audio, RATE))
    assert not np.array_equal(out, audio)


def test_settings_that_change_after_the_first_pass_are_heeded():
    audio = worn()
    stage = Declicker(thumps=False)
    stage.prepare([audio], RATE)
    before = stage.process(audio, RATE)
    stage.max_click_ms = 0.2
    widths = [each["width"] for each in stage.findings()["listed"]]
    changed = stage.process(audio, RATE)
    assert not np.array_equal(changed, before)
    assert len(widths) > 5
    stage.max_click_ms = 3.5
    np.testing.assert_array_equal(stage.process(audio, RATE), before)


def test_a_stream_of_the_file_that_was_prepared_is_not_searched_again(monkeypatch):
    audio = worn()
    stage = Declicker(thumps=False)
    whole = stage.process(audio, RATE)
    stage.prepare([audio], RATE)
    monkeypatch.setattr(Declicker, "_search", no_search)
    parts = [
        stage.process(audio[:, at : at + 777], RATE, reset=False) for at in range(0, 48_000, 777)
    ]
    np.testing.assert_array_equal(np.concatenate([*parts, stage.flush()], axis=1), whole)


@pytest.mark.parametrize(
    ("settings", "needed"),
    [
        ({}, True),
        ({"mode": "neural"}, True),
        ({"mode": "analytical"}, False),
        ({"clicks_per_second": 2.0}, False),
        ({"clicks_per_second": 0}, False),
        ({"repairs_file": "list.json"}, False),
    ],
)
def test_a_first_pass_is_made_where_it_makes_a_difference(settings, needed):
    stage = Declicker(**settings)
    assert stage.needs_preparation is needed
    if not needed:
        stage.prepare([worn(1.0)], RATE)
        assert stage._learned is None

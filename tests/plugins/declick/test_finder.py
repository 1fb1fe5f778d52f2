"""Gaps that touch are one gap; what a strong click hides is found once it is repaired."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from scipy import signal

from restorack.plugins.declick.candidates import Click
from restorack.plugins.declick.declicker import Declicker
from restorack.plugins.declick.finder import joined

RATE = 44_100


def gap(start: int, stop: int, strength: float = 10.0, confidence: float = 0.5) -> Click:
    return Click(start, stop, strength, confidence=confidence)


def spans(gaps: list[Click]) -> list[tuple[int, int]]:
    return [(one.start, one.stop) for one in gaps]


def test_gaps_that_overlap_or_touch_are_one() -> None:
    assert spans(joined([gap(10, 20), gap(15, 30)], 100)) == [(10, 30)]
    assert spans(joined([gap(10, 20), gap(20, 30)], 100)) == [(10, 30)]
    assert spans(joined([gap(10, 20), gap(21, 30)], 100)) == [(10, 20), (21, 30)]
    assert spans(joined([gap(40, 50), gap(20, 40), gap(10, 20)], 100)) == [(10, 50)]
    assert spans(joined([gap(10, 50), gap(20, 30)], 100)) == [(10, 50)]


def test_gaps_that_would_become_too_long_leave_the_first() -> None:
    assert spans(joined([gap(0, 60), gap(60, 120), gap(130, 150)], 100)) == [(0, 60), (130, 150)]
    assert spans(joined([gap(0, 60), gap(60, 100)], 100)) == [(0, 100)]


def test_a_joint_gap_is_as_strong_and_as_sure_as_its_parts() -> None:
    faint, strong = gap(0, 10, 3.0, 0.9), gap(10, 20, 50.0, 0.6)
    [one] = joined([faint, strong], 100)
    assert (one.strength, one.confidence) == (50.0, 0.9)
    [kept] = joined([replace(faint, reverted=True), strong], 100)
    assert not kept.reverted  # one of the two is to be repaired
    [left] = joined([replace(faint, reverted=True), replace(strong, reverted=True)], 100)
    assert left.reverted


def worn(level: float) -> tuple[np.ndarray, int]:
    """Return noise-like music with loud clicks, a faint one after each, and how many there are."""
    random = np.random.default_rng(8)
    out = 0.003 * signal.lfilter([1.0], [1.0, -1.7, 0.8], random.standard_normal(3 * RATE))
    shape = np.array([1.0, -0.7, 0.5, -0.4, 0.2])
    places = range(8000, len(out) - 8000, 9001)
    for at in places:
        out[at : at + 40] += 0.9 * random.standard_normal(40)
        out[at + 300 : at + 305] += level * shape
    return out.astype(np.float32), len(places)


def test_what_a_loud_click_hid_is_found_once_that_is_repaired() -> None:
    audio, count = worn(0.05)
    stage = Declicker(thumps=False)
    stage.process(audio, RATE)
    starts = np.array([entry["sample"] for entry in stage.findings()["listed"]])
    places = range(8000, len(audio) - 8000, 9001)
    hidden = sum(bool(np.any(np.abs(starts - (at + 300)) < 8)) for at in places)
    assert hidden >= 0.75 * count


def test_repairs_of_a_worn_record_do_not_touch_each_other() -> None:
    audio, _ = worn(0.05)
    random = np.random.default_rng(9)
    for at in random.integers(3000, len(audio) - 3000, 200):
        audio[at : at + 9] += 0.3 * random.standard_normal(9).astype(np.float32)
    stage = Declicker(thumps=False)
    stage.process(audio, RATE)
    listed = stage.findings()["listed"]
    assert len(listed) > 100
    for one, other in pairwise(listed):
        assert one["sample"] + one["width"] < other["sample"]

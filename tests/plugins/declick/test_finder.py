"""Gaps that touch are one gap; what a strong click hides is found once it is repaired."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from scipy import signal

from restorack.plugins.declick.candidates import Click
from restorack.plugins.declick.classifier import Selection
from restorack.plugins.declick.declicker import Declicker
from restorack.plugins.declick.finder import ClickFinder, WindowLayout, joined
from restorack.plugins.declick.interpolation import GapInterpolator

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


class Marked:
    """Finds what samples above 1 mark; each is a candidate as strong as its sample."""

    reach = 200

    def __init__(self) -> None:
        self.seen: list[list[int]] = []

    def find(self, signal: np.ndarray, start: int, stop: int, threshold: float) -> list[Click]:
        places = np.flatnonzero(signal[start:stop] > threshold) + start
        self.seen.append([round(float(signal[at])) for at in places])
        return [Click(int(at), int(at) + 1, float(signal[at])) for at in places]


class ByStrength:
    """Accepts even strengths, defers odd ones from 5 on, and takes no notice of the rest."""

    threshold = 1.5

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    def select(self, candidates: list[Click], work: np.ndarray, position: int) -> Selection:
        judged = [replace(c, confidence=c.strength / 100.0) for c in candidates]
        self.asked += [(c.start + position, round(c.strength)) for c in candidates]
        assert all(work[c.start + LAYOUT.pad] == c.strength for c in candidates)
        even = [c for c in judged if round(c.strength) % 2 == 0]
        odd = [c for c in judged if round(c.strength) % 2 and c.strength >= 5]
        return Selection(even, odd)


INTERPOLATOR = GapInterpolator.for_rate(8000, thorough=False)
LAYOUT = WindowLayout.for_rate(8000, 1.0, [Marked()], INTERPOLATOR)


def searched(marks: dict[int, float], first: int = 0) -> tuple[list[Click], Marked, ByStrength]:
    """Return what a finder finds in faint noise with marks at samples of the stream."""
    count = LAYOUT.hop * 6
    audio = 0.01 * np.random.default_rng(2).standard_normal(count)
    for at, level in marks.items():
        audio[at - first] = level
    detector, classifier = Marked(), ByStrength()
    finder = ClickFinder(LAYOUT, [detector], classifier, INTERPOLATOR, first)
    padded = np.pad(audio, (0, LAYOUT.window))
    hops = padded[: len(padded) // LAYOUT.hop * LAYOUT.hop].reshape(-1, LAYOUT.hop)
    return [gap for hop in hops for gap in finder.advance(hop)], detector, classifier


def test_a_classifier_is_asked_in_the_streams_positions() -> None:
    found, _, classifier = searched({5000: 8.0, 9000: 9.0, 12_000: 3.0}, first=3200)
    pad = LAYOUT.pad
    assert {(5000 - pad, 8), (9000 - pad, 9), (12_000 - pad, 3)} <= set(classifier.asked)
    assert spans(found) == [(5000 - pad, 5001 + pad), (9000 - pad, 9001 + pad)]
    assert [gap.strength for gap in found] == [8.0, 9.0]


def test_what_is_accepted_is_repaired_for_the_next_look_and_what_is_deferred_is_not() -> None:
    # beside an accepted one that is strong enough to hide others, there is a second look
    _, detector, _ = searched({6000: 4000.0, 6040: 7.0})
    assert any({4000, 7} <= set(seen) for seen in detector.seen)
    assert any(7 in seen and 4000 not in seen for seen in detector.seen)


def test_every_candidate_is_found_once_wherever_it_falls() -> None:
    for at in range(4 * LAYOUT.hop - 60, 4 * LAYOUT.hop + 60, 3):
        for level in (7.0, 8.0):
            found, _, _ = searched({at: level})
            assert [gap.start for gap in found] == [at - LAYOUT.pad]


def test_a_deferred_candidate_gives_way_to_a_better_one() -> None:
    width = 2 * LAYOUT.pad + 1
    for beside, kept in ((width, [7.0]), (width + 1, [7.0]), (width + 2, [5.0, 7.0])):
        found, _, _ = searched({6000 - beside: 5.0, 6000: 7.0})
        assert [gap.strength for gap in found] == kept
        accepted, _, _ = searched({6000 - beside: 7.0, 6000: 4.0})
        assert (7.0 in [gap.strength for gap in accepted]) == (len(kept) == 2)


def test_a_deferred_candidate_close_behind_a_gap_ends_the_same_click() -> None:
    pad, tail = LAYOUT.pad, LAYOUT.tail
    for behind in (2 * pad + 1, tail + 2 * pad + 1):
        found, _, _ = searched({6000: 8.0, 6000 + behind: 7.0})
        assert spans(found) == [(6000 - pad, 6001 + behind + pad)]
        assert found[0].strength == 8.0
    behind = tail + 2 * pad + 2
    found, _, _ = searched({6000: 8.0, 6000 + behind: 7.0})
    assert len(found) == 2
    ahead, _, _ = searched({6000 - tail: 7.0, 6000: 8.0})
    assert len(ahead) == 2  # what comes before is no tail
    longest = LAYOUT.longest - 2 * pad - 1
    marks = {6000 + at: 7.0 for at in range(tail, longest + 9, tail)} | {6000: 8.0}
    assert searched(marks)[0][0].stop <= 6000 - pad + LAYOUT.longest


def test_a_tail_ends_before_the_next_click() -> None:
    found, _, _ = searched({6000: 8.0, 6006: 7.0, 6016: 10.0})
    assert [gap.strength for gap in found] == [8.0, 10.0]
    assert found[0].stop == 6007 + LAYOUT.pad
    crossing, _, _ = searched({6000: 8.0, 6010: 7.0, 6012: 10.0})
    assert [gap.strength for gap in crossing] == [8.0, 10.0]
    assert crossing[0].stop == 6001 + LAYOUT.pad
    for at, stop in ((6009, 6007), (6008, 6002)):  # a sample lies between them, or none
        close, _, _ = searched({6000: 8.0, 6005: 7.0, at: 10.0})
        assert [close[0].stop, close[1].start] == [stop, at - LAYOUT.pad]

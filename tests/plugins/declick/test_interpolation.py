"""A fill that is far louder than what is around it is not believed."""

from __future__ import annotations

import numpy as np

from restorack.plugins.declick.interpolation import GapInterpolator

RATE, MIDDLE, ORDER = 8000, 4000, 40
GAP = slice(MIDDLE - 200, MIDDLE + 200)
REPAIR = GapInterpolator(16, ORDER, 4000, wide=10_000, wide_order=ORDER, wide_context=4000)


def beating(period: int) -> np.ndarray:
    """Return two tones that add up in the middle of the gap, and cancel half a period from it."""
    time = (np.arange(8000) - MIDDLE) / RATE
    steady, other = (np.cos(2 * np.pi * f * time) for f in (700, 700 + RATE / period))
    return np.asarray(0.1 * steady + 0.095 * other)


def rise(music: np.ndarray) -> float:
    """Return by how much the gap is louder than what the models see beside it."""
    beside = np.r_[music[GAP.start - ORDER : GAP.start], music[GAP.stop : GAP.stop + ORDER]]
    return float(np.abs(music[GAP]).max() / np.abs(beside).max())


def test_a_swell_in_the_gap_is_filled() -> None:
    music = beating(800)
    assert 1.3 < rise(music) < 1.9
    worn = music.copy()
    worn[GAP] = 0.5
    assert REPAIR.interpolate_gap(worn, GAP.start, GAP.stop)
    assert REPAIR.refine(worn, GAP.start, GAP.stop)
    assert np.abs(worn - music).max() < 0.01 * np.abs(music).max()


def test_a_fill_twice_as_loud_as_its_surroundings_is_taken_back() -> None:
    music = beating(600)
    assert 2.0 < rise(music) < 2.5
    worn = music.copy()
    worn[GAP] = 0.01
    given = worn.copy()
    assert not REPAIR.interpolate_gap(worn, GAP.start, GAP.stop)
    assert np.array_equal(worn, given)

"""Onsets where they are, and what correlation and level say of them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from restorack.metrics.transients import attack_level_db, find_onsets, transient_correlation

RATE = 44_100
ONSETS = np.array([5_000, 18_000, 33_333, 47_000, 70_001])


@pytest.fixture(scope="module")
def plucked() -> np.ndarray:
    """Return five decaying notes of many partials over a soft drone."""
    time = np.arange(2 * RATE) / RATE
    audio = 0.01 * np.sin(2 * np.pi * 110 * time)
    for turn, start in enumerate(ONSETS):
        after = time[: len(time) - start]
        partials = np.arange(1, 40)[:, None] * (200 + 30 * turn) * 2 * np.pi
        note = (np.sin(partials * after) / np.arange(1, 40)[:, None]).sum(axis=0)
        audio[start:] += 0.2 * note * np.exp(-6 * after)
    return audio


@pytest.mark.parametrize("level", [1.0, 0.001])
def test_onsets_are_found_at_any_level(plucked: np.ndarray, level: float) -> None:
    found = find_onsets(level * plucked, RATE)
    assert len(found) == len(ONSETS)
    assert np.abs(found - ONSETS).max() <= 0.005 * RATE


def test_nothing_begins_in_silence_and_drones() -> None:
    time = np.arange(RATE) / RATE
    assert len(find_onsets(np.zeros(RATE), RATE)) == 0
    drone = np.sin(2 * np.pi * 220 * time) * np.sin(np.pi * time) ** 2
    assert len(find_onsets(drone, RATE)) == 0
    assert np.isnan(transient_correlation(drone, drone, RATE))
    assert np.isnan(attack_level_db(drone, drone, RATE))


def test_a_perfect_copy_keeps_its_attacks(plucked: np.ndarray) -> None:
    stereo = np.stack([plucked, 0.5 * plucked])
    assert transient_correlation(stereo, 0.3 * stereo, RATE) == pytest.approx(1.0)
    assert attack_level_db(stereo, 0.5 * stereo, RATE) == pytest.approx(20 * np.log10(0.5))


def test_dulled_attacks_show(plucked: np.ndarray) -> None:
    dull = signal.sosfiltfilt(signal.butter(2, 1_500, fs=RATE, output="sos"), plucked)
    gone = plucked.copy()
    for start in ONSETS:
        gone[start - 100 : start + 300] *= 0.1
    for worse in (dull, gone):
        assert attack_level_db(plucked, worse, RATE) < -2.0
        assert transient_correlation(plucked, worse, RATE) < 0.97


def test_onsets_can_be_given(plucked: np.ndarray) -> None:
    changed = plucked.copy()
    changed[30_000:36_000] = 0.0
    assert transient_correlation(plucked, changed, RATE, onsets=ONSETS[2:3]) == 0.0
    assert transient_correlation(plucked, changed, RATE, onsets=ONSETS[:2]) == pytest.approx(1.0)

"""Clicks removed, left, and damage between them, where every answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.errors import AudioError
from restorack.metrics.clicks import (
    ClickWindow,
    changed_outside_clicks_percent,
    click_windows,
    damage_outside_clicks_db,
    impulse_removal_rate,
    residual_clicks_db,
)
from restorack.metrics.inputs import MOST_DB

RATE = 48_000
STARTS, LENGTHS = (1_000, 9_000, 20_000, 30_000), (10, 40, 60, 100)


@pytest.fixture
def music() -> np.ndarray:
    return 0.3 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)


@pytest.fixture
def clicks() -> np.ndarray:
    """Return four clicks that ring through zero, the last two longer than 1 ms."""
    track = np.zeros(RATE)
    for start, length in zip(STARTS, LENGTHS, strict=True):
        track[start : start + length] = np.cos(np.arange(length) * np.pi / 3)
        track[start + 3] = 0.0
    return track


def test_windows_are_where_the_clicks_are(clicks: np.ndarray) -> None:
    stereo = np.stack([clicks, 0 * clicks])
    expected = [ClickWindow(0, s, s + n) for s, n in zip(STARTS, LENGTHS, strict=True)]
    assert click_windows(stereo, RATE) == expected
    assert click_windows(stereo[::-1], RATE) == [w._replace(channel=1) for w in expected]
    assert click_windows(0 * clicks, RATE) == []


@pytest.mark.parametrize("left", [0.0, 0.3, 0.49, 0.51, 0.58, 1.0, 2.0])
def test_what_is_left_is_told_in_db(music: np.ndarray, clicks: np.ndarray, left: float) -> None:
    degraded, estimate = music + clicks, music + left * clicks
    expected = 20 * np.log10(left) if left else -MOST_DB
    assert residual_clicks_db(degraded, estimate, clicks, RATE) == pytest.approx(expected, abs=1e-9)
    # half of the amplitude is a quarter of the energy
    assert impulse_removal_rate(degraded, estimate, clicks, RATE) == float(left < 0.5)


def test_each_click_counts_once(music: np.ndarray, clicks: np.ndarray) -> None:
    degraded = music + clicks
    estimate = degraded.copy()
    window = slice(STARTS[3], STARTS[3] + LENGTHS[3])
    estimate[window] = music[window]
    assert impulse_removal_rate(degraded, estimate, clicks, RATE) == 0.25
    rate = impulse_removal_rate(degraded, estimate, clicks, RATE, at_least_seconds=0.001)
    assert rate == 0.5
    listed = [ClickWindow(0, STARTS[3], STARTS[3] + 50), ClickWindow(0, STARTS[3] + 50, 30_100)]
    assert impulse_removal_rate(degraded, estimate, clicks, RATE, windows=listed) == 1.0


def test_noise_beside_the_clicks_is_not_their_fault(music: np.ndarray, clicks: np.ndarray) -> None:
    hiss = 0.05 * np.random.default_rng(1).standard_normal(RATE)
    repaired = music + hiss
    assert residual_clicks_db(repaired + clicks, repaired, clicks, RATE) < -MOST_DB + 10
    assert impulse_removal_rate(repaired + clicks, repaired, clicks, RATE) == 1.0


def test_damage_is_counted_outside_the_guard(music: np.ndarray, clicks: np.ndarray) -> None:
    degraded = music + clicks
    near, far = degraded.copy(), degraded.copy()
    near[STARTS[0] - 48] += 0.1  # within the millisecond
    far[STARTS[0] - 49] += 0.1
    assert damage_outside_clicks_db(degraded, near, clicks, RATE) == -MOST_DB
    assert changed_outside_clicks_percent(degraded, near, clicks, RATE) == 0.0
    outside = RATE - sum(LENGTHS) - 2 * 48 * len(LENGTHS)
    assert changed_outside_clicks_percent(degraded, far, clicks, RATE) == pytest.approx(
        100 / outside
    )
    # a sine of 0.3 over nearly all samples
    expected = 10 * np.log10(0.01 / (0.045 * outside))
    assert damage_outside_clicks_db(degraded, far, clicks, RATE) == pytest.approx(expected, abs=0.1)


def test_what_is_not_defined_is_nan(music: np.ndarray) -> None:
    nothing, everywhere = 0 * music, np.ones(RATE)
    assert np.isnan(impulse_removal_rate(music, music, nothing, RATE))
    assert np.isnan(residual_clicks_db(music, music, nothing, RATE))
    assert np.isnan(damage_outside_clicks_db(music, music, everywhere, RATE))
    assert np.isnan(changed_outside_clicks_percent(music, music, everywhere, RATE))


def test_windows_must_lie_within(music: np.ndarray) -> None:
    for window in (ClickWindow(0, 5, 5), ClickWindow(1, 0, 5), ClickWindow(0, 0, RATE + 1)):
        with pytest.raises(AudioError, match="within the audio"):
            impulse_removal_rate(music, music, 0 * music, RATE, windows=[window])

"""Faders' curves: dB and amplitude."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from restorack.projects.curves import (
    LOWEST_DB,
    amplitude,
    decibels,
    from_amplitudes,
    rising,
    thinned,
    to_amplitudes,
)

GAINS = st.integers(-120_000, 60_000).map(lambda n: n / 1000.0)
CURVES = st.lists(GAINS, min_size=2, max_size=8).map(
    lambda gains: tuple((n / 4.0, gain) for n, gain in enumerate(gains))
)


def test_known_gains() -> None:
    assert amplitude(20.0) == pytest.approx(10.0)
    assert decibels(0.5) == pytest.approx(-6.0206, abs=1e-4)
    assert decibels(0.0) == LOWEST_DB
    assert str(decibels(1.0)) == "0.0"


@given(GAINS)
def test_a_gain_comes_back(gain: float) -> None:
    assert decibels(amplitude(gain)) == gain


@given(CURVES)
def test_a_curve_comes_back(points: tuple[tuple[float, float], ...]) -> None:
    back, wanted = from_amplitudes(to_amplitudes(points)), thinned(points)
    assert [time for time, _ in back] == [time for time, _ in wanted]
    assert [value for _, value in back] == [value for _, value in wanted]


def test_lines_in_amplitude_follow_those_in_decibels() -> None:
    lines = to_amplitudes(((0.0, -60.0), (1.0, 0.0)))
    times = np.linspace(0, 1, 10_001)
    drawn = np.interp(times, *zip(*lines, strict=True))
    assert np.max(np.abs(20 * np.log10(drawn) - np.interp(times, [0, 1], [-60, 0]))) < 0.015


def test_a_fade_in_amplitude_keeps_its_shape() -> None:
    curve = from_amplitudes(((0.0, 1.0), (1.0, 0.0)))
    times = np.linspace(0, 0.99, 1000)
    gains = np.interp(times, *zip(*curve, strict=True))
    assert np.max(np.abs(gains - 20 * np.log10(1 - times))) < 0.015
    assert curve[-1] == (1.0, LOWEST_DB)


def test_points_on_a_line_go_and_corners_stay() -> None:
    assert thinned(((0, 0), (1, -1), (2, -2), (3, 5))) == ((0, 0), (2, -2), (3, 5))
    assert thinned(((1, -3), (2, -3))) == ((0.0, -3),)
    assert len(thinned(((0, 0), (1, -1.0005), (2, -2)))) == 3


def test_two_points_at_one_time_become_a_step() -> None:
    first, second, third = rising([(1.0, 0.0), (0.0, 5.0), (1.0, -9.0)])
    assert first == (0.0, 5.0)
    assert second == (1.0, 0.0)
    assert 0 < third[0] - 1.0 < 1e-5

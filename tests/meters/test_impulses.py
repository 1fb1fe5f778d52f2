"""Impulses from the difference of a recording and its repair."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.meters.impulses import impulses_between

RATE = 48_000.0


def rows(channels=1, seconds=0.5):
    return np.full((channels, round(seconds * RATE)), 0.1, np.float32)


def pulse(rate=RATE, hertz=5_000.0, length_s=0.5e-3):
    time = np.arange(round(length_s * rate)) / rate
    return (np.hanning(len(time) + 2)[1:-1] * np.cos(2 * np.pi * hertz * time)).astype(np.float32)


def test_place_peak_and_width_are_those_of_what_was_added():
    repaired = rows()
    original = repaired.copy()
    original[0, 4_800:4_824] += 0.5  # a rectangle of 0.5 ms: 95 % of it are 0.475 ms
    (found,) = impulses_between(original, repaired, RATE)
    assert found.seconds == pytest.approx(0.1)
    assert found.peak == pytest.approx(0.5, abs=1e-6)
    assert found.width_ms == pytest.approx(0.475, abs=2.1e3 / RATE)


@pytest.mark.parametrize(
    ("hertz", "part"), [(150.0, "low"), (1_000.0, "middle"), (6_000.0, "high")]
)
def test_energy_lies_where_the_impulse_sounds(hertz, part):
    repaired = rows()
    original = repaired.copy()
    wave = pulse(hertz=hertz, length_s=20e-3)
    original[0, 1_000 : 1_000 + len(wave)] += 0.3 * wave
    (found,) = impulses_between(original, repaired, RATE)
    assert getattr(found, part) > 0.9
    assert found.low + found.middle + found.high == pytest.approx(1.0, abs=1e-6)


def test_one_impulse_on_both_walls_is_one():
    repaired = rows(2)
    original = repaired.copy()
    for channel, delay in ((0, 0), (1, 6)):
        original[channel, 9_600 + delay : 9_624 + delay] -= 0.2 * (1 + channel)
    original[0, 20_000:20_010] += 0.3
    both, left = impulses_between(original, repaired, RATE)
    assert (both.channels, left.channels) == (2, 1)
    assert both.peak == pytest.approx(0.4, abs=1e-6)


def test_what_is_equal_has_none():
    assert impulses_between(rows(), rows(), RATE) == []

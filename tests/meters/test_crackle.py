"""Crackle in quiet moments."""

from __future__ import annotations

import numpy as np
import pytest
from signals.damaged_music import RATE, rag, tone, white

from restorack.meters.crackle import CrackleMeter


def counted(rows, peak=0.6, largest=0.03):
    meter = CrackleMeter(RATE)
    meter.push(rows.astype(np.float32))
    return meter.result(peak, largest)


def crackle(seconds, rate, level, seed=4):
    random = np.random.default_rng(seed)
    out = np.zeros(round(seconds * RATE))
    places = random.integers(0, len(out) - 4, random.poisson(rate * seconds))
    for place in places:
        out[place : place + 3] += level * random.choice([-1, 1]) * np.array([1.0, -0.9, 0.3])
    return out


def test_gaussian_noise_has_none():
    assert counted(white(20.0, 1e-3)).per_second < 1.0


@pytest.mark.parametrize("rate", [30.0, 150.0])
def test_density_is_that_of_the_impulses(rate):
    noise = white(30.0, 3e-4) + crackle(30.0, rate, 0.01)
    # A fifth of all frames: 6 s, a deviation of 1 / sqrt(180); and the dead time of 0.3 ms.
    assert counted(noise).per_second == pytest.approx(rate, rel=0.25)


def test_music_over_it_does_not_hide_it():
    assert counted(rag() + white(30.0, 3e-4) + crackle(30.0, 80.0, 0.01)).per_second > 40.0


def test_clean_music_is_not_crackly():
    found = counted(rag())
    assert found is None or found.per_second < 15.0


def test_pulses_at_even_intervals_are_a_voice_or_a_buzz():
    buzz = np.zeros(round(20 * RATE))
    buzz[:: round(RATE / 120.0)] = 0.01
    found = counted(white(20.0, 3e-4) + buzz)
    assert found is None or found.per_second < 5.0


def test_a_tone_is_not_noise():
    assert counted(tone(3_000.0, 5.0, 0.3)[np.newaxis]) is None

"""Rumble is noise of its own: it is found under no hiss, and a pedal note is none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import butter, sosfilt
from signals.floor_scenes import RATE, floor_estimator, pedal_under_moving_parts, plucked


def rumble(seconds, level=0.02):
    random = np.random.default_rng(9)
    band = butter(2, [8.0, 35.0], "bandpass", fs=RATE, output="sos")
    noise = sosfilt(band, random.standard_normal(round(seconds * RATE)))
    return (level * noise / noise.std())[np.newaxis].astype(np.float32)


def level_db(rows, low, high):
    estimator = floor_estimator(RATE, 1)
    estimator.push(rows)
    floor = estimator.estimate()
    if floor is None:
        return -np.inf
    return float(10 * np.log10(np.mean(floor.density(np.linspace(low, high, 50), 0.0))))


def test_rumble_under_no_hiss_is_found_and_the_music_left_alone():
    rows = plucked(10.0) + rumble(10.0)
    # Power 4e-4 in some 27 of 11,025 Hz.
    expected = 10 * np.log10(4e-4 * RATE / 2 / 27.0)
    assert level_db(rows, 12.0, 30.0) == pytest.approx(expected, abs=4.0)
    # Its skirt falls by 12 dB an octave; the music is 30 dB above that.
    assert level_db(rows, 1000.0, 9000.0) < -70.0


def test_a_pedal_note_is_no_rumble():
    assert level_db(pedal_under_moving_parts(10.0), 20.0, 100.0) == -np.inf

"""Steady lines stand apart from notes that come and go."""

from __future__ import annotations

import numpy as np
from signals.floor_scenes import RATE, floor_estimator, organ, plucked, times, white

from restorack.meters.noise_floor.fine_spectra import FineSpectra
from restorack.meters.noise_floor.lines import steady_lines


def hum(seconds, level):
    time = times(seconds)
    return level * sum(np.sin(2 * np.pi * 50.0 * k * time + k) / k for k in (1, 2, 3, 5))


def test_a_tone_is_a_line_and_a_note_that_comes_and_goes_is_none():
    time = times(8.0)
    steady = 0.01 * np.sin(2 * np.pi * 1000.0 * time)
    note = 0.01 * np.sin(2 * np.pi * 2000.0 * time) * (np.sin(2 * np.pi * 0.4 * time) > 0)
    meter = FineSpectra(RATE, 1)
    rows = (steady + note)[None].astype(np.float32) + white(8.0, -60.0)
    spectra = np.array(meter.push(rows))
    found, _ = steady_lines(spectra, np.full(spectra.shape[1], -60.0))
    hertz = meter.frequencies_hz[found]
    assert np.abs(hertz - 1000.0).min() < 6.0
    assert np.abs(hertz - 2000.0).min() > 500.0


def floor_at(rows, hertz):
    estimator = floor_estimator(RATE, 1)
    estimator.push(rows.astype(np.float32))
    floor = estimator.estimate()
    return None if floor is None else 10 * np.log10(floor.density(np.array([hertz]), 0.0)[0])


def test_hum_under_music_that_moves_is_in_the_floor():
    rows = plucked(9.0) + white(9.0, -60.0)
    without = floor_at(rows, 150.0)
    assert floor_at(rows + hum(9.0, 0.02), 150.0) > without + 15.0


def test_lines_of_a_sound_that_never_rests_are_not():
    """Hiss 40 dB under an organ is a floor, the organ's partials are none of it."""
    rows = 3.0 * organ(9.0) + white(9.0, -55.0)
    level = floor_at(rows, 440.5)
    assert level is None or level < -45.0

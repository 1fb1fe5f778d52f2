"""Rumble: the steady part below the music."""

from __future__ import annotations

import numpy as np
import pytest
from signals.damaged_music import RATE, tone

from restorack.meters.rumble import RumbleMeter


def level(signal):
    meter = RumbleMeter(RATE, 1)
    meter.push(np.atleast_2d(signal).astype(np.float32))
    return meter.level_dbfs()


def test_a_steady_tone_in_the_band_has_its_level():
    assert level(tone(12.0, 8.0, 0.1)) == pytest.approx(-23.0, abs=0.3)


def test_music_does_not_count():
    assert level(tone(12.0, 8.0, 0.01) + tone(110.0, 8.0, 0.5)) == pytest.approx(-43.0, abs=0.5)


def test_what_comes_and_goes_is_no_rumble():
    beats = tone(15.0, 8.0, 0.3) * (np.arange(round(8 * RATE)) // RATE % 4 == 1)
    assert level(beats) < -60.0


def test_silence_and_short_files_have_none():
    assert level(np.zeros(round(4 * RATE))) is None
    assert level(tone(12.0, 1.5)) is None

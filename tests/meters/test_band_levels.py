"""Third octaves over time: levels, and where the music ends."""

from __future__ import annotations

import numpy as np
import pytest
from signals.damaged_music import RATE, rag, white

from restorack.meters.band_levels import BandLevels


def heard(rows):
    levels = BandLevels(RATE, rows.shape[0])
    levels.push(rows)
    return levels


def test_white_noise_has_its_variance_in_every_band():
    found = heard(white(20.0, 0.01))
    wide = found.centres_hz > 500.0  # narrower bands have few bins: their median is below the mean
    assert found.quantile(0.5)[wide] == pytest.approx(-40.0, abs=0.8)


def test_mere_noise_has_no_music():
    found = heard(white(10.0, 0.01))
    assert found.music_range(np.full(len(found.centres_hz), -40.0)) is None


def test_music_ends_where_it_sinks_into_the_noise():
    found = heard(rag() + white(30.0, 0.02))
    everything = heard(rag()).music_range(None)
    low, high = found.music_range(np.full(len(found.centres_hz), -34.0))
    assert everything is not None
    assert high < everything[1]
    assert 1_000.0 < high < 16_000.0
    assert low < 120.0


def test_silence_has_nothing():
    assert heard(np.zeros((1, 200_000), np.float32)).music_range(None) is None

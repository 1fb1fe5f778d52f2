"""Loudness, peaks, crest and DC: closed forms; the meters have their own tests."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.metrics.levels import (
    crest_change_db,
    crest_db,
    dc_offset,
    loudness_change_lu,
    loudness_lufs,
    true_peak_dbtp,
)

RATE = 48_000
TONE = 0.5 * np.sin(2 * np.pi * 997 * np.arange(2 * RATE) / RATE)


def test_a_gain_is_heard_as_such() -> None:
    assert loudness_change_lu(TONE, 0.5 * TONE, RATE) == pytest.approx(20 * np.log10(0.5), abs=1e-3)
    assert crest_change_db(TONE, 0.5 * TONE) == pytest.approx(0.0, abs=1e-5)


def test_a_sine_has_known_levels() -> None:
    # BS.1770: 997 Hz at full scale in one channel is -3.01 LUFS
    assert loudness_lufs(TONE, RATE) == pytest.approx(-3.01 - 6.02, abs=0.01)
    assert true_peak_dbtp(TONE, RATE) == pytest.approx(-6.02, abs=0.02)
    assert crest_db(TONE) == pytest.approx(3.01, abs=0.01)


def test_the_worst_channel_has_the_dc() -> None:
    assert dc_offset(np.stack([TONE, TONE - 0.1])) == pytest.approx(-0.1, abs=1e-5)


def test_silence_has_no_levels() -> None:
    for value in (
        loudness_lufs(0 * TONE, RATE),
        true_peak_dbtp(0 * TONE, RATE),
        crest_db(0 * TONE),
    ):
        assert np.isnan(value)

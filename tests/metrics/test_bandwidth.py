"""Edges, and what lies above and below them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from restorack.metrics.bandwidth import (
    bandwidth_change_octaves,
    bandwidth_hz,
    distance_above_edge,
    level_above_edge_db,
    snr_below_edge_db,
)
from restorack.metrics.inputs import MOST_DB

RATE = 44_100
FULL = 0.1 * np.random.default_rng(3).standard_normal(3 * RATE)


def low_passed(hertz: float) -> np.ndarray:
    taps = signal.firwin(1_023, hertz, fs=RATE, window=("kaiser", 10.0))
    return signal.fftconvolve(FULL, taps, "same")


@pytest.mark.parametrize("hertz", [4_000, 8_000, 12_000])
def test_the_edge_is_found(hertz: float) -> None:
    cut = low_passed(hertz)
    assert bandwidth_hz(FULL, RATE) == RATE / 2
    # the filter takes 280 Hz to fall
    assert bandwidth_hz(cut, RATE) == pytest.approx(hertz, abs=150)
    expected = np.log2(hertz / (RATE / 2))
    assert bandwidth_change_octaves(FULL, cut, RATE) == pytest.approx(expected, abs=0.05)


def test_what_is_above_is_compared_alone() -> None:
    low = low_passed(6_000)
    louder = low + 2 * (FULL - low)
    assert level_above_edge_db(FULL, louder, RATE, 6_000) == pytest.approx(
        20 * np.log10(2), abs=0.1
    )
    assert distance_above_edge(FULL, louder, RATE, 6_500) == pytest.approx(
        2 * np.log10(2), abs=0.02
    )
    assert level_above_edge_db(FULL, low, RATE, 6_500) < -60
    # only the low-pass's own stop band (-65 dB) mixes anything of the top in
    assert snr_below_edge_db(FULL, louder, RATE, 6_000) > 30
    assert snr_below_edge_db(FULL, FULL, RATE, 6_000) == MOST_DB
    assert snr_below_edge_db(FULL, 1.1 * FULL, RATE, 6_000) == pytest.approx(20.0, abs=0.01)

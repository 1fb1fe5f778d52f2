"""Edges in time: joined recordings, silence, full bands; white noise behind filters."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from restorack.meters.edge_track import EdgeSection, EdgeTrack

RATE = 44_100
HIGHEST_HZ = 16_400.0


def noise(edge: float | None, seconds: float) -> np.ndarray:
    white = 0.1 * np.random.default_rng(5).standard_normal(round(seconds * RATE))
    if edge is None:
        return white
    taps = signal.firwin(1023, edge, fs=RATE, window=("kaiser", 10.0))
    return signal.fftconvolve(white, taps, "same")


def sections(*parts: np.ndarray) -> list[EdgeSection]:
    track = EdgeTrack(1, RATE)
    track.push(np.concatenate(parts)[np.newaxis].astype(np.float32))
    return track.sections(HIGHEST_HZ)


def test_one_edge_holds_for_ever_however_long_the_silence() -> None:
    (one,) = sections(noise(7000, 8), np.zeros(10 * RATE), noise(7000, 8))
    assert one.edge_hz == pytest.approx(7000, rel=0.02)
    assert one.spans == ((-np.inf, np.inf),)


def test_edges_in_turn_hold_in_turn() -> None:
    low, high = sections(noise(5000, 12), noise(10_000, 12), noise(5000, 12))
    assert low.edge_hz == pytest.approx(5000, rel=0.02)
    assert high.edge_hz == pytest.approx(10_000, rel=0.02)
    ((begin, end),) = high.spans
    assert [begin, end] == pytest.approx([12, 24], abs=3.5)
    assert low.spans == ((-np.inf, begin), (end, np.inf))


def test_nothing_holds_where_the_band_is_full() -> None:
    assert sections(noise(None, 12)) == []
    assert sections(noise(18_000, 12)) == []
    assert sections(np.zeros(12 * RATE)) == []
    (one,) = sections(noise(8000, 15), noise(None, 15))
    assert one.spans == ((-np.inf, pytest.approx(15, abs=3.5)),)


def test_edges_that_hardly_differ_are_one_the_highest() -> None:
    (one,) = sections(noise(8000, 12), noise(8300, 12))
    assert one.edge_hz == pytest.approx(8300, rel=0.02)


def test_a_single_span_changes_nothing() -> None:
    found = sections(noise(8000, 15), noise(None, 0.3), noise(8000, 15))
    assert all(one.edge_hz == pytest.approx(8000, rel=0.02) for one in found)

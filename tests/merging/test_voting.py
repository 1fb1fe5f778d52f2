"""Residuals of pieces of any length."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.merging.signal import Signal
from restorack.merging.voting import Voter, _residuals

RATE = 44_100.0


@pytest.mark.parametrize("samples", [1500, 4999, 6011, 8192])
def test_residuals_are_as_long_as_the_piece(samples):
    rows = np.random.default_rng(1).standard_normal((2, samples))
    found = _residuals(rows, rows[0], 16, 44_100.0)
    assert found.shape == rows.shape
    assert np.isfinite(found).all()


def voted(rows):
    """Return what a vote leaves of mono copies, and its counts."""
    signals = []
    for row in rows:
        signal = Signal(1, row.size)
        signal.write(row[np.newaxis].astype(np.float32))
        signals.append(signal)
    voter = Voter(RATE, len(rows))
    pieces = np.ones((len(rows), 9), bool)
    out = voter.vote(signals, pieces, np.ones((len(rows), 1), bool), rows.shape[1])
    return np.stack([each.read(0, rows.shape[1])[0] for each in out]), voter.votes


def two_copies(shift):
    """Return two copies of a stroke in noise, one later, and where the stroke is."""
    random = np.random.default_rng(4)
    stroke = random.standard_normal(400) * np.exp(-np.arange(400) / 100.0) * 0.2
    ends = np.minimum(1.0, np.minimum(np.arange(44_100), np.arange(44_100)[::-1]) / 4_000.0)
    rows = 1e-3 * ends * random.standard_normal((2, 44_100))
    for row, start in zip(rows, (20_000, 20_000 + shift), strict=True):
        row[start : start + 400] += stroke
    return rows.astype(np.float32), slice(19_900, 20_500)


@pytest.mark.parametrize("shift", [1, 3, 12])
def test_a_stroke_that_is_not_quite_aligned_is_no_click(shift):
    rows, around = two_copies(shift)
    out, votes = voted(rows)
    assert np.array_equal(out[:, around], rows[:, around])
    assert votes.interpolated == 0


def test_a_click_of_one_copy_is_taken_from_the_other():
    rows, _ = two_copies(0)
    clean = rows.copy()
    rows[1, 30_000:30_012] += 0.2
    out, votes = voted(rows)
    assert votes.clicks[1] == 1
    assert np.abs(out[1, 30_000:30_012] - clean[0, 30_000:30_012]).max() < 1e-3
    assert np.array_equal(out[0, 29_900:30_100], rows[0, 29_900:30_100])


def test_clicks_of_both_at_one_moment_are_repaired_in_both():
    rows, _ = two_copies(0)
    rows[0, 30_000:30_012] += 0.2 * np.hanning(12)
    rows[1, 30_000:30_012] += np.float32(0.2) * np.sign(np.sin(np.arange(12)))
    out, votes = voted(rows)
    assert votes.interpolated == 1
    assert np.abs(out[:, 30_000:30_012]).max() < 0.02

"""Flat tops: at full scale, below it, and those that are not clipping."""

from __future__ import annotations

import numpy as np
import pytest
from signals.damaged_music import RATE, tone

from restorack.meters.clipping.meter import ClippingMeter


def measured(signal, blocks=65_536):
    rows = np.atleast_2d(signal).astype(np.float32)
    meter = ClippingMeter(rows.shape[0])
    for at in range(0, rows.shape[1], blocks):
        meter.push(rows[:, at : at + blocks])
    return meter.result()


def overdriven(peak=1.6):
    music = tone(440.0, 2.0) + 0.4 * tone(733.0, 2.0)
    return np.clip(peak * music / np.abs(music).max(), -1.0, 1.0)


def test_clipping_at_full_scale_counts_runs_and_samples():
    signal = overdriven()
    found = measured(signal)
    assert found.full_scale_samples == pytest.approx(int((np.abs(signal) >= 1.0).sum()), rel=0.05)
    assert found.full_scale_runs > 500
    assert found.plateau_dbfs is None


def test_clipped_and_then_attenuated_is_found_at_its_level():
    found = measured(0.5 * overdriven())
    assert found.full_scale_runs == 0
    assert found.plateau_dbfs == pytest.approx(-6.02, abs=0.1)
    assert found.plateau_runs > 500


def test_sixteen_bits_keep_it():
    found = measured(np.round(0.7 * overdriven() * 32_768) / 32_768)
    assert found.plateau_dbfs == pytest.approx(-3.1, abs=0.1)


def test_low_notes_in_few_bits_have_flat_tops_but_no_clipping():
    swelling = np.linspace(0.2, 0.9, round(2 * RATE)) * tone(31.0, 2.0)
    found = measured(np.round(swelling * 4_096) / 4_096)
    assert (found.full_scale_runs, found.plateau_dbfs) == (0, None)


def test_silence_and_a_pure_tone_have_none():
    assert measured(np.zeros(50_000)).plateau_runs == 0
    assert measured(0.9 * tone(997.0, 1.0)).plateau_runs == 0


def test_blocks_do_not_matter():
    signal = 0.5 * overdriven()
    assert measured(signal, 997) == measured(signal)

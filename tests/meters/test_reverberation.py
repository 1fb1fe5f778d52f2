"""Reverberation time, blind: rooms that are known, none, and sounds that hide it."""

from __future__ import annotations

import numpy as np
import pytest
from signals.rooms import RATE, dry_sounds, in_room

from restorack.meters.reverberation import Reverberation, ReverberationMeter


def measured(signal: np.ndarray, size: int = 1 << 20) -> Reverberation:
    meter = ReverberationMeter(RATE)
    rows = signal.astype(np.float32)[np.newaxis]
    for at in range(0, rows.shape[1], size):
        meter.push(rows[:, at : at + size])
    return meter.result()


@pytest.mark.parametrize("rt60", [0.4, 0.6, 1.0])
def test_rooms_are_measured_within_a_third(rt60: float) -> None:
    found = measured(in_room(dry_sounds(12.0), rt60))
    assert found.rt60_s == pytest.approx(rt60, rel=0.34)
    assert found.certainty > 0.5


def test_dry_sounds_are_dry() -> None:
    found = measured(dry_sounds(12.0))
    assert found.rt60_s is None or found.rt60_s < 0.25


def test_a_held_tone_says_nothing() -> None:
    time = np.arange(8 * RATE) / RATE
    assert measured(0.3 * np.sin(2 * np.pi * 440 * time)).certainty == 0.0
    assert measured(np.zeros(4 * RATE)) == Reverberation(None, 0.0)
    assert measured(np.zeros(10)) == Reverberation(None, 0.0)


def test_blocks_and_level_do_not_matter() -> None:
    signal = in_room(dry_sounds(25.0), 0.6)
    whole = measured(signal)
    assert measured(signal, 777) == whole
    assert measured(signal / 64) == whole

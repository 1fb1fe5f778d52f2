"""Decrackler: dense small impulses go, what is not one stays."""

import numpy as np
import pytest
from scipy import signal

from restorack.plugins.declick.decrackler import Decrackler

RATE = 44_100


def crackling(seconds: float = 2.0, per_second: int = 150):
    random = np.random.default_rng(9)
    count = int(seconds * RATE)
    clean = 0.05 * signal.lfilter([1.0], [1.0, -1.9, 0.95], 0.05 * random.standard_normal(count))
    worn = clean.copy()
    for start in random.integers(2000, count - 2000, int(per_second * seconds)):
        width = int(random.integers(2, 8))
        worn[start : start + width] += 0.05 * random.standard_normal(width)
    return clean.astype(np.float32), worn.astype(np.float32)


def test_crackle_is_taken_out():
    clean, worn = crackling()
    out = Decrackler().process(worn, RATE)
    before, after = np.sum((worn - clean) ** 2), np.sum((out - clean) ** 2)
    assert before > 4 * after  # three quarters of its energy
    faint = Decrackler(strength=0.0).process(worn, RATE)
    assert np.count_nonzero(faint != worn) <= np.count_nonzero(out != worn)


def test_noise_and_tones_pass_bit_for_bit():
    clean, _ = crackling()
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE).astype(np.float32)
    for x in (clean, tone):
        np.testing.assert_array_equal(Decrackler().process(x, RATE), x)


def test_only_short_runs_are_repaired():
    _, worn = crackling()
    stage = Decrackler(strength=1.0)
    stage.process(worn, RATE)
    found = stage.findings()
    assert found["stage"] == "restorack.Decrackler"
    assert found["repairs"] > 100
    alone = [entry["width_ms"] for entry in found["listed"]]
    assert np.median(alone) < 0.5


@pytest.mark.parametrize("block", [1000, 30_011])
def test_blocks_do_not_matter(block):
    _, worn = crackling(1.0)
    np.testing.assert_array_equal(
        Decrackler().process(worn, RATE, block), Decrackler().process(worn, RATE)
    )

"""Levels against closed forms."""

import numpy as np
import pytest

from restorack.meters.levels import LevelMeter, Levels


def measure(signal: np.ndarray, block: int = 1 << 20) -> Levels:
    meter = LevelMeter(signal.shape[0])
    for at in range(0, signal.shape[1], block):
        meter.push(signal[:, at : at + block])
    return meter.result()


def test_a_sine_has_a_crest_of_3_db_and_the_offset_that_was_added():
    sine = np.sin(2 * np.pi * np.arange(48_000) / 48.0)  # whole periods, a sample at each top
    signal = np.stack([0.5 * sine, 0.5 * sine]).astype(np.float32)
    levels = measure(signal)
    assert levels.sample_peak_dbfs == pytest.approx(20 * np.log10(0.5), abs=1e-6)
    assert levels.rms_dbfs == pytest.approx(20 * np.log10(0.5 / np.sqrt(2)), abs=1e-6)
    assert levels.crest_db == pytest.approx(20 * np.log10(np.sqrt(2)), abs=1e-6)
    np.testing.assert_allclose(levels.dc_offset, 0.0, atol=1e-9)
    signal[1] += np.float32(0.25)
    np.testing.assert_allclose(measure(signal).dc_offset, [0.0, 0.25], atol=1e-7)


def test_a_negative_peak_counts():
    levels = measure(np.array([[0.1, -0.75, 0.2]], np.float32))
    assert levels.sample_peak_dbfs == pytest.approx(20 * np.log10(0.75))


def test_silence_and_nothing_have_no_level():
    assert measure(np.zeros((2, 5000), np.float32)) == Levels(None, None, None, (0.0, 0.0), 5000)
    assert LevelMeter(1).result() == Levels(None, None, None, (0.0,), 0)


def test_every_split_measures_the_same_and_asking_changes_nothing():
    rng = np.random.default_rng(0)
    signal = rng.standard_normal((2, 20_000)).astype(np.float32)
    whole = measure(signal)
    assert measure(signal, 77) == whole
    meter = LevelMeter(2)
    for at in range(0, 20_000, 123):
        meter.push(signal[:, at : at + 123])
        meter.result()
    assert meter.result() == whole

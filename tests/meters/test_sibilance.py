"""The level of sibilants beside the voice: closed forms of made vowels and hisses."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.meters.sibilance import SibilanceMeter

RATE = 44_100


def talk(over_db, hertz=(5_000.0, 9_000.0), seconds=8.0, seed=1):
    """Return vowels of 0.4 s with sibilants of 0.1 s between them, so loud in their band."""
    random = np.random.default_rng(seed)
    count = round(seconds * RATE)
    time = np.arange(count) / RATE
    spectrum = np.fft.rfft(random.standard_normal(count))
    hz = np.fft.rfftfreq(count, 1.0 / RATE)
    spectrum[(hz < hertz[0]) | (hz > hertz[1])] = 0.0
    hiss = np.fft.irfft(spectrum, count)
    hiss *= 0.1 * np.sqrt(0.5) * 10.0 ** (over_db / 20.0) / hiss.std()
    vowel = 0.1 * np.sin(2.0 * np.pi * 500.0 * time)
    return np.where(time % 0.5 < 0.4, vowel, hiss)[np.newaxis].astype(np.float32)


def level(rows, rate=RATE):
    meter = SibilanceMeter(rate)
    meter.push(rows)
    return meter.level_db()


@pytest.mark.parametrize("over_db", [-14.0, -6.0, 3.0])
def test_level_is_that_of_the_hiss_over_the_vowel(over_db):
    assert level(talk(over_db)) == pytest.approx(over_db, abs=1.5)


def test_a_boost_is_counted_in_full_at_any_level_of_the_recording():
    quiet, loud = level(talk(-8.0)), level(talk(0.0))
    assert loud - quiet == pytest.approx(8.0, abs=0.1)
    assert level(np.float32(0.01) * talk(-8.0)) == pytest.approx(quiet, abs=0.01)


def test_hiss_outside_of_the_band_does_not_count():
    assert level(talk(0.0, (3_600.0, 4_700.0))) < -15.0


def test_passages_are_judged_by_the_voice_around_them():
    meter = SibilanceMeter(RATE)
    meter.push(talk(-6.0))
    meter.push(np.float32(0.03) * talk(-6.0, seed=2))
    assert meter.level_db() == pytest.approx(level(talk(-6.0)), abs=0.5)


def test_nothing_is_told_of_silence_little_voice_or_low_rates():
    assert level(np.zeros((1, 5 * RATE), np.float32)) is None
    assert level(talk(0.0, seconds=3.0)) is None
    assert level(talk(0.0), rate=16_000) is None
    assert SibilanceMeter(RATE).level_db() is None


def test_vowels_alone_have_no_sibilance():
    time = np.arange(5 * RATE) / RATE
    assert level(0.1 * np.sin(2.0 * np.pi * 300.0 * time)[np.newaxis].astype(np.float32)) is None

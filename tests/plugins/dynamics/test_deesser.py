"""DeEsser: sibilants that stand out are lowered, by ratios alone; vowels keep their bits."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from restorack.plugins.dynamics.deesser import DeEsser
from restorack.testing.checks import stream

RATE = 44_100
SYLLABLE = round(0.45 * RATE)
HISS = slice(round(0.05 * RATE), round(0.17 * RATE))
"""Where the s of a syllable lies; a vowel follows."""
Floats = NDArray[np.float64]


def band(low: float, high: float, samples: int, seed: int) -> Floats:
    noise = np.random.default_rng(seed).standard_normal(samples)
    filtered = sosfiltfilt(butter(4, [low, high], "bandpass", fs=RATE, output="sos"), noise)
    return np.asarray(filtered / np.std(filtered))


def voice(
    hiss_db: float, hiss_hz: tuple[float, float] = (5_000.0, 9_000.0), count: int = 8
) -> Floats:
    """Syllables of an s, so many dB over the vowel's RMS, and a vowel."""
    time = np.arange(SYLLABLE) / RATE
    vowel = sum(np.sin(2 * np.pi * 150.0 * n * time) / n for n in range(1, 16))
    vowel = 0.1 * vowel / np.std(vowel) * np.clip((time - 0.17) / 0.03, 0.0, 1.0)
    vowel *= np.clip((0.45 - time) / 0.03, 0.0, 1.0)
    out = np.tile(vowel, count)
    for number in range(count):
        s = band(*hiss_hz, HISS.stop - HISS.start, number) * 0.1 * 10 ** (hiss_db / 20)
        at = number * SYLLABLE + HISS.start
        out[at : at + s.size] += s * np.hanning(s.size) ** 0.25
    return out.astype(np.float32)


def changes_db(before: Floats, after: Floats, first: int = 0) -> Floats:
    """The level of every s after over before, from a syllable on."""
    pieces = [x.astype(np.float64).reshape(-1, SYLLABLE)[first:, HISS] for x in (before, after)]
    power = [(piece**2).mean(axis=1) for piece in pieces]
    return np.asarray(10 * np.log10(power[1] / power[0]))


def test_what_stands_out_is_lowered_by_its_share() -> None:
    signal = voice(2.0)
    stage = DeEsser(amount=0.5, threshold_db=-10.0, max_reduction_db=24.0)
    change = changes_db(signal, stage.process(signal, RATE))
    # Half of 12 dB. The voice's level is that of its loud parts, some dB over the vowel's RMS.
    assert np.all(change < -3.0), change
    assert np.all(change > -7.0), change


def test_the_first_one_is_lowered_too() -> None:
    signal = voice(2.0)
    change = changes_db(signal, DeEsser().process(signal, RATE))
    assert change[0] == pytest.approx(np.median(change), abs=1.5)


def test_vowels_keep_their_bits() -> None:
    signal = voice(2.0)
    out = DeEsser().process(signal, RATE)
    vowels = (signal == out).reshape(-1, SYLLABLE)[:, round(0.33 * RATE) :]
    assert vowels.all()


@pytest.mark.parametrize(("hiss_db", "lowered"), [(-16.0, False), (0.0, True)])
def test_threshold_both_ways(hiss_db: float, lowered: bool) -> None:
    signal = voice(hiss_db)
    out = DeEsser(threshold_db=-10.0).process(signal, RATE)
    assert np.array_equal(out, signal) != lowered


def test_level_does_not_matter() -> None:
    signal = voice(2.0)
    loud = DeEsser().process(signal, RATE)
    for scale in (2.0**-9, 4.0):  # powers of two: the same roundings
        out = DeEsser().process(signal * np.float32(scale), RATE)
        assert np.abs(out / scale - loud).max() < 1e-6


@pytest.mark.parametrize(("low", "high"), [(3_800.0, 6_000.0), (7_000.0, 11_000.0)])
def test_it_follows_the_sibilance(low: float, high: float) -> None:
    stage = DeEsser()
    signal = voice(2.0, (low, high))
    change = changes_db(signal, stage.process(signal, RATE), first=2)
    assert low < stage.findings()["sibilance_hz"] < high
    assert np.all(change < -4.0)


def test_what_lies_below_its_band_stays() -> None:
    signal = voice(2.0)
    out = DeEsser(frequency_hz=6_000.0).process(signal, RATE)
    kept = sosfiltfilt(butter(8, 2_500.0, fs=RATE, output="sos"), (out - signal).astype(float))
    assert 20 * np.log10(np.std(kept) / np.std(signal)) < -60.0


def test_limits_of_the_settings() -> None:
    signal = voice(6.0)
    assert np.array_equal(DeEsser(amount=0.0).process(signal, RATE), signal)
    assert np.array_equal(DeEsser(max_reduction_db=0.0).process(signal, RATE), signal)
    stage = DeEsser(max_reduction_db=3.0)
    change = changes_db(signal, stage.process(signal, RATE))
    assert stage.findings()["max_reduction_db"] == 3.0
    assert np.all(change > -3.1)


def test_steady_hiss_is_no_sibilance() -> None:
    noise = 0.1 * band(4_000.0, 10_000.0, 6 * RATE, 1)
    signal = noise.astype(np.float32)
    signal[:SYLLABLE] += voice(-30.0, count=1)
    out = DeEsser().process(signal, RATE)
    assert np.array_equal(out[3 * RATE :], signal[3 * RATE :])


def test_blocks_and_channels() -> None:
    signal = voice(2.0, count=3)
    rows = np.stack([signal, 0.5 * signal])
    whole = DeEsser().process(rows, RATE)
    assert np.array_equal(stream(DeEsser(), rows, RATE, [1, 5000, 333]), whole)
    assert np.abs(whole[1] - 0.5 * whole[0]).max() < 1e-6


def test_it_says_what_it_did() -> None:
    stage = DeEsser()
    stage.process(voice(2.0), RATE)
    text = stage.summary()
    assert text.startswith("sibilance around ")
    assert "kHz lowered by up to" in text
    stage.process(voice(-30.0), RATE)
    assert stage.summary() == "no sibilance above the threshold, unchanged"

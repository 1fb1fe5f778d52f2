"""Offsets to the sample, and the word that two performances are not the same."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from restorack.errors import AudioError
from restorack.metrics.alignment import COHERENCE, align, coherence, find_alignment
from restorack.testing.signals import clean_music

RATE = 22_050
MUSIC = clean_music(RATE, 4.0, 1)[0].astype(float)
RANDOM = np.random.default_rng(21)
NOISE = RANDOM.standard_normal(len(MUSIC)) * MUSIC.std()


def late(audio: np.ndarray, offset: int) -> np.ndarray:
    return np.pad(audio, (max(0, offset), 0))[max(0, -offset) :]


@pytest.mark.parametrize("offset", [-9_000, -1, 0, 1, 37, 15_000])
def test_the_offset_is_found_to_the_sample(offset: int) -> None:
    for damage in (0.0, 0.1, 1.0):
        found = find_alignment(MUSIC, late(MUSIC + damage * NOISE, offset), RATE)
        assert found.offset_samples == offset
        assert found.same_performance
        assert not found.inverted
        assert found.drift_samples == 0


def test_what_is_cut_fits() -> None:
    stereo = np.stack([MUSIC, 0.5 * MUSIC])
    moved = np.stack([late(row, 100) for row in stereo])[:, :-700]
    truth, heard, found = align(stereo, moved, RATE)
    assert found.offset_samples == 100
    assert truth.shape == heard.shape == (2, len(MUSIC) - 700)
    assert np.array_equal(truth, heard)


def test_polarity_turned_round_is_told() -> None:
    found = find_alignment(MUSIC, late(-0.3 * MUSIC, 12), RATE)
    assert (found.offset_samples, found.inverted) == (12, True)
    assert found.coherence == pytest.approx(1.0, abs=0.01)


def test_a_tone_lies_where_it_lay() -> None:
    tone = np.sin(2 * np.pi * 441 * np.arange(RATE) / RATE)
    assert find_alignment(tone, tone, RATE).offset_samples == 0


def test_a_filter_keeps_the_performance() -> None:
    horn = signal.butter(2, [200, 4_000], "bandpass", fs=RATE, output="sos")
    found = find_alignment(MUSIC, signal.sosfiltfilt(horn, MUSIC) + 0.3 * NOISE, RATE)
    assert found.offset_samples == 0
    assert found.coherence > 2 * COHERENCE


def replayed() -> np.ndarray:
    """Return the same notes in the time of another player: 50 ms early or late, changing."""
    time = np.arange(len(MUSIC)) / RATE
    beats = np.arange(0.0, 4.5, 0.25)
    rubato = np.interp(time, beats, 0.05 * RANDOM.uniform(-1, 1, len(beats)))
    return np.interp(time + rubato, time, MUSIC)


def test_another_performance_is_refused() -> None:
    faster = signal.resample(MUSIC, round(len(MUSIC) / 1.03))
    for other in (NOISE, replayed(), MUSIC[::-1], faster, 0 * MUSIC):
        found = find_alignment(MUSIC, other, RATE)
        assert not found.same_performance
        with pytest.raises(AudioError, match="not the same performance: coherence 0"):
            align(MUSIC, other, RATE)


def test_another_speed_drifts() -> None:
    noise = RANDOM.standard_normal(10 * RATE)
    time = np.arange(len(noise)) / RATE
    slower = np.interp(time / 1.0002, time, signal.lfilter([1, 2, 1], [4], noise))
    found = find_alignment(signal.lfilter([1, 2, 1], [4], noise), slower, RATE)
    # two thirds between their middles; each third is smeared over 15 samples of drift itself
    assert found.drift_samples == pytest.approx(0.0002 * len(noise) * 2 / 3, abs=8)


def test_coherence_is_the_share_of_the_signal() -> None:
    truth, noise = RANDOM.standard_normal((2, 60 * RATE))
    for level in (0.0, 0.5, 1.0, 2.0):
        # Carter: MSC = S / (S + N); 1300 half-overlapping frames, bias and spread 1/700
        expected = 1 / (1 + level**2)
        assert coherence(truth, 0.7 * (truth + level * noise)) == pytest.approx(expected, abs=0.01)


def test_what_cannot_be_compared_is_said() -> None:
    with pytest.raises(AudioError, match="1 and 2 channels"):
        find_alignment(MUSIC, np.stack([MUSIC, MUSIC]), RATE)
    with pytest.raises(AudioError, match="largest offset"):
        find_alignment(MUSIC, MUSIC, RATE, max_offset_seconds=-1.0)

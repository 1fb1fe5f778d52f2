"""Likeness to speech: syllables of vowels and consonants, and pauses."""

from __future__ import annotations

import numpy as np
from signals.damaged_music import RATE, rag, white

from restorack.meters.speech import SpeechMeter


def babble(seconds, seed=6):
    """Return buzzes through two resonances, hisses between them, and pauses."""
    from scipy.signal import butter, sosfilt

    random = np.random.default_rng(seed)
    out, at = np.zeros(round(seconds * RATE)), 0
    while at < len(out):
        vowel = round(random.uniform(0.08, 0.2) * RATE)
        pitch = round(RATE / random.uniform(100, 140))
        buzz = np.zeros(vowel)
        buzz[::pitch] = 1.0
        first = random.uniform(300, 800)
        voiced = sosfilt(butter(1, [first, first * 1.3], "bandpass", fs=RATE, output="sos"), buzz)
        consonant = round(random.uniform(0.04, 0.12) * RATE)
        high = butter(2, 3_500.0, "highpass", fs=RATE, output="sos")
        hiss = sosfilt(high, random.standard_normal(consonant)) * np.hanning(consonant)
        parts = [voiced * np.hanning(vowel) / (np.abs(voiced).max() + 1e-9), 0.25 * hiss]
        if random.uniform() < 0.35:
            parts.append(np.zeros(round(random.uniform(0.15, 0.5) * RATE)))
        for part in parts:
            stop = min(len(out), at + len(part))
            out[at:stop] = part[: stop - at]
            at += len(part)
    return (0.3 * out[np.newaxis]).astype(np.float32)


def likelihood(rows):
    meter = SpeechMeter(RATE)
    meter.push(rows.astype(np.float32))
    return meter.likelihood()


def test_babble_is_like_speech_also_in_noise():
    assert likelihood(babble(12.0)) > 0.5
    assert likelihood(babble(12.0) + white(12.0, 3e-3)) > 0.3


def test_music_noise_and_silence_are_not():
    assert likelihood(rag()) < 0.3
    assert likelihood(white(10.0, 0.1)) < 0.1
    assert likelihood(np.zeros((1, 441_000))) == 0.0

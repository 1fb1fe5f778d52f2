"""How much a recording is like speech: syllables, pauses, vowels and consonants in turn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import power_to_db
from restorack.dsp.sections import butterworth, filtered

Floats = NDArray[np.float64]

# Seconds between levels; the telephone's band, where vowels and consonants have their energy;
# syllables a second, and all modulation that is compared; what is too short to tell. By hand.
HOP_S = 0.02
VOICE_HZ, VOWELS_HZ, CONSONANTS_HZ = (300.0, 3400.0), (200.0, 1500.0), (3000.0, 8000.0)
SYLLABLES_HZ, ALL_HZ = (2.5, 8.0), (0.3, 25.0)
LEAST_SECONDS = 2.0


class SpeechMeter:
    """Gather envelopes of a few bands over passages; 3 kB a minute are kept.

    Notes
    -----
    Four features that speech has all together, after Scheirer and Slaney, Construction and
    evaluation of a robust multifeature speech/music discriminator, ICASSP 1997: the share of
    frames far below the mean of their second, the modulation at the rate of syllables, and, since
    vowels and consonants take turns, a ratio of bass to treble that varies, in bands that do not
    move together.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    """

    def __init__(self, sample_rate: float) -> None:
        self._rate = sample_rate
        self._hop = max(1, round(HOP_S * sample_rate))
        self._envelopes: list[list[Floats]] = [[], [], []]

    def push(self, passage: Rows) -> None:
        """Take a passage without its clicks."""
        count = passage.shape[1] // self._hop
        if not count or self._rate < 2.2 * CONSONANTS_HZ[0]:
            return
        mono = passage.mean(axis=0, dtype=np.float64)
        bands = (VOICE_HZ, VOWELS_HZ, CONSONANTS_HZ)
        for band, kept in zip(bands, self._envelopes, strict=True):
            edges = (band[0], min(band[1], 0.48 * self._rate))
            part = filtered(butterworth(4, edges, "bandpass", self._rate), mono)[0]
            kept.append((part[: count * self._hop].reshape(count, self._hop) ** 2).mean(axis=1))

    def likelihood(self) -> float:
        """Return 0 (nothing like speech) to 1."""
        if not self._envelopes[0]:
            return 0.0
        voice, vowels, consonants = (np.concatenate(parts) for parts in self._envelopes)
        if len(voice) * HOP_S < LEAST_SECONDS or voice.max() <= 1e-12:
            return 0.0
        turns, together = _alternation(vowels, consonants)
        return min(
            _ramp(_pauses(voice), 0.2, 0.35),
            _ramp(_syllables(voice), 0.14, 0.22),
            _ramp(turns, 4.5, 7.0),
            _ramp(-together, -0.7, -0.5),
        )


def _pauses(power: Floats) -> float:
    """Return the share of frames with less than half the mean amplitude of their second."""
    amplitude = np.sqrt(power)
    seconds = amplitude[: len(amplitude) // 50 * 50].reshape(-1, 50)
    means = seconds.mean(axis=1, keepdims=True)
    heard = seconds[means[:, 0] > 0.1 * means.mean()]
    return float(np.mean(heard < 0.5 * heard.mean(axis=1, keepdims=True)))


def _syllables(power: Floats) -> float:
    """Return the share of the level's modulation that lies at 2.5 to 8 Hz."""
    level = power_to_db(power + 1e-14)
    level = np.maximum(level, level.max() - 45.0)
    spectrum = np.abs(np.fft.rfft((level - level.mean()) * np.hanning(len(level)))) ** 2
    frequency = np.fft.rfftfreq(len(level), HOP_S)

    def energy(low: float, high: float) -> float:
        return float(spectrum[(frequency > low) & (frequency < high)].sum())

    return energy(*SYLLABLES_HZ) / max(energy(*ALL_HZ), 1e-12)


def _alternation(vowels: Floats, consonants: Floats) -> tuple[float, float]:
    """Return the deviation in dB of treble over bass, and how far both move together."""
    low, high = power_to_db(vowels + 1e-14), power_to_db(consonants + 1e-14)
    louder = np.maximum(low, high)
    on = louder > louder.max() - 40.0
    if on.sum() < 10 or low[on].std() < 1e-6 or high[on].std() < 1e-6:
        return 0.0, 1.0
    return float((high - low)[on].std()), float(np.corrcoef(low[on], high[on])[0, 1])


def _ramp(value: float, low: float, high: float) -> float:
    return float(np.clip((value - low) / (high - low), 0.0, 1.0))

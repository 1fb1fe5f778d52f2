"""Which frames of a voice are sibilants, and how loud they are beside the voice: ratios alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import power_to_db
from restorack.dsp.frame_transform import frame_spectra
from restorack.dsp.welch import hann

Floats = NDArray[np.float64]

VOICE_HZ = (100.0, 2_500.0)
"""Where vowels have their energy."""
HISS_HZ = (3_500.0, 12_000.0)
"""Vowels have their energy in the first of these bands, sibilants in the second."""
SHARP_HZ = (5_000.0, 9_000.0)
"""Where sibilance is sharp. Of three bands harsh voices stand out most in this one."""

CERTAIN_DB = 3.0
"""A frame is a sibilant where hiss exceeds voice by this, none where it lies as far below."""
SILENCE = 1e-24
"""Power of a frame, over that of full scale, below which there is nothing: -240 dB."""
PAUSE = 0.01
"""Power over that of the voice: 20 dB below it."""

FRAME_S = 0.0116
"""A frame is the power of two next to it: 512 samples at 44.1 kHz. An s lasts 50 to 200 ms."""
OVERLAP = 4
"""Frames over each sample."""
AROUND_S = 1.5
"""Seconds before and after a sibilant from which the voice's level is taken. By hand."""
LEAST_VOICE_S = 0.03
"""Seconds of voice among these that a level needs. By hand."""
LOUDEST = 0.1
"""What is averaged: the loudest sibilants, a tenth as long as the voice in all. Shares of 2 to
20 % tell harsh voices equally well."""
LEAST_SECONDS = 3.0
"""Seconds of voice that an answer needs. By hand."""


class Bands:
    """The bins of both bands.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    frame : int
        Samples of a transform.
    """

    def __init__(self, sample_rate: float, frame: int) -> None:
        hertz = np.asarray(np.fft.rfftfreq(frame, 1.0 / sample_rate), np.float64)
        self._voice = _between(hertz, *VOICE_HZ)
        self._hiss = _between(hertz, *HISS_HZ)
        self.sharp = _between(hertz, *SHARP_HZ)
        self._octaves = np.log2(np.maximum(hertz[self._hiss], 1.0))
        self.scale = 4.0 / frame**2

    def measure(self, power: Floats) -> Floats:
        """Return voice, hiss and centre of hiss (octaves over 1 Hz) of frames.

        Parameters
        ----------
        power : ndarray, shape (frames, bins)

        Returns
        -------
        ndarray, shape (frames, 3)
        """
        hiss = power[:, self._hiss].sum(axis=1)
        centre = (power[:, self._hiss] @ self._octaves) / np.maximum(hiss, 1e-300)
        voice = power[:, self._voice].sum(axis=1)
        return np.stack([voice * self.scale, hiss * self.scale, centre], axis=1)


def _between(hertz: Floats, low: float, high: float) -> slice:
    first, stop = np.searchsorted(hertz, [low, high])
    return slice(int(first), int(max(stop, first)))


def certainty(voice: float, hiss: float) -> float:
    """Return how certainly a frame is a sibilant, 0 to 1, by the powers of both bands."""
    if hiss <= SILENCE:
        return 0.0
    ratio_db = 10.0 * float(np.log10(hiss / max(voice, 1e-30)))
    return min(1.0, max(0.0, 0.5 + 0.5 * ratio_db / CERTAIN_DB))


def sibilance_frame(sample_rate: float) -> int:
    """Return the samples of a frame at a rate in Hz."""
    return max(32, int(2 ** np.round(np.log2(FRAME_S * sample_rate))))


class SibilanceMeter:
    """Measure how loud sibilants are, 5 to 9 kHz, beside the voice around them.

    Parameters
    ----------
    sample_rate : float
        In Hz. Below 20 kHz nothing is measured.
    """

    def __init__(self, sample_rate: float) -> None:
        self._rate, self._frame = sample_rate, sibilance_frame(sample_rate)
        self._bands = Bands(sample_rate, self._frame)
        self._window = hann(self._frame)
        self._hop = self._frame // OVERLAP
        self._ratios: list[Floats] = []
        self._voiced = 0

    def push(self, passage: Rows) -> None:
        """Take a passage without its clicks."""
        if passage.shape[1] < self._frame or self._rate < 2.2 * SHARP_HZ[1]:
            return
        mono = passage.mean(axis=0, dtype=np.float64).astype(np.float32)[np.newaxis]
        power = np.abs(frame_spectra(mono, self._window, self._hop)[0]) ** 2
        voice, hiss, _ = self._bands.measure(power).T
        if voice.max() <= SILENCE:
            return
        sharp = power[:, self._bands.sharp].sum(axis=1) * self._bands.scale
        hissing = np.array([certainty(*pair) for pair in zip(voice, hiss, strict=True)])
        vowels = (1.0 - hissing) * (voice > PAUSE * np.quantile(voice, 0.99))
        heard = self._summed(vowels)
        enough = heard * self._hop >= LEAST_VOICE_S * self._rate
        level = self._summed(vowels * voice) / np.maximum(heard, 1e-9)
        told = (hissing >= 0.5) & enough
        self._ratios.append(sharp[told] / np.maximum(level[told], 1e-30))
        self._voiced += int(np.sum(vowels > 0.5))

    def level_db(self) -> float | None:
        """Return the level of the loudest sibilants over the voice; None where voice is short."""
        if self._voiced * self._hop < LEAST_SECONDS * self._rate:
            return None
        count = max(1, int(LOUDEST * self._voiced))
        loudest = np.sort(np.concatenate(self._ratios))[::-1][:count]
        total = float(loudest.sum())
        return float(power_to_db(total / count)) if total > 0.0 else None

    def _summed(self, values: Floats) -> Floats:
        """Return sums over what lies around each frame."""
        beside = int(AROUND_S * self._rate / self._hop)
        sums = np.concatenate([[0.0], np.cumsum(values)])
        places = np.arange(len(values))
        stop = np.minimum(places + beside + 1, len(values))
        return np.asarray(sums[stop] - sums[np.maximum(places - beside, 0)])

"""An excerpt into parts: tones of long frames, tones of short frames that do not repeat, the rest.

Chosen by leaving recordings out: the settings are the best of some 50 on six made mixes of stereo
recordings (guitar, strings, harp, clarinet, orchestra, violin; drums, tabla, a drum kit; an opera
singer, two speakers), and are judged on six others (docs/guides/separating.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.separation.medians import MedianSplit
from restorack.separation.repetition import repeating_share
from restorack.separation.spectra import ExcerptSpectra, frame_size

HELD = MedianSplit(frame_s=0.186, along_s=1.0, across_hz=30.0, bias=1.0)
"""Notes that are held: to frames of 0.19 s voices glide, and are no tones."""
SUNG = MedianSplit(frame_s=0.0116, along_s=0.12, across_hz=250.0, bias=0.35)
"""Voices: to frames of 12 ms they are tones, and drums are not."""
REPEATED = MedianSplit(frame_s=0.0464, along_s=0.3, across_hz=200.0, bias=1.0)
"""Of what repeats, notes from drums."""

PartName = Literal["harmonic", "percussive", "voice"]
PARTS: tuple[PartName, ...] = ("harmonic", "percussive", "voice")


@dataclass(frozen=True)
class Estimates:
    """Two parts of an excerpt; what is left of it is the percussive part.

    Attributes
    ----------
    harmonic, voice : ndarray of float32, shape (channels, samples)
    """

    harmonic: Rows
    voice: Rows


def estimate(rows: Rows, sample_rate: float) -> Estimates:
    """Estimate the harmonic part and the voice of an excerpt.

    Parameters
    ----------
    rows : ndarray of float32, shape (channels, samples)
    sample_rate : float
        In Hz.
    """
    if not rows.any():
        return Estimates(np.zeros_like(rows), np.zeros_like(rows))
    harmonic = HELD.tones_of(rows, sample_rate)
    sung = SUNG.tones_of(rows - harmonic, sample_rate)
    size = frame_size(REPEATED.frame_s, sample_rate)
    share = repeating_share(ExcerptSpectra(rows, size), sample_rate)
    repeated = ExcerptSpectra(sung, size).filtered(share)
    return Estimates(
        harmonic + REPEATED.tones_of(repeated, sample_rate),
        sung - repeated,
    )

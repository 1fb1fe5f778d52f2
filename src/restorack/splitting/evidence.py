"""What speaks for music, moment by moment: bands above the noise, and peaks of the spectrum."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.splitting.noise import Noise, Smoothed

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

OFFSET_DB = (-6.0, 4.0)
"""How far the noise as a whole may lie under and over its level elsewhere: swish, wear, grooves."""
STANDS_OUT = 2.0
"""A band counts from so many standard deviations over the noise on."""
QUIET_BELOW = 2.5
"""Evidence under which a moment is noise alone."""
PEAKS_DB = 0.7
"""Peaks of the spectrum count from so far over the noise's own on. By hand."""
PEAK_WEIGHT = 3.0
"""Of a decibel of them, in standard deviations of a band. By hand."""
LONGEST_POP_FRAMES = 8
"""A disturbance of 0.16 s within noise is none."""


def evidence_of_music(smoothed: Smoothed, noise: Noise) -> Floats:
    """Return for every frame how much speaks for music: 0 for noise.

    The excess of all bands that stand out is added, in standard deviations; of the channels the
    one with most counts.
    """
    excess = smoothed.db - noise.db[:, np.newaxis].astype(np.float32)
    common = np.clip(np.median(excess, axis=2, keepdims=True), *OFFSET_DB)
    stands = (excess - common) / noise.scatter_db[:, np.newaxis].astype(np.float32)
    bands = np.maximum(stands - STANDS_OUT, 0.0).sum(axis=2).max(axis=0)
    peaks = np.maximum(smoothed.peaks_db - noise.peaks_db - PEAKS_DB, 0.0)
    return np.asarray(bands + PEAK_WEIGHT * peaks, np.float64)


def quiet_runs(evidence: Floats, least_frames: int) -> NDArray[np.int64]:
    """Return the runs of noise, shape (runs, 2): first frame, and the one after the last."""
    found = runs(evidence < QUIET_BELOW)
    if not len(found):
        return found
    keep = np.ones(len(found) + 1, bool)
    keep[1:-1] = found[1:, 0] - found[:-1, 1] > LONGEST_POP_FRAMES
    joined = np.stack([found[keep[:-1], 0], found[keep[1:], 1]], axis=1)
    return np.asarray(joined[joined[:, 1] - joined[:, 0] >= least_frames], np.int64)


def runs(mask: Bools) -> NDArray[np.int64]:
    """Return where a mask is true, shape (runs, 2)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return edges.reshape(-1, 2).astype(np.int64)


def within(found: NDArray[np.int64], frames: int) -> Bools:
    """Return a mask of so many frames that is true in runs."""
    mask = np.zeros(frames, bool)
    for start, stop in found:
        mask[start:stop] = True
    return mask

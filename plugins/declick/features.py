"""What a network sees of a candidate: waveform, residuals and levels around it, free of scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.dsp import _core
from restorack.dsp.autoregression import Floats

# The shape of what the click classifiers see: rows by samples, rows by blocks of 1.45 ms (46 ms to
# both sides), numbers of the candidate, the first three of them the classical evidence. Part of
# the trained weights.
WAVE_CHANNELS, WAVE_LENGTH = 5, 512
LEVEL_CHANNELS, LEVEL_BLOCKS = 5, 64
FACTS, EVIDENCE = 9, 3


@dataclass(frozen=True)
class CandidateFeatures:
    """One candidate, of whatever level, on the grid of its detector.

    Attributes
    ----------
    wave : ndarray of float32, shape (5, 512)
        Around the middle of the run, compressed by arcsinh: the signal over its level, and over
        the deviation of the residual: what repair would take away, the residual of the signal
        predicted forwards and backwards, that of the repaired signal.
    levels : ndarray of float32, shape (5, 64)
        Logarithms of powers in blocks of 1.45 ms: the repaired signal, its residual forwards, the
        largest error of the signal, the repaired residual backwards, the second difference.
    facts : ndarray of float32, shape (9,)
        Logarithms: prominence, contrast, their product; length in ms, predictability, size of the
        change over the residual and over the signal, sample rate; and the share of the window
        that the run fills.
    """

    wave: NDArray[np.float32]
    levels: NDArray[np.float32]
    facts: NDArray[np.float32]


class FeatureArrays:
    """Room for the features of so many candidates, as the native core fills it."""

    def __init__(self, room: int) -> None:
        self.arrays = (
            np.empty((room, WAVE_CHANNELS, WAVE_LENGTH), np.float32),
            np.empty((room, LEVEL_CHANNELS, LEVEL_BLOCKS), np.float32),
            np.empty((room, FACTS), np.float32),
        )

    def __getitem__(self, number: int) -> CandidateFeatures:
        """Return those of one candidate."""
        return CandidateFeatures(*(array[number] for array in self.arrays))


def extract_features(
    signal: Floats,
    model: Floats,
    start: int,
    stop: int,
    block: int,
    rate: float,
    evidence: tuple[float, float],
) -> CandidateFeatures:
    """Return the features of the run from ``start`` to ``stop`` under a model free of it.

    ``evidence`` is its prominence and contrast, ``block`` the samples of 1.45 ms at ``rate`` Hz.
    """
    made = FeatureArrays(1)
    _core.extract_features(signal, model, start, stop, block, rate, *evidence, *made.arrays)
    return made[0]

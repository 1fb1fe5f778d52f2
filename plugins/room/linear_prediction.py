"""Late reverberation of short-time spectra, predicted from what was heard before (WPE)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.dsp import _core
from restorack.dsp.stft import Spectra

Singles = NDArray[np.complex64]

DELAY = 3
"""Frames that a prediction leaves out, 35 ms: early reflections and the overlap of frames stay."""
TAPS = 16
"""Frames that it sees, 186 ms."""
ROUNDS = 2
"""How often spectrum and predictor are found from one another; more changes little."""
FLOOR = 1e-4
"""Least power of a cell, over the mean of its bin: -40 dB."""
REGULAR = 1e-3
"""Added to the diagonal, over its mean: -30 dB, for bins with few frames. By hand."""
KEPT = 0.5
"""Share of the window before, in what a window is predicted from: the room stays the same."""
TOGETHER = 32
"""Bins that are worked on at once; changes memory alone."""


@dataclass
class Statistics:
    """Weighted correlations of a window, bin by bin."""

    within: NDArray[np.complex64]
    across: NDArray[np.complex64]


class LatePredictor:
    """Predict the late reverberation of windows of frames that follow each other.

    Notes
    -----
    Nakatani et al., Speech dereverberation based on variance-normalized delayed linear prediction,
    IEEE TASLP 18 (2010), 1717-1731; all channels are predicted from all. The desired signal's
    power is that of the frame less its prediction, mean over the channels, as in nara_wpe.
    """

    def __init__(self) -> None:
        self._before: list[Statistics | None] = []

    def predict(self, past: Spectra, window: Spectra) -> Spectra:
        """Return the late reverberation of a window.

        Parameters
        ----------
        past : ndarray of complex, shape (channels, DELAY + TAPS - 1, bins)
            The frames before it.
        window : ndarray of complex, shape (channels, frames, bins)

        Returns
        -------
        ndarray of complex, shape of window
        """
        joined = np.concatenate([past, window], axis=1).transpose(2, 0, 1)
        joined = np.ascontiguousarray(joined, np.complex64)
        bins, late = joined.shape[0], np.empty_like(window)
        starts = range(0, bins, TOGETHER)
        if not self._before:
            self._before = [None] * len(starts)
        for number, at in enumerate(starts):
            some = joined[at : at + TOGETHER]
            found, self._before[number] = _predicted(some, self._before[number])
            late[:, :, at : at + TOGETHER] = found.transpose(1, 2, 0)
        return late


def _predicted(joined: Singles, before: Statistics | None) -> tuple[Singles, Statistics]:
    """Return the late part of the frames of some bins, shape (bins, channels, frames)."""
    reach = DELAY + TAPS - 1
    frames = joined.shape[2] - reach
    now = joined[:, :, reach:]
    past = [joined[:, :, reach - DELAY - k : reach - DELAY - k + frames] for k in range(TAPS)]
    heard = np.concatenate(past, axis=1)
    wanted = now
    for _ in range(ROUNDS):
        power = (wanted.real**2 + wanted.imag**2).mean(axis=1, keepdims=True)
        mean = power.mean(axis=2, keepdims=True)
        weighted = heard / np.maximum(power, FLOOR * mean + 1e-20)
        weighted *= mean  # which leaves the predictor as it is, and sums within single precision
        statistics = Statistics(_correlation(weighted, heard), _correlation(weighted, now))
        late = _solved(statistics, before).conj().transpose(0, 2, 1) @ heard
        wanted = now - late
    return late, statistics


def _correlation(left: Singles, right: Singles) -> Singles:
    """Return the sums over frames of left times conjugate of right, shape (bins, rows, columns)."""
    bins, rows, frames = left.shape
    columns = right.shape[1]
    out = np.empty((bins, rows, columns), np.complex64)
    work = np.empty(32 * frames, np.float32)
    one, other = (np.ascontiguousarray(x, np.complex64).view(np.float32) for x in (left, right))
    shape = (bins, rows, columns, frames)
    _core.correlations(one, other, shape, work, out.view(np.float32))
    return out


def _solved(statistics: Statistics, before: Statistics | None) -> Singles:
    """Return the predictors of bins, given the window before as well."""
    within, across = statistics.within, statistics.across
    if before is not None:
        within, across = within + KEPT * before.within, across + KEPT * before.across
    size = within.shape[1]
    load = REGULAR * np.trace(within, axis1=1, axis2=2).real / size + 1e-20
    loaded = within + load[:, np.newaxis, np.newaxis] * np.eye(size, dtype=np.complex64)
    return np.asarray(np.linalg.solve(loaded, across))

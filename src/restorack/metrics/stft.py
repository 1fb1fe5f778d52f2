"""Magnitudes in time and frequency, handed out in groups of frames so that memory is bounded."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from restorack.dsp.welch import hann
from restorack.metrics.inputs import Floats

FRAME, HOP = 2048, 512
"""Samples, whatever the rate: the convention of log-spectral distance in the literature."""

FLOOR = 1e-5
"""Amplitude below which levels are not told apart: -100 dB of a full-scale sine."""

GROUP = 256
"""Frames that are in memory at a time; any number gives the same."""


def magnitudes(rows: Floats, frame: int = FRAME, hop: int = HOP) -> Iterator[Floats]:
    """Yield the amplitudes of groups of frames, channel after channel.

    Parameters
    ----------
    rows : ndarray of float64, shape (channels, samples)
    frame, hop : int
        In samples; frames have a Hann window and lie wholly within the signal.

    Yields
    ------
    ndarray of float64, shape (frames, frame // 2 + 1)
        A full-scale sine at the centre of a bin gives 1 there.
    """
    window = hann(frame)
    window /= window.sum() / 2.0
    for row in rows:
        padded = np.pad(row, (0, max(0, frame - len(row))))
        frames = np.lib.stride_tricks.sliding_window_view(padded, frame)[::hop]
        for at in range(0, len(frames), GROUP):
            yield np.abs(np.fft.rfft(frames[at : at + GROUP] * window, axis=1))


def bin_range(low_hz: float, high_hz: float | None, sample_rate: float) -> slice:
    """Return the bins of a band, from the first at or above ``low_hz`` to below ``high_hz``."""
    per_bin = sample_rate / FRAME
    first = int(np.ceil(low_hz / per_bin))
    last = FRAME // 2 + 1 if high_hz is None else int(np.ceil(high_hz / per_bin))
    return slice(first, max(first, last))

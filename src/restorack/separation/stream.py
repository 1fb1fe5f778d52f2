"""The parts of a stream: excerpts of one size, counted from the first sample, that fade over."""

from __future__ import annotations

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.dsp.windowed_stream import WindowedStream, latency_of_windows
from restorack.separation.cascade import estimate
from restorack.separation.repetition import REACH_S

# Seconds of an excerpt that are kept; before and after it as many are heard as a frame's like are
# sought in. Longer ones take less time and more memory (20 s of stereo at 44.1 kHz: 0.4 GB).
STEP_S = 20.0
# Seconds over which an excerpt fades into the next one. By hand: no edge is heard.
FADE_S = 0.1


class EstimateStream(WindowedStream):
    """Estimate the harmonic part and the voice of a stream; memory is that of one excerpt.

    What comes out has the rows of the harmonic part above those of the voice.

    Parameters
    ----------
    channels : int
    sample_rate : float
        In Hz.
    """

    def __init__(self, channels: int, sample_rate: float) -> None:
        step, reach = _samples(STEP_S, sample_rate), _samples(REACH_S, sample_rate)
        super().__init__(
            channels, step, overlap=2 * reach, before=reach, returned_rows=2 * channels
        )
        self._rate, self._reach = sample_rate, reach
        fade = _samples(FADE_S, sample_rate)
        self._rise = np.linspace(0.0, 1.0, fade + 2, dtype=np.float32)[1:-1]
        self._tail: Rows | None = None

    def _process(self, window: Rows) -> Rows:
        found = estimate(window, self._rate)
        both = np.concatenate([found.harmonic, found.voice])
        first, last = self._reach, self._reach + self._step
        fade = self._rise.size
        out = both[:, first:last].copy()
        if self._tail is not None:
            out[:, :fade] = self._rise * out[:, :fade] + (1.0 - self._rise) * self._tail
        self._tail = both[:, last : last + fade].copy()
        return out


def estimate_latency(sample_rate: float) -> int:
    """Return the most samples that :class:`EstimateStream` ever holds back."""
    step, reach = _samples(STEP_S, sample_rate), _samples(REACH_S, sample_rate)
    return latency_of_windows(step, overlap=2 * reach, before=reach)


def _samples(seconds: float, sample_rate: float) -> int:
    return round(seconds * sample_rate)

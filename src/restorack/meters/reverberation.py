"""Reverberation time of a recording, blind: from how fast its sounds die away at the fastest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.fifo import SampleFifo

Floats = NDArray[np.float64]

HOP_S = 0.008
"""Time between two levels. By hand."""
FRAME_HOPS = 4
"""A level is measured over 32 ms. By hand."""
DECAY_HOPS = 15
"""A decay is looked at over 0.12 s."""
EDGES_HZ = (250.0, 355.0, 500.0, 710.0, 1000.0, 1420.0, 2000.0, 2840.0, 4000.0, 5680.0, 8000.0)
"""Bands of half an octave, in which rooms are measured."""
PASSAGE_S = 20.0
"""Levels are kept for so long; what is kept beyond are counts."""

LEAST_FALL_DB = 6.0
"""Of a decay that is looked at. By hand."""
STRAIGHTNESS = 0.2
"""Largest deviation from a straight line, as a part of the fall."""
BELOW_TOP_DB, ABOVE_FLOOR_DB = 35.0, 6.0
"""A decay ends so far below where it began, or so far over the noise. By hand."""
FASTEST = 0.1
"""No sound dies away faster than its room: the fastest tenth of the decays is the room's."""

# Measured times to RT60 below 1 kHz, fitted to rooms of 0.3, 0.6 and 1 s (restorack.Room, 2 m) over
# speech; decays in a second below which a recording says nothing, and from which it is certain.
SLOPE, OFFSET_S = 1.6, -0.2
VAGUE, CERTAIN = 50.0, 100.0
LEAST_DECAYS = 60

_TIMES = np.geomspace(0.05, 5.0, 93)


@dataclass(frozen=True)
class Reverberation:
    """What was found.

    Attributes
    ----------
    rt60_s : float or None
        Time in which reverberation falls by 60 dB, below 1 kHz; None where nothing dies away.
    certainty : float
        0 to 1: how many sounds died away freely. Notes that are held and overlap hide the room.
    """

    rt60_s: float | None
    certainty: float


class ReverberationMeter:
    """Measure the reverberation time of a stream, the same for every split; 200 kB are kept.

    Parameters
    ----------
    sample_rate : float
        In Hz.

    Notes
    -----
    After Ratnam et al., Blind estimation of reverberation time, JASA 114 (2003), 2877-2892: in
    bands of half an octave every stretch of 0.12 s that falls in a straight line gives a time; the
    fastest of them are the room's, the others the sound's own. On simulated rooms, for speech and
    instruments that are struck or plucked, right within a third; too long for held notes, whose
    low certainty says so.
    """

    def __init__(self, sample_rate: float) -> None:
        self._hop = max(1, round(HOP_S * sample_rate))
        size = FRAME_HOPS * self._hop
        hertz = np.fft.rfftfreq(size, 1.0 / sample_rate)
        self._edges = np.searchsorted(hertz, [e for e in EDGES_HZ if e <= 0.5 * sample_rate])
        self._window = np.hanning(size)
        self._fifo = SampleFifo(1)
        self._past = np.zeros((1, 0), np.float32)
        self._passage = round(PASSAGE_S / HOP_S) * self._hop
        self._counts = np.zeros((max(0, len(self._edges) - 1), _TIMES.size + 1), np.int64)
        self._active = 0

    def push(self, block: Rows) -> None:
        """Take samples."""
        self._fifo.push(block.mean(axis=0, keepdims=True))
        while len(self._fifo) >= self._passage:
            self._measure(self._fifo.pop(self._passage))

    def result(self) -> Reverberation:
        """Return what was found so far; ends the stream."""
        self._measure(self._fifo.pop(len(self._fifo)))
        found = [_quantile(row) for row in self._counts if row.sum() >= LEAST_DECAYS // 6]
        decays = int(self._counts.sum())
        if len(found) < 3 or decays < LEAST_DECAYS:
            return Reverberation(None, 0.0)
        density = decays / max(self._active * HOP_S, 1e-9)
        certainty = float(np.clip((density - VAGUE) / (CERTAIN - VAGUE), 0.0, 1.0))
        return Reverberation(max(0.05, SLOPE * float(np.median(found)) + OFFSET_S), certainty)

    def _measure(self, samples: Rows) -> None:
        joined = np.concatenate([self._past, samples], axis=1)
        size = self._window.size
        if joined.shape[1] < size or len(self._edges) < 2:
            self._past = joined
            return
        self._past = joined[:, joined.shape[1] - size + self._hop :]
        frames = np.lib.stride_tricks.sliding_window_view(joined[0], size)[:: self._hop]
        power = np.abs(np.fft.rfft(frames * self._window, axis=1)) ** 2
        bands = np.add.reduceat(power[:, : self._edges[-1]], self._edges[:-1], axis=1)
        self._count(10.0 * np.log10(bands + 1e-14))

    def _count(self, levels: Floats) -> None:
        """Count the times of all decays in a passage, band by band."""
        if len(levels) < DECAY_HOPS:
            return
        top = np.quantile(levels, 0.99, axis=0)
        floor = np.quantile(levels, 0.05, axis=0) + ABOVE_FLOOR_DB
        self._active += int(np.count_nonzero((levels > top - BELOW_TOP_DB).any(axis=1)))
        place = np.arange(DECAY_HOPS) - (DECAY_HOPS - 1) / 2.0
        for band, row in enumerate(levels.T):
            views = np.lib.stride_tricks.sliding_window_view(row, DECAY_HOPS)
            slope = views @ (place / (place**2).sum())
            fall = -slope * (DECAY_HOPS - 1)
            line = views.mean(axis=1, keepdims=True) + slope[:, np.newaxis] * place
            straight = (views - line).std(axis=1) < STRAIGHTNESS * fall
            loud = (views[:, 0] > top[band] - BELOW_TOP_DB) & (views[:, -1] > floor[band])
            kept = slope[straight & loud & (fall > LEAST_FALL_DB)]
            times = np.searchsorted(_TIMES, -60.0 * HOP_S / kept)
            self._counts[band] += np.bincount(times, minlength=_TIMES.size + 1)


def _quantile(counts: NDArray[np.int64]) -> float:
    """Return the time that the fastest tenth of the decays does not exceed."""
    reached = np.cumsum(counts) >= FASTEST * counts.sum()
    return float(_TIMES[min(int(np.argmax(reached)), _TIMES.size - 1)])

"""Crackle: small impulses that stand out of the noise where the music is quietest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_amplitude
from restorack.dsp.sections import butterworth, filtered

Floats = NDArray[np.float64]

# Where impulses stand out of the noise of a disc, and how long its level holds (2048 samples at
# 44.1 kHz). By hand.
HIGH_PASS_HZ = 2_000.0
FRAME_S = 0.046
DEVIATIONS = 5.0
"""Gaussian noise has 0.03 samples a second beyond so many standard deviations."""

# Samples closer than this are one impulse; of quiet frames the quietest share is counted. By hand.
DEAD_TIME_S = 0.3e-3
QUIET_SHARE = 0.2
NEIGHBOUR_DB = 4.0
"""A quiet frame has neighbours that are little louder: an attack may begin within it."""

# Half a second at least; parts whose median density counts, so that one dense part does not. By
# hand.
LEAST_FRAMES = 10
GROUPS = 7
EVEN = 0.35
"""Intervals whose deviation is below this share of their mean are even."""

SILENCE = 1e-6
"""Below this deviation there is rounding, no noise."""

LARGEST_DEVIATION_SHARE = 0.02
"""Of the programme's peak: what is louder is music, however even."""


@dataclass(frozen=True)
class Crackle:
    """Small impulses in quiet frames.

    Parameters
    ----------
    per_second : float
        Those of more than five standard deviations of the noise around them, above 2 kHz; of
        the channel that has most.
    median_peak : float or None
        Of theirs, above 2 kHz, full scale 1; None where there are none.
    quiet_seconds : float
        Time in which they were counted.
    """

    per_second: float
    median_peak: float | None
    quiet_seconds: float


class CrackleMeter:
    """Count small impulses over passages; what is kept grows with the impulses, 4 bytes each.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    """

    def __init__(self, sample_rate: float) -> None:
        self._rate = sample_rate
        self._frame = max(64, round(FRAME_S * sample_rate))
        self._frames: list[list[_Frame]] = []

    def push(self, passage: Rows) -> None:
        """Take a passage ``(channels, samples)`` as it is."""
        if passage.shape[1] < 3 * self._frame or self._rate < 3.0 * HIGH_PASS_HZ:
            return
        sections = butterworth(4, HIGH_PASS_HZ, "highpass", self._rate)
        high = filtered(sections, passage)[0]
        count = high.shape[1] // self._frame
        frames = np.abs(high[:, : count * self._frame].reshape(len(high), count, self._frame))
        deviations = np.median(frames, axis=2) / 0.6745
        padded = np.pad(deviations, ((0, 0), (1, 1)), constant_values=np.inf)
        around = np.maximum(padded[:, 2:], padded[:, :-2])
        self._frames = self._frames or [[] for _ in high]
        for kept, row, levels, louder in zip(self._frames, frames, deviations, around, strict=True):
            kept += [self._measured(*one) for one in zip(row, levels, louder, strict=True)]

    def _measured(self, frame: Floats, deviation: float, around: float) -> _Frame:
        above = np.flatnonzero(frame > DEVIATIONS * max(deviation, SILENCE))
        gap = max(1, round(DEAD_TIME_S * self._rate))
        groups = np.split(above, np.flatnonzero(np.diff(above) > gap) + 1) if above.size else []
        intervals = np.diff([group[0] for group in groups])
        # Pulses at even intervals are a voice, a reed or a dimmer's buzz.
        pitched = len(intervals) >= 3 and intervals.std() < EVEN * intervals.mean()
        peaks = np.array([frame[group].max() for group in groups], np.float32)
        quiet = around < deviation * db_to_amplitude(NEIGHBOUR_DB)
        return _Frame(deviation, bool(quiet and deviation > SILENCE and not pitched), peaks)

    def result(self, programme_peak: float, largest: float) -> Crackle | None:
        """Return what was counted, or None where no moment is quiet noise.

        Parameters
        ----------
        programme_peak : float
            Of the recording without its clicks, full scale 1.
        largest : float
            Impulses from this peak on are clicks, and not counted here.
        """
        found = [self._of_row(row, programme_peak, largest) for row in self._frames]
        rows = [one for one in found if one is not None]
        return max(rows, key=lambda one: one.per_second) if rows else None

    def _of_row(self, row: list[_Frame], programme_peak: float, largest: float) -> Crackle | None:
        limit = LARGEST_DEVIATION_SHARE * programme_peak
        noise = [frame for frame in row if frame.quiet and frame.deviation < limit]
        if len(noise) < LEAST_FRAMES:
            return None
        quietest = np.quantile([frame.deviation for frame in noise], QUIET_SHARE)
        chosen = [frame for frame in noise if frame.deviation <= quietest]
        # Crackle is everywhere; what gathers in one part of the quiet moments is something else.
        groups = np.array_split(np.arange(len(chosen)), min(GROUPS, len(chosen)))
        small = [frame.peaks[frame.peaks < largest] for frame in chosen]
        seconds = len(chosen) * self._frame / self._rate
        frame_s = self._frame / self._rate
        densities = [sum(len(small[at]) for at in group) / (len(group) * frame_s)
                     for group in groups]  # fmt: skip
        peaks = np.concatenate(small)
        density = min(float(np.median(densities)), len(peaks) / seconds)
        return Crackle(density, float(np.median(peaks)) if peaks.size else None, seconds)


@dataclass(frozen=True)
class _Frame:
    deviation: float
    quiet: bool
    peaks: NDArray[np.float32]

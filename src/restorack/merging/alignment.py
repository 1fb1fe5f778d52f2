"""A copy aligned with the reference: coarsely, followed, refined; refused where it does not fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.merging.coarse import Coarse, align_coarsely, band_loudness
from restorack.merging.copies import Copy
from restorack.merging.refinement import refine
from restorack.merging.time_map import KNOT_S, TimeMap, smoothed
from restorack.merging.tracking import RATE_HZ, track

Floats = NDArray[np.float64]

WOW_HZ = 6.0
"""What moves faster than that is flutter, and is not counted as wow."""
CAUTION = 1.5
"""Times the deviation that is expected of the map: it is larger (docs/guides/disc-transfers.md)."""
SAME_CLOCK = 0.03
"""Samples from a whole number, 95 % of the time, that are none: no disc turns so evenly."""
SURE_TURN, UNSURE_TURN = 0.35, 0.7
"""Phase errors in radians up to which a band is sure, and from which it is not."""


@dataclass(frozen=True)
class Alignment:
    """Where a copy lies to the reference.

    Attributes
    ----------
    time_map : TimeMap
    deviation : ndarray, shape (knots,)
        How far the map may be off, in samples.
    inverted : bool
        Whether the copy's polarity is turned round.
    coarse : Coarse
        What it began with.
    length : int
        Samples of the copy, at the reference's rate.
    """

    time_map: TimeMap
    deviation: Floats
    inverted: bool
    coarse: Coarse
    length: int

    @property
    def present(self) -> NDArray[np.bool_]:
        """Return at which knots the copy has samples."""
        positions = self.time_map.positions
        return np.asarray((positions >= 0.0) & (positions <= self.length - 1))

    def sure(self, places: Floats, turns: Floats) -> Floats:
        """Return 0 to 1 for frequencies (radians a sample) at samples, shape (turns, places)."""
        index = np.clip(
            np.round(places / self.time_map.hop).astype(int), 0, len(self.deviation) - 1
        )
        error = CAUTION * turns[:, np.newaxis] * self.deviation[index]
        return np.asarray(np.clip((UNSURE_TURN - error) / (UNSURE_TURN - SURE_TURN), 0.0, 1.0))

    def present_at(self, places: Floats) -> NDArray[np.bool_]:
        """Return whether the copy has samples, at samples of the reference."""
        index = np.clip(
            np.round(places / self.time_map.hop).astype(int), 0, len(self.deviation) - 1
        )
        return np.asarray(self.present[index])

    def speed_and_wow(self, rate: float) -> tuple[float, float]:
        """Return the copy's samples per sample of the reference, and the wow's RMS over that."""
        there = self.present & ~np.isinf(self.deviation)
        if there.sum() < 100:
            return 1.0, 0.0
        slope = np.median(self.time_map.slopes()[there])
        hop = self.time_map.hop
        # Waves of up to WOW_HZ, by a smoothing spline of that cut-off.
        roughness = (2.0 * np.pi * WOW_HZ * hop / rate) ** 3
        line = self.time_map.positions - slope * self.time_map.knots
        slow = smoothed(line, np.ones(line.size), self.time_map.breaks, roughness)
        steps = (np.diff(slow) / hop)[there[1:] & there[:-1] & ~self.time_map.breaks]
        ratio = float(slope + np.mean(steps))
        return ratio, float(np.std(steps) / ratio)


def _of_one_clock(time_map: TimeMap, length: int) -> TimeMap:
    """Return the map by whole samples, where that is what was found: copies of one transfer."""
    apart = time_map.positions - time_map.knots
    there = (time_map.positions >= 0.0) & (time_map.positions < length)
    if time_map.breaks.any() or not there.any():
        return time_map
    whole = np.round(np.median(apart[there]))
    if np.quantile(np.abs(apart[there] - whole), 0.95) > SAME_CLOCK:
        return time_map
    return TimeMap(time_map.hop, time_map.knots + whole, time_map.breaks)


def align(reference: Copy, copy: Copy, rate: float) -> Alignment:
    """Align a copy with the reference.

    Parameters
    ----------
    reference, copy : Copy
    rate : float
        Of both, in Hz.
    """
    hop = max(1, round(KNOT_S * rate))
    own, other = (band_loudness(each.mono_blocks(), rate) for each in (reference, copy))
    coarse = align_coarsely(own, other, rate, hop, reference.mono.frames)
    tracked = track(reference.low, copy.low, RATE_HZ / rate, coarse.time_map, reference.low.frames)
    refined = refine(reference.mono, copy.mono, rate, tracked.time_map, tracked.inverted)
    time_map = _of_one_clock(refined.time_map, copy.mono.frames)
    return Alignment(time_map, refined.deviation, tracked.inverted, coarse, copy.mono.frames)

"""Gains of third octaves as a filter of a stream, in linear phase, for mid and side."""

from __future__ import annotations

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_amplitude
from restorack.dsp.fir import Floats, PartitionedFilter, linear_phase_taps
from restorack.meters.profile.sound_profile import CENTRES_HZ
from restorack.plugins.matching.laws import BandGains

CYCLES = 4.0
"""Half of the filter covers this many cycles of the lowest band: its width is resolved."""


class BandFilter:
    """Filter a stream: two channels as mid and side, others each by the gains of mid.

    Parameters
    ----------
    gains : BandGains
    sample_rate : float
        In Hz.
    channels : int
    """

    def __init__(self, gains: BandGains, sample_rate: float, channels: int) -> None:
        half = half_length(sample_rate)
        kinds = [gains.middle_db, gains.side_db] if channels == 2 else [gains.middle_db]
        taps = np.stack([_taps(kind, sample_rate, half) for kind in kinds])
        self._is_stereo = channels == 2
        self._filter = PartitionedFilter(channels, taps, half)

    def push(self, block: Rows) -> Rows:
        """Take samples, return those that are ready."""
        return self._decoded(self._filter.push(self._encoded(block)))

    def finish(self) -> Rows:
        """Return the rest."""
        return self._decoded(self._filter.finish())

    def _encoded(self, rows: Rows) -> Rows:
        if not self._is_stereo:
            return rows
        half = np.float32(0.5)
        return np.stack([half * (rows[0] + rows[1]), half * (rows[0] - rows[1])])

    def _decoded(self, rows: Floats) -> Rows:
        if self._is_stereo:
            rows = np.stack([rows[0] + rows[1], rows[0] - rows[1]])
        return rows.astype(np.float32)


def half_length(sample_rate: float) -> int:
    """Return the filter's taps on each side of its middle."""
    return round(CYCLES * sample_rate / float(CENTRES_HZ[0]))


def filter_latency(sample_rate: float) -> int:
    """Return the most samples that :class:`BandFilter` holds back."""
    half = half_length(sample_rate)
    return PartitionedFilter.latency(2 * half + 1, half)


def _taps(gains_db: Floats, sample_rate: float, half: int) -> Floats:
    def magnitude(hz: Floats) -> Floats:
        octaves = np.log2(np.maximum(hz, 1.0))
        gain: Floats = db_to_amplitude(np.interp(octaves, np.log2(CENTRES_HZ), gains_db))
        return gain

    return linear_phase_taps(magnitude, sample_rate, half)

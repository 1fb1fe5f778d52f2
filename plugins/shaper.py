"""SpectralShaper: the band from 20 Hz to 20 kHz, its tilt and its air, in linear phase."""

from __future__ import annotations

import numpy as np

from restorack.core.parameters import FloatParameter
from restorack.core.processor import Processor
from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_amplitude
from restorack.dsp.fir import (
    Floats,
    LinearPhaseBranch,
    LinearPhaseFilter,
    linear_phase_taps,
    smooth_rise,
)

# Where a tilt is 0 dB, outside of which it stays what it was at the ends (the range of hearing),
# and the band called air.
TILT_PIVOT_HZ = 1_000.0
TILT_BAND_HZ = (20.0, 20_000.0)
AIR_BAND_HZ = (10_000.0, 16_000.0)
AIR_SHOULDER = 1.25
"""The air band's shoulders lie within this ratio of its ends: 8 to 10 and 16 to 20 kHz."""

CYCLES = 6.0
"""Half of the filter covers this many cycles of the lowest frequency that it shapes."""
LOWEST_SHAPED_HZ = 5.0
"""Bounds the filter's length, CYCLES of it: 1.2 s to each side at most."""


class SpectralShaper(Processor):
    """Limit the band, tilt the spectrum, lift 10 to 16 kHz.

    One linear-phase filter, aligned with the input, computed as the input plus a change: with
    nothing to change the input passes bit for bit.

    Notes
    -----
    ``air_percent`` is a gain: 15 means 1.15, that is +1.21 dB, over the whole of 10 to 16 kHz.
    """

    low_hz = FloatParameter(
        20.0,
        0.0,
        500.0,
        unit="Hz",
        description="The band is whole from here up (-0.1 dB) and 28 dB down an octave below; 0 "
        "leaves the bottom.",
        automatable=False,
    )
    high_hz = FloatParameter(
        20_000.0,
        1_000.0,
        384_000.0,
        unit="Hz",
        description="The band is whole up to here and gone half an octave above, or at half the "
        "sample rate if that is nearer; from half the sample rate on it leaves the top.",
        automatable=False,
    )
    tilt_db_per_octave = FloatParameter(
        0.0,
        -6.0,
        6.0,
        unit="dB/octave",
        description="Slope of the whole spectrum around 1 kHz, from 20 Hz to 20 kHz; above 0 is "
        "brighter.",
        automatable=False,
    )
    air_percent = FloatParameter(
        0.0,
        0.0,
        100.0,
        unit="%",
        description="Lift of 10 to 16 kHz as a gain: 15 is 1.15, or 1.21 dB.",
        automatable=False,
    )

    def gain(self, frequencies: Floats, sample_rate: float) -> Floats:
        """Return the wanted gain at frequencies in Hz; the filter smooths it by a few Hz."""
        low, high = self.low_hz, self.high_hz
        octaves = np.log2(np.clip(frequencies, *TILT_BAND_HZ) / TILT_PIVOT_HZ)
        gain: Floats = db_to_amplitude(self.tilt_db_per_octave * octaves)
        begin, end = AIR_BAND_HZ
        band = smooth_rise(frequencies, begin / AIR_SHOULDER, begin)
        band = band * (1.0 - smooth_rise(frequencies, end, end * AIR_SHOULDER))
        gain = gain * (1.0 + self.air_percent / 100.0 * band)
        if low > 0.0:
            gain = gain * smooth_rise(frequencies, low / 2.0, low)
        if high < sample_rate / 2.0:
            edge = min(high * np.sqrt(2.0), sample_rate / 2.0)
            gain = gain * (1.0 - smooth_rise(frequencies, high, edge))
        return gain

    def predict_latency(self, sample_rate: float) -> int:
        """Return the latency in samples at a sample rate in Hz."""
        return LinearPhaseFilter.latency_of(self._half_length(sample_rate))

    def _begin(self, sample_rate: float, channels: int) -> None:
        def change(frequencies: Floats) -> Floats:
            return self.gain(frequencies, sample_rate) - 1.0

        taps = linear_phase_taps(change, sample_rate, self._half_length(sample_rate))
        self._branch = LinearPhaseBranch(channels, taps)

    def _push(self, block: Rows) -> Rows:
        return _sum(*self._branch.push(block))

    def _finish(self) -> Rows:
        return _sum(*self._branch.finish())

    def _half_length(self, sample_rate: float) -> int:
        lowest = self.low_hz or TILT_BAND_HZ[0]
        return round(CYCLES * sample_rate / max(lowest, LOWEST_SHAPED_HZ))


def _sum(dry: Rows, change: Floats) -> Rows:
    return (dry + change).astype(np.float32)

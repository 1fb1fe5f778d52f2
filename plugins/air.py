"""Air: a smooth lift of the top, 10 kHz and above."""

from __future__ import annotations

import numpy as np

from restorack.core.automation import GRID
from restorack.core.parameters import ChoiceParameter, FloatParameter
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

SHOULDER = np.sqrt(2.0)
"""The lift begins half an octave below its frequency."""
BELL = 1.6
"""A bell ends this far above its frequency: 10 to 16 kHz; its upper shoulder lies beyond."""
CYCLES = 32.0
"""Half of the filter covers this many cycles of the lift's frequency: 3.2 ms at 10 kHz."""


class Air(Processor):
    """Lift the top by a linear-phase shelf or bell.

    The output is the input plus the band above ``frequency_hz`` times a gain, so that the gain
    can move without clicks; with ``amount_db = 0`` the input passes bit for bit.

    Notes
    -----
    Between two points of the automation grid the gain runs in a straight line; a value that is
    set by hand during a stream is reached over 64 samples.
    """

    amount_db = FloatParameter(
        1.2, 0.0, 12.0, unit="dB", description="Lift of the band; 0 returns the input bit for bit."
    )
    frequency_hz = FloatParameter(
        10_000.0,
        2_000.0,
        40_000.0,
        unit="Hz",
        description="The lift is whole from here up; it begins half an octave below.",
        logarithmic=True,
        automatable=False,
    )
    shape = ChoiceParameter(
        "shelf",
        ("shelf", "bell"),
        description="A shelf lifts all above; a bell ends at 1.6 times the frequency (10 to 16 "
        "kHz) and is gone half an octave higher, which spares the hiss there.",
    )

    def band(self, frequencies: Floats) -> Floats:
        """Return the band's gain, 0 to 1, at frequencies in Hz."""
        begin, end = self.frequency_hz, self.frequency_hz * BELL
        band = smooth_rise(frequencies, begin / SHOULDER, begin)
        if self.shape == "bell":
            band = band * (1.0 - smooth_rise(frequencies, end, end * SHOULDER))
        return band

    def predict_latency(self, sample_rate: float) -> int:
        """Return the latency in samples at a sample rate in Hz."""
        return LinearPhaseFilter.latency_of(self._half_length(sample_rate))

    def _begin(self, sample_rate: float, channels: int) -> None:
        taps = linear_phase_taps(self.band, sample_rate, self._half_length(sample_rate))
        self._branch = LinearPhaseBranch(channels, taps)
        self._rate = sample_rate
        self._position = 0
        self._ramp_from = self._ramp_to = _lift(self.amount_db)
        self._ramp_start = 0

    def _push(self, block: Rows) -> Rows:
        return self._lifted(*self._branch.push(block))

    def _finish(self) -> Rows:
        return self._lifted(*self._branch.finish())

    def _half_length(self, sample_rate: float) -> int:
        return round(CYCLES * sample_rate / self.frequency_hz)

    def _lifted(self, dry: Rows, band: Floats) -> Rows:
        if dry.shape[1] == 0:
            return dry
        gain = self._gain(np.arange(self._position, self._position + dry.shape[1]))
        self._position += dry.shape[1]
        return np.where(gain == 0.0, dry, dry + gain * band).astype(np.float32)

    def _gain(self, positions: np.ndarray) -> Floats:
        """Return what the band is multiplied by at each position of the stream."""
        track = self._held_automation.get("amount_db")
        if track is None:
            return self._gain_by_hand(positions)
        # Evaluated where samples leave, so that values meet the samples they were set for.
        points = np.arange(positions[0] // GRID, positions[-1] // GRID + 2) * GRID
        lifts = [_lift(track.at(float(point) / self._rate)) for point in points]
        gain: Floats = np.interp(positions, points, lifts)
        return gain

    def _gain_by_hand(self, positions: np.ndarray) -> Floats:
        wanted = _lift(self.amount_db)
        if wanted != self._ramp_to:
            self._ramp_from = float(self._ramp(positions[:1])[0])
            self._ramp_to, self._ramp_start = wanted, int(positions[0])
        return self._ramp(positions)

    def _ramp(self, positions: np.ndarray) -> Floats:
        done = np.minimum((positions - self._ramp_start) / GRID, 1.0)
        ramp: Floats = self._ramp_from + (self._ramp_to - self._ramp_from) * done
        return np.where(done == 1.0, self._ramp_to, ramp)


def _lift(amount_db: float) -> float:
    return float(db_to_amplitude(amount_db) - 1.0)

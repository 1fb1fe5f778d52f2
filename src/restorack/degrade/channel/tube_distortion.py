"""TubeDistortion: soft, lopsided saturation, as of a triode stage or an overdriven transformer."""

from __future__ import annotations

from typing import Any

import numpy as np

from restorack.core.parameters import FloatParameter
from restorack.degrade.channel.oversampling import OversampledDistortion, oversampling_factor
from restorack.degrade.unseeded import UnseededDegradation
from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_amplitude
from restorack.dsp.fir import Floats

COUPLING_HZ = 10.0
"""A coupling capacitor keeps the constant part of lopsided distortion out."""


class TubeDistortion(UnseededDegradation):
    """Saturate softly, the two half waves unlike.

    With ``v = 10^(drive_db / 20) x`` and ``t = tanh v``, the output is
    ``((1 - odd) v + odd t + even t^2 / 2) 10^(-drive_db / 20)``: quiet sound passes at its level,
    loud sound bends. The curve always rises. A sine of small amplitude ``A`` gets a second harmonic
    of ``even g A / 4`` and a third of ``odd (g A)^2 / 12`` of itself, ``g`` being the drive.

    Notes
    -----
    Made at eight times the rate (of 44.1 kHz); what still folds back to below 20 kHz from a
    full-scale sine of 5 kHz lies below -100 dB at up to 18 dB of drive, and below -70 dB at 24 dB.
    A high-pass of the first order, at 10 Hz, takes the constant part out of what is added.
    """

    drive_db = FloatParameter(
        9.0,
        -20.0,
        24.0,
        unit="dB",
        description="How far into the bend full scale reaches: its knee lies at -drive_db dBFS.",
        automatable=False,
    )
    even = FloatParameter(
        0.5,
        0.0,
        1.0,
        description="Lopsidedness: second, fourth, ... harmonics, as of a single triode.",
        automatable=False,
    )
    odd = FloatParameter(
        1.0,
        0.0,
        1.0,
        description="Saturation: third, fifth, ... harmonics, as of a push-pull stage.",
        automatable=False,
    )

    def curve(self, levels: Any) -> Floats:
        """Return what the stage makes of constant levels, before the coupling capacitor."""
        gain = db_to_amplitude(self.drive_db)
        driven = gain * np.asarray(levels, np.float64)
        bent = np.tanh(driven)
        return np.asarray(
            ((1.0 - self.odd) * driven + (self.odd + 0.5 * self.even * bent) * bent) / gain
        )

    def predict_latency(self, sample_rate: float) -> int:
        """Return the latency in samples."""
        return OversampledDistortion.latency()

    def _begin(self, sample_rate: float, channels: int) -> None:
        factor = oversampling_factor(sample_rate)
        self._coupling = CouplingCapacitor(COUPLING_HZ, sample_rate, channels)
        self._engine = OversampledDistortion(
            channels, factor, self._added, afterwards=self._coupling.filter
        )

    def _push(self, block: Rows) -> Rows:
        return self._engine.push(block)

    def _finish(self) -> Rows:
        return self._engine.finish()

    def _added(self, rows: Floats, position: int) -> Floats:
        return self.curve(rows) - rows


class CouplingCapacitor:
    """A high-pass of the first order over a stream.

    Parameters
    ----------
    cutoff_hz, sample_rate : float
        In Hz.
    channels : int

    Notes
    -----
    The bilinear transform of ``s / (s + 2 pi cutoff)``.
    """

    def __init__(self, cutoff_hz: float, sample_rate: float, channels: int) -> None:
        bend = np.tan(np.pi * cutoff_hz / sample_rate)
        self._forward = np.array([1.0, -1.0]) / (1.0 + bend)
        self._back = np.array([1.0, (bend - 1.0) / (1.0 + bend)])
        self._state = np.zeros((channels, 1))

    def filter(self, rows: Floats) -> Floats:
        """Return the next rows without what is constant in them."""
        from scipy import signal

        out, self._state = signal.lfilter(self._forward, self._back, rows, axis=1, zi=self._state)
        return np.asarray(out)

"""TracingDistortion: a round stylus does not touch the groove where the cutter cut it."""

from __future__ import annotations

import math

import numpy as np

from restorack.core.parameters import ChoiceParameter, FloatParameter
from restorack.degrade.channel.oversampling import OversampledDistortion, oversampling_factor
from restorack.degrade.unseeded import UnseededDegradation
from restorack.dsp import _core
from restorack.dsp.arrays import Rows
from restorack.dsp.fir import Floats

INNERMOST_MM = 48.0
"""No groove lies farther in, whatever the time."""
ROUNDS = 6
"""Of the secant method: more change nothing that float32 holds. By hand."""
CLOSE = 1e-4
"""Rounds in which the point of contact is found, fewer where it moves by less (samples)."""


class TracingDistortion(UnseededDegradation):
    """Distort as a stylus of some radius does: more for loud, for high and for inner grooves.

    A stylus touches a sloping wall not under its middle but ahead or behind: what it plays at a
    time is what was cut at another, ``u = t + (r / V) m / sqrt(1 + m^2)``, where ``r`` is the
    stylus radius, ``V`` the groove's speed and ``m`` its slope at the point of contact, velocity
    over groove speed. So the signal modulates its own phase: a sine of the velocity ``v`` gets a
    second harmonic of ``pi f r v / V^2`` of itself (small values).

    Notes
    -----
    Lewis and Hunt, A theory of tracing distortion in sound reproduction from phonograph records,
    JASA 12 (1941), 348-365; Corrington, Tracing distortion in phonograph records, RCA Review 10
    (1949), 241-253. The curve that the stylus' middle runs along is parallel to the groove, so its
    slope is that at the point of contact. Where the groove curves more sharply than the stylus,
    which then rests on two points, the contact is where six rounds of the secant method lead. The
    input is taken for the velocity as cut: put the recording curve's treble before it, and its
    opposite behind, to have that counted. Made at four times the rate (of 44.1 kHz).
    """

    cut = ChoiceParameter(
        "vertical",
        ("vertical", "lateral"),
        description="vertical: hill-and-dale cuts, and each wall of a stereo groove; lateral: mono "
        "records, on which the walls' even harmonics cancel.",
    )
    stylus_um = FloatParameter(
        18.0,
        2.0,
        100.0,
        unit="um",
        description="Radius of the tip: LP 18, elliptical 8, shellac 65.",
        logarithmic=True,
        automatable=False,
    )
    velocity_cm_s = FloatParameter(
        15.0,
        0.5,
        60.0,
        unit="cm/s",
        description="Groove velocity of full scale.",
        logarithmic=True,
        automatable=False,
    )
    rpm = FloatParameter(
        33.333, 16.0, 160.0, unit="rpm", description="Turns per minute.", automatable=False
    )
    radius_mm = FloatParameter(
        80.0,
        INNERMOST_MM,
        200.0,
        unit="mm",
        description="Radius of the groove at the first sample: LP 146 to 60, shellac 120 to 48.",
        automatable=False,
    )
    inward_mm_per_min = FloatParameter(
        0.0,
        0.0,
        60.0,
        unit="mm/min",
        description="How fast the groove runs inwards, to 48 mm at most: LP 4, shellac 22.",
        automatable=False,
    )

    def groove_speed(self, seconds: Floats | float) -> Floats:
        """Return the speed of the groove under the stylus at times in seconds, in m/s."""
        inward = self.inward_mm_per_min / 60.0 * np.maximum(seconds, 0.0)
        radius = 1e-3 * np.maximum(self.radius_mm - inward, INNERMOST_MM)
        return np.asarray(2.0 * np.pi * radius * self.rpm / 60.0)

    def predict_latency(self, sample_rate: float) -> int:
        """Return the latency in samples at a sample rate in Hz."""
        return OversampledDistortion.latency(self._reach(sample_rate))

    def _begin(self, sample_rate: float, channels: int) -> None:
        self._rate = sample_rate
        self._factor = max(2, oversampling_factor(sample_rate) // 2)
        reach = self._reach(sample_rate)
        self._engine = OversampledDistortion(channels, self._factor, self._added, moved=reach)

    def _push(self, block: Rows) -> Rows:
        return self._engine.push(block)

    def _finish(self) -> Rows:
        return self._engine.finish()

    def _reach(self, sample_rate: float) -> int:
        """Return the most samples between cutting and touching, and three to interpolate."""
        slowest = 2e-3 * math.pi * INNERMOST_MM * self.rpm / 60.0
        slowest = slowest if self.inward_mm_per_min else float(self.groove_speed(0.0))
        return math.ceil(1e-6 * self.stylus_um / slowest * sample_rate) + 3

    def _added(self, rows: Floats, position: int) -> Floats:
        times = (position + np.arange(rows.shape[1]) / self._factor) / self._rate
        speed = self.groove_speed(times)
        slopes = self.velocity_cm_s / 100.0 / speed
        reach = 1e-6 * self.stylus_um / speed * self._rate * self._factor
        sides = (reach, -reach) if self.cut == "lateral" else (reach,)
        added = -rows
        for row, out in zip(rows, added, strict=True):
            for side in sides:
                _core.add_traced(row, slopes, side, 1.0 / len(sides), ROUNDS, CLOSE, out)
        return added

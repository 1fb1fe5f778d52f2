"""BandLimit: end the band where a horn, a telephone, a radio or an encoder ended it."""

from __future__ import annotations

from restorack.core.parameters import ChoiceParameter, FloatParameter, IntParameter
from restorack.degrade.channel.band_shapes import HIGHEST_ORDER, SHAPES, Band, random_band
from restorack.degrade.channel.kernel import KernelDegradation
from restorack.dsp.fir import Floats, linear_phase_taps, minimum_phase_taps
from restorack.errors import ParameterError

CYCLES = 24.0
"""Half of the filter covers this many cycles of the lowest edge: 0.12 s at 200 Hz."""
SHORTEST_S, LONGEST_S = 0.004, 1.2
"""Bounds of half the filter, in s: CYCLES of 6 kHz and of 20 Hz."""


class BandLimit(KernelDegradation):
    """Limit the band, with the slopes of many carriers.

    The default is an acoustic record's, 200 Hz to 3.5 kHz. Butterworth, Bessel, Chebyshev (0.5 dB
    of ripple), inverse Chebyshev and elliptic filters (50 dB in the stop band), ``telephone`` and
    the top of ``am_radio`` are 3 dB down at their edges (a telephone's before the 3 dB an octave
    of its carbon transmitter); ``brickwall`` and ``soft`` (two octaves wide) 6 dB; ``mp3`` keeps
    a shelf at -24 dB from its edge to 19/16 of it.

    Notes
    -----
    Both phases have the same magnitude. ``zero`` moves nothing in time; ``minimum`` has the phase
    of the circuit, which delays the band's edges. Edges above half the sample rate do nothing.
    """

    low_hz = FloatParameter(
        200.0,
        0.0,
        8_000.0,
        unit="Hz",
        description="Lower edge; 0 leaves that side open.",
        automatable=False,
    )
    high_hz = FloatParameter(
        3_500.0,
        0.0,
        96_000.0,
        unit="Hz",
        description="Upper edge; 0 leaves that side open.",
        automatable=False,
    )
    shape = ChoiceParameter(
        "butterworth",
        (*SHAPES, "random"),
        description="How the band ends; random draws shape and order by the seed and moves the "
        "edges by up to a third of an octave.",
    )
    order = IntParameter(
        4, 1, HIGHEST_ORDER, description="Order of each slope, for the first five shapes."
    )
    phase = ChoiceParameter(
        "zero",
        ("zero", "minimum"),
        description="zero moves nothing in time; minimum has the phase of the circuit.",
    )

    def band(self) -> Band:
        """Return the band in force, drawn by the seed where the shape is random.

        Raises
        ------
        ParameterError
            Where the lower edge lies above the upper one.
        """
        if 0.0 < self.high_hz <= self.low_hz:
            raise ParameterError(
                f"low_hz = {self.low_hz:g}, high_hz = {self.high_hz:g}",
                where=type(self).__name__,
                rule="low_hz is below high_hz; 0 leaves a side open",
            )
        if self.shape == "random":
            return random_band(self.seed, self.low_hz, self.high_hz)
        return Band(self.low_hz, self.high_hz, self.shape, self.order)

    def kernel(self, sample_rate: float, channels: int) -> Floats:
        """Return the impulse response, shape ``(taps,)``."""
        count, lead = self._kernel_size(sample_rate)
        if lead:
            return linear_phase_taps(self.band().magnitude, sample_rate, lead)
        return minimum_phase_taps(self.band().magnitude, sample_rate, count)

    def _kernel_size(self, sample_rate: float) -> tuple[int, int]:
        band = self.band()
        edges = [edge for edge in (band.low_hz, band.high_hz) if 0.0 < edge < sample_rate / 2.0]
        seconds = CYCLES / min(edges) if edges else SHORTEST_S
        half = round(min(LONGEST_S, max(SHORTEST_S, seconds)) * sample_rate)
        return 2 * half + 1, half if self.phase == "zero" else 0

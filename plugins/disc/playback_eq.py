"""PlaybackEq: the playback side of a recording curve."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from restorack.core.parameters import ChoiceParameter, TextParameter
from restorack.core.processor import Processor
from restorack.dsp.arrays import Rows
from restorack.dsp.fir import (
    Floats,
    LinearPhaseFilter,
    PartitionedFilter,
    linear_phase_taps,
    minimum_phase_taps,
)
from restorack.errors import ParameterError
from restorack.plugins.disc.curves import corner_gain
from restorack.plugins.disc.labels import find_curve

DECAY_DB = 100.0
"""How far the response of the lowest corner has died away where a filter of minimum phase ends."""

SHORTEST_S = 0.01
"""Least length of a filter of minimum phase."""

WIDTHS = 12.0
"""Half a filter of linear phase, in periods of 20 Hz: its smoothing is 2.3 Hz wide."""

LOWEST_HZ = 20.0
"""The frequency whose periods measure the filter of linear phase: the lowest end of hearing."""

NONE = "none"


def _is_curve(text: str) -> bool:
    """Return True, or raise an error that says more than that it is none."""
    try:
        find_curve(text)
    except ParameterError as error:
        raise error.at("PlaybackEq") from None
    return True


class PlaybackEq(Processor):
    """Play a disc by its recording curve: bass up, treble down, 0 dB at 1 kHz.

    The corners of the curve are those of the analogue circuit, within 0.1 dB from 20 Hz to
    20 kHz. ``undo`` takes off a curve that was already applied, such as RIAA by the phono stage
    that a 78 was played through; where both are the same, the input passes bit for bit.

    Notes
    -----
    A bass without a shelf (the notation's N) rises down to 2 Hz: remove rumble first. FIR filters
    in float64, from the magnitude: of minimum phase by its cepstrum, as a circuit has it, or of
    linear phase.
    """

    curve = TextParameter(
        "RIAA",
        form="a curve's name, turnover, shelf and roll-off (500R-13.7), or a label and a year "
        "('Columbia (American) 1940'); see restorack curves list",
        description="The curve that the disc was cut with.",
        accepts=_is_curve,
    )
    undo = TextParameter(
        NONE,
        form="a curve as above, or none",
        description="A curve that was applied in playing it, to be taken off.",
        accepts=lambda text: text == NONE or _is_curve(text),
    )
    phase = ChoiceParameter(
        "minimum",
        ("minimum", "linear"),
        description="Minimum, as of the circuits that cut and play; or linear.",
    )

    def gain(self, frequencies: Floats) -> Floats:
        """Return the gain at frequencies in Hz, 1 at 1 kHz."""
        return corner_gain(frequencies, *self._corners())

    def predict_latency(self, sample_rate: float) -> int:
        """Return the latency in samples at a sample rate in Hz."""
        if not any(self._corners()):
            return 0
        if self.phase == "linear":
            return LinearPhaseFilter.latency_of(self._half_length(sample_rate))
        return PartitionedFilter.latency(self._length(sample_rate))

    def findings(self) -> dict[str, Any]:
        """Return the corners that were applied, and what they are from."""
        curve = find_curve(self.curve)
        rises, falls = self._corners()
        return {
            "curve": curve.name,
            "code": curve.code,
            "source": curve.source,
            "rises_above_hz": [round(corner, 1) for corner in rises],
            "falls_above_hz": [round(corner, 1) for corner in falls],
        }

    def summary(self) -> str:
        """Return the curve."""
        curve = find_curve(self.curve)
        code = f" ({curve.code})" if curve.code != curve.name else ""
        return f"{curve.name} curve applied{code}"

    def _begin(self, sample_rate: float, channels: int) -> None:
        self._filter: PartitionedFilter | LinearPhaseFilter | None = None
        self._channels = channels
        if not any(self._corners()):
            return
        if self.phase == "linear":
            half = self._half_length(sample_rate)
            taps = linear_phase_taps(self.gain, sample_rate, half)
            self._filter = LinearPhaseFilter(channels, taps)
        else:
            taps = minimum_phase_taps(self.gain, sample_rate, self._length(sample_rate))
            self._filter = PartitionedFilter(channels, taps)

    def _push(self, block: Rows) -> Rows:
        return block if self._filter is None else self._filter.push(block).astype(np.float32)

    def _finish(self) -> Rows:
        if self._filter is None:
            return np.zeros((self._channels, 0), np.float32)
        return self._filter.finish().astype(np.float32)

    def _corners(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Return the zeros and poles in Hz, without those that cancel."""
        curve = find_curve(self.curve)
        rises, falls = list(curve.zeros_hz), list(curve.poles_hz)
        if self.undo != NONE:
            other = find_curve(self.undo)
            rises, falls = rises + list(other.poles_hz), falls + list(other.zeros_hz)
        for corner in list(rises):
            if corner in falls:
                rises.remove(corner)
                falls.remove(corner)
        return tuple(rises), tuple(falls)

    def _length(self, sample_rate: float) -> int:
        lowest = min(min(corners) for corners in self._corners() if corners)
        seconds = DECAY_DB / 20 * math.log(10) / (2 * math.pi * lowest)
        return math.ceil(max(seconds, SHORTEST_S) * sample_rate)

    def _half_length(self, sample_rate: float) -> int:
        return math.ceil(WIDTHS / LOWEST_HZ * sample_rate)

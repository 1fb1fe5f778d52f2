"""Varispeed: play a recording by a speed curve from a file."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from restorack.core.parameters import TextParameter
from restorack.core.processor import Processor
from restorack.core.traits import Trait
from restorack.dsp.arrays import Rows
from restorack.dsp.sinc_reader import HALF
from restorack.dsp.speed_curve import SpeedCurve
from restorack.plugins.disc.speed_files import read_speed_curve
from restorack.plugins.disc.warped import WarpedStream, warped_length


class Varispeed(Processor):
    """Correct a speed that varies, by a curve from a file: what was too fast becomes longer.

    Where the curve is 1 and nothing was moved before, the input passes bit for bit; so it does
    without a file. Renders move cue points, regions, loops and chapters with the sound.

    Notes
    -----
    A sinc of 128 points in a Kaiser window: errors below -100 dB up to 0.45 of the sample rate.
    """

    traits = frozenset({Trait.CHANGES_LENGTH, Trait.RESTORES})

    curve_file = TextParameter(
        "",
        form="the path of a CSV file of seconds,speed; empty: nothing is done",
        description="The speed over the recording's own time, 1 where it is right: as restorack "
        "speed writes it, or edited.",
        is_path=bool,
    )

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._read: tuple[str, SpeedCurve] | None = None

    def predict_latency(self, sample_rate: float) -> int:
        """Return about how many samples are held back."""
        curve = self._curve()
        return 0 if curve is None else math.ceil((HALF + 2) * float(curve.speeds.max()))

    def output_length(self, samples: int, sample_rate: float) -> int | None:
        """Return how many samples come of a signal of so many."""
        curve = self._curve()
        return samples if curve is None else warped_length(curve, samples, sample_rate)

    def output_seconds(self, seconds: float) -> float:
        """Return when a moment of the input is heard in the output, both in seconds."""
        curve = self._curve()
        return seconds if curve is None else float(curve.output_seconds(np.array([seconds]))[0])

    def findings(self) -> dict[str, Any]:
        """Return the slowest and the fastest speed."""
        curve = self._curve()
        if curve is None:
            return {}
        return {
            "slowest": round(float(curve.speeds.min()), 6),
            "fastest": round(float(curve.speeds.max()), 6),
            "knots": curve.speeds.size,
        }

    def summary(self) -> str:
        """Return the slowest and the fastest speed."""
        found = self.findings()
        if not found:
            return "no speed curve is set, unchanged"
        return f"played at {found['slowest']:.4f} to {found['fastest']:.4f} of its speed"

    def _begin(self, sample_rate: float, channels: int) -> None:
        self._read = None  # the file may have been edited since
        curve = self._curve()
        self._channels = channels
        self._stream_of = None if curve is None else WarpedStream(channels, sample_rate, curve)

    def _push(self, block: Rows) -> Rows:
        return block if self._stream_of is None else self._stream_of.push(block)

    def _finish(self) -> Rows:
        if self._stream_of is None:
            return np.zeros((self._channels, 0), np.float32)
        return self._stream_of.finish()

    def _curve(self) -> SpeedCurve | None:
        if not self.curve_file:
            return None
        if self._read is None or self._read[0] != self.curve_file:
            self._read = self.curve_file, read_speed_curve(self.curve_file)
        return self._read[1]

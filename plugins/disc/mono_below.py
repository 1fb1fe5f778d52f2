"""MonoBelow: take the vertical signal of a lateral disc away below a frequency."""

from __future__ import annotations

from typing import Any

import numpy as np

from restorack.core.parameters import FloatParameter
from restorack.core.processor import Processor
from restorack.dsp.arrays import Rows
from restorack.dsp.fifo import SampleFifo
from restorack.dsp.overlap_save import (
    Floats,
    OverlapSave,
    highpass_kernel,
    kaiser_taps,
    overlap_save_latency,
)

STOP = 2.0**-0.5
"""Share of the frequency below which nothing vertical is left."""


class MonoBelow(Processor):
    """Make two channels mono below a frequency: what a lateral groove holds there is noise.

    The difference of the channels is taken away by a filter of linear phase: 6 dB at
    ``below_hz``, 80 dB half an octave below it, and nothing (0.001 dB) from 1.3 times it on. What
    the left channel loses the right one gains, so that their sum stays as it was; equal channels
    pass bit for bit, and so does what does not have two channels.

    Notes
    -----
    A windowed sinc (Kaiser 1974) in float64, its delay taken out.
    """

    below_hz = FloatParameter(
        150.0,
        20.0,
        4_000.0,
        unit="Hz",
        description="Middle of the transition: 100 to 200 for stereo records, 1000 for mono "
        "ones before their walls are summed.",
        logarithmic=True,
        automatable=False,
    )

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._powers = (0.0, 0.0)

    def predict_latency(self, sample_rate: float) -> int:
        """Return the latency in samples at a sample rate in Hz."""
        return overlap_save_latency(self._taps(sample_rate))

    def findings(self) -> dict[str, Any]:
        """Return the level of what was taken away, in dB below the sum of the channels."""
        removed, kept = self._powers
        if not (removed > 0.0 and kept > 0.0):
            return {"removed_db": None}
        return {"removed_db": round(float(10.0 * np.log10(removed / kept)), 1)}

    def summary(self) -> str:
        """Return the level of what was taken away."""
        removed = self.findings()["removed_db"]
        if removed is None:
            return "no vertical signal found, unchanged"
        level = f"{removed:.0f} dB beside the rest"
        return f"vertical signal below {self.below_hz:g} Hz removed ({level})"

    def _begin(self, sample_rate: float, channels: int) -> None:
        taps = self._taps(sample_rate)
        kernel = -highpass_kernel(self._middle(sample_rate), sample_rate, taps)
        kernel[taps // 2] += 1.0
        self._two = channels == 2
        self._low = OverlapSave(kernel, 1)
        self._dry = SampleFifo(channels)
        self._untouched = SampleFifo(channels)
        self._powers = (0.0, 0.0)

    def _push(self, block: Rows) -> Rows:
        self._untouched.push(block)
        if not self._two:
            return self._without(self._low.push(np.zeros_like(block[:1])))
        half = 0.5 * block  # halves first: the largest floats must not overflow
        return self._without(self._low.push(half[:1] - half[1:]))

    def _finish(self) -> Rows:
        return self._without(self._low.finish())

    def _without(self, side: Floats) -> Rows:
        dry = self._untouched.pop(side.shape[1])
        if not self._two:
            return dry
        removed, kept = self._powers
        middle = 0.5 * (dry[0].astype(np.float64) + dry[1])
        self._powers = (removed + float(np.sum(side**2)), kept + float(np.sum(middle**2)))
        return np.asarray(dry - np.concatenate([side, -side]), np.float32)

    def _middle(self, sample_rate: float) -> float:
        return min(self.below_hz, 0.3 * sample_rate)

    def _taps(self, sample_rate: float) -> int:
        middle = self._middle(sample_rate)
        return kaiser_taps(2.0 * middle * (1.0 - STOP), sample_rate)  # symmetric in Hz

"""Derumble: take off what lies below the music, without a phase shift in what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from restorack.core.parameters import BoolParameter, FloatParameter
from restorack.core.processor import Processor
from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_amplitude, power_to_db
from restorack.dsp.fifo import SampleFifo
from restorack.dsp.overlap_save import (
    STOP_DB,
    OverlapSave,
    highpass_kernel,
    kaiser_taps,
    overlap_save_latency,
)

Floats = NDArray[np.float64]

STEADY_SHARE = 0.1
"""Rumble is what is there in the quietest tenth of the file; a drum or an organ pedal is not."""

INAUDIBLE_DBFS = -96.0
"""Level that adaptive depth brings rumble down to, and no further."""


class Derumble(Processor):
    """Linear-phase high-pass for groove and motor rumble, with a mono option for vertical rumble.

    The filter is a Kaiser-windowed sinc (Kaiser 1974), its delay taken out: everything from
    ``cutoff_hz`` up keeps its phase, and its level within 0.01 dB; 80 dB are off at
    ``80 / slope_db_per_octave`` octaves below.
    """

    cutoff_hz = FloatParameter(
        25.0,
        5.0,
        200.0,
        unit="Hz",
        description="Lowest frequency that keeps its level.",
        logarithmic=True,
        automatable=False,
    )
    slope_db_per_octave = FloatParameter(
        80.0,
        20.0,
        160.0,
        unit="dB/octave",
        description="Steepness below the cut-off; gentle slopes ring less.",
        automatable=False,
    )
    vertical_below_hz = FloatParameter(
        0.0,
        0.0,
        500.0,
        unit="Hz",
        description="Below it stereo becomes mono, for lateral records; 0 leaves stereo alone.",
        automatable=False,
    )
    adaptive = BoolParameter(
        False,
        description="Measure steady rumble first and lower it to -96 dBFS, not further.",
    )

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._learned_dbfs: float | None = None
        self._rumble_dbfs: float | None = None

    @property
    def needs_preparation(self) -> bool:
        """Whether the depth depends on what the file holds."""
        return self.adaptive

    def predict_latency(self, sample_rate: float) -> int:
        """Return the latency in samples."""
        return overlap_save_latency(self._taps(sample_rate))

    def findings(self) -> dict[str, Any]:
        """Return the measured rumble (adaptive only) and the depth that was used."""
        level = self._rumble_dbfs
        return {
            "rumble_dbfs": None if level is None else round(level, 1),
            "depth_db": round(self._depth_db(), 1),
        }

    def summary(self) -> str:
        """Return the level of the rumble where it was measured, and the depth."""
        depth = self._depth_db()
        if self._rumble_dbfs is None:
            return f"below {self.cutoff_hz:g} Hz lowered by {depth:.0f} dB"
        rumble = f"rumble at {self._rumble_dbfs:.0f} dBFS"
        return f"{rumble}, lowered by {depth:.0f} dB" if depth >= 1.0 else f"{rumble}, unchanged"

    def _learn(self, blocks: Iterator[Rows], sample_rate: float) -> None:
        low: OverlapSave | None = None
        powers: list[float] = []
        for block in blocks:
            low = low or OverlapSave(self._lowpass(self.cutoff_hz, sample_rate), block.shape[0])
            powers += _powers(low.push(block), sample_rate)
        if low is not None:
            powers += _powers(low.finish(), sample_rate)
        heard = [power for power in powers if power > 0.0]
        quiet = float(np.quantile(heard, STEADY_SHARE)) if heard else 0.0
        self._learned_dbfs = float(power_to_db(quiet + 1e-30))

    def _unlearn(self) -> None:
        self._learned_dbfs = None

    def _begin(self, sample_rate: float, channels: int) -> None:
        self._untouched = SampleFifo(channels)
        self._sides = channels == 2 and self.vertical_below_hz > self.cutoff_hz
        kernels = np.repeat(self._lowpass(self.cutoff_hz, sample_rate)[np.newaxis], channels, 0)
        if self._sides:
            kernels[1] = self._lowpass(self.vertical_below_hz, sample_rate)
        self._low = OverlapSave(kernels, channels)
        self._rumble_dbfs = self._learned_dbfs
        depth = self._depth_db()
        self._share = 1.0 if depth == STOP_DB else 1.0 - db_to_amplitude(-depth)

    def _push(self, block: Rows) -> Rows:
        self._untouched.push(block)
        return self._without(self._low.push(_middle_and_side(block) if self._sides else block))

    def _finish(self) -> Rows:
        return self._without(self._low.finish())

    def _without(self, low: Floats) -> Rows:
        if self._sides:
            low = np.stack([low[0] * self._share + low[1], low[0] * self._share - low[1]])
        else:
            low = low * self._share
        dry = self._untouched.pop(low.shape[1])
        return (dry - low).astype(np.float32)

    def _depth_db(self) -> float:
        """Return how far rumble is lowered: all the way unless measured and found low."""
        if not self.adaptive or self._rumble_dbfs is None:
            return STOP_DB
        return float(np.clip(self._rumble_dbfs - INAUDIBLE_DBFS, 0.0, STOP_DB))

    def _taps(self, sample_rate: float) -> int:
        return kaiser_taps(self.cutoff_hz - self._stop_hz(self.cutoff_hz), sample_rate)

    def _stop_hz(self, cutoff_hz: float) -> float:
        return float(cutoff_hz * 2.0 ** (-STOP_DB / self.slope_db_per_octave))

    def _lowpass(self, cutoff_hz: float, sample_rate: float) -> Floats:
        """Return the kernel of what is taken away, centred in the length of the longest."""
        stop = self._stop_hz(cutoff_hz)
        taps = kaiser_taps(cutoff_hz - stop, sample_rate)
        kernel = -highpass_kernel((cutoff_hz + stop) / 2, sample_rate, taps)
        kernel[taps // 2] += 1.0
        return np.pad(kernel, (self._taps(sample_rate) - taps) // 2)


def _middle_and_side(rows: Rows) -> Rows:
    half = 0.5 * rows
    return np.stack([half[0] + half[1], half[0] - half[1]])


def _powers(rows: Floats, sample_rate: float) -> list[float]:
    """Return the mean power of every half second, all channels together."""
    size = max(1, round(0.5 * sample_rate))
    count = rows.shape[1] // size
    pieces = rows[:, : count * size].reshape(rows.shape[0], count, size)
    return [float(power) for power in np.mean(pieces**2, axis=(0, 2))]

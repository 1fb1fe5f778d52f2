"""Limiter: no true peak above a ceiling, by a gain that looks ahead."""

from __future__ import annotations

from typing import Any

import numpy as np

from restorack.core.parameters import FloatParameter
from restorack.core.processor import Processor
from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import amplitude_to_db, db_to_amplitude
from restorack.plugins.dynamics.peak_gain import GainShape, PeakGain

SLOW_RELEASE = 13.0
"""How much slower the gain returns after a loud passage than after a single peak."""

CHARGE_S = 0.3
"""With which the mean reduction of late follows. This, the look-ahead and both releases: chosen by
distortion of bass tones and loudness reached, benchmarks/dynamics.py."""


class Limiter(Processor):
    """Keep true peaks below a ceiling.

    Peaks are measured at 8 times the rate (ITU-R BS.1770-5, Annex 2). The gain begins to move
    ``lookahead_ms`` before a peak, without a corner, and returns fast after a single peak, more
    slowly after a loud passage, so that bass is not distorted. Where nothing passes the ceiling
    the signal passes bit for bit.

    Notes
    -----
    Where there is sound beyond 0.45 of the rate, meters differ by some tenths of a dB. The highest
    of three interpolators counts (64, 24 and 10 samples to each side). Loud noise that fills the
    whole band may still be read higher by others: up to 0.3 dB by an FFT over the whole file.
    """

    ceiling_dbtp = FloatParameter(
        -1.0,
        -40.0,
        0.0,
        unit="dBTP",
        description="The highest true peak of the output.",
        automatable=False,
    )
    gain_db = FloatParameter(
        0.0,
        -24.0,
        36.0,
        unit="dB",
        description="Gain before the limiter: what is louder, and is limited more.",
        automatable=False,
    )
    lookahead_ms = FloatParameter(
        5.0,
        0.5,
        10.0,
        unit="ms",
        description="Time in which the gain reaches a peak; the latency is a little longer. "
        "Shorter is louder and distorts more.",
        automatable=False,
    )
    release_ms = FloatParameter(
        15.0,
        1.0,
        1000.0,
        unit="ms",
        description="Time constant after a single peak; after a loud passage it is 13 times "
        "longer.",
        logarithmic=True,
        automatable=False,
    )
    link = FloatParameter(
        1.0,
        0.0,
        1.0,
        description="1: all channels have the same gain, and the image stays; 0: each has its own.",
        automatable=False,
    )

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._report: dict[str, Any] = {}

    def predict_latency(self, sample_rate: float) -> int:
        """Return the latency in samples: the look-ahead, and what true peaks need."""
        return self._shape().delay(sample_rate)

    def findings(self) -> dict[str, Any]:
        """Return the largest reduction in dB, and the share of the time that was reduced."""
        return dict(self._report)

    def summary(self) -> str:
        """Return how far and how often peaks were limited."""
        if not self._report:
            return ""
        reduction, share = self._report["max_reduction_db"], self._report["reduced_percent"]
        raised = f"gain {self.gain_db:+.1f} dB, " if self.gain_db else ""
        if reduction == 0.0:
            return f"{raised}no peak above {self.ceiling_dbtp:g} dBTP, not limited"
        limited = f"limited to {self.ceiling_dbtp:g} dBTP: by up to {reduction:.1f} dB"
        return f"{raised}{limited}, {share:.2g} % of the time"

    def _shape(self) -> GainShape:
        release = self.release_ms / 1000.0
        ceiling = db_to_amplitude(self.ceiling_dbtp)
        lookahead = self.lookahead_ms / 1000.0
        return GainShape(ceiling, lookahead, release, SLOW_RELEASE * release, CHARGE_S, self.link)

    def _begin(self, sample_rate: float, channels: int) -> None:
        self._limiting = PeakGain(self._shape(), sample_rate, channels)
        self._early = self._limiting.delay
        self._gain = db_to_amplitude(self.gain_db)
        self._samples = 0
        self._report = {}

    def _push(self, block: Rows) -> Rows:
        self._samples += block.shape[1]
        return self._limited(block)

    def _finish(self) -> Rows:
        channels = self._require_stream().channels
        rest = self._limited(np.zeros((channels, self._limiting.delay), np.float32))
        self._report = self._described()
        return rest

    def _limited(self, block: Rows) -> Rows:
        driven = block if self.gain_db == 0.0 else (block * self._gain).astype(np.float32)
        out = self._limiting.push(driven)
        skipped = min(self._early, out.shape[1])
        self._early -= skipped
        return out[:, skipped:]

    def _described(self) -> dict[str, Any]:
        least = max(self._limiting.least_gain, 1e-12)
        reduced = min(self._limiting.reduced_samples, self._samples)
        return {
            "max_reduction_db": round(float(-amplitude_to_db(least)), 2) + 0.0,
            "reduced_percent": round(100.0 * reduced / max(self._samples, 1), 3),
        }

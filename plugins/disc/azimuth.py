"""Azimuth: bring the two channels of one head or stylus back to the same moment."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from restorack.core.parameters import AutoFloatParameter, BoolParameter
from restorack.core.processor import Processor
from restorack.core.traits import Trait
from restorack.dsp.arrays import Rows
from restorack.dsp.fifo import SampleFifo
from restorack.dsp.sinc_reader import HALF, SincReader
from restorack.plugins.disc.channel_delay import DelayMeter, Delays, Floats

MOST_MS = 1.0
"""Largest delay that is looked for, either way. By hand."""

BEND = 0.05
"""How much a delay's slope changes in a second, one standard deviation, in samples a second."""
ROUNDS = 8
"""Times that segments are weighed by how far they stand apart. By hand."""
LEAST_ERROR = 0.003
"""Samples; however clear a segment is, it is not believed more. By hand."""
ERRORS, OUTLIER = 2.0, 3.0
"""Times its predicted error that a segment misses the truth, and times that from which it counts
less and less."""

SCATTER = 0.03
"""Largest scatter of the segments about their curve, in samples, with which they agree: that of a
mono signal on two walls is below 0.02 at noise of -20 dB, that of most stereo recordings above."""
LEAST_CORRELATION = 0.88
"""Of the channels: a mono groove has it with noise of -9 dB on each wall, most stereo less."""
LEAST_SHARE = 0.6
"""Share of the segments that have to tell."""
NOTHING = 0.02
"""Samples below which there is nothing to correct."""


@dataclass(frozen=True)
class _Curve:
    """Delay of the right channel: lines between knots in seconds, level beyond them."""

    seconds: Floats
    samples: Floats
    rate: float
    scatter: float
    correlation: float = 1.0

    def at(self, first: int, last: int) -> Floats:
        return np.asarray(np.interp(np.arange(first, last), self.seconds * self.rate, self.samples))


class Azimuth(Processor):
    """Correct the time between two channels, to a hundredth of a sample, also where it drifts.

    A head or stylus that stands askew reads one track or wall earlier than the other, and their
    sum loses its top. The right channel is moved; the left one stays bit for bit. The delay is
    measured in a first pass, every second. Where it is below 0.02 samples, the segments do not
    agree on it, or the channels are not one signal (a correlation under 0.88), the input passes bit
    for bit, and so does what does not have two channels. ``delay_ms`` sets it for those.

    Notes
    -----
    Measured by the generalised cross-correlation with maximum-likelihood weights (Knapp and Carter
    1976), corrected by a sinc of 128 points in a Kaiser window: errors below -100 dB up to 0.45 of
    the sample rate.
    """

    traits = frozenset({Trait.RESTORES})

    delay_ms = AutoFloatParameter(
        -MOST_MS,
        MOST_MS,
        unit="ms",
        description="How late the right channel is; auto measures it in a first pass.",
    )
    drift = BoolParameter(True, description="Follow the delay through the file; else one for all.")

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._learned: _Curve | None = None
        self._segments = (0, 0)

    @property
    def needs_preparation(self) -> bool:
        """Whether the delay is measured."""
        return self.delay_ms == AutoFloatParameter.AUTO

    def predict_latency(self, sample_rate: float) -> int:
        """Return the latency in samples at a sample rate in Hz."""
        curve = self._curve(sample_rate)
        return 0 if curve is None else _reach(curve)

    def findings(self) -> dict[str, Any]:
        """Return the delay of the right channel in samples, over time where it drifts."""
        curve = self._curve(self._latest_rate)
        told, heard = self._segments
        found: dict[str, Any] = {"corrected": curve is not None}
        if heard:
            found |= {"segments": heard, "segments_that_tell": told}
        if curve is not None:
            found["delay_samples"] = [round(float(delay), 3) for delay in curve.samples]
            found["at_s"] = [round(float(at), 2) for at in curve.seconds]
            found["correlation"] = round(curve.correlation, 4)
            found["scatter_samples"] = round(curve.scatter, 4)
        return found

    def summary(self) -> str:
        """Return how late the right channel was."""
        curve = self._curve(self._latest_rate)
        if curve is None:
            return "no delay between the channels that can be trusted, unchanged"
        low, high = float(curve.samples.min()), float(curve.samples.max())
        span = f"{low:+.2f}" if high - low < 0.01 else f"{low:+.2f} to {high:+.2f}"
        return f"delay of {span} samples between the channels taken out"

    def _learn(self, blocks: Iterator[Rows], sample_rate: float) -> None:
        meter: DelayMeter | None = None
        for block in blocks:
            if block.shape[0] != 2:
                return
            meter = meter or DelayMeter(sample_rate, MOST_MS / 1000.0 * sample_rate)
            meter.push(block)
        if meter is not None:
            delays = meter.result()
            self._segments = (len(delays.samples), delays.segments)
            self._learned = _accepted(delays, sample_rate, drift=self.drift)

    def _unlearn(self) -> None:
        self._learned, self._segments = None, (0, 0)

    def _begin(self, sample_rate: float, channels: int) -> None:
        curve = self._curve(sample_rate)
        self._channels = channels
        self._active = curve
        self._reader = SincReader(1)
        self._left = SampleFifo(channels)
        self._returned = 0

    def _push(self, block: Rows) -> Rows:
        if self._active is None:
            return block
        self._left.push(block)
        self._reader.push(block[1:2] if self._channels == 2 else block[:1])
        return self._ready(self._reader.taken - _reach(self._active))

    def _finish(self) -> Rows:
        if self._active is None:
            return np.zeros((self._channels, 0), np.float32)
        taken = self._reader.taken
        self._reader.end(taken + _reach(self._active))
        return self._ready(taken)

    def _ready(self, last: int) -> Rows:
        """Return what is before a sample and was not returned yet."""
        first, last = self._returned, max(self._returned, last)
        out = self._left.pop(last - first)
        if self._channels == 2 and self._active is not None:
            positions = np.arange(first, last) + self._active.at(first, last)
            out[1] = self._reader.read(positions)[0]
        self._returned = last
        self._reader.forget_before(last - _reach(self._active) if self._active else last)
        return out

    def _curve(self, sample_rate: float) -> _Curve | None:
        if not isinstance(self.delay_ms, float):
            return self._learned
        samples = self.delay_ms / 1000.0 * sample_rate
        if samples == 0.0:
            return None
        return _Curve(np.zeros(1), np.array([samples]), sample_rate, 0.0)


def _reach(curve: _Curve) -> int:
    return math.ceil(float(np.abs(curve.samples).max())) + HALF


def _accepted(delays: Delays, sample_rate: float, *, drift: bool) -> _Curve | None:
    """Return the curve through the segments; None where they disagree, or there is no delay."""
    if not delays.segments or len(delays.samples) < LEAST_SHARE * delays.segments:
        return None
    if np.median(delays.correlations) < LEAST_CORRELATION:
        return None
    smooth = _smoothed(delays) if drift else np.full_like(delays.samples, _middle(delays))
    away = np.abs(delays.samples - smooth)
    scatter = float(np.median(away)) / 0.6745
    if scatter > SCATTER or np.mean(away < 5.0 * SCATTER) < LEAST_SHARE:
        return None
    if np.abs(smooth).max() < NOTHING:
        return None
    together = float(np.median(delays.correlations))
    return _Curve(delays.seconds, smooth, sample_rate, scatter, together)


def _middle(delays: Delays) -> float:
    return float(np.median(delays.samples))


def _smoothed(delays: Delays) -> Floats:
    """Return delays smoothed by Whittaker's method, segments that stand apart left out by degrees.

    P. H. C. Eilers: "A perfect smoother", Analytical Chemistry 75, 2003.
    """
    count = len(delays.samples)
    if count < 4:
        return np.full(count, _middle(delays))
    steps = np.diff(delays.seconds)[:, np.newaxis]
    bends = np.diff(np.diff(np.eye(count), axis=0) / steps, axis=0)
    bends /= BEND * np.sqrt(0.5 * (steps[1:] + steps[:-1]))
    penalty = bends.T @ bends
    error = np.maximum(ERRORS * delays.errors, LEAST_ERROR)
    smooth = np.array([np.median(delays.samples[max(0, i - 2) : i + 3]) for i in range(count)])
    for _ in range(ROUNDS):
        away = (delays.samples - smooth) / (OUTLIER * error)
        weight = 1.0 / error**2 / (1.0 + away**2)
        smooth = np.linalg.solve(np.diag(weight) + penalty, weight * delays.samples)
    return np.asarray(smooth)

"""Where the clicks are: candidates by likelihood, kept by prominence, at one time scale."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from restorack.dsp.autoregression import (
    Floats,
    decimate,
    decimation_taps,
    estimate_models,
    interpolate,
    residual,
)
from restorack.plugins.declick.features import CandidateFeatures, extract_features, features_reach
from restorack.plugins.declick.likelihood import (
    block_deviations,
    contrast,
    larger_side,
    loud_runs,
    prominence,
    refine_run,
    scan_segment,
)

# The two scales: about the rate in Hz that a detector looks at, and the order of its model. 2.9 ms
# is 128 coefficients at 44.1 kHz for sharp clicks, 11.6 ms 128 at 11 kHz for smooth ones that hide
# in the bass; set by hand, then part of what the networks were trained on.
FINE_RATE, FINE_ORDER_MS = 46_000.0, 2.9
COARSE_RATE, COARSE_ORDER_MS = 11_025.0, 11.6

SEGMENT_MS = 23.2
"""A model is estimated this often, from a window four times as long."""
STRIDE = 4
"""Samples between the beginnings of runs that are scored; the best runs are placed anew after."""
BLOCK_MS, BLOCKS = 1.45, 8
"""The residual's deviation is the larger median of 8 blocks before and after."""
SIDE_MS, FAR_SIDE_MS = 3.0, 6.0
"""Residual on each side that a click must stand out of, and that its edges are placed in; by
hand."""
LENGTH_REGULARISER_MS = 0.45
"""Added to a run's length where its energy is divided by it: asks more of short runs. By hand."""
BACK_MS, AHEAD_MS = 0.3, 0.1
"""How far before and after the scored run its beginning is looked for again. By hand."""
HOLE_MS = 4.0
"""Least length that is interpolated while a run's model is estimated anew. By hand."""
EXPECTED_POWER = 0.3
"""Variance of a click over that of the music around it."""
COMPLEXITY_PENALTY, HIGH_COMPLEXITY_PENALTY = 1.6, 5.0
"""Half variances that a sample must explain to be in a run (chance: 0.5); more where it gets too
long."""
FILLED = 0.9
"""Runs are followed a little beyond the longest click: what is longer is something else."""
PREFILTER = 7.0
"""Least squared error of one sample, in variances, where runs begin; spares time. At the full
rate."""
# Log likelihood ratio in nats, and prominence as a ratio, that are examined at all. They bound the
# work: what counts is `threshold`, 4 dB of prominence and more.
MIN_SCORE = 6.0
MIN_PROMINENCE = 1.0
RISE, FALL, LOUD = 3.0, 100.0, 20.0
"""Ratios of power: louder by that after is an attack, softer an end; louder than both sides a
click."""
FLOOR = 2.0**-30
"""Least variance of a residual, -90 dBFS: the stairs of 16 bits in a fade are no clicks."""


@dataclass(frozen=True, slots=True)
class Click:
    """A run of damaged samples.

    Attributes
    ----------
    start, stop : int
        First sample, and the one after the last.
    strength : float
        How far it stands out of the residual; 1: not at all.
    scale : int
        0 where it was found at the full rate, 1 at the decimated one.
    confidence : float
        Probability that it is a click.
    found_by : str
        ``residual``, ``network`` or ``both``; ``list`` where a person added it.
    reverted : bool
        Whether its samples are to stay as they were.
    portrait : Portrait or None
        What a network sees of it.
    """

    start: int
    stop: int
    strength: float
    scale: int = 0
    confidence: float = 0.0
    found_by: str = ""
    reverted: bool = False
    features: CandidateFeatures | None = field(default=None, compare=False, repr=False)


class ClickDetector(Protocol):
    """Finds clicks in a window of one channel."""

    @property
    def reach(self) -> int:
        """Samples that the window must have before and after the zone."""

    def find(self, signal: Floats, start: int, stop: int, threshold: float) -> list[Click]:
        """Return the clicks that begin in the zone from ``start`` to ``stop``, in order of time.

        ``threshold`` is the least strength. The result is a function of the arguments alone.
        """


class ResidualDetector:
    """Clicks by what they add to the residual of an autoregressive model.

    Every run of samples is scored by its likelihood ratio under the model of its segment. The
    click itself is in that model, and hides behind it; so for the best runs the model is
    estimated again from a signal in which all that could be the click is interpolated. Under
    that model the run is placed anew, and kept if it is prominent.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    max_click_ms : float
        Longest run.
    scale_rate : float
        The rate in Hz at which the detector looks, about; the signal is decimated to it. Low
        rates with long models see smooth clicks that hide in the bass.
    order_ms : float
        Order of the models.
    portraits : bool
        Whether the clicks that are returned have portraits.
    """

    def __init__(
        self,
        sample_rate: float,
        max_click_ms: float,
        scale_rate: float,
        order_ms: float,
        with_features: bool = False,
    ) -> None:
        self._factor = max(1, round(sample_rate / scale_rate))
        rate = self._rate = sample_rate / self._factor
        self._with_features, self._scale = with_features, int(scale_rate < FINE_RATE)

        def samples(milliseconds: float, least: int = 1) -> int:
            return max(least, round(milliseconds * 1e-3 * rate))

        self._order = samples(order_ms, 8)
        self._segment = samples(SEGMENT_MS) // STRIDE * STRIDE
        self._frame = 4 * self._segment
        self._limit = samples(max_click_ms, 2)
        self._longest = samples(max_click_ms / FILLED, 4)
        self._side, self._far_side = samples(SIDE_MS), samples(FAR_SIDE_MS)
        self._length_regulariser = LENGTH_REGULARISER_MS * 1e-3 * rate
        self._block = samples(BLOCK_MS, 8)
        self._back, self._ahead = samples(BACK_MS), samples(AHEAD_MS)
        self._hole = max(samples(HOLE_MS), self._longest)
        self._prefilter = PREFILTER if self._factor == 1 else 0.0
        self._taps = decimation_taps(self._factor)

    @property
    def reach(self) -> int:
        """Samples that the window must have before and after the zone."""
        frames = self._frame // 2 + 2 * self._segment
        runs = self._back + 2 * self._order + 4 * self._side
        refit = self._frame // 2 + self._hole + 2 * self._order
        seen = features_reach(self._order, self._block) + self._longest
        return self._factor * (max(frames, runs, refit, seen) + 2 * self._longest + 16)

    def find(self, signal: Floats, start: int, stop: int, threshold: float) -> list[Click]:
        """Return the clicks that begin in the zone, in order of time; see the protocol."""
        factor = self._factor
        looked_at = signal if factor == 1 else self._decimated(signal, start % factor)
        begin, end = start // factor, -(-(stop - start) // factor) + start // factor
        scores, lengths, models = self._scan(looked_at, begin, end)
        found = self._choose(looked_at, begin, scores, lengths, models, threshold)
        found += self._pops(looked_at, begin, end, models, threshold, found)
        spread = (factor - 1) // 2
        return sorted(
            (
                Click(
                    start + (click.start - begin) * factor - factor // 2,
                    start + (click.stop - begin) * factor - spread,
                    click.strength,
                    self._scale,
                    features=click.features,
                )
                for click in found
                if click.start < end and click.stop > begin
            ),
            key=lambda click: click.start,
        )

    def _decimated(self, signal: Floats, first: int) -> Floats:
        """Return every ``factor``-th sample from ``first`` on, low-passed without delay."""
        padded = np.pad(signal, len(self._taps) // 2)
        return decimate(padded[first:], self._taps, self._factor)

    def _scan(self, signal: Floats, begin: int, end: int) -> tuple[Floats, Floats, Floats]:
        """Return scores and lengths of runs from ``begin`` on, and the models of the segments."""
        size, count = self._segment, -(-(end - begin) // self._segment)
        first = begin - size  # one segment more on both sides, for their deviations
        low = first + size // 2 - self._frame // 2
        reached = signal[low : low + (count + 1) * size + self._frame]
        frames = np.lib.stride_tricks.sliding_window_view(reached, self._frame)[::size]
        models = estimate_models(frames, self._order)
        errors = np.concatenate(
            [
                residual(signal, model, first + i * size, first + (i + 1) * size)
                for i, model in enumerate(models)
            ]
        )
        deviation = larger_side(block_deviations(errors, self._block), BLOCKS, FLOOR**0.5)
        position = np.minimum(np.arange(len(errors)) // self._block, len(deviation) - 1)
        deviation = deviation[position]
        powers = np.maximum(EXPECTED_POWER * (frames**2).mean(axis=1), 1e-9)
        scores, lengths = np.empty((count, size // STRIDE)), np.empty((count, size // STRIDE))
        for i in range(count):
            scan_segment(
                signal,
                models[i + 1],
                begin + i * size,
                deviation[(i + 1) * size : (i + 2) * size],
                powers[i + 1],
                self._longest,
                STRIDE,
                self._prefilter,
                scores[i],
                lengths[i],
            )
        return scores.ravel(), lengths.ravel(), models[1:]

    def _choose(
        self,
        signal: Floats,
        begin: int,
        scores: Floats,
        lengths: Floats,
        models: Floats,
        threshold: float,
    ) -> list[Click]:
        """Place the best runs anew, best first, and keep those that are prominent."""
        taken = np.zeros(len(scores) + self._longest // STRIDE + 2, bool)
        clicks = []
        for i in np.argsort(-scores, kind="stable"):
            if scores[i] < MIN_SCORE:
                break
            until = i - (-int(lengths[i]) // STRIDE)
            if taken[i:until].any():
                continue
            taken[i:until] = True
            start = begin + int(i) * STRIDE
            model = models[int(i) * STRIDE // self._segment]
            click = self._examine(signal, model, start, start + int(lengths[i]), threshold)
            if click is None or click.strength <= threshold:
                continue
            first = max(0, (click.start - begin) // STRIDE)
            taken[first : max(first, -(-(click.stop - begin) // STRIDE))] = True
            clicks.append(click)
        return clicks

    def _pops(
        self,
        signal: Floats,
        begin: int,
        end: int,
        models: Floats,
        threshold: float,
        found: list[Click],
    ) -> list[Click]:
        """Return loud smooth clicks, which fill the models of their frames and hide there."""
        block = self._side // 4
        marks = np.empty((end - begin) // block)
        loud_runs(signal, begin, block, self._longest, 4 * self._side, LOUD, marks)
        clicks: list[Click] = []
        for i in np.flatnonzero(marks):
            at = begin + int(i) * block
            model = models[(at - begin) // self._segment]
            click = self._placed(signal, model, at - 2 * block, at + block, at + block, threshold)
            if click is None or click.strength <= threshold:
                continue
            if all(click.stop <= c.start or c.stop <= click.start for c in found + clicks):
                clicks.append(click)
        return clicks

    def _examine(
        self, signal: Floats, model: Floats, start: int, stop: int, threshold: float
    ) -> Click | None:
        """Return the click near a run, if the run stands out at all."""
        length_regulariser, side = self._length_regulariser, self._side
        if prominence(signal, model, start, stop, side, length_regulariser, FLOOR) < MIN_PROMINENCE:
            return None
        return self._placed(signal, model, start - self._back, start + self._ahead, stop, threshold)

    def _placed(
        self, signal: Floats, model: Floats, first: int, last: int, stop: int, threshold: float
    ) -> Click | None:
        """Return the click that begins from ``first`` to ``last``, under a model free of it."""
        length_regulariser, side = self._length_regulariser, self._side
        model = self._model_without(signal, model, first, max(stop + 2, last + self._hole))
        begin, count = self._place(signal, model, first, last, COMPLEXITY_PENALTY)
        if count > self._limit:
            begin, count = self._place(signal, model, first, last, HIGH_COMPLEXITY_PENALTY)
        if not 0 < count <= self._limit:
            return None
        start, stop = begin, begin + count
        stands_out = prominence(signal, model, start, stop, side, length_regulariser, FLOOR)
        speaks = contrast(signal, model, start, stop, side, RISE, FALL, LOUD, FLOOR)
        strength = stands_out * speaks
        if not self._with_features or strength <= threshold:
            return Click(start, stop, strength)
        evidence = (stands_out, speaks)
        features = extract_features(signal, model, start, stop, self._block, self._rate, evidence)
        return Click(start, stop, strength, features=features)

    def _place(
        self, signal: Floats, model: Floats, first: int, last: int, penalty: float
    ) -> tuple[int, int]:
        return refine_run(
            signal,
            model,
            first,
            last,
            2 if self._factor == 1 else 1,
            self._longest,
            self._far_side,
            penalty,
            FLOOR,
        )

    def _model_without(self, signal: Floats, model: Floats, start: int, stop: int) -> Floats:
        """Estimate the model around a run anew, with the run interpolated."""
        order, frame = self._order, self._frame
        low = (start + stop - frame) // 2 - order
        local = signal[low : low + frame + 2 * order].copy()
        interpolate(local, model, start - low, stop - low)
        refit: Floats = estimate_models(local[np.newaxis, order : order + frame], order)[0]
        return refit


def fine_detector(
    sample_rate: float, max_click_ms: float, with_features: bool = False
) -> ResidualDetector:
    """Return the detector of sharp clicks, at the full rate."""
    return ResidualDetector(sample_rate, max_click_ms, FINE_RATE, FINE_ORDER_MS, with_features)


def residual_detectors(
    sample_rate: float, max_click_ms: float, with_features: bool = False
) -> list[ClickDetector]:
    """Return the two scales: sharp clicks at the full rate, smooth ones below 5 kHz."""
    coarse = ResidualDetector(
        sample_rate, max_click_ms, COARSE_RATE, COARSE_ORDER_MS, with_features
    )
    return [fine_detector(sample_rate, max_click_ms, with_features), coarse]

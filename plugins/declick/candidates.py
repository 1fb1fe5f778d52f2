"""Where the clicks are: candidates by likelihood, kept by prominence, at one time scale."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from restorack.dsp import _core
from restorack.dsp.autoregression import Floats, decimation_taps
from restorack.plugins.declick.features import CandidateFeatures, FeatureArrays

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
FIRST_ROOM = 64
"""Clicks that a search has room for at first."""
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
    features : CandidateFeatures or None
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

    def moved(self, start: int, stop: int) -> Click:
        """Return the same at another place; quicker than :func:`dataclasses.replace`."""
        return Click(
            start,
            stop,
            self.strength,
            self.scale,
            self.confidence,
            self.found_by,
            self.reverted,
            self.features,
        )


class ClickDetector(Protocol):
    """Finds clicks in a window of one channel."""

    reach: int
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
    with_features : bool
        Whether the clicks that are returned have features.
    """

    def __init__(
        self,
        sample_rate: float,
        max_click_ms: float,
        scale_rate: float,
        order_ms: float,
        with_features: bool = False,
    ) -> None:
        factor = max(1, round(sample_rate / scale_rate))
        rate = sample_rate / factor
        self._with_features, self._scale = with_features, int(scale_rate < FINE_RATE)

        def samples(milliseconds: float, least: int = 1) -> int:
            return max(least, round(milliseconds * 1e-3 * rate))

        longest = samples(max_click_ms / FILLED, 4)
        lengths = (
            factor,
            samples(order_ms, 8),
            samples(SEGMENT_MS) // STRIDE * STRIDE,
            samples(max_click_ms, 2),
            longest,
            samples(SIDE_MS),
            samples(FAR_SIDE_MS),
            samples(BLOCK_MS, 8),
            samples(BACK_MS),
            samples(AHEAD_MS),
            max(samples(HOLE_MS), longest),
        )
        settings = (
            rate,
            LENGTH_REGULARISER_MS * 1e-3 * rate,
            PREFILTER if factor == 1 else 0.0,
            EXPECTED_POWER,
            COMPLEXITY_PENALTY,
            HIGH_COMPLEXITY_PENALTY,
            MIN_SCORE,
            MIN_PROMINENCE,
            RISE,
            FALL,
            LOUD,
            FLOOR,
        )
        self._plan = lengths, settings, decimation_taps(factor)
        self._begin()

    def _begin(self) -> None:
        self._handle = _core.new_detector(*self._plan)
        self.reach = _core.detector_reach(self._handle)
        self._room = FIRST_ROOM

    def __getstate__(self) -> dict[str, Any]:
        """Copy and pickle what the native detector is made from."""
        return {key: value for key, value in vars(self).items() if key != "_handle"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Make the native detector anew."""
        vars(self).update(state)
        self._begin()

    def find(self, signal: Floats, start: int, stop: int, threshold: float) -> list[Click]:
        """Return the clicks that begin in the zone, in order of time; see the protocol."""
        signal = np.ascontiguousarray(signal)
        while True:
            places = np.empty((self._room, 3))
            seen = FeatureArrays(self._room) if self._with_features else None
            arrays = seen.arrays if seen else (None, None, None)
            count = _core.find_clicks(
                self._handle, signal, start, stop, threshold, self._room, places, *arrays
            )
            if count >= 0:
                break
            self._room *= 2
        order = np.argsort(places[:count, 0], kind="stable").tolist()
        found = places[:count].tolist()
        return [
            Click(
                int(found[i][0]),
                int(found[i][1]),
                found[i][2],
                self._scale,
                features=seen[i] if seen else None,
            )
            for i in order
        ]


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

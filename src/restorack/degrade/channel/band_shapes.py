"""Band shapes: the ways in which carriers and channels end their band, as magnitudes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from restorack.dsp.decibels import db_to_amplitude
from restorack.dsp.fir import Floats
from restorack.dsp.sections import Complexes, butterworth_poles

PROTOTYPES = ("butterworth", "bessel", "chebyshev", "inverse_chebyshev", "elliptic")
SHAPES = (*PROTOTYPES, "brickwall", "soft", "telephone", "am_radio", "mp3")

RIPPLE_DB = 0.5
"""Ripple in the pass band of Chebyshev and elliptic filters."""
STOP_DB = 50.0
"""Attenuation in the stop band of inverse Chebyshev and elliptic filters."""
SHELF_DB = -24.0
"""Level that an encoder's shelf leaves of what lies above its edge. By hand."""
SHELF_REACH = 19.0 / 16.0
"""MP3 encoders code the band above 16 kHz coarsely, where at all, and end near 19 kHz."""
CARBON_DB_PER_OCTAVE = 3.0
"""A carbon transmitter rises towards its resonance, which lies near the upper edge."""
HIGHEST_ORDER = 12
"""Of a circuit: 72 dB an octave, more than any carrier's. By hand."""


@dataclass(frozen=True)
class Band:
    """A band: its edges in Hz (0 leaves a side open), the shape of its ends and their order."""

    low_hz: float
    high_hz: float
    shape: str
    order: int

    def magnitude(self, frequencies: Floats) -> Floats:
        """Return the gain at frequencies in Hz, from 0 on."""
        gain = np.ones_like(frequencies)
        if self.high_hz > 0.0:
            gain *= _lowpass(frequencies / self.high_hz, self.shape, self.order)
        if self.low_hz > 0.0:
            turned = self.low_hz / np.maximum(frequencies, 1e-6 * self.low_hz)
            gain *= _lowpass(turned, _low_side(self.shape), self.order)
        if self.shape == "telephone" and self.low_hz > 0.0 and self.high_hz > 0.0:
            gain *= _carbon_tilt(frequencies, self.low_hz, self.high_hz)
        return gain


def random_band(seed: int, low_hz: float, high_hz: float) -> Band:
    """Return a band of random shape and order, its edges moved by up to a third of an octave."""
    random = np.random.default_rng(seed)
    shape = str(random.choice(SHAPES))
    order = int(random.integers(1, 9))
    low, high = 2.0 ** random.uniform(-1.0 / 3.0, 1.0 / 3.0, 2)
    return Band(low_hz * float(low), high_hz * float(high), shape, order)


def _low_side(shape: str) -> str:
    """Return the shape of the lower end: what an encoder or a receiver does above, only above."""
    return {"mp3": "butterworth", "am_radio": "soft", "telephone": "butterworth"}.get(shape, shape)


def _lowpass(ratio: Floats, shape: str, order: int) -> Floats:
    """Return the gain of a low-pass at frequencies given as multiples of its edge."""
    if shape in PROTOTYPES:
        return _prototype(ratio, shape, order)
    return _FORMULAS[shape](ratio)


def _prototype(ratio: Floats, shape: str, order: int) -> Floats:
    """Return the gain of an analogue prototype, 3.01 dB down at a ratio of 1."""
    zeros, poles, gain = _designed(shape, order)

    def response(at: Floats) -> Floats:
        s = 1j * at[:, np.newaxis]
        parts = np.abs(s - poles).prod(axis=1)
        return np.asarray(np.abs(gain) * np.abs(s - zeros).prod(axis=1) / parts)

    # Even orders with ripple begin at its lower end, which counts as 1: the other side's edge
    # is then where it is wanted.
    level = float(response(np.zeros(1))[0])
    edge = _half_power(lambda at: response(at) / level)
    return response(ratio * edge) / level


def _designed(shape: str, order: int) -> tuple[Complexes, Complexes, float]:
    """Return zeros, poles and gain of an analogue prototype."""
    if shape == "butterworth":  # the default does without a second of imports
        return np.zeros(0, np.complex128), butterworth_poles(order), 1.0
    from scipy import signal

    designs = {
        "bessel": lambda: signal.besselap(order, norm="mag"),
        "chebyshev": lambda: signal.cheb1ap(order, RIPPLE_DB),
        "inverse_chebyshev": lambda: signal.cheb2ap(order, STOP_DB),
        "elliptic": lambda: signal.ellipap(order, RIPPLE_DB, STOP_DB),
    }
    zeros, poles, gain = designs[shape]()
    return np.asarray(zeros, np.complex128), np.asarray(poles, np.complex128), float(gain)


def _half_power(response: Callable[[Floats], Floats]) -> float:
    """Return the first frequency at which a response is down to half its power."""
    grid = np.geomspace(1e-3, 10.0, 4001)
    last = int(np.argmax(response(grid) < np.sqrt(0.5)))
    low, high = float(grid[last - 1]), float(grid[last])
    for _ in range(40):
        middle = 0.5 * (low + high)
        above = float(response(np.array([middle]))[0]) >= np.sqrt(0.5)
        low, high = (middle, high) if above else (low, middle)
    return low


def _brickwall(ratio: Floats) -> Floats:
    return np.where(ratio < 1.0, 1.0, np.where(ratio > 1.0, 0.0, 0.5))


def _soft(ratio: Floats) -> Floats:
    """Return a half cosine over two octaves, 6 dB down at the edge."""
    octaves = np.log2(np.maximum(ratio, 1e-6))
    return np.asarray(0.5 - 0.5 * np.sin(0.5 * np.pi * np.clip(octaves, -1.0, 1.0)))


def _am_radio(ratio: Floats) -> Floats:
    """Return the Gaussian of a receiver's tuned circuits, 3 dB down at the edge, trapped at 2."""
    gauss = 2.0 ** (-0.5 * ratio**2)
    return np.asarray(gauss * np.clip(2.2 * (2.0 - ratio), 0.0, 1.0))


def _mp3(ratio: Floats) -> Floats:
    shelf = np.where(ratio < SHELF_REACH, db_to_amplitude(SHELF_DB), 0.0)
    return np.where(ratio < 1.0, 1.0, shelf)


def _telephone(ratio: Floats) -> Floats:
    return _prototype(ratio, "elliptic", 6)


def _carbon_tilt(frequencies: Floats, low_hz: float, high_hz: float) -> Floats:
    """Return the transmitter's rise: 0 dB in the band's middle, level beyond its edges."""
    inside = np.clip(frequencies, low_hz, high_hz)
    octaves = np.log2(inside / np.sqrt(low_hz * high_hz))
    return np.asarray(db_to_amplitude(CARBON_DB_PER_OCTAVE * octaves))


_FORMULAS: dict[str, Callable[[Floats], Floats]] = {
    "brickwall": _brickwall,
    "soft": _soft,
    "telephone": _telephone,
    "am_radio": _am_radio,
    "mp3": _mp3,
}

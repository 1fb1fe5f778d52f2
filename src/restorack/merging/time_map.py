"""Where each moment of the reference is in another copy, as a smooth curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

THIRD = (-1.0, 3.0, -3.0, 1.0)
"""Weights of a third difference."""
LEAST_KNOWN = 1e-6
"""One over the variance of a point of which nothing is known: a thousand samples, which is about
the largest that the arithmetic bears. By hand."""
KNOT_S = 0.0116
"""Seconds between knots, a hop of the frames that tell the time between copies. By hand."""


@dataclass(frozen=True)
class TimeMap:
    """Positions in a copy, in samples, at knots of the reference; cubic lines between them.

    Attributes
    ----------
    hop : int
        Samples of the reference between knots; the first knot is at sample 0.
    positions : ndarray of float64, shape (knots,)
    breaks : ndarray of bool, shape (knots - 1,)
        Pieces in which the copy leaps: something was cut out there, in one of both.
    """

    hop: int
    positions: Floats
    breaks: Bools

    @classmethod
    def straight(cls, hop: int, samples: int, first: float = 0.0, ratio: float = 1.0) -> TimeMap:
        """Return a map of one speed."""
        knots = samples // hop + 2
        positions = np.asarray(first + ratio * hop * np.arange(knots), np.float64)
        return cls(hop, positions, np.zeros(knots - 1, bool))

    @property
    def knots(self) -> Floats:
        """Samples of the reference at the knots."""
        return np.asarray(self.hop * np.arange(self.positions.size), np.float64)

    def moved(self, samples: Floats) -> TimeMap:
        """Return the map with the copy's positions later by as many samples at each knot."""
        return TimeMap(self.hop, self.positions + samples, self.breaks)

    def slopes(self) -> Floats:
        """Return the copy's samples per sample of the reference, at the knots."""
        steps = np.diff(self.positions)
        sound = ~self.breaks
        before = np.concatenate([[0.0], np.where(sound, steps, 0.0)])
        after = np.concatenate([np.where(sound, steps, 0.0), [0.0]])
        count = np.concatenate([[0], sound]).astype(int) + np.concatenate([sound, [0]])
        return np.where(count > 0, (before + after) / np.maximum(count, 1) / self.hop, 1.0)

    def at(self, start: int, stop: int) -> Floats:
        """Return the copy's positions of the reference's samples from one to before another."""
        places = np.arange(start, stop) / self.hop
        index = np.clip(np.floor(places).astype(int), 0, self.positions.size - 2)
        u = places - index
        slope = self.hop * self.slopes()
        p, q, m, n = (a[i] for a, i in ((self.positions, index), (self.positions, index + 1),
                                        (slope, index), (slope, index + 1)))  # fmt: skip
        curve = ((2 * u - 3) * u * u + 1) * p + ((u - 2) * u + 1) * u * m
        curve += (3 - 2 * u) * u * u * q + (u - 1) * u * u * n
        leap = np.where(u < 0.5, p + m * u, q - n * (1.0 - u))
        return np.asarray(np.where(self.breaks[index], leap, curve))


def smoothed(
    values: Floats,
    information: Floats,
    breaks: Bools,
    roughness: float,
    base: Floats | None = None,
) -> Floats:
    """Return the smooth curve that fits best.

    Minimised are the squared errors, weighted by ``information``, and the squared third
    differences over ``roughness`` squared; those across breaks do not count.

    Parameters
    ----------
    values, information : ndarray, shape (points,)
        Measured, and one over their variance; 0 where nothing was measured.
    breaks : ndarray of bool, shape (points - 1,)
    roughness : float
        Deviation of third differences that is expected.
    base : ndarray, shape (points,), optional
        What the curve is added to: the sum is to be smooth.
    """
    from scipy.linalg import solveh_banded

    bands, stiff = _precision(information, breaks, roughness)
    aim = information * values
    if base is not None:
        bent = stiff * np.diff(base, 3)[: stiff.size]
        for i, left in enumerate(THIRD):
            aim[i : i + stiff.size] -= left * bent
    return np.asarray(solveh_banded(bands, aim, lower=True))


def _precision(information: Floats, breaks: Bools, roughness: float) -> tuple[Floats, Floats]:
    """Return the inverse covariance of the curve's points by diagonals, and the stiffness."""
    count = information.size
    bands = np.zeros((4, count))
    bands[0] = information + LEAST_KNOWN
    if count <= 3:
        return bands, np.zeros(0)
    leaps = breaks[:-2] | breaks[1:-1] | breaks[2:]
    stiff = np.where(leaps, 0.0, 1.0 / roughness**2)
    for i, left in enumerate(THIRD):
        for j, right in enumerate(THIRD[i:], i):
            bands[j - i, i : count - 3 + i] += stiff * left * right
    return bands, stiff


def deviation_of(information: Floats, breaks: Bools, roughness: float) -> Floats:
    """Return how far a smooth curve may be off, as a standard deviation at each point.

    Notes
    -----
    The diagonal of the inverse of the matrix that :func:`smoothed` solves, of which only what lies
    in its band is worked out (Takahashi, Fagan and Chin, 1973).
    """
    from scipy.linalg import cholesky_banded

    bands, _ = _precision(information, breaks, roughness)
    lower = cholesky_banded(bands, lower=True)
    count = information.size
    root = np.concatenate([lower[1:], np.zeros((3, 3))], axis=1)[:, :count].T / lower[0][:, None]
    variance = np.zeros(count)
    # The covariance of a point with itself and three more; rows of those already worked out.
    near = np.zeros((3, 3))
    own = 1.0 / lower[0] ** 2
    for point in range(count - 1, -1, -1):
        shares = root[point]
        across = -near @ shares
        variance[point] = own[point] - shares @ across
        near = np.array(
            [
                [variance[point], across[0], across[1]],
                [across[0], near[0, 0], near[0, 1]],
                [across[1], near[1, 0], near[1, 1]],
            ]
        )
    return np.asarray(np.sqrt(variance))


def smoothed_at_knots(
    time_map: TimeMap, places: Floats, values: Floats, weights: Floats, roughness: float
) -> Floats:
    """Return the smooth curve at the knots through values that were measured at other places.

    Parameters
    ----------
    time_map : TimeMap
        Its knots and breaks.
    places, values, weights : ndarray, shape (points,)
        Samples of the reference, what was measured there, one over the variance.
    roughness : float
        Deviation of third differences from knot to knot that is expected, of all the map.
    """
    count = time_map.positions.size
    index = np.clip(np.round(places / time_map.hop).astype(int), 0, count - 1)
    information = np.asarray(np.bincount(index, weights, count), np.float64)
    sums = np.bincount(index, weights * values, count)
    there = information > 0.0
    means = np.where(there, sums / np.where(there, information, 1.0), 0.0)
    return smoothed(means, information, time_map.breaks, roughness, time_map.positions)

"""What the envelope above an edge is predicted from: levels of narrow bands below it.

Bands are laid out from the edge, not in hertz, so that one network serves every edge.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.decibels import power_to_db

Floats = NDArray[np.float64]

# Bands that the envelope network sees below the edge (four octaves) and predicts above it (four
# and a half). Part of the trained weights.
BANDS_PER_OCTAVE = 6
BANDS_BELOW = 24
BANDS_ABOVE = 27

BEGIN = 0.97
"""Share of the edge's frequency from which downwards nothing of its slope is heard."""

REFERENCE_EDGE_HZ = 4_000.0
"""The edge whose place is 0, in the network's inputs, in octaves. Part of the trained weights."""

FEATURES = 2 * BANDS_BELOW + 4
"""Numbers per frame."""

# Power per bin that keeps logarithms finite, -240 dB; the largest difference in level that the
# network is shown, in dB. Part of the trained weights.
_SILENCE = 1e-24
_RANGE_DB = 60.0


@dataclass(frozen=True)
class LongTerm:
    """What is known of a whole recording.

    Parameters
    ----------
    power : ndarray of float64, shape (bins,)
        Mean power per bin from 0 Hz to the Nyquist frequency; white noise of unit variance has 1.
    floor_db : callable
        Level per bin that the band from ``low`` to ``high``, in Hz, has in the quietest moments.
    """

    power: Floats
    floor_db: Callable[[float, float], float]


def bands_below(edge: float) -> tuple[Floats, Floats]:
    """Return lower and upper borders of the bands below an edge, nearest first."""
    steps = np.arange(BANDS_BELOW)
    upper = BEGIN * edge * 2.0 ** (-steps / BANDS_PER_OCTAVE)
    lower = upper * 2.0 ** (-1.0 / BANDS_PER_OCTAVE)
    return np.minimum(lower, upper - 1.0), upper


def bands_above(edge: float) -> tuple[Floats, Floats]:
    """Return lower and upper borders of the bands above an edge, in bins, nearest first."""
    steps = np.arange(BANDS_ABOVE + 1)
    borders = edge * 2.0 ** (steps / BANDS_PER_OCTAVE)
    return borders[:-1], borders[1:]


def averaging(lower: Floats, upper: Floats, bins: int) -> Floats:
    """Return the matrix, shape ``(bins, bands)``, that takes the mean between borders.

    Borders are in bins; a bin reaches half a bin to either side, and counts by the part of it
    that lies in the band.
    """
    centres = np.arange(bins)[:, np.newaxis]
    inside = np.minimum(upper, centres + 0.5) - np.maximum(lower, centres - 0.5)
    shares = np.clip(inside, 0.0, 1.0)
    return np.asarray(shares / np.maximum(shares.sum(axis=0), 1e-9))


class BandFeatures:
    """Features of frames below one edge.

    Parameters
    ----------
    edge_hz : float
        Where the recorded band ends.
    bin_hz : float
        Distance of the frames' bins.
    bins : int
        Bins of a frame, from 0 Hz.
    whole : LongTerm
        Of the recording.
    """

    def __init__(self, edge_hz: float, bin_hz: float, bins: int, whole: LongTerm) -> None:
        edge = edge_hz / bin_hz
        self._below = averaging(*bands_below(edge), bins)
        self._near = _just_below(edge, bins)[:, 0]
        self._floor_db = whole.floor_db(edge_hz * 2.0 ** (-1 / 3), edge_hz)
        self._mean_db = 0.0
        self._constant = self._of_whole(edge_hz, bin_hz * (bins - 1), whole.power)

    def near_db(self, power: Floats) -> Floats:
        """Return the level just below the edge, shape ``(frames,)``, in dB per bin."""
        return np.asarray(power_to_db(power @ self._near + _SILENCE))

    def loudness(self, power: Floats, range_db: float) -> Floats:
        """Return 1 for frames from the recording's mean on, 0 from ``range_db`` below it."""
        return np.clip(1.0 + (self.near_db(power) - self._mean_db) / range_db, 0.0, 1.0)

    def __call__(self, power: Floats) -> NDArray[np.float32]:
        """Return features.

        Parameters
        ----------
        power : ndarray of float64, shape (frames, bins)
            White noise of unit variance has 1 in every bin.

        Returns
        -------
        ndarray of float32, shape (frames, FEATURES)
        """
        near = self.near_db(power)
        below = power_to_db(power @ self._below + _SILENCE) - near[:, np.newaxis]
        above_floor = np.clip(near - self._floor_db, -_RANGE_DB, 2 * _RANGE_DB) / 30
        varying = [np.clip(below, -_RANGE_DB, _RANGE_DB) / 15, above_floor[:, np.newaxis]]
        constant = np.broadcast_to(self._constant, (len(power), len(self._constant)))
        return np.concatenate([*varying, constant], axis=1).astype(np.float32)

    def _of_whole(self, edge_hz: float, nyquist: float, power: Floats) -> Floats:
        edge = edge_hz / nyquist * (len(power) - 1)
        near = averaging(
            np.array([BEGIN * edge * 2.0 ** (-1 / 3)]), np.array([BEGIN * edge]), len(power)
        )
        near_db = power_to_db(power @ near + _SILENCE)
        self._mean_db = float(near_db[0])
        below = power_to_db(power @ averaging(*bands_below(edge), len(power)) + _SILENCE)
        above_floor = np.clip(near_db - self._floor_db, -_RANGE_DB, 2 * _RANGE_DB)
        place = np.log2(edge_hz / REFERENCE_EDGE_HZ)
        shape = np.clip(below - near_db, -_RANGE_DB, _RANGE_DB) / 15
        return np.concatenate([shape, above_floor / 30, [place, np.square(place) / 2]])


def _just_below(edge: float, bins: int) -> Floats:
    """Return the matrix that takes the mean over a third of an octave below an edge."""
    end = BEGIN * edge
    return averaging(np.array([end * 2.0 ** (-1 / 3)]), np.array([end]), bins)

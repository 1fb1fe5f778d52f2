"""What two channels have in common: mono, dual mono, a mono groove played in stereo, stereo."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_power, power_to_db
from restorack.dsp.fifo import SampleFifo

CHUNK = 4096
"""Samples that are looked at together."""
LARGEST_SIDE_DB = -60.0
"""Below this the channels are the same but for rounding."""

MONO_GROOVE = 0.8
"""Correlation of the declicked channels from which on they hold one signal and two noises."""

Kind: TypeAlias = Literal["mono", "dual mono", "mono groove", "stereo", "multichannel"]


@dataclass(frozen=True)
class StereoImage:
    """The relation of a recording's first two channels.

    Parameters
    ----------
    kind : str
        ``mono`` (one channel), ``dual mono`` (two equal ones), ``mono groove`` (one signal, a
        noise of its own on each wall), ``stereo``, ``multichannel``.
    correlation : float or None
        Of left and right, -1 to 1; None for mono and silence.
    balance_db : float or None
        Power of left over right.
    vertical_over_lateral_db : float or None
        Power of left minus right (vertical motion of the stylus) over that of left plus right
        (lateral motion).
    """

    kind: Kind
    correlation: float | None
    balance_db: float | None
    vertical_over_lateral_db: float | None


class StereoMeter:
    """Sum up a stream's covariance; the result is the same for every split.

    Parameters
    ----------
    channels : int
        Rows of every block.
    """

    def __init__(self, channels: int) -> None:
        self._channels = channels
        self._fifo = SampleFifo(channels)
        self._covariance = np.zeros((2, 2))

    def push(self, block: Rows) -> None:
        """Take samples."""
        if self._channels < 2:
            return
        self._fifo.push(block)
        while len(self._fifo) >= CHUNK:
            self._take(self._fifo.pop(CHUNK))

    def result(self) -> StereoImage:
        """Return the relation of what was heard; the stream ends here."""
        if self._channels < 2:
            return StereoImage("mono", None, None, None)
        self._take(self._fifo.pop(CHUNK))
        left, right = float(self._covariance[0, 0]), float(self._covariance[1, 1])
        cross = float(self._covariance[0, 1])
        lateral, vertical = left + right + 2.0 * cross, left + right - 2.0 * cross
        product = math.sqrt(left * right)
        correlation = cross / product if product > 0.0 else None
        return StereoImage(
            self._kind(correlation, lateral, vertical),
            correlation,
            _ratio_db(left, right),
            _ratio_db(vertical, lateral),
        )

    def _take(self, chunk: Rows) -> None:
        pair = chunk[:2].astype(np.float64)
        self._covariance += pair @ pair.T

    def _kind(self, correlation: float | None, lateral: float, vertical: float) -> Kind:
        if self._channels > 2:
            return "multichannel"
        if vertical <= lateral * db_to_power(LARGEST_SIDE_DB):
            return "dual mono"
        if correlation is not None and correlation >= MONO_GROOVE:
            return "mono groove"
        return "stereo"


def _ratio_db(above: float, below: float) -> float | None:
    return power_to_db(above / below) if above > 0.0 and below > 0.0 else None

"""Overs: samples beyond full scale, which a file of integers cannot hold and a codec may cut."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.decibels import amplitude_to_db

Mask: TypeAlias = NDArray[np.bool_]

REMEDY = (
    "lower the level (gain_db or ceiling_dbtp of the preset's output, or a restorack.Loudness "
    "stage), or write floats (--subtype FLOAT)"
)


def beyond_full_scale(rows: NDArray[Any], bits: int | None) -> Mask:
    """Return which samples do not fit.

    Parameters
    ----------
    rows : ndarray of float, shape (channels, samples)
        Full scale is -1 to 1.
    bits : int or None
        Of the integers that are written: a sample fits where its nearest integer does. None: a
        sample fits from -1 to 1.
    """
    if bits is None:
        return np.asarray(np.abs(rows) > 1.0)
    full_scale = 2.0 ** (bits - 1)
    steps = np.rint(rows.astype(np.float64) * full_scale)
    return np.asarray((steps < -full_scale) | (steps > full_scale - 1))


class OverCounter:
    """Counts overs, and keeps where the worst of them is.

    Parameters
    ----------
    bits : int or None
        See :func:`beyond_full_scale`.
    sample_rate : float
        In Hz.

    Attributes
    ----------
    count : int
        Samples of all channels.
    remedy : str
        What the warning proposes.
    """

    def __init__(self, bits: int | None, sample_rate: float) -> None:
        self._bits, self._rate = bits, sample_rate
        self.count, self.remedy = 0, REMEDY
        self._worst = 0.0
        self._position = self._channel = 0

    def push(self, rows: NDArray[Any], position: int) -> Mask:
        """Take a block before anything shortens its samples; return which of them are overs.

        Parameters
        ----------
        rows : ndarray of float, shape (channels, samples)
        position : int
            Of its first sample in the file.
        """
        overs = beyond_full_scale(rows, self._bits)
        if overs.any():
            self.count += int(np.count_nonzero(overs))
            levels = np.where(overs, np.abs(rows), 0.0)
            channel, offset = (int(i) for i in np.unravel_index(np.argmax(levels), levels.shape))
            if levels[channel, offset] > self._worst:
                self._worst = float(levels[channel, offset])
                self._position, self._channel = position + offset, channel
        return overs

    @property
    def worst_db(self) -> float:
        """Level of the worst over in dB above full scale; 0 where there is none."""
        return float(amplitude_to_db(self._worst)) if self._worst > 0 else 0.0

    @property
    def worst_seconds(self) -> float:
        """When the worst over is."""
        return self._position / self._rate

    def warning(self, what: str = "were cut") -> list[str]:
        """Return one warning with count, worst and remedy; none where there are no overs.

        Parameters
        ----------
        what : str
            What was done to them.
        """
        if not self.count:
            return []
        samples = "1 sample" if self.count == 1 else f"{self.count} samples"
        what = what.replace("were ", "was ", 1) if self.count == 1 else what
        return [
            f"{samples} beyond full scale {what}; the worst is {self.worst_db:+.2f} dB over, at "
            f"{self.worst_seconds:.3f} s in channel {self._channel}; {self.remedy}"
        ]

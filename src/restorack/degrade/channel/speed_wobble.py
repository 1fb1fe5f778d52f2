"""Speed that wobbles: sums of sines whose value at any sample needs none of those before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from restorack.core.automation import GRID
from restorack.dsp import _core
from restorack.dsp.decibels import db_to_amplitude
from restorack.dsp.fir import Floats

WEIGHTING_HZ = (0.1, 0.2, 0.315, 0.4, 0.63, 0.8, 1.0, 1.6, 2.0, 4.0, 6.3, 10.0, 20.0, 40.0, 63.0,
                100.0, 200.0)  # fmt: skip
"""Frequencies at which AES6-2008 states the weight of a wow and flutter meter."""
WEIGHTING_DB = (-48.0, -30.6, -19.7, -15.0, -8.4, -6.0, -4.2, -1.8, -0.9, 0.0, -0.9, -2.1, -5.9,
                -10.4, -14.2, -17.3, -23.0)  # fmt: skip
"""How much the ear minds a wobble, by its frequency (AES6-2008, the same as IEC 60386)."""


def weighting(frequencies: Floats) -> Floats:
    """Return the weight of speed variations at frequencies in Hz; lines go on beyond the table."""
    octaves, known = np.log2(frequencies), np.log2(WEIGHTING_HZ)
    inside = np.interp(octaves, known, WEIGHTING_DB)
    above = np.maximum(octaves - known[-1], 0.0) * -5.7
    below = np.maximum(known[0] - octaves, 0.0) * -18.0
    return np.asarray(db_to_amplitude(inside + above + below))


@dataclass(frozen=True)
class SpeedWobble:
    """Relative speed ``1 + sum_i depth_i cos(2 pi f_i t + phase_i)``.

    Parameters
    ----------
    frequencies : ndarray of float64, shape (waves,)
        In Hz.
    depths : ndarray of float64, shape (waves,)
        Peak deviations, 0.01 for one per cent.
    phases : ndarray of float64, shape (waves,)
        In cycles.
    """

    frequencies: Floats
    depths: Floats
    phases: Floats

    def reach(self, sample_rate: float) -> int:
        """Return the most samples by which a position is ever moved, rounded up."""
        return int(np.ceil(self._amplitudes(sample_rate).sum()))

    def shifts(self, first: int, last: int, sample_rate: float) -> Floats:
        """Return how far the samples from ``first`` to before ``last`` are moved, in samples."""
        out = np.zeros(last - first)
        step = self.frequencies / sample_rate
        _core.add_waves(step, self._amplitudes(sample_rate), self.phases, first, GRID, out)
        return out

    def _amplitudes(self, sample_rate: float) -> Floats:
        """Return the waves' amplitudes in samples: the integral of the speed."""
        return self.depths * sample_rate / (2.0 * np.pi * self.frequencies)


def scaled_wobble(
    frequencies: Floats, shares: Floats, phases: Floats, rms: float, *, weighted: bool = True
) -> SpeedWobble:
    """Return waves whose speed variation has a given RMS, weighted or not (0.01: one per cent)."""
    heard = shares * weighting(frequencies) if weighted else shares
    size = float(np.sqrt(0.5 * np.sum(heard**2)))
    return SpeedWobble(frequencies, shares * rms / size, phases)

"""What was measured of a passage, from which its floor is read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.decibels import db_to_power, power_to_db
from restorack.meters.noise_floor.bands import Bands
from restorack.meters.noise_floor.judgement import Judgement

Floats: TypeAlias = NDArray[np.float64]

RANGE_FRAMES = 3
"""Frames whose mean is a moment of the whole (0.2 s). By hand."""


@dataclass(frozen=True)
class Heard:
    """What was measured of a passage.

    Parameters
    ----------
    bands : Bands
        The bands.
    quiet_db, mean_db : ndarray, shape (frames, bands)
        Levels of the quieter bins of each band, and of all.
    frame_seconds : float
        From one frame to the next.
    fine_db : ndarray, shape (spectra, bins)
        Levels of single bins.
    fine_hz : ndarray, shape (bins,)
        Their frequencies.
    sample_rate : float
        In Hz.
    channels : int
        Rows whose powers were averaged.
    expected : bool
        Whether the recording is known to be noisy.
    judged : Judgement, optional
        What a network says of the bands from counts of their levels.
    """

    bands: Bands
    quiet_db: Floats
    mean_db: Floats
    frame_seconds: float
    fine_db: Floats
    fine_hz: Floats
    sample_rate: float
    channels: int = 1
    expected: bool = False
    judged: Judgement | None = None

    @cached_property
    def power(self) -> float:
        """Mean power of the whole, a sum over Hz from 25 Hz on."""
        return float(db_to_power(self.mean_db).mean(axis=0) @ self.bands.widths_hz)

    @property
    def density_db(self) -> float:
        """Mean density of the whole."""
        return float(power_to_db(self.power / self.bands.widths_hz.sum()))

    @cached_property
    def range_db(self) -> float:
        """Range of the whole's level, from the first to the last decile."""
        power = db_to_power(self.mean_db) @ self.bands.widths_hz
        frames = min(RANGE_FRAMES, len(power))
        mean = np.convolve(power, np.ones(frames) / frames, "valid")
        low, high = np.quantile(power_to_db(mean + 1e-20), (0.1, 0.9))
        return float(high - low)

    def snr_db(self, noise: Floats, more: float = 0.0) -> float:
        """Return the whole's power without noise over the noise's, from 25 Hz on.

        Parameters
        ----------
        noise : ndarray, shape (bands,)
            Its power density.
        more : float
            Power of noise that is in no band.
        """
        steady = float(noise @ self.bands.widths_hz) + more
        return float(power_to_db(max(self.power - steady, 1e-3 * self.power) / max(steady, 1e-20)))

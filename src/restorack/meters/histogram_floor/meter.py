"""Patches of time and frequency: how loud each band is in them, and how like noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import power_to_db
from restorack.dsp.welch import DensityFrames
from restorack.meters.histogram_floor.bands import band_edges

PATCH_FRAMES = 4
"""Frames of a patch, 93 ms that overlap by half: 0.2 s. Part of the trained weights."""
USUAL_RATE = 44_100.0
"""The rate in Hz at which densities are stated to the network: that of its training."""
# Of the powers in a patch: what its level is read from, below most partials, and those whose ratio
# tells noise (NOISE_RATIO_DB) from music. Part of the trained weights.
LEVEL_QUANTILE = 0.3
LOW_QUANTILE, HIGH_QUANTILE = 0.2, 0.7


@dataclass(frozen=True)
class Patch:
    """A patch of four frames.

    Parameters
    ----------
    levels_db, ratios_db : ndarray, shape (bands,)
        Each band's density, as if it were noise, and the ratio of its 70 % to its 20 % quantile.
    spectrum : ndarray, shape (bins,)
        Mean power density.
    """

    levels_db: NDArray[np.float64]
    ratios_db: NDArray[np.float64]
    spectrum: NDArray[np.float64]


class PatchMeter:
    """Measure patches of a stream.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    channels : int
        Rows; levels are those of their mean power.

    Attributes
    ----------
    frame : int
        Samples of a frame: about 93 ms; frames overlap by half.
    sizes : ndarray of int, shape (bands,)
        Cells per patch and channel.
    centres_hz : ndarray, shape (bands,)
        The bands' centres.
    seconds : float
        From one patch to the next.
    """

    def __init__(self, sample_rate: float, channels: int) -> None:
        self.frame = 2 ** max(4, round(np.log2(0.093 * sample_rate)))
        hop = self.frame // 2
        self._frames = DensityFrames(channels, self.frame, hop, PATCH_FRAMES)
        self._edges = band_edges(self.frame // 2 + 1)
        self.sizes = np.diff(self._edges) * PATCH_FRAMES
        middle = (self._edges[1:] + self._edges[:-1] - 1) / 2.0
        self.centres_hz = np.asarray(middle * sample_rate / self.frame)
        self.seconds = float(PATCH_FRAMES * hop / sample_rate)
        quantiles = np.array([LOW_QUANTILE, LEVEL_QUANTILE, HIGH_QUANTILE])
        self._ranks = (quantiles * self.sizes[:, np.newaxis]).astype(np.int64)
        # The mean of an exponential variable's order statistic, Renyi 1953.
        self._expected = np.array(
            [
                np.sum(1.0 / (n - np.arange(r + 1)))
                for n, (_, r, _) in zip(self.sizes, self._ranks, strict=True)
            ]
        )

    def push(self, block: Rows) -> Iterator[Patch]:
        """Take samples, return the patches that they complete."""
        for densities in self._frames.push(block):
            yield self.measured(densities)

    def measured(self, densities: NDArray[np.float64]) -> Patch:
        """Return the patch of densities of shape (channels, 4, bins)."""
        from restorack.meters.histogram_floor.patches import band_quantiles

        low, middle, high = band_quantiles(densities, self._edges, self._ranks) + 1e-20
        levels = power_to_db(middle.mean(axis=1) / self._expected)
        ratios = 10.0 * np.log10(high / low).mean(axis=1)
        return Patch(levels, ratios, densities.mean(axis=(0, 1)))


def total_power(density: NDArray[np.float64]) -> float:
    """Return the power of a density, without the constant and the Nyquist bin."""
    return float(np.sum(density[1:-1]) / len(density))


def mean_density_db(powers: float, patches: int, sample_rate: float) -> float:
    """Return a mean power density in dB: as if all power were below 22.05 kHz.

    Parameters
    ----------
    powers : float
        Sum of the patches' powers.
    patches : int
        How many there were.
    sample_rate : float
        In Hz. The same music at another rate has another density, but the same of these.
    """
    widened = powers / max(1, patches) * sample_rate / USUAL_RATE
    return float(power_to_db(widened + 1e-20))

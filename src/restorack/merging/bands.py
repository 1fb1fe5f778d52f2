"""Bands in which copies are matched and weighed, and spectra of aligned frames."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.frame_transform import frame_spectra
from restorack.merging.signal import Signal, spans

Floats = NDArray[np.float64]
Spectra = NDArray[np.complex128]

# By hand: as of GrooveWalls, whose task is the same one.
BAND_SHARE, LEAST_BINS = 0.2, 4
GROUP = 256
"""Frames that are worked on at a time."""


@dataclass(frozen=True)
class Frames:
    """Frames of a rate: frame k is centred on sample k hop."""

    size: int
    hop: int

    @classmethod
    def for_rate(cls, rate: float, seconds: float, overlaps: int) -> Frames:
        """Return frames of a power of two of samples, about as long."""
        size = 1 << int(np.round(np.log2(seconds * rate)))
        return cls(size, size // overlaps)

    @property
    def window(self) -> Floats:
        """The square root of a Hann window."""
        return np.asarray(np.sin(np.pi * (np.arange(self.size) + 0.5) / self.size))

    @property
    def bins(self) -> int:
        """Bins of a spectrum."""
        return self.size // 2 + 1

    def count(self, samples: int) -> int:
        """Return the frames that touch so many samples."""
        return -(-samples // self.hop) + 1

    def groups(self, samples: int) -> Iterator[tuple[int, int]]:
        """Return the frames in groups."""
        return spans(self.count(samples), GROUP)

    def spectra(self, signal: Signal, start: int, stop: int) -> Spectra:
        """Return the spectra of frames, shape (channels, frames, bins)."""
        first = start * self.hop - self.size // 2
        rows = signal.read(first, (stop - 1) * self.hop + self.size - self.size // 2)
        return frame_spectra(rows, self.window, self.hop)


def band_edges(bins: int) -> NDArray[np.int_]:
    """Return the first bins of bands, the last one's end included; narrow ones below."""
    edges = [0]
    while edges[-1] < bins:
        edges.append(edges[-1] + max(LEAST_BINS, round(BAND_SHARE * edges[-1])))
    edges[-1] = bins
    return np.array(edges)


def to_bins(of_bands: Floats, edges: NDArray[np.int_]) -> Floats:
    """Return lines over bins through the values of bands, shape (..., bins)."""
    centres = 0.5 * (edges[:-1] + edges[1:] - 1)
    at = np.clip(np.arange(edges[-1]), centres[0], centres[-1])
    index = np.clip(np.searchsorted(centres, at, side="right") - 1, 0, centres.size - 2)
    share = (at - centres[index]) / (centres[index + 1] - centres[index])
    return np.asarray(of_bands[..., index] * (1.0 - share) + of_bands[..., index + 1] * share)

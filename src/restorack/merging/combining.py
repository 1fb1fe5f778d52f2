"""Copies that are aligned, matched and without clicks, added band by band."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.frame_transform import add_frames
from restorack.merging.bands import Frames, band_edges, to_bins
from restorack.merging.signal import Signal
from restorack.merging.weights import Powers

Floats = NDArray[np.float64]

FRAME_S, OVERLAPS = 0.046, 4
"""Frames, and how many of them cover a moment. By hand."""


def frames_of(rate: float) -> Frames:
    """Return the frames that copies are added in."""
    return Frames.for_rate(rate, FRAME_S, OVERLAPS)


def products_of(copies: list[Signal], rate: float, samples: int) -> list[Powers]:
    """Return the products of copies with each other, for every channel."""
    frames = frames_of(rate)
    edges = band_edges(frames.bins)
    shape = (len(copies), len(copies), edges.size - 1, frames.count(samples))
    out = [np.zeros(shape, np.complex64) for _ in range(copies[0].channels)]
    for start, stop in frames.groups(samples):
        spectra = np.stack([frames.spectra(copy, start, stop) for copy in copies])
        for channel, products in enumerate(out):
            for i in range(len(copies)):
                for j in range(i, len(copies)):
                    cells = spectra[i, channel] * np.conj(spectra[j, channel])
                    sums = np.add.reduceat(cells, edges[:-1], axis=1).T
                    products[i, j, :, start:stop] = sums
                    products[j, i, :, start:stop] = np.conj(sums)
    return [Powers(products, rate / frames.hop) for products in out]


def combined(
    copies: list[Signal], weights: list[Floats], rate: float, samples: int
) -> Iterator[Rows]:
    """Return the copies added by their weights, block by block.

    What is added to the first copy is computed, so that where it alone is taken, or where all
    are equal, it comes back bit for bit.

    Parameters
    ----------
    copies : list of Signal
    weights : list of ndarray, shape (copies, bands, frames)
        For each channel.
    rate : float
        In Hz.
    samples : int
    """
    frames = frames_of(rate)
    edges = band_edges(frames.bins)
    channels, size, hop = copies[0].channels, frames.size, frames.hop
    scale = hop / np.sum(frames.window**2)
    tail = np.zeros((channels, size - hop))
    done = 0
    for start, stop in frames.groups(samples):
        first = frames.spectra(copies[0], start, stop)
        change = np.zeros_like(first)
        for index, copy in enumerate(copies[1:], 1):
            share = np.stack([to_bins(w[index, :, start:stop].T, edges) for w in weights])
            if share.any():
                change += share * (frames.spectra(copy, start, stop) - first)
        out = np.zeros((channels, (stop - start - 1) * hop + size))
        out[:, : size - hop] += tail
        add_frames(out, change, frames.window * scale, hop)
        tail = out[:, (stop - start) * hop :]
        ready = out[:, : (stop - start) * hop]
        # Frame k begins half a frame before sample k hop.
        begin = start * hop - size // 2
        low, high = max(done, begin), min(samples, begin + ready.shape[1])
        if stop == frames.count(samples):
            ready, high = out, samples
        if high > low:
            base = copies[0].read(low, high).astype(np.float64)
            yield (base + ready[:, low - begin : high - begin]).astype(np.float32)
            done = high

"""Triangular dither: shorten a word so that the error is noise, and the same noise every time."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.quantise import dequantise, quantise

Mask: TypeAlias = NDArray[np.bool_]

LONGEST_WORD = 24
"""Bits that a float32 holds without loss; longer words have nothing to dither."""


def triangular_noise(
    channels: int, start_position: int, count: int, seed: int
) -> NDArray[np.float64]:
    """Return noise with triangular density from -1 to 1, which depends on its place alone.

    Parameters
    ----------
    channels, count : int
        Shape of the result.
    start_position : int
        Position of the first sample in its stream, >= 0.
    seed : int
        0 to 2**64 - 1.

    Returns
    -------
    ndarray of float64, shape (channels, count)
        Mean 0, variance 1/6; every channel and every sample independent of the others.

    Notes
    -----
    Salmon et al., Parallel random numbers: as easy as 1, 2, 3 (2011): Philox with the key (seed,
    channel) and the position as its counter gives any stretch without what lies before it. Each
    64-bit word gives the two uniform numbers whose difference has the triangular density.
    """
    counter, skip = divmod(start_position, 4)  # one count yields four words
    noise = np.empty((channels, count))
    for channel in range(channels):
        key = np.array([seed, channel], np.uint64)
        words = np.random.Philox(key=key, counter=counter).random_raw(skip + count)[skip:]
        high, low = words >> np.uint64(32), words & np.uint64(0xFFFFFFFF)
        noise[channel] = (high.astype(np.float64) - low.astype(np.float64)) / 2.0**32
    return noise


def on_grid(rows: Rows, bits: int) -> Mask:
    """Return which samples a word of so many bits holds exactly."""
    steps = rows.astype(np.float64) * 2.0 ** (bits - 1)
    inside = (steps >= -(2.0 ** (bits - 1))) & (steps < 2.0 ** (bits - 1))
    held: Mask = (steps == np.rint(steps)) & inside
    return held


def dither_rows(
    rows: Rows,
    bits: int,
    start_position: int = 0,
    seed: int = 0,
    unchanged_mask: Mask | None = None,
) -> Rows:
    """Shorten samples to a word length, with triangular dither where something is lost.

    Parameters
    ----------
    rows : ndarray of float32, shape (channels, samples)
        Full scale -1 to 1; what lies beyond is clipped.
    bits : int
        Word length; above 24 the rows are returned as they are.
    start_position : int
        Position of the first sample in the file, so that blocks join without a trace.
    seed : int
        Another seed, other noise.
    unchanged_mask : ndarray of bool, shape of rows, optional
        True where a sample is what the source held. Such samples pass untouched if the word
        holds them exactly; all others get dither. Without a mask all do, silence included.

    Returns
    -------
    ndarray of float32
        Every sample exactly on the word's grid.

    Notes
    -----
    Triangular density two steps wide makes mean and variance of the total error independent of
    the signal: zero and a quarter of a step squared (Lipshitz, Wannamaker and Vanderkooy,
    Quantization and dither: a theoretical survey, JAES 40 (1992), 355-375).
    """
    if bits > LONGEST_WORD:
        return rows
    noise = triangular_noise(rows.shape[0], start_position, rows.shape[1], seed)
    shortened = round_rows(rows, bits, noise)
    if unchanged_mask is None:
        return shortened
    return np.where(unchanged_mask & on_grid(rows, bits), rows, shortened)


def round_rows(rows: Rows, bits: int, noise: NDArray[np.float64] | float = 0.0) -> Rows:
    """Round samples plus noise (in steps of the word) to the word's grid, halves to even."""
    noisy = rows.astype(np.float64) + noise * 2.0 ** (1 - bits)
    integers, _ = quantise(noisy, bits)
    return dequantise(integers, bits).astype(np.float32)

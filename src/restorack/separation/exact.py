"""Parts that add up: two are rounded to a grid so coarse that their sum and the rest are exact."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows

Floats = NDArray[np.float64]

GRID_BITS = 51
"""Of the grid, below the largest of a sample's parts: the sum of three keeps the 53 bits of a
float64."""


def exact_parts(
    decoded: Floats, harmonic: Rows, voice: Rows
) -> tuple[tuple[Floats, Floats, Floats], int]:
    """Return harmonic, percussive and voice, which added in float64 are the input.

    They are, in any order, where the input lies on the grid: PCM, and 32-bit floats of more than
    a 2^27th of the parts. For smaller ones, which are rare, the voice is the input and the others
    cancel: then they are in this order. What remains, most 64-bit floats, no three 64-bit floats
    of that size add up to.

    Parameters
    ----------
    decoded : ndarray of float64, shape (channels, samples)
        The input.
    harmonic, voice : ndarray of float32, shape (channels, samples)

    Returns
    -------
    parts : tuple of three ndarray of float64
    inexact : int
        Samples whose sum misses the input by its last bits.
    """
    tones, sung = harmonic.astype(np.float64), voice.astype(np.float64)
    largest = np.maximum(np.abs(decoded), np.maximum(np.abs(tones), np.abs(sung)))
    step = np.ldexp(1.0, np.maximum(np.frexp(largest)[1] - GRID_BITS, _LEAST_EXPONENT))
    tones, sung = np.round(tones / step) * step, np.round(sung / step) * step
    is_single = np.abs(decoded) <= _MOST_SINGLE
    is_single[is_single] = decoded[is_single].astype(np.float32) == decoded[is_single]
    cancelled = is_single & (np.round(decoded / step) * step != decoded)
    sung = np.where(cancelled, decoded, sung)
    rest = np.where(cancelled, -tones, decoded - (tones + sung))
    inexact = int(np.count_nonzero((tones + rest) + sung != decoded))
    return (tones, rest, sung), inexact


_LEAST_EXPONENT = -1000
"""Of the grid's step: a normal float64, far below the smallest float32."""

_MOST_SINGLE = float(np.finfo(np.float32).max)

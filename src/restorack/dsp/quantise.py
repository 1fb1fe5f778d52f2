"""Turn samples into integers, exactly as the files will hold them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def quantise(rows: NDArray[Any], bits: int) -> tuple[NDArray[np.int32], int]:
    """Round samples to integers of ``bits`` bits, to the nearest and halves to even.

    Parameters
    ----------
    rows : ndarray of float, shape (channels, samples)
        Full scale is -1 to 1.
    bits : int
        8 to 32; full scale is ``2**(bits - 1)``.

    Returns
    -------
    integers : ndarray of int32, shape (channels, samples)
        ``round(rows * 2**(bits - 1))``, limited to what ``bits`` bits hold. A sample that
        already lies on the grid keeps its value.
    clipped : int
        How many samples were limited.
    """
    full_scale = 2.0 ** (bits - 1)
    scaled = np.rint(rows.astype(np.float64) * full_scale)
    limited = np.clip(scaled, -full_scale, full_scale - 1)
    return limited.astype(np.int32), int(np.count_nonzero(limited != scaled))


def dequantise(integers: NDArray[np.integer[Any]], bits: int) -> NDArray[np.float64]:
    """Return what a reader makes of integers of ``bits`` bits: ``integers / 2**(bits - 1)``."""
    return integers / 2.0 ** (bits - 1)

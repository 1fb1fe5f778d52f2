"""Recursive filters as second-order sections, by the native core: no SciPy is loaded for them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.dsp import _core
from restorack.dsp.arrays import Rows

Floats = NDArray[np.float64]


def filter_sections(sections: Floats, state: Floats, rows: Rows) -> Floats:
    """Return samples filtered by sections one after another, and leave the state for the next.

    Parameters
    ----------
    sections : ndarray of float64, shape (sections, 6)
        Rows ``b0 b1 b2 1 a1 a2``, as SciPy's ``sos``.
    state : ndarray of float64, shape (channels, sections, 2)
        Zeros to begin with; changed in place.
    rows : ndarray of float32, shape (channels, samples)

    Returns
    -------
    ndarray of float64, shape (channels, samples)
        The same for every split into blocks, to the bit.

    Raises
    ------
    ValueError
        Where the state is not that of the sections and channels.
    """
    out = np.empty(rows.shape)
    if len(rows):
        given = np.ascontiguousarray(rows, np.float32)
        _core.filter_sections(sections, state, given, out, len(rows))
    return out

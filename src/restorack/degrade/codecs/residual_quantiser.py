"""Residual vector quantisation: a shape is told in rounds, each by one entry of a codebook."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.degrade.randomness import random_at
from restorack.dsp import _core
from restorack.dsp.fir import Floats

ENTRIES = 256
"""Of a codebook, 8 bits. By hand."""
PART = 16
"""Values whose energy is kept: 400 Hz of a frame of 20 ms."""


class ResidualQuantiser:
    """Quantise vectors cut from a spectrum, the longer the higher they lie.

    Every round finds the codebook's entry that lies closest to what the rounds before left over,
    with either sign, and takes its share off. What comes out has the energy of what went in, in
    every 16 values: a decoder trained to please the ear fills up what its codes do not tell.

    Parameters
    ----------
    edges : ndarray of int64, shape (vectors + 1,)
        Where the vectors begin, and the end of the last.
    rounds : int
    seed : int
        Draws the codebooks.
    """

    def __init__(self, edges: NDArray[np.int64], rounds: int, seed: int) -> None:
        self._edges = edges
        longest = int(np.diff(edges).max())
        self._books = np.array([self._book(seed, turn, longest) for turn in range(rounds)])
        self._powers = np.cumsum(self._books**2, axis=2)

    @staticmethod
    def _book(seed: int, turn: int, longest: int) -> Floats:
        random = random_at(seed, "ResidualQuantiser", -1, turn)
        return np.asarray(random.standard_normal((ENTRIES, longest)))

    def quantise(self, spectrum: Floats) -> None:
        """Quantise one spectrum in place; what lies beyond the last edge is zeroed."""
        rounds, entries, _ = self._books.shape
        quantised = np.ascontiguousarray(spectrum)
        _core.residual_quantise(
            quantised, self._edges, self._books, self._powers, rounds, entries, PART
        )
        spectrum[...] = quantised
        spectrum[self._edges[-1] :] = 0.0

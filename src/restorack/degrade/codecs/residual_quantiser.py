"""Residual vector quantisation: a shape is told in rounds, each by one entry of a codebook."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from restorack.degrade.randomness import random_at
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
        _quantise(spectrum, self._edges, self._books, self._powers)
        spectrum[self._edges[-1] :] = 0.0


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _quantise(spectrum, edges, books, powers):  # type: ignore[no-untyped-def]
    for vector in range(edges.size - 1):
        begin = edges[vector]
        size = edges[vector + 1] - begin
        given = spectrum[begin : begin + size].copy()
        left = given.copy()
        spectrum[begin : begin + size] = 0.0
        for turn in range(books.shape[0]):
            entry, share = _closest(left, books[turn], powers[turn])
            for index in range(size):
                step = share * books[turn, entry, index]
                left[index] -= step
                spectrum[begin + index] += step
        _keep_energy(given, spectrum[begin : begin + size])


@numba.njit(cache=True, nogil=True)
def _keep_energy(given, told):  # type: ignore[no-untyped-def]
    """Give every part of what was told the energy of what was given."""
    for begin in range(0, given.size, PART):
        end = min(begin + PART, given.size)
        wanted = 0.0
        found = 0.0
        for index in range(begin, end):
            wanted += given[index] ** 2
            found += told[index] ** 2
        gain = np.sqrt(wanted / found) if found > 0.0 else 0.0
        for index in range(begin, end):
            told[index] *= gain


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _closest(left, book, powers):  # type: ignore[no-untyped-def]
    """Return the entry that takes most energy off, and how much of it does."""
    best, entry, share = -1.0, 0, 0.0
    for candidate in range(book.shape[0]):
        match = 0.0
        for index in range(left.size):
            match += left[index] * book[candidate, index]
        power = powers[candidate, left.size - 1]  # of as much of the entry as is needed
        if match * match > best * power:
            best, entry, share = match * match / power, candidate, match / power
    return entry, share

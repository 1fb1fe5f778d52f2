"""Find wow that comes once a turn, from how all partials of the music rise and fall together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from restorack.meters.speed.partials import Floats, Ints, Partials

LEAST_SCATTER = 3e-4
"""Of a partial's pitch about its mean, as a logarithm: steadier ones count no more."""
ROUNDS = 3
"""Times that partials are weighed by how well the last wave fits them. By hand."""
THINNING = 4
"""Every fourth point is enough: frames that overlap by seven eighths repeat each other."""
BLOCK_S = 3.0
"""Of a block; how blocks differ tells the error of the wave. By hand."""
LEAST_BLOCKS = 6
"""Blocks of a short recording, shorter then: enough to tell how they differ. By hand."""


def gain(seconds: Floats, length: float, growth: float) -> Floats:
    """Return the depth over that in the middle: one over the radius of the groove."""
    place = np.clip(seconds / max(length, 1e-9), 0.0, 1.0)
    return np.asarray((1.0 - 0.5 * growth) / (1.0 - growth * place))


@dataclass(frozen=True)
class Fit:
    """A wave fitted at one frequency: ``wave[0] cos - wave[1] sin``.

    Attributes
    ----------
    wave : ndarray of float64, shape (2,) or (4,)
        Its cosine and sine; then how both change from the beginning to the end.
    spread : ndarray of float64, shape (2, 2) or (4, 4)
        Their covariance, from how blocks of three seconds differ.
    halves : ndarray of float64, shape (2, 2)
        Cosine and sine of the first and of the second half.
    """

    wave: Floats
    spread: Floats
    halves: Floats

    @property
    def depth(self) -> float:
        """Peak deviation."""
        return float(np.hypot(self.wave[0], self.wave[1]))

    @property
    def score(self) -> float:
        """Squared distance from no wave, in units of its error."""
        wave = self.wave[:2]
        return float(wave @ np.linalg.solve(self.spread[:2, :2], wave))

    @property
    def disagreement(self) -> float:
        """Distance of the halves' waves over the length of the whole one's."""
        apart = float(np.hypot(*(self.halves[0] - self.halves[1])))
        return apart / max(self.depth, 1e-12)


class OnceAround:
    """Fit waves to the pitches of partials, each about a mean of its own.

    Parameters
    ----------
    partials : Partials
        At least one.
    seconds : float
        Length of the recording.
    """

    def __init__(self, partials: Partials, seconds: float) -> None:
        partials = _thinned(partials)
        self._length = seconds
        self._count = max(LEAST_BLOCKS, int(seconds / BLOCK_S))
        places = (partials.seconds / seconds * self._count).astype(np.int64)
        blocks = np.clip(places, 0, self._count - 1)
        names = np.repeat(np.arange(len(partials.starts)), partials.ends - partials.starts)
        # A partial that goes on into the next block is another one there.
        cuts = np.flatnonzero(np.diff(names * self._count + blocks)) + 1
        self._starts: Ints = np.concatenate([[0], cuts]).astype(np.int64)
        self._sizes = np.diff(np.concatenate([self._starts, [names.size]]))
        self._blocks = blocks[self._starts]
        self._seconds = partials.seconds
        self._pitches = self._about_mean(partials.pitches)
        self._weights = np.ones(len(self._starts))

    def fit(self, hertz: float, growth: float = 0.0, *, tilted: bool = False) -> Fit:
        """Fit a wave of a frequency in Hz; tilted, one that may change over the recording."""
        basis = self._basis(hertz, growth, tilted=tilted)
        size = len(basis)
        matrices = np.zeros((self._count, size, size))
        vectors = np.zeros((self._count, size))
        for row in range(size):
            vectors[:, row] = self._by_block(basis[row] * self._pitches)
            for column in range(row + 1):
                sums = self._by_block(basis[row] * basis[column])
                matrices[:, row, column] = matrices[:, column, row] = sums
        return _solved(matrices, vectors)

    def weigh(self, hertz: float, growth: float = 0.0) -> None:
        """Weigh each partial by how well a wave fits it, from here on."""
        basis = self._basis(hertz, growth)
        for _ in range(ROUNDS):
            left = self._pitches - self.fit(hertz, growth).wave @ basis
            scatter = np.add.reduceat(left**2, self._starts) / np.maximum(1, self._sizes - 1)
            self._weights = 1.0 / (scatter + LEAST_SCATTER**2)

    def _by_block(self, values: Floats) -> Floats:
        sums = self._weights * np.add.reduceat(values, self._starts)
        return np.asarray(np.bincount(self._blocks, sums, self._count), np.float64)

    def _basis(self, hertz: float, growth: float, *, tilted: bool = False) -> Floats:
        turn = 2.0 * np.pi * hertz * self._seconds
        depth = gain(self._seconds, self._length, growth)
        waves = [depth * np.cos(turn), -depth * np.sin(turn)]
        if tilted:
            place = self._seconds / self._length - 0.5
            waves += [place * wave for wave in waves]
        return np.stack([self._about_mean(wave) for wave in waves])

    def _about_mean(self, values: Floats) -> Floats:
        means = np.add.reduceat(values, self._starts) / self._sizes
        return np.asarray(values - np.repeat(means, self._sizes))


def _thinned(partials: Partials) -> Partials:
    sizes = partials.ends - partials.starts
    number = np.arange(len(partials.seconds)) - np.repeat(partials.starts, sizes)
    kept = np.flatnonzero(number % THINNING == 0)
    fewer = -(-sizes // THINNING)
    starts = np.concatenate([[0], fewer.cumsum()[:-1]]).astype(np.int64)
    return Partials(partials.seconds[kept], partials.pitches[kept], partials.powers[kept], starts)


def _solved(matrices: Floats, vectors: Floats) -> Fit:
    whole = matrices.sum(axis=0)
    size = len(whole)
    ridge = (1e-9 * float(np.trace(whole)) + 1e-30) * np.eye(size)
    inverse = np.linalg.inv(whole + ridge)
    wave = inverse @ vectors.sum(axis=0)
    left = vectors - np.einsum("bij,j->bi", matrices, wave)
    blocks = len(vectors)
    spread = inverse @ (left.T @ left) @ inverse * blocks / max(1, blocks - size)
    middle = _middle(matrices)
    halves = [
        np.linalg.solve(
            matrices[part, :2, :2].sum(axis=0) + ridge[:2, :2], vectors[part, :2].sum(axis=0)
        )
        for part in (slice(0, middle), slice(middle, blocks))
    ]
    return Fit(wave, spread + 1e-18 * np.eye(size), np.stack(halves))


def _middle(matrices: Floats) -> int:
    """Return the block at which half of what tells is past."""
    told = np.cumsum(np.trace(matrices, axis1=1, axis2=2))
    at = int(np.searchsorted(told, 0.5 * told[-1])) + 1
    return min(max(1, at), len(matrices) - 1)

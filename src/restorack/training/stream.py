"""Scenes become examples, examples become batches; always the same ones for a seed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from restorack.errors import TrainingError
from restorack.training.config import DataConfig
from restorack.training.scenes import ExampleLoader
from restorack.training.task import Example

MAX_EMPTY_SCENES = 1000
"""In a row without an example, until a training is given up. By hand."""
_DRAW = 2
"""Name of a stream of random numbers, beside the seed."""


@dataclass
class Position:
    """Where a stream stands: enough to stand there again.

    Attributes
    ----------
    taken : int
        Examples taken from the scenes so far.
    scene, skip : int
        The scene that the oldest example of the pool is from, and its place in it.
    """

    taken: int = 0
    scene: int = 0
    skip: int = 0


@dataclass
class _Held:
    example: Example
    scene: int
    place: int


class ExampleStream:
    """Batches for step after step.

    Parameters
    ----------
    maker : ExampleLoader
    seed : int
    data : DataConfig
    position : dict, optional
        Of a stream of the same settings, from :meth:`position`, before the step to come.

    Notes
    -----
    Examples come in the order of their scenes, however many processes make them. Without a pool
    a batch is the next examples. With one, it is drawn at random from the latest ``pool``
    examples, while ``batch / reuse`` new ones push out the oldest at each step. What a batch
    holds is a function of the seed and the step alone; a stream that is resumed makes the pool
    anew.
    """

    def __init__(
        self,
        maker: ExampleLoader,
        seed: int,
        data: DataConfig,
        position: dict[str, int] | None = None,
    ) -> None:
        at = Position(**position) if position else Position()
        self._seed, self._data = seed, data
        self._size = max(data.pool, data.batch)
        self._pool: deque[_Held] = deque(maxlen=self._size)
        self._incoming = self._examples(maker, at.scene, at.skip)
        self._taken = at.taken
        for _ in range(min(at.taken, self._size)):
            self._pool.append(next(self._incoming))

    def batch(self, step: int) -> dict[str, Any]:
        """Return the arrays of a step's batch, stacked; steps are asked for in order."""
        size = self._data.batch
        reuse = self._data.reuse if self._data.pool else 1.0
        # Counted from the start, so that a fractional number of new examples comes out even.
        wanted = self._size + int(step * size / reuse)
        while self._taken < wanted:
            self._pool.append(next(self._incoming))
            self._taken += 1
        if self._data.pool:
            rng = np.random.default_rng([self._seed, _DRAW, step])
            chosen = [self._pool[int(i)] for i in rng.choice(self._size, size, replace=False)]
        else:
            chosen = list(self._pool)
        rows = [held.example for held in chosen]
        return {key: np.stack([row[key] for row in rows]) for key in rows[0]}

    def position(self) -> dict[str, int]:
        """Return what a stream needs to go on from here."""
        if not self._pool:
            return asdict(Position())
        oldest = self._pool[0]
        return asdict(Position(self._taken, oldest.scene, oldest.place))

    @staticmethod
    def _examples(maker: ExampleLoader, scene: int, skip: int) -> Iterator[_Held]:
        empty = 0
        for number, examples in maker.scenes(scene):
            empty = 0 if examples else empty + 1
            if empty > MAX_EMPTY_SCENES:
                raise TrainingError(
                    f"{empty} scenes in a row gave no example",
                    where=f"scene {number}",
                    remedy="check the task's settings, and that the corpus has audio",
                )
            for place, example in enumerate(examples):
                if number > scene or place >= skip:
                    yield _Held(example, number, place)

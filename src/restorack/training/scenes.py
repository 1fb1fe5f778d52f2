"""Make scenes, here or in other processes, and hand them out in their order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from typing import Any

import numpy as np

from restorack.corpus.workers import behave_as_worker
from restorack.training.task import Clips, Example, Task

_SCENE = 1
"""Name of a stream of random numbers, beside the seed."""
AHEAD = 2
"""Scenes that each worker may be ahead of the training."""

_workshop: ExampleWorker


@dataclass(frozen=True)
class Recipe:
    """What another process needs to make the same scenes.

    Attributes
    ----------
    task, settings, network
        The task's name, its settings and its network's.
    corpus : dict
        Arguments of :func:`restorack.corpus.reader.open_clips`.
    seed : int
    """

    task: str
    settings: Mapping[str, Any]
    network: Mapping[str, Any]
    corpus: Mapping[str, Any]
    seed: int


@dataclass
class ExampleWorker:
    """Makes scenes in this process."""

    task: Task[Any]
    clips: Clips
    seed: int

    def make(self, scene: int) -> list[Example]:
        """Return a scene's examples: a function of the seed and the scene's number."""
        rng = np.random.default_rng([self.seed, _SCENE, scene])
        return list(self.task.make_examples(rng, self.clips, scene))


def open_workers(recipe: Recipe) -> ExampleWorker:
    """Return a workshop that follows a recipe."""
    from restorack.corpus.reader import open_clips
    from restorack.training.tasks import task_class

    kind = task_class(recipe.task)
    task = kind(kind.settings_type(**recipe.settings), recipe.network)
    return ExampleWorker(task, open_clips(**recipe.corpus), recipe.seed)


@dataclass
class ExampleLoader:
    """Scenes in their order.

    Parameters
    ----------
    workshop : ExampleWorker
        Makes them where there are no workers.
    recipe : Recipe, optional
        What the workers follow.
    workers : int
        Other processes; 0 makes scenes in this one.
    """

    workshop: ExampleWorker
    recipe: Recipe | None = None
    workers: int = 0
    _executor: ProcessPoolExecutor | None = field(default=None, init=False)

    def scenes(self, first: int = 0) -> Iterator[tuple[int, list[Example]]]:
        """Yield the scenes from a number on, each with its number; there is no last one."""
        if not self.workers or self.recipe is None:
            number = first
            while True:
                yield number, self.workshop.make(number)
                number += 1
        yield from self._from_workers(self.recipe, first)

    def close(self) -> None:
        """End the workers."""
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None

    def _from_workers(self, recipe: Recipe, first: int) -> Iterator[tuple[int, list[Example]]]:
        self._executor = ProcessPoolExecutor(
            self.workers,
            get_context("spawn"),
            initializer=partial(_start_worker, recipe),
        )
        waiting: deque[tuple[int, Future[list[Example]]]] = deque()
        number = first
        while True:
            while len(waiting) < AHEAD * self.workers:
                waiting.append((number, self._executor.submit(_make_scene, number)))
                number += 1
            at, future = waiting.popleft()
            yield at, future.result()


def _start_worker(recipe: Recipe) -> None:
    global _workshop  # noqa: PLW0603  a worker process has one
    import torch

    behave_as_worker()
    torch.set_num_threads(1)
    _workshop = open_workers(recipe)


def _make_scene(number: int) -> list[Example]:
    return _workshop.make(number)

"""Batches are a function of the seed and the step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np
import pytest

from restorack.errors import TrainingError
from restorack.training.config import DataConfig
from restorack.training.scenes import ExampleLoader, ExampleWorker
from restorack.training.stream import ExampleStream
from restorack.training.task import Example


class Counting:
    """A task whose examples say which scene they are from, a varying number each."""

    sizes: ClassVar[tuple[int, ...]] = (3, 0, 1, 2)

    def make_examples(self, rng: np.random.Generator, clips: Any, scene: int) -> Iterable[Example]:
        for place in range(self.sizes[scene % len(self.sizes)]):
            yield {"id": np.array([scene, place]), "noise": rng.standard_normal(2)}


class Barren(Counting):
    sizes = (0,)


def stream(data: DataConfig, position: Any = None, task: Any = None, seed: int = 5):
    maker = ExampleLoader(ExampleWorker(task or Counting(), None, seed))  # type: ignore[arg-type]
    return ExampleStream(maker, seed, data, position)


def ids(batch: dict[str, np.ndarray]) -> list[tuple[int, int]]:
    return [(int(scene), int(place)) for scene, place in batch["id"]]


def in_order(count: int) -> list[tuple[int, int]]:
    found = [(s, p) for s in range(3 * count) for p in range(Counting.sizes[s % 4])]
    return found[:count]


def test_without_a_pool_examples_come_in_order() -> None:
    examples = stream(DataConfig(batch=4))
    got = [one for step in range(5) for one in ids(examples.batch(step))]
    assert got == in_order(20)


def test_with_a_pool_examples_are_drawn_from_the_latest() -> None:
    data = DataConfig(batch=4, pool=12, reuse=2.0)
    examples, uses = stream(data), dict.fromkeys(in_order(200), 0)
    for step in range(60):
        newest = 12 + step * 2
        window = set(in_order(newest)[-12:])
        batch = ids(examples.batch(step))
        assert len(set(batch)) == 4
        assert set(batch) <= window
        for one in batch:
            uses[one] += 1
    settled = in_order(100)[20:]
    assert np.mean([uses[one] for one in settled]) == pytest.approx(2.0, rel=0.15)


@pytest.mark.parametrize(
    "data",
    [
        DataConfig(batch=4),
        DataConfig(batch=3, pool=7, reuse=1.7),
        DataConfig(batch=2, pool=30, reuse=5.0),
    ],
)
def test_a_stream_goes_on_where_it_stood(data: DataConfig) -> None:
    whole = stream(data)
    batches = [whole.batch(step) for step in range(25)]
    for cut in (1, 2, 9, 24):
        before = stream(data)
        for step in range(cut):
            before.batch(step)
        after = stream(data, before.position())
        for step in range(cut, 25):
            got = after.batch(step)
            assert ids(got) == ids(batches[step])
            assert np.array_equal(got["noise"], batches[step]["noise"])


def test_another_seed_gives_other_noise() -> None:
    data = DataConfig(batch=4)
    one, other = stream(data).batch(0), stream(data, seed=6).batch(0)
    assert ids(one) == ids(other)
    assert not np.array_equal(one["noise"], other["noise"])


def test_scenes_without_examples_come_to_an_end() -> None:
    with pytest.raises(TrainingError, match="gave no example"):
        stream(DataConfig(batch=1), task=Barren()).batch(0)

"""Blocks through several stages in series, with first passes where stages want them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol

import numpy as np

from restorack.chains.threaded import SpooledWhileHeard, stream_in_threads
from restorack.core.crew import current_crew
from restorack.core.stage import OpenBlocks, Stage
from restorack.dsp.arrays import Rows, to_rows
from restorack.errors import RestorackError

LONGEST = 1 << 16
"""Samples of a block in which a stage's rest goes on to the next."""


@dataclass
class Run:
    """A stage in series, the place that errors and reports name, and the time spent in it."""

    stage: Stage
    label: str
    names: list[str]
    engine: str
    seconds: float = 0.0
    tap: Callable[[Rows], None] | None = None
    """Gets every block that comes out of it, in order, in the thread that it runs in."""


class SpoolLike(Protocol):
    """Keeps blocks between passes."""

    def write(self, rows: Rows) -> None:
        """Append a block."""

    def blocks(self) -> Iterable[Rows]:
        """Return the blocks from the first on."""


SpoolFactory = Callable[[int], AbstractContextManager[SpoolLike]]
"""Makes a spool for a number of channels; closing it frees its space."""


class Pipeline:
    """Runs in series as one stream."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self.runs = list(runs)

    def start(self, sample_rate: float, channels: int) -> None:
        """Begin a stream in every stage."""
        for run in self.runs:
            with at(run):
                run.stage.start(sample_rate, channels)

    def advance(self, rows: Rows, first: int = 0) -> Rows:
        """Take a block through the stages from ``first`` on, return what is ready."""
        for number in range(first, len(self.runs)):
            if not rows.shape[1]:
                break
            rows = self.advance_one(number, rows)
        return rows

    def advance_one(self, number: int, rows: Rows) -> Rows:
        """Take a block through one stage, return what is ready."""
        run = self.runs[number]
        with at(run):
            ready = run.stage.advance(rows)
        if run.tap is not None:
            run.tap(ready)
        return ready

    def end(self) -> Iterator[Rows]:
        """End the stages in order, yield what they still hold."""
        for number in range(len(self.runs)):
            for rest in self.end_one(number):
                yield self.advance(rest, number + 1)

    def end_one(self, number: int) -> Iterator[Rows]:
        """End one stage, yield what it still holds."""
        run = self.runs[number]
        with at(run):
            rest = run.stage.end()
        # In blocks: the rest may be a whole file, of which later stages then make no copies.
        for first in range(0, rest.shape[1], LONGEST):
            part = rest[:, first : first + LONGEST]
            if run.tap is not None:
                run.tap(part)
            yield part


@contextmanager
def at(run: Run) -> Iterator[None]:
    """Count the time as the run's, and put its place before the errors that it raises."""
    began = perf_counter()
    try:
        yield
    except RestorackError as error:
        if error.of_input:
            raise
        raise error.at(run.label) from error
    finally:
        run.seconds += perf_counter() - began


def stream_through(runs: Sequence[Run], blocks: Iterable[Rows], rate: float) -> Iterator[Rows]:
    """Yield the blocks of a file after they went through the runs.

    Where the calling thread has made a :class:`~restorack.core.crew.Crew`, each run has a thread.
    """
    pipeline, crew = Pipeline(runs), current_crew()
    if crew is not None and crew.is_mine and runs:
        yield from stream_in_threads(crew, pipeline, blocks, rate)
        return
    started = False
    for block in blocks:
        rows, _ = to_rows(block)
        if not started:
            pipeline.start(rate, rows.shape[0])
            started = True
        out = pipeline.advance(rows)
        if out.shape[1]:
            yield out
    if started:
        for rest in pipeline.end():
            if rest.shape[1]:
                yield rest


def prepare_runs(
    runs: Sequence[Run],
    open_blocks: OpenBlocks,
    rate: float,
    spools: ExitStack,
    make_spool: SpoolFactory,
) -> tuple[OpenBlocks, list[Run]]:
    """Make the first pass of every run that wants one and has none.

    Parameters
    ----------
    runs : sequence of Run
        In order.
    open_blocks : callable
        Opens the file's blocks anew.
    rate : float
        In Hz.
    spools : ExitStack
        Keeps the spools open for the caller.
    make_spool : callable
        What comes out of the runs before a preparing one is spooled once.

    Returns
    -------
    source : callable
        Opens the latest spool (or the file): where the last pass may begin.
    pending : list of Run
        The runs that the last pass still has to go through.
    """
    source: OpenBlocks = lambda: _marked(open_blocks())  # noqa: E731  a default, replaced below
    pending: list[Run] = []
    crew = current_crew()
    for run in runs:
        if wants_first_pass(run):
            if pending and crew is not None and crew.is_mine:
                source = _learned_meanwhile(run, pending, source, rate, spools, make_spool)
                pending = [run]
                continue
            if pending:
                source = _spooled(pending, source, rate, spools, make_spool)
                pending = []
            with at(run):
                run.stage.prepare(source, rate)
        pending.append(run)
    return source, pending


def _marked(blocks: Iterable[Rows]) -> Iterator[Rows]:
    """Yield an input's blocks; its own errors keep their place."""
    try:
        yield from blocks
    except RestorackError as error:
        error.of_input = True
        raise


def wants_first_pass(run: Run) -> bool:
    """Return whether a run still has to hear the file."""
    return run.stage.needs_preparation and not run.stage.is_prepared


def _spooled(
    runs: Sequence[Run],
    source: OpenBlocks,
    rate: float,
    spools: ExitStack,
    make_spool: SpoolFactory,
) -> OpenBlocks:
    spool: SpoolLike | None = None
    for block in stream_through(runs, source(), rate):
        if spool is None:
            spool = spools.enter_context(make_spool(block.shape[0]))
        spool.write(block)
    return spool.blocks if spool is not None else list


def _learned_meanwhile(
    learner: Run,
    runs: Sequence[Run],
    source: OpenBlocks,
    rate: float,
    spools: ExitStack,
    make_spool: SpoolFactory,
) -> OpenBlocks:
    """Have a run learn from what comes out of those before it, while that is spooled."""
    heard = SpooledWhileHeard(
        stream_through(runs, source(), rate),
        lambda channels: spools.enter_context(make_spool(channels)),
    )
    with at(learner):
        learner.stage.prepare(heard.open, rate)
        heard.finish()
    learner.seconds -= heard.waited
    return heard.open


class MemorySpool:
    """A spool for signals that are in memory anyway."""

    def __init__(self, channels: int) -> None:
        del channels
        self._blocks: list[Rows] = []

    def __enter__(self) -> MemorySpool:
        """Return itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Free the blocks."""
        self._blocks.clear()

    def write(self, rows: Rows) -> None:
        """Append a block."""
        self._blocks.append(np.array(rows))

    def blocks(self) -> Iterable[Rows]:
        """Return the blocks from the first on."""
        return iter(self._blocks)

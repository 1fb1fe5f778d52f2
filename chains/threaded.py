"""A stream through several stages, each in a thread of its own, with few blocks between them.

The caller's thread reads the input and takes the output: files, progress and what listens to it
stay with the caller. Stages give the same samples for blocks of any size, so that neither the
threads nor what they wait for show in the result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from time import perf_counter
from typing import TYPE_CHECKING, Any

from restorack.core.crew import NOT_YET, Bounded, Crew
from restorack.dsp.arrays import Rows, to_rows
from restorack.errors import RestorackError

if TYPE_CHECKING:
    from restorack.chains.pipeline import Pipeline, SpoolLike

Queue = Bounded[Rows | None]
"""None: the stream has ended."""


def stream_in_threads(
    crew: Crew, pipeline: Pipeline, blocks: Iterable[Rows], rate: float
) -> Iterator[Rows]:
    """Yield the blocks of a file after they went through a pipeline's runs, in threads.

    Parameters
    ----------
    crew : Crew
        Of the calling thread; it ends the threads, whatever happens.
    pipeline : Pipeline
        Of at least one run, not started.
    blocks : iterable of ndarray of float32, shape (channels, samples)
    rate : float
        In Hz.
    """
    queues = [Queue(crew) for _ in range(len(pipeline.runs) + 1)]
    started = False
    for block in blocks:
        rows, _ = to_rows(block)
        if not started:
            # In this thread: processes that stages start end with the thread that started them.
            pipeline.start(rate, rows.shape[0])
            for number, run in enumerate(pipeline.runs):
                for stage in run.stage.held_with():
                    if hasattr(stage, "interrupt"):
                        crew.on_interrupt(stage.interrupt)
                work = _work_of(pipeline, number, queues[number], queues[number + 1])
                crew.start(f"restorack {run.label}", work)
            started = True
        yield from _given(crew, rows, queues)
    if started:
        yield from _given(crew, None, queues)
        while (out := queues[-1].get()) is not None:
            yield out


def _given(crew: Crew, rows: Rows | None, queues: list[Queue]) -> Iterator[Rows]:
    """Give the first stage a block; until there is room for it, yield what the last one has."""
    first, last, full = queues[0], queues[-1], object()

    def attempt() -> Any:
        out: Any = last.take()
        return out if out is not NOT_YET else (full if first.offer(rows) is True else NOT_YET)

    while (found := crew.wait_for(attempt)) is not full:
        yield found


def _work_of(pipeline: Pipeline, number: int, given: Queue, made: Queue) -> Callable[[], None]:
    """Return what the thread of one stage does."""

    def work() -> None:
        while (rows := given.get()) is not None:
            _put(made, pipeline.advance_one(number, rows))
        for rest in pipeline.end_one(number):
            _put(made, rest)
        made.put(None)

    return work


def _put(made: Queue, rows: Rows) -> None:
    if rows.shape[1]:
        # A view may be of what the stage goes on to write into.
        made.put(rows if rows.flags.owndata else rows.copy())


class SpooledWhileHeard:
    """What comes out of some stages: kept in a spool while it is heard for the first time.

    Parameters
    ----------
    blocks : iterator of ndarray
    make_spool : callable
        Returns a spool for a number of channels.

    Attributes
    ----------
    waited : float
        Seconds that the stages before have kept the first listener waiting.
    """

    def __init__(self, blocks: Iterator[Rows], make_spool: Callable[[int], SpoolLike]) -> None:
        self._blocks, self._make_spool = blocks, make_spool
        self._spool: SpoolLike | None = None
        self._begun = False
        self.waited = 0.0

    def open(self) -> Iterator[Rows]:
        """Yield the blocks from the first on."""
        if not self._begun:
            self._begun = True
            yield from self._heard()
            return
        self.finish()
        if self._spool is not None:
            yield from self._spool.blocks()

    def finish(self) -> None:
        """Keep what the first listener has left."""
        self._begun = True
        for _ in self._heard():
            pass

    def _heard(self) -> Iterator[Rows]:
        while True:
            began = perf_counter()
            try:
                rows = next(self._blocks, None)
            except RestorackError as error:
                error.of_input = True  # it has its place, which is not the listener's
                raise
            if rows is None:
                return
            if self._spool is None:
                self._spool = self._make_spool(rows.shape[0])
            self._spool.write(rows)
            self.waited += perf_counter() - began
            yield rows

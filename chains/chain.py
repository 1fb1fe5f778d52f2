"""Chain: an ordered rack of stages with a list's manners, called like a Pedalboard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableSequence
from contextlib import ExitStack
from typing import Any, SupportsIndex, TypeGuard, cast, overload

import numpy as np

from restorack.chains.native import NativeRun, is_native, plugins_within
from restorack.chains.pipeline import (
    MemorySpool,
    Pipeline,
    Run,
    SpoolFactory,
    prepare_runs,
    stream_through,
)
from restorack.chains.settings import ChainSettings
from restorack.chains.slot import Slot, StageLike, require_stage, unique_name
from restorack.core.protocols import JoinsRun
from restorack.core.records import plain
from restorack.core.stage import WHOLE_FILE, OpenBlocks, Stage, learning_for_one_signal
from restorack.core.stage_lock import locked
from restorack.dsp.arrays import Rows, to_rows
from restorack.errors import ParameterError, suggest


class Chain(Stage, MutableSequence[Any]):
    """An ordered rack of stages.

    Parameters
    ----------
    stages : iterable, optional
        Processors, pedalboard plugins, hosted plugins, chains and parallel mixes.
    settings : ChainSettings, optional
        What a preset says beyond its stages; rendering uses it, calling the chain does not.

    Examples
    --------
    >>> chain = Chain([Declicker(), pedalboard.HighpassFilter(60)])
    >>> restored = chain(audio, sample_rate)
    >>> chain["declicker"].sensitivity = 0.7

    Notes
    -----
    Adjacent pedalboard plugins run as one Pedalboard, adjacent hosted plugins as one session.
    Changing the list ends a stream in progress. Threads may share a chain, or the stages of one:
    calls hold the chain with all its stages, and changes to the list wait for them.
    """

    def __init__(
        self, stages: Iterable[StageLike] = (), settings: ChainSettings | None = None
    ) -> None:
        super().__init__()
        self.slots: list[Slot] = []
        self.settings = settings or ChainSettings()
        self._pipeline: Pipeline | None = None
        self.extend(stages)

    # A list's manners.

    @overload
    def __getitem__(self, index: SupportsIndex | str) -> Any: ...

    @overload
    def __getitem__(self, index: slice) -> Chain: ...

    def __getitem__(self, index: SupportsIndex | str | slice) -> Any:
        """Return a stage by position or name; a slice is a chain of the same stages."""
        if isinstance(index, str):
            return self.slot(index).stage
        if isinstance(index, slice):
            part = Chain(settings=self.settings)
            part.slots = self.slots[index]
            return part
        return self.slots[index].stage

    @overload
    def __setitem__(self, index: SupportsIndex, value: Any) -> None: ...

    @overload
    def __setitem__(self, index: slice, value: Iterable[Any]) -> None: ...

    @locked
    def __setitem__(self, index: Any, value: Any) -> None:
        """Replace a stage, or the stages of a slice."""
        self.reset()
        if isinstance(index, slice):
            kept = [slot for slot in self.slots if slot not in self.slots[index]]
            self.slots[index] = self._new_slots(value, kept)
        else:
            position = range(len(self.slots))[index]
            kept = self.slots[:position] + self.slots[position + 1 :]
            self.slots[position] = self._new_slots([value], kept)[0]

    @locked
    def __delitem__(self, index: SupportsIndex | slice) -> None:
        """Remove a stage, or the stages of a slice."""
        self.reset()
        del self.slots[index]

    def __len__(self) -> int:
        """Return the number of stages, bypassed ones too."""
        return len(self.slots)

    @locked
    def insert(self, index: SupportsIndex, value: Any) -> None:
        """Insert a stage before a position."""
        self.reset()
        self.slots.insert(index, self._new_slots([value], self.slots)[0])

    def __repr__(self) -> str:
        """Return the constructor call."""
        return f"Chain([{', '.join(repr(slot.stage) for slot in self.slots)}])"

    @locked
    def add(self, stage: StageLike, name: str) -> Slot:
        """Append a stage under a name of its own and return its slot."""
        if name in self.names:
            raise ParameterError(
                f"two stages named {name!r}",
                rule="names are unique",
                remedy="give one another name",
            )
        self.reset()
        self.slots.append(Slot(require_stage(stage), name))
        return self.slots[-1]

    # Slots by name.

    @property
    def names(self) -> list[str]:
        """The stages' names, in order."""
        return [slot.name for slot in self.slots]

    def slot(self, name: str) -> Slot:
        """Return the slot with a name, or raise :class:`ParameterError`."""
        for slot in self.slots:
            if slot.name == name:
                return slot
        raise ParameterError(f"no stage {name!r}", where="chain", remedy=suggest(name, self.names))

    @property
    def skipped(self) -> list[str]:
        """Names of the optional plugins that are not installed."""
        return [slot.name for slot in self.slots if slot.missing]

    @locked
    def bypass(self, name: str, *, bypassed: bool = True) -> None:
        """Take a stage out of the signal's way, or put it back."""
        slot = self.slot(name)
        self.reset()
        slot.enabled = not bypassed

    # The call contract.

    @property
    def needs_preparation(self) -> bool:
        """Whether a stage wants a first pass over the file."""
        return any(run.stage.needs_preparation for run in self.runs())

    def runs(self) -> list[Run]:
        """Return the enabled stages as runs: one per stage of ours, one per row of alike ones."""
        rows: list[tuple[str, list[tuple[int, Slot]]]] = []
        for number, slot in enumerate(self.slots, 1):
            if not slot.active:
                continue
            kind = _kind(slot)
            if rows and rows[-1][0] == kind and kind in ("pedalboard", "hosted"):
                rows[-1][1].append((number, slot))
            else:
                rows.append((kind, [(number, slot)]))
        return [_run_of(kind, members) for kind, members in rows]

    @property
    def changes_length(self) -> bool:  # type: ignore[override]  # of a list, not of a class
        """Whether a stage of it returns more or fewer samples than it takes."""
        return any(stage.changes_length for stage in self._active())

    def output_length(self, samples: int, sample_rate: float) -> int | None:
        """Return how many samples come of a signal of so many; None where a stage does not say."""
        for stage in self._active():
            length = stage.output_length(samples, sample_rate)
            if length is None:
                return None
            samples = length
        return samples

    def output_seconds(self, seconds: float) -> float:
        """Return when a moment of the input is heard in the output, both in seconds."""
        for stage in self._active():
            seconds = stage.output_seconds(seconds)
        return seconds

    def _active(self) -> list[Stage]:
        return [s.stage for s in self.slots if s.active and isinstance(s.stage, Stage)]

    def held_with(self) -> Iterable[Any]:
        """Return what a call holds: the chain and every stage in it, at any depth."""
        yield self
        for slot in tuple(self.slots):
            yield from stages_within(slot.stage)

    def predict_latency(self, sample_rate: float) -> int:
        """Return the sum of the stages' latencies."""
        # Runs made anew would probe the plugins that the stream in progress goes through.
        runs = self._pipeline.runs if self._pipeline is not None else self.runs()
        total = sum(run.stage.predict_latency(sample_rate) for run in runs)
        return min(total, WHOLE_FILE)

    def prepare(self, blocks: OpenBlocks | Iterable[Any], sample_rate: float) -> None:
        """Make the stages' first passes, each on what the stages before it give.

        Parameters
        ----------
        blocks : callable or iterable
            A function that opens the file's blocks anew, or the blocks themselves.
        sample_rate : float
            In Hz.
        """
        self.forget()
        with ExitStack() as spools:
            source = blocks if callable(blocks) else _reopenable(blocks, spools)
            prepare_runs(self.runs(), source, sample_rate, spools, _disk_spool)
        self._prepared_rate = sample_rate

    def open_prepared(
        self, open_blocks: OpenBlocks, rate: float, spools: ExitStack, make_spool: SpoolFactory
    ) -> Iterator[Rows]:
        """Prepare on a file and yield it processed, without going through any stage twice."""
        source, pending = prepare_runs(self.runs(), open_blocks, rate, spools, make_spool)
        return stream_through(pending, cast("Iterable[Rows]", source()), rate)

    def findings(self) -> dict[str, Any]:
        """Return each stage's findings under its name."""
        found: dict[str, Any] = plain(self.compact_findings())
        return found

    def compact_findings(self) -> dict[str, Any]:
        """Return each stage's compact findings under its name."""
        found: dict[str, Any] = {}
        for slot in self.slots:
            if slot.active and isinstance(slot.stage, Stage):
                found[slot.name] = slot.stage.compact_findings()
        return found

    def reset(self) -> None:
        """Drop the signal state; keep what was learned."""
        super().reset()
        self._pipeline = None
        for slot in self.slots:
            if isinstance(slot.stage, Stage):
                slot.stage.reset()

    def _unlearn(self) -> None:
        for slot in self.slots:
            if isinstance(slot.stage, Stage):
                slot.stage.forget()

    def _whole_file(self, rows: Rows, rate: float, buffer_size: int) -> Rows:
        learners = [s.stage for s in self.slots if _learns(s.stage)]
        self.reset()
        self._latest_rate = rate
        starts = range(0, rows.shape[1], buffer_size)
        blocks = [rows[:, at : at + buffer_size] for at in starts]
        with learning_for_one_signal(learners), ExitStack() as spools:
            out = list(self.open_prepared(lambda: blocks, rate, spools, MemorySpool))
        return np.concatenate(out, axis=1) if out else rows.copy()

    def _begin(self, sample_rate: float, channels: int) -> None:
        self._channels = channels
        self._pipeline = Pipeline(self.runs())
        self._pipeline.start(sample_rate, channels)

    def _push(self, block: Rows) -> Rows:
        return self._running().advance(block)

    def _finish(self) -> Rows:
        empty = np.zeros((self._channels, 0), np.float32)
        rest = np.concatenate([empty, *self._running().end()], axis=1)
        self._pipeline = None
        return rest

    def _running(self) -> Pipeline:
        if self._pipeline is None:
            raise RuntimeError("no stream was started")
        return self._pipeline

    def _new_slots(self, stages: Iterable[Any], others: list[Slot]) -> list[Slot]:
        taken = [slot.name for slot in others]
        made = []
        for stage in stages:
            slot = Slot(require_stage(stage), unique_name(stage, taken))
            taken.append(slot.name)
            made.append(slot)
        return made


def stages_within(stage: StageLike) -> Iterable[Any]:
    """Return a stage with the stages and plugins that it sends signals through."""
    return stage.held_with() if isinstance(stage, Stage) else plugins_within([stage])


def _learns(stage: StageLike) -> TypeGuard[Stage]:
    return isinstance(stage, Stage) and stage.needs_preparation and not stage.is_prepared


def _kind(slot: Slot) -> str:
    if is_native(slot.stage):
        return "automated pedalboard" if slot.native_automation else "pedalboard"
    return "hosted" if isinstance(slot.stage, JoinsRun) else "restorack"


def _run_of(kind: str, members: list[tuple[int, Slot]]) -> Run:
    numbers = f"{members[0][0]}" if len(members) == 1 else f"{members[0][0]}-{members[-1][0]}"
    names = [slot.name for _, slot in members]
    label = f"stage {numbers} ({', '.join(names)})"
    first = members[0][1]
    if "pedalboard" in kind:
        plugins = [cast("Any", slot.stage) for _, slot in members]
        return Run(NativeRun(plugins, first.native_automation), label, names, "pedalboard")
    if kind == "hosted":
        places = [f"stage {number} ({slot.name})" for number, slot in members]
        stages = [slot.stage for _, slot in members]
        starter = cast("JoinsRun", first.stage)
        hosted = starter.join_run(stages, places if len(members) > 1 else ())
        return Run(hosted, label, names, "hosted")
    return Run(cast("Stage", first.stage), label, names, "restorack")


def _disk_spool(channels: int) -> Any:
    from restorack.io.spool import Spool

    return Spool(channels)


def _reopenable(blocks: Iterable[Any], spools: ExitStack) -> OpenBlocks:
    spool = None
    for block in blocks:
        rows, _ = to_rows(block)
        spool = spool or spools.enter_context(_disk_spool(rows.shape[0]))
        spool.write(rows)
    return spool.blocks if spool else list

"""Chain: an ordered rack of stages with a list's manners, called like a Pedalboard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any, TypeGuard, cast

import numpy as np

from restorack.chains.native import NativeRun, is_native, plugins_within
from restorack.chains.on_part import OnPart
from restorack.chains.pipeline import (
    MemorySpool,
    Pipeline,
    Run,
    SpoolFactory,
    prepare_runs,
    stream_through,
    wants_first_pass,
)
from restorack.chains.settings import ChainSettings
from restorack.chains.slot import Slot, StageLike
from restorack.chains.slot_list import SlotList
from restorack.core.first_pass import learning_for_one_signal
from restorack.core.protocols import JoinsRun
from restorack.core.records import plain
from restorack.core.row_streams import WHOLE_FILE
from restorack.core.stage import OpenBlocks, Stage
from restorack.dsp.arrays import Rows, to_rows


class Chain(SlotList):
    """An ordered rack of stages.

    Parameters
    ----------
    *stages : iterable, or stages
        Processors, pedalboard plugins, hosted plugins, chains and parallel mixes: one list of
        them, or one after the other.
    settings : ChainSettings, optional
        What a preset says beyond its stages; rendering uses it, calling the chain does not.

    Examples
    --------
    >>> chain = Chain([Declicker(), pedalboard.HighpassFilter(60)])
    >>> restored = chain(audio, sample_rate)
    >>> chain["declicker"].sensitivity = 0.7
    >>> del chain["highpassfilter"]

    Notes
    -----
    Adjacent pedalboard plugins run as one Pedalboard, adjacent hosted plugins as one session.
    Changing the list ends a stream in progress. Threads may share a chain, or the stages of one:
    calls hold the chain with all its stages, and changes to the list wait for them.
    """

    def __init__(self, *stages: Any, settings: ChainSettings | None = None) -> None:
        self._pipeline: Pipeline | None = None
        super().__init__(*stages, settings=settings)

    def __repr__(self) -> str:
        """Return the constructor call."""
        return f"{type(self).__name__}([{', '.join(self._texts())}])"

    __str__ = __repr__

    def _repr_html_(self) -> str:
        """Return the stages as a list, for notebooks."""
        from html import escape

        lines = (
            f"<li><strong>{escape(slot.name)}</strong>{' (bypassed)' if slot.bypass else ''} "
            f"<code>{escape(text)}</code></li>"
            for slot, text in zip(self.slots, self._texts(), strict=True)
        )
        return f"{escape(self.settings.name or type(self).__name__)}<ol>{''.join(lines)}</ol>"

    def _texts(self) -> list[str]:
        """Return the stages in short."""
        stages = [None if slot.is_empty else slot.stage for slot in self.slots]
        return [str(stage) if isinstance(stage, Stage) else repr(stage) for stage in stages]

    def save(
        self,
        path: str | PathLike[str],
        *,
        name: str | None = None,
        description: str | None = None,
        force: bool = False,
    ) -> None:
        """Write the chain to a preset file, which appears whole or not at all.

        Parameters
        ----------
        path : path-like
            Ends in ``.yaml``.
        name, description : str, optional
            Of the preset; by default those of the chain, else the file's name.
        force : bool
            Replace a file that exists.

        Raises
        ------
        PresetError
            For a chain that a preset cannot hold.
        FileError
            For a file that exists or cannot be written.
        """
        from restorack.presets.writing import save_preset

        name = name or self.settings.name or Path(path).stem
        described = description if description is not None else self.settings.description
        self.settings = replace(self.settings, name=name, description=described)
        save_preset(self, path, force=force)

    def __getstate__(self) -> dict[str, Any]:
        """Copy and pickle without a stream in progress."""
        return self.__dict__ | {"_pipeline": None, "_stream": None}

    # The call contract.

    @property
    def needs_preparation(self) -> bool:
        """Whether a stage wants a first pass over the file."""
        return any(run.stage.needs_preparation for run in self.runs())

    @property
    def wants_first_pass(self) -> bool:
        """Whether one of its stages would hear the file before it streams, and has not yet."""
        return self.enabled and any(wants_first_pass(run) for run in self.runs())

    def runs(self) -> list[Run]:
        """Return the enabled stages as runs: one per stage of ours, one per row of alike ones."""
        rows: list[tuple[tuple[str, str | None], list[tuple[int, Slot]]]] = []
        for number, slot in enumerate(self.slots, 1):
            if not slot.active:
                continue
            kind = _kind(slot)
            if rows and rows[-1][0] == (kind, slot.on) and kind in ("pedalboard", "hosted"):
                rows[-1][1].append((number, slot))
            else:
                rows.append(((kind, slot.on), [(number, slot)]))
        return [_steered(_run_of(kind, members), part) for (kind, part), members in rows]

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

    def summary(self) -> str:
        """Return what the stages say, each after its name."""
        said = [
            (slot.name, slot.stage.summary())
            for slot in self.slots
            if slot.active and isinstance(slot.stage, Stage)
        ]
        return "; ".join(f"{name}: {text}" for name, text in said if text)

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

    def process_file(self, open_blocks: OpenBlocks, sample_rate: float) -> Iterator[Rows]:
        """Yield the blocks of a whole file, processed; first passes for it are forgotten."""
        yield from self._file(open_blocks, sample_rate, _disk_spool)

    def _file(
        self, open_blocks: OpenBlocks, rate: float, make_spool: SpoolFactory
    ) -> Iterator[Rows]:
        learners = [s.stage for s in self.slots if _learns(s.stage)]
        self.reset()
        self._latest_rate = rate
        with learning_for_one_signal(learners), ExitStack() as spools:
            yield from self.open_prepared(open_blocks, rate, spools, make_spool)

    def _whole_file(self, rows: Rows, rate: float, buffer_size: int) -> Rows:
        starts = range(0, rows.shape[1], buffer_size)
        blocks = [rows[:, at : at + buffer_size] for at in starts]
        out = list(self._file(lambda: blocks, rate, MemorySpool))
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


def _steered(run: Run, part: str | None) -> Run:
    """Return a run that only a part of the signal goes through."""
    return run if part is None else Run(OnPart(run.stage, part), run.label, run.names, "restorack")


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

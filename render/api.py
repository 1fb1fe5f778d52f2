"""Render a file through a chain."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from restorack.chains import Chain
from restorack.chains.pipeline import Run, prepare_runs, stream_through, wants_first_pass
from restorack.core.crew import Crew, working_alone
from restorack.core.first_pass import learning_for_one_signal
from restorack.core.stage import Stage
from restorack.core.stage_lock import hold
from restorack.dsp.arrays import Rows
from restorack.dsp.resampling import resample_blocks
from restorack.errors import FileError
from restorack.hosting.run import HostedRun
from restorack.io.atomic import check_writable
from restorack.io.reader import AudioReader
from restorack.io.spool import Spool
from restorack.presets.checking import check_plugins
from restorack.presets.making import ChainLike, chain_of
from restorack.render.block_reader import BlockReader
from restorack.render.finish import WriteSummary, write_outputs
from restorack.render.identity import process_of
from restorack.render.mixing import MixGraph, mix_gains, mixed_blocks
from restorack.render.plan import (
    Engine,
    Plan,
    RenderOptions,
    make_plan,
    stretched,
    with_layouts,
)
from restorack.render.progress import CountedSpool, Meter, OnProgress
from restorack.render.result import (
    RenderResult,
    StageReport,
    clipped_in_stages,
    stage_warnings,
)
from restorack.render.source import BLOCK, Source
from restorack.version import __version__

PathLikeStr = str | PathLike[str]
OnStage = Callable[[Sequence[str], float], Callable[[Rows], None] | None]
"""Opens a tap: gets the names of the stages of a run and the rate in Hz, and returns what is given
every block that comes out of it; None: nobody listens there."""


def render(
    source: PathLikeStr,
    output: PathLikeStr,
    chain: ChainLike,
    *,
    difference: PathLikeStr | None = None,
    engine: Engine = "auto",
    start: float | None = None,
    stop: float | None = None,
    tail_seconds: float = 0.0,
    sample_rate: float | None = None,
    format: str | None = None,  # noqa: A002  the name that soundfile and pedalboard use
    subtype: str | None = None,
    force: bool = False,
    strict: bool = False,
    difference_subtype: str = "DOUBLE",
    md5: bool = False,
    on_progress: OnProgress | None = None,
    threads: int | None = 1,
    on_stage: OnStage | None = None,
) -> RenderResult:
    """Render a file through a chain.

    The output is as long as the input and aligned with it to the sample (but for stages that
    change the speed, whose times cue points and chapters follow), and appears only when it
    is whole. Memory does not grow with the length, but for LV2 plugins, Faust programs and VST3
    plugins within the budget, which get the whole signal. A chain is held for the whole render:
    other threads' calls of it wait.

    Parameters
    ----------
    source : path-like
        WAV, RF64, AIFF, FLAC, OGG or MP3.
    output : path-like
        Its extension decides the format: WAV, FLAC, OGG, MP3 or AIFF.
    chain : Chain, stage, str, path-like or list
        A chain; a stage or a plugin alone; the name of a preset or a stage, the path of a preset;
        or a list of stages and their names.
    difference : path-like, optional
        Also write decoded input minus output, as 64-bit float WAV.
    engine : {"auto", "dawdreamer", "stream"}
        Rendering engine; ``auto`` is DawDreamer, but VST3 plugins that
        would need over 1 GB there stream through pedalboard, with the same samples.
    start, stop : float, optional
        Render a part of the input, in seconds.
    tail_seconds : float
        Render this much silence after the input, so that reverberation rings out.
    sample_rate, format, subtype : optional
        Stand over the preset's output settings.
    force : bool
        Replace outputs that exist; the source is never replaced.
    strict : bool
        Refuse an input of which sound is missing, or may be, instead of warning.
    difference_subtype : str
        ``PCM_24``, ``PCM_32`` and ``FLOAT`` are rounded; output plus difference is exactly the
        input with ``DOUBLE`` alone.
    md5 : bool
        Write the MD5 of the samples into the output and the difference: the chunk ``MD5`` of WAV
        and RF64; FLAC has it in any case.
    on_progress : callable, optional
        Gets a :class:`~restorack.render.progress.Progress` after every block, in this thread.
    threads : int, optional
        How many may work at a time, this one among them: stages side by side, and parts of them.
        The samples are the same for any number. None: as many as the process has cores.
    on_stage : callable, optional
        Called before the passes for each run of the chain but the last, with the names of its
        stages and the rate that it works at, in Hz; what it returns gets every block that comes out
        there, channels first, once and in order.

    Returns
    -------
    RenderResult

    Raises
    ------
    RestorackError
        For anything that cannot be read, rendered or written; nothing half-written is left.
    """
    rack = chain_of(chain)
    options = RenderOptions(
        Path(difference) if difference is not None else None,
        engine, start, stop, tail_seconds, sample_rate, format, subtype, force, strict,
        difference_subtype, md5, threads,
    )  # fmt: skip
    with hold(rack), AudioReader(source) as reader:
        plan = make_plan(reader, Path(output), rack, options)
        check_targets(plan, options)
        check_plugins(rack, load_plugins=True)
        plan = with_layouts(rack, plan)
        rendering = _Rendering(reader, plan, rack, options, on_progress)
        if on_stage is not None:
            rendering.tap(on_stage)
        return rendering.run()


def crew_of(threads: int) -> AbstractContextManager[object]:
    """Return the context of a render in so many threads."""
    return Crew(threads) if threads > 1 else working_alone()


def check_targets(plan: Plan, options: RenderOptions) -> None:
    """Refuse outputs that exist or coincide before any work is done."""
    targets = [plan.target] + ([options.difference] if options.difference else [])
    if len({target.absolute() for target in targets}) < len(targets):
        raise FileError("output and difference are one file", where=str(plan.target))
    for target in targets:
        check_writable(target, force=options.force, sources=[plan.source])


class _Rendering:
    """The passes of one render."""

    def __init__(
        self,
        reader: AudioReader,
        plan: Plan,
        chain: Chain,
        options: RenderOptions,
        on_progress: OnProgress | None,
    ) -> None:
        self._plan = replace(plan, process=process_of(chain))
        self._chain, self._options = chain, options
        self._info = reader.info
        self._source = Source(reader, plan)
        self._threads = plan.threads
        self._runs = chain.runs()
        for run in self._runs:
            if isinstance(run.stage, HostedRun):
                run.stage.whole = plan.whole
        frames = round(plan.seconds * plan.work_rate)
        self._meter = Meter(self._passes(), frames, plan.seconds, on_progress)

    def tap(self, on_stage: OnStage) -> None:
        """Let others hear what comes out of each run but the last, whose output is the file."""
        for run in self._runs[:-1]:
            run.tap = on_stage(run.names, self._plan.work_rate)

    def run(self) -> RenderResult:
        """Make every pass, write the files and say what was done."""
        learners = [run.stage for run in self._runs if wants_first_pass(run)]
        with learning_for_one_signal(learners):
            with ExitStack() as spools, crew_of(self._threads):
                rate_ratio = self._plan.work_rate / self._plan.output_rate
                open_mixed = self._meter.counted(self._open_mixed(spools), rate_ratio)
                written = write_outputs(open_mixed, self._source, self._plan, self._options)
            return self._result(written)

    def _passes(self) -> int:
        """Return how often samples will be read: by first passes, the chain, and the end."""
        passes, pending = 2 + (self._plan.output.ceiling_dbtp is not None), False
        for run in self._runs:
            if wants_first_pass(run):
                # With threads it learns while it is spooled.
                passes, pending = passes + 1 + (pending and self._threads == 1), False
            pending = True
        return passes

    def _open_mixed(self, spools: ExitStack) -> Callable[[], Iterator[Rows]]:
        restored = self._restored(spools)
        if self._plan.output.ceiling_dbtp is None:
            return lambda: self._mixed(restored)  # one pass is enough
        spool = spools.enter_context(Spool(self._plan.channels, expected=self._plan.frames_out))
        for block in self._mixed(restored):
            spool.write(block)
        return spool.blocks

    def _restored(self, spools: ExitStack) -> Iterator[Rows]:
        """Yield the restored signal at the output's rate."""
        plan = self._plan
        opened = self._meter.counted(self._source.at_work_rate)
        source, pending = prepare_runs(self._runs, opened, plan.work_rate, spools, self._spool)
        plan = self._plan = stretched(plan, self._runs)
        blocks: Iterator[Rows] = stream_through(pending, source(), plan.work_rate)
        if plan.work_rate != plan.output_rate:
            blocks = resample_blocks(blocks, plan.work_rate, plan.output_rate, plan.channels)
        return blocks

    def _spool(self, channels: int) -> Spool:
        expected = round(self._plan.seconds * self._plan.work_rate)
        return CountedSpool(self._meter, channels, expected)

    def _mixed(self, restored: Iterator[Rows]) -> Iterator[Rows]:
        plan = self._plan
        gains = mix_gains(plan.output.mix, plan.output.gain_db)
        wet = BlockReader(restored, plan.channels, np.float32)
        dry = BlockReader(self._source.dry(), plan.channels, np.float32)
        mixer = MixGraph(gains, plan.output_rate) if plan.engine == "dawdreamer" else None
        return mixed_blocks(wet, dry, plan.frames_out, BLOCK, mixer, gains)

    def _result(self, written: WriteSummary) -> RenderResult:
        plan, chain = self._plan, self._chain
        seconds = self._meter.finish()
        stages = [_stage_report(run, plan) for run in self._runs]
        return RenderResult(
            source=plan.source,
            output=plan.target,
            difference=self._options.difference,
            preset=chain.settings.name,
            engine=plan.engine,
            channels=plan.channels,
            input_rate=plan.input_rate,
            work_rate=plan.work_rate,
            output_rate=plan.output_rate,
            frames_in=plan.last - plan.first,
            frames_out=plan.frames_out,
            output_format=plan.output.format,
            output_subtype=plan.output.subtype,
            seconds=seconds,
            speed=plan.seconds / seconds if seconds else 0.0,
            estimated_memory=plan.memory,
            true_peak_dbtp=written.true_peak_dbtp,
            ceiling_gain_db=written.ceiling_gain_db,
            clipped=written.clipped + clipped_in_stages(stages),
            dithered=written.dithered,
            unchanged=written.unchanged,
            samples=written.samples,
            stages=stages,
            bypassed=[slot.name for slot in chain.slots if slot.bypass],
            skipped=chain.skipped,
            warnings=[
                *(warning.text for warning in self._info.warnings),
                *written.warnings,
                *stage_warnings(stages),
            ],
            incomplete=self._info.incomplete,
            version=__version__,
        )


def _stage_report(run: Run, plan: Plan) -> StageReport:
    findings: dict[str, Any] = copy.deepcopy(run.stage.compact_findings())
    return StageReport(
        run.names,
        engine_name(run, plan),
        run.seconds,
        _latency(run.stage, plan.work_rate),
        findings,
        run.stage.summary(),
    )


def _latency(stage: Stage, rate: float) -> int:
    return stage.predict_latency(rate)


def engine_name(run: Run, plan: Plan) -> str:
    """Return what renders a run, in the words of reports."""
    if run.engine != "hosted":
        return run.engine
    return str(run.stage.engine_text(plan.whole))  # type: ignore[attr-defined]

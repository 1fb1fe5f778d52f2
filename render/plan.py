"""What a render will do, decided and checked before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

from restorack.chains import Chain
from restorack.chains.pipeline import Run
from restorack.chains.settings import OutputSettings
from restorack.chains.walking import all_slots
from restorack.dsp.resampling import resampled_length
from restorack.errors import (
    AudioError,
    FileError,
    ParameterError,
    RenderError,
    RestorackError,
)
from restorack.hosting.engines.dawdreamer import has_dawdreamer, missing_dawdreamer
from restorack.hosting.stage import HostedPlugin
from restorack.io.marks.time_map import Warp
from restorack.io.output_formats import check_target, choose_format, require_checksum_format
from restorack.io.reader import AudioReader
from restorack.render.memory import CHILD, MAPPED_CHILD, streamed_bytes, whole_bytes
from restorack.system.machine import usable_cores

Engine: TypeAlias = Literal["auto", "dawdreamer", "stream"]

MEMORY_BUDGET = 1_000_000_000
"""Above this estimate, in bytes, ``auto`` streams hosted plugins."""

LOSSLESS_NEEDED = ("MP3", "OGG")


@dataclass(frozen=True)
class RenderOptions:
    """How a file is rendered, beyond its chain.

    Parameters
    ----------
    difference : Path, optional
        Where the difference file goes: decoded input minus output, 64-bit float WAV.
    engine : {"auto", "dawdreamer", "stream"}
        ``auto`` mixes by DawDreamer, and hosts plugins there while the estimated memory is under
        1 GB.
    start, stop : float, optional
        Part of the input, in seconds.
    tail_seconds : float
        Silence that is appended to the input, so that reverberation rings out.
    sample_rate, format, subtype : optional
        Stand over the preset's output settings.
    force : bool
        Replace outputs that exist.
    strict : bool
        Refuse an input of which sound is missing, or may be, instead of warning.
    difference_subtype : str
        Of the difference file; output plus difference is exactly the input with ``DOUBLE`` alone.
    md5 : bool
        Write the MD5 of the samples into the output and the difference.
    threads : int, optional
        How many may work at a time; None: as many as the process has cores.
    """

    difference: Path | None = None
    engine: Engine = "auto"
    start: float | None = None
    stop: float | None = None
    tail_seconds: float = 0.0
    sample_rate: float | None = None
    format: str | None = None
    subtype: str | None = None
    force: bool = False
    strict: bool = False
    difference_subtype: str = "DOUBLE"
    md5: bool = False
    threads: int | None = 1


@dataclass(frozen=True)
class Plan:
    """A render, decided.

    Attributes
    ----------
    first, last : int
        Span of the input, in its samples.
    input_rate, work_rate, output_rate : float
        In Hz.
    tail : int
        Samples of silence appended, at the input's rate.
    frames_out : int
        Samples of the output.
    engine : {"dawdreamer", "stream"}
        What makes the last mix.
    whole : bool
        Hosted plugins get the whole signal in DawDreamer's graphs; False: they stream.
    memory : int
        Estimated peak, in bytes, beyond what the process holds before the render; where plugins
        are hosted, with their process.
    output : OutputSettings
        With format and subtype as they will be written.
    source_frames : int
        Samples of the whole input, at its own rate.
    stretching : tuple of str
        Stages that change the length, so that no time of the input is known in the output.
    warp : callable, optional
        Where the speed is changed: takes seconds of the span and returns those of the output.
    process : str
        What is done, for the coding history: see :func:`restorack.render.identity.process_of`.
    threads : int
        How many may work at a time.
    """

    source: Path
    target: Path
    first: int
    last: int
    channels: int
    input_rate: float
    work_rate: float
    output_rate: float
    tail: int
    frames_out: int
    engine: Engine
    whole: bool
    memory: int
    output: OutputSettings
    source_frames: int
    stretching: tuple[str, ...] = ()
    warp: Warp | None = None
    process: str = ""
    threads: int = 1

    @property
    def seconds(self) -> float:
        """Length of the input span with its tail."""
        return (self.last - self.first + self.tail) / self.input_rate


def make_plan(reader: AudioReader, target: Path, chain: Chain, options: RenderOptions) -> Plan:
    """Decide a render and refuse what cannot be done.

    Raises
    ------
    RenderError
        For a difference file where length or coding do not allow one, and for a chain that does
        not fit into the memory and cannot be streamed.
    FileError
        For an output format that cannot hold the result; where ``options`` are strict, for an
        input of which sound is missing.
    AudioError
        For a span outside the input.
    """
    info, engine = reader.info, available(options.engine)
    if options.strict:
        info.require_complete()
    first, last = reader.span(options.start, options.stop)
    output = _output_settings(chain, target, options)
    input_rate = float(info.sample_rate)
    settings = chain.settings
    work_rate = input_rate if settings.work_rate == "input" else float(settings.work_rate)
    output_rate = input_rate if output.sample_rate == "input" else float(output.sample_rate)
    if not 0.0 <= options.tail_seconds <= 3600.0:
        raise AudioError(f"tail of {options.tail_seconds} s", rule="0 to 3600 seconds")
    tail = round(options.tail_seconds * input_rate)
    check_target(target, output.format, output.subtype, output_rate, info.channels)
    if options.md5:
        require_checksum_format(target, output.format)
    plan = Plan(
        reader.info.path, target, first, last, info.channels, input_rate, work_rate, output_rate,
        tail, resampled_length(last - first + tail, input_rate, output_rate),
        "dawdreamer" if engine == "auto" else engine, engine != "stream", 0, output, info.frames,
        tuple(run.label for run in chain.runs() if run.stage.changes_length),
        threads=thread_count(options.threads),
    )  # fmt: skip
    _check_difference(chain, plan, options)
    _check_mix(plan)
    return _with_memory(chain, plan, engine)


def available(engine: Engine) -> Engine:
    """Return an engine as far as it is installed: without DawDreamer ``auto`` streams.

    Raises
    ------
    PluginError
        For ``dawdreamer`` without it.
    """
    if has_dawdreamer():
        return engine
    if engine == "dawdreamer":
        raise missing_dawdreamer()
    return "stream"


def thread_count(threads: int | None) -> int:
    """Return how many threads a render has.

    Raises
    ------
    ParameterError
        For less than one.
    """
    if threads is None:
        return usable_cores()
    if threads < 1:
        raise ParameterError(f"threads = {threads}", rule="at least 1")
    return threads


def _output_settings(chain: Chain, target: Path, options: RenderOptions) -> OutputSettings:
    settings = chain.settings.output
    changed_format = options.format is not None or target.suffix[1:].lower() not in (
        "", settings.format,
    )  # fmt: skip
    wanted_subtype = options.subtype or (None if changed_format else settings.subtype)
    name = options.format or (None if target.suffix else settings.format)
    if wanted_subtype is None and settings.subtype.startswith("PCM"):
        wanted_subtype = _kept_subtype(target, name, settings.subtype)
    form, subtype = choose_format(target, name, wanted_subtype)
    rate = options.sample_rate or settings.sample_rate
    return replace(settings, format=form, subtype=subtype, sample_rate=rate)


def _kept_subtype(target: Path, name: str | None, subtype: str) -> str | None:
    """Return the preset's subtype where another format holds it too."""
    try:
        return choose_format(target, name, subtype)[1]
    except FileError:
        return None


def _check_difference(chain: Chain, plan: Plan, options: RenderOptions) -> None:
    if options.difference is None:
        return
    where = str(options.difference)
    if plan.tail or any(run.stage.changes_length for run in chain.runs()):
        raise RenderError(
            "no difference file where the length changes",
            where=where,
            rule="the difference is input minus output, sample by sample",
            remedy="leave out --difference, or the tail and the stages that change the length",
        )
    if plan.output.format in LOSSLESS_NEEDED:
        raise RenderError(
            f"no difference file beside {plan.output.format}",
            where=where,
            rule="output plus difference is the decoded input, exactly, which lossy coding denies",
            remedy="render to WAV or FLAC",
        )


def _check_mix(plan: Plan) -> None:
    if plan.stretching and plan.output.mix != 1.0:
        raise RenderError(
            f"a mix of {plan.output.mix:g} with a stage that changes the length",
            where=", ".join(plan.stretching),
            rule="dry and restored signal are mixed sample by sample",
            remedy="set the output's mix to 1",
        )


def stretched(plan: Plan, runs: Sequence[Run]) -> Plan:
    """Return the plan with the length and the times that prepared stages make of the input's.

    Parameters
    ----------
    plan : Plan
    runs : sequence of Run
        After their first passes.
    """
    if not plan.stretching:
        return plan
    changing = [run for run in runs if run.stage.changes_length]
    frames = resampled_length(plan.last - plan.first + plan.tail, plan.input_rate, plan.work_rate)
    unknown = []
    for run in changing:
        length = run.stage.output_length(frames, plan.work_rate)
        if length is None:
            unknown.append(run.label)
        else:
            frames = length
    if unknown:
        return replace(plan, stretching=tuple(unknown))

    def warp(seconds: float) -> float:
        for run in changing:
            seconds = run.stage.output_seconds(seconds)
        return seconds

    frames_out = resampled_length(frames, plan.work_rate, plan.output_rate)
    return replace(plan, frames_out=frames_out, stretching=(), warp=warp)


def _with_memory(chain: Chain, plan: Plan, engine: Engine) -> Plan:
    """Return the plan with its memory, and with plugins that stream where they have to."""
    plan = replace(plan, memory=_memory(chain, plan))
    if engine == "auto" and plan.memory > MEMORY_BUDGET:
        beyond, plan = plan, replace(plan, whole=False)
        plan = replace(plan, memory=_memory(chain, plan))
        nested = _nested_stuck(chain) if plan.memory > MEMORY_BUDGET else []
        _refuse_stuck(beyond, _stuck(chain) or nested)
    elif engine == "stream":
        beyond = replace(plan, memory=_memory(chain, replace(plan, whole=True)))
        _refuse_stuck(beyond, _stuck(chain))
    return plan


def with_layouts(chain: Chain, plan: Plan) -> Plan:
    """Return the plan once its plugins were loaded: those that make stereo of mono cannot stream.

    Raises
    ------
    RenderError
        Where a chain does not fit into the memory and, as is known now, cannot be streamed.
    """
    if plan.whole:
        return plan
    learn_layouts(chain, plan.work_rate)
    beyond = replace(plan, memory=_memory(chain, replace(plan, whole=True)))
    plan = replace(plan, memory=_memory(chain, plan))
    by_budget = plan.engine == "dawdreamer" and plan.memory > MEMORY_BUDGET
    _refuse_stuck(beyond, _stuck(chain) or (_nested_stuck(chain) if by_budget else []))
    return plan


def learn_layouts(chain: Chain, rate: float) -> None:
    """Have plugins that may stream say how they take channels: it may be that they cannot."""
    for slot in all_slots(chain, active=True):
        stage = slot.stage
        if isinstance(stage, HostedPlugin) and stage.can_stream and not stage.missing:
            with suppress(RestorackError):  # the render says how it fails
                stage.layout(rate)


def _memory(chain: Chain, plan: Plan) -> int:
    frames = round(plan.seconds * plan.work_rate)
    longest = max(frames, plan.frames_out, plan.last - plan.first + plan.tail)
    by_graph = plan.engine == "dawdreamer"
    queues = len(chain.runs()) if plan.threads > 1 else 0
    hosted = any(isinstance(s.stage, HostedPlugin) for s in all_slots(chain, active=True))
    return (
        streamed_bytes(longest, plan.channels, by_graph=by_graph, queues=queues)
        + whole_bytes(chain, frames, plan.channels, plan.work_rate, whole=plan.whole)
        + hosted * (CHILD + MAPPED_CHILD)
    )


def _stuck(chain: Chain) -> list[str]:
    """Return which of a chain's runs need the whole signal."""
    return [
        run.label
        for run in chain.runs()
        if run.engine == "hosted" and not run.stage.can_stream  # type: ignore[attr-defined]
    ]


def _nested_stuck(chain: Chain) -> list[str]:
    """Return which plugins inside of nested chains and parallel mixes need the whole signal."""
    return [
        slot.name
        for slot in all_slots(chain, active=True)
        if isinstance(slot.stage, HostedPlugin) and not slot.stage.can_stream
    ]


def _refuse_stuck(plan: Plan, labels: list[str]) -> None:
    if not labels:
        return
    if not has_dawdreamer():
        raise missing_dawdreamer(", ".join(labels))
    raise RenderError(
        f"{', '.join(labels)} cannot be streamed, and a graph of the whole file needs about "
        f"{plan.memory / 1e9:.1f} GB",
        where=str(plan.source),
        rule=f"plugins are streamed above {MEMORY_BUDGET / 1e9:.0f} GB; LV2, CLAP, "
        "Faust, and what makes stereo of one channel cannot be",
        remedy="render parts with --start and --end, bypass these stages, or, where the "
        "memory is there, use --engine dawdreamer",
    )

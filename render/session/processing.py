"""Signals of a session: strips through their chains, spooled, at their place in the session."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from restorack.chains import Chain
from restorack.chains.pipeline import Run, prepare_runs, stream_through, wants_first_pass
from restorack.core.first_pass import learning_for_one_signal
from restorack.dsp.arrays import Rows
from restorack.dsp.resampling import resample_blocks, resampled_length
from restorack.errors import RestorackError
from restorack.io.reader import AudioReader
from restorack.io.spool import Spool
from restorack.render.block_reader import BlockReader, pieces
from restorack.render.mixing import mix_gains, mix_rows
from restorack.render.result import StageReport
from restorack.render.session.model import Stem, Strip
from restorack.render.source import BLOCK

Open = Callable[[], Iterator[Rows]]


@dataclass(frozen=True)
class Placed:
    """A spooled signal at its place in the session; around it there is silence.

    Attributes
    ----------
    start : int
        Where its first sample stands.
    """

    spool: Spool
    start: int = 0

    def block(self, first: int, count: int) -> Rows:
        """Return samples of the session as two rows; a mono signal is on both."""
        out = np.zeros((2, count), np.float32)
        begin = max(first, self.start)
        end = min(first + count, self.start + self.spool.frames)
        if begin < end:
            [rows] = self.spool.blocks(end - begin, begin - self.start, end - self.start)
            out[:, begin - first : end - first] = rows
        return out

    def span(self, frames: int) -> Iterator[tuple[int, Rows]]:
        """Yield the session from its beginning on in blocks, each with its first sample."""
        for first in range(0, frames, BLOCK):
            yield first, self.block(first, min(BLOCK, frames - first))


def stem_blocks(stem: Stem, reader: AudioReader) -> Open:
    """Return an opener of a stem's file and its tail."""

    def opened() -> Iterator[Rows]:
        yield from reader.blocks(BLOCK)
        for count in pieces(stem.tail, BLOCK):
            yield np.zeros((stem.source.channels, count), np.float32)

    return opened


def process_stem(stem: Stem, rate: float, *, whole: bool) -> tuple[Placed, list[StageReport]]:
    """Return a stem, processed and at the session's rate; mono stays mono."""
    with AudioReader(stem.file) as reader:
        signal = Signal(
            stem_blocks(stem, reader),
            float(stem.source.sample_rate),
            stem.source.channels,
            stem.source.frames + stem.tail,
        )
        spool, reports = through_chain(signal, stem, rate, whole=whole)
    return Placed(spool, stem.start), reports


@dataclass(frozen=True)
class Signal:
    """Blocks that can be opened anew, their rate in Hz, channels and length."""

    opened: Open
    rate: float
    channels: int
    frames: int

    def at(self, rate: float) -> Signal:
        """Return the signal at another rate."""
        if rate == self.rate:
            return self
        frames = resampled_length(self.frames, self.rate, rate)
        return Signal(
            lambda: resample_blocks(self.opened(), self.rate, rate, self.channels),
            rate,
            self.channels,
            frames,
        )


def work_rate(chain: Chain, rate: float) -> float:
    """Return the rate that a chain works at for an input of a rate, in Hz."""
    given = chain.settings.work_rate
    return rate if given == "input" else float(given)


def through_chain(
    signal: Signal, strip: Strip, rate: float, *, whole: bool
) -> tuple[Spool, list[StageReport]]:
    """Return a strip's signal after its chain, at a rate in Hz, as long and aligned.

    Parameters
    ----------
    whole : bool
        Host plugins in DawDreamer's graphs; False: stream them.
    """
    runs = strip.chain.runs()
    for run in runs:
        if run.engine == "hosted":
            run.stage.whole = whole  # type: ignore[attr-defined]
    learners = [run.stage for run in runs if wants_first_pass(run)]
    inside = signal.at(work_rate(strip.chain, signal.rate))
    out = Spool(signal.channels, expected=signal.at(rate).frames)
    try:
        with learning_for_one_signal(learners), ExitStack() as spools:
            source, pending = prepare_runs(runs, inside.opened, inside.rate, spools, Spool)
            wet = Signal(
                lambda: stream_through(pending, source(), inside.rate),
                inside.rate, signal.channels, inside.frames,
            )  # fmt: skip
            for block in _mixed(wet.at(rate), inside.at(rate), strip.chain):
                out.write(block)
            reports = [_report(run, inside.rate, whole) for run in runs]
        return out, reports
    except RestorackError as error:
        out.close()
        raise error if error.of_input else error.at(f"{strip.kind} {strip.name}") from error
    except BaseException:
        out.close()
        raise


def _mixed(wet: Signal, dry: Signal, chain: Chain) -> Iterator[Rows]:
    """Yield the processed signal, mixed with the dry one as the preset says."""
    output = chain.settings.output
    frames = dry.frames
    restored = BlockReader(wet.opened(), wet.channels, np.float32)
    if output.mix == 1.0 and output.gain_db == 0.0:
        yield from (restored.pull(size) for size in pieces(frames, BLOCK))
        return
    gains = mix_gains(output.mix, output.gain_db)
    unprocessed = BlockReader(dry.opened(), dry.channels, np.float32)
    for size in pieces(frames, BLOCK):
        yield mix_rows(restored.pull(size), unprocessed.pull(size), gains)


def _report(run: Run, rate: float, whole: bool) -> StageReport:
    engine = run.engine
    latency = run.stage.predict_latency(rate)
    findings = copy.deepcopy(run.stage.compact_findings())
    if engine == "hosted":
        engine = run.stage.engine_text(whole)  # type: ignore[attr-defined]
        latency = sum(plugin["latency_samples"] for plugin in findings["plugins"])
    return StageReport(run.names, engine, run.seconds, latency, findings, run.stage.summary())

"""The end of a render: ceiling, dither, the output file and the difference file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows, require_finite
from restorack.dsp.decibels import amplitude_to_db, db_to_amplitude
from restorack.dsp.dither import dither_rows, on_grid
from restorack.dsp.quantise import dequantise, quantise
from restorack.io.metadata import read_metadata
from restorack.io.output_formats import WAVE_FORMATS
from restorack.io.wave.bext import BroadcastLoudness
from restorack.io.writer import AudioWriter
from restorack.meters.loudness import LoudnessMeter, TruePeakMeter
from restorack.render.block_reader import BlockReader
from restorack.render.plan import Plan, RenderOptions
from restorack.render.source import Source

DITHER_SEED = 78
"""Any: a fixed seed makes the same file of the same render."""
SHORTENING_BITS = 24
"""Words of up to this many bits are shorter than the float32 signal, and are dithered."""


@dataclass
class WriteSummary:
    """What was written, for the report."""

    clipped: int = 0
    ceiling_gain_db: float = 0.0
    true_peak_dbtp: float | None = None
    dithered: int = 0
    unchanged: int = 0
    samples: int = 0
    inexact: int = 0
    difference_clipped: int = 0
    warnings: list[str] = field(default_factory=list)


def ceiling_gain(
    open_mixed: Callable[[], Iterator[Rows]],
    ceiling: float | None,
    sample_rate: float,
    channels: int,
    out: WriteSummary,
) -> np.float32:
    """Return the one gain that brings the true peak under the ceiling; never above 1."""
    if ceiling is None:
        return np.float32(1.0)
    meter = TruePeakMeter(sample_rate, channels)
    for block in open_mixed():
        meter.push(block)
    peak = float(np.max(meter.result(), initial=0.0))
    limit = db_to_amplitude(ceiling)
    if peak <= limit:
        return np.float32(1.0)
    out.ceiling_gain_db = float(amplitude_to_db(limit / peak))
    return np.float32(limit / peak)


def write_outputs(
    open_mixed: Callable[[], Iterator[Rows]],
    source: Source,
    plan: Plan,
    options: RenderOptions,
) -> WriteSummary:
    """Write the output, and the difference where it is wanted; both appear whole or not at all.

    Parameters
    ----------
    open_mixed : callable
        Opens the mixed signal at the output's rate.
    source : Source
        For the dry signal.
    plan, options
        Of the render.
    """
    out = WriteSummary()
    gain = ceiling_gain(open_mixed, plan.output.ceiling_dbtp, plan.output_rate, plan.channels, out)
    meter = OutputMeter(plan)
    with ExitStack() as files:
        difference = (
            files.enter_context(_difference_writer(plan, options)) if options.difference else None
        )
        writer = files.enter_context(_output_writer(plan, options))
        dry = BlockReader(source.dry(), plan.channels, np.float32)
        exact = BlockReader(source.exact(), plan.channels, np.float64) if difference else None
        for mixed in open_mixed():
            rows = mixed * gain if gain != 1.0 else mixed
            require_finite(rows, where=str(plan.target))
            unprocessed = dry.pull(rows.shape[1])
            decoded = write_block(writer, rows, unprocessed, plan.output.dither, out)
            meter.push(decoded.astype(np.float32))
            if difference is not None and exact is not None:
                given = exact.pull(rows.shape[1])
                removed = exact_difference(given, decoded)
                write_difference(difference, removed, given, decoded, out)
        out.true_peak_dbtp = meter.true_peak_dbtp()
        writer.loudness = meter.loudness()
        for file in [difference, writer] if difference is not None else [writer]:
            file.finish()  # so that both appear, or none
    out.clipped = writer.clipped
    out.warnings = list(writer.warnings) + _unmoved_times(plan, writer)
    if out.inexact:
        out.warnings.append(
            f"{out.inexact} samples of output plus difference miss the input by its last bit: "
            "no 64-bit difference of 64-bit floats is exact for them"
        )
    if out.difference_clipped:
        out.warnings.append(
            f"{out.difference_clipped} samples of the difference beyond full scale were cut; a "
            "subtype of floats holds them"
        )
    return out


class OutputMeter:
    """True peak of an output, and where its format states it, loudness.

    Parameters
    ----------
    plan : Plan
    """

    def __init__(self, plan: Plan) -> None:
        self._peak = TruePeakMeter(plan.output_rate, plan.channels)
        is_stated = plan.output.format in (*WAVE_FORMATS, "FLAC")
        self._loudness = LoudnessMeter(plan.output_rate, plan.channels) if is_stated else None

    def push(self, block: Rows) -> None:
        """Take samples as a reader of the file gets them."""
        self._peak.push(block)
        if self._loudness is not None:
            self._loudness.push(block)

    def true_peak_dbtp(self) -> float | None:
        """Return the true peak so far, None for silence."""
        peak = float(np.max(self._peak.result(), initial=0.0))
        return float(amplitude_to_db(peak)) if peak > 0 else None

    def loudness(self) -> BroadcastLoudness | None:
        """Return what the broadcast extension states."""
        if self._loudness is None:
            return None
        found = self._loudness.result()
        return BroadcastLoudness(
            found.integrated_lufs,
            found.range_lu,
            self.true_peak_dbtp(),
            found.max_momentary_lufs,
            found.max_short_term_lufs,
        )


def write_block(
    writer: AudioWriter, rows: Rows, dry: Rows, dither: str, out: WriteSummary
) -> NDArray[np.float64]:
    """Write a block and return what a reader will make of it (of a lossy file: could)."""
    unchanged = rows == dry
    position, out.samples = out.samples // len(rows), out.samples + rows.size
    if writer.bits is None:
        out.unchanged += int(np.count_nonzero(unchanged))
        writer.write(rows)
        return rows.astype(np.float64)
    writer.overs.push(rows, position)  # before dither and rounding, which cut them
    if dither == "triangular" and writer.bits <= SHORTENING_BITS:
        left = unchanged & on_grid(rows, writer.bits)
        dithered = dither_rows(rows, writer.bits, position, DITHER_SEED, left)
        out.dithered += int(np.count_nonzero(dithered != rows))
        rows = dithered
    integers, _ = quantise(rows, writer.bits)
    writer.write(integers)
    decoded = dequantise(integers, writer.bits)
    out.unchanged += int(np.count_nonzero(decoded == dry))
    return decoded


def write_difference(
    writer: AudioWriter,
    removed: NDArray[np.float64],
    given: NDArray[np.float64],
    decoded: NDArray[np.float64],
    out: WriteSummary,
) -> None:
    """Write a block of the difference, rounded where it was asked for so."""
    if writer.bits is not None:
        integers, clipped = quantise(removed, writer.bits)
        out.difference_clipped += clipped
        writer.write(integers)
    elif writer.subtype == "DOUBLE":
        out.inexact += int(np.count_nonzero(decoded + removed != given))
        writer.write(removed)
    else:
        writer.write(removed.astype(np.float32))


def exact_difference(
    exact: NDArray[np.float64], decoded: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return ``d`` such that ``decoded + d`` is ``exact`` in float64, sample for sample.

    The rounded difference has that property wherever both signals are PCM or 32-bit floats of
    audible size. For 64-bit floats of different size a neighbour of it may be the one, or none.
    """
    difference = exact - decoded
    for direction in (np.inf, -np.inf):
        wrong = decoded + difference != exact
        if not wrong.any():
            break
        nudged = np.nextafter(difference, direction)
        difference = np.where(wrong & (decoded + nudged == exact), nudged, difference)
    return difference


def _unmoved_times(plan: Plan, writer: AudioWriter) -> list[str]:
    """Return a warning where stages move sounds to times that nobody knows."""
    if not (plan.stretching and writer.metadata and writer.metadata.states_times):
        return []
    stages = ", ".join(plan.stretching)
    return [f"{stages} changes the length: cue points and chapters keep their times"]


def _output_writer(plan: Plan, options: RenderOptions) -> AudioWriter:
    return AudioWriter(
        plan.target,
        plan.output_rate,
        plan.channels,
        format=plan.output.format,
        subtype=plan.output.subtype,
        force=options.force,
        sources=[plan.source],
        metadata=read_metadata(plan.source),
        start=plan.first,
        stop=plan.last if plan.last < plan.source_frames else None,
        warp=plan.warp,
        md5=options.md5,
        process=plan.process,
    )


def _difference_writer(plan: Plan, options: RenderOptions) -> AudioWriter:
    return AudioWriter(
        Path(options.difference or ""),
        plan.output_rate,
        plan.channels,
        format="WAV",
        subtype=options.difference_subtype,
        force=options.force,
        sources=[plan.source, plan.target],
        md5=options.md5,
        process=f"{plan.process};removed" if plan.process else "",
    )

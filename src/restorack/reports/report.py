"""The JSON report of a render: stable keys, units in their names, a version."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from restorack.core.records import plain
from restorack.io.atomic import AtomicFile
from restorack.render.result import RenderResult
from restorack.reports.json_text import json_pieces, jsonable
from restorack.reports.verification import verify_json
from restorack.system.machine import instruction_set
from restorack.text import path_text

REPORT_SCHEMA = 1
"""Counted up when a key changes its meaning or goes; new keys do not change it."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AudioSide(_Model):
    """One end of a render."""

    path: str = Field(
        description="As it was given; bytes that are not UTF-8 as \\xNN, backslashes then doubled."
    )
    sample_rate_hz: float
    frames: int = Field(description="Samples per channel.")
    duration_seconds: float = Field(description="Of the part that was rendered.")


class OutputSide(AudioSide):
    """The file that was written."""

    format: str
    subtype: str
    true_peak_dbtp: float | None = Field(description="None for silence.")
    ceiling_gain_db: float = Field(description="Taken off the whole file by the ceiling.")
    clipped_samples: int = Field(
        description="Beyond full scale: cut, or of a lossy format given to its encoder."
    )
    dithered_samples: int
    unchanged_samples: int = Field(
        description="Equal to the input's, bit for bit; of a lossy format before its encoder."
    )
    total_samples: int = Field(description="Of all channels.")


class StageEntry(_Model):
    """One run of the chain: a stage of ours, or adjacent plugins in one host."""

    stages: list[str] = Field(description="Their names.")
    engine: str = Field(description="restorack, pedalboard, dawdreamer or pedalboard (child).")
    seconds: float = Field(description="Spent in it, all passes together.")
    latency_samples: int = Field(description="Maximum latency; compensated.")
    findings: dict[str, Any] = Field(description="What the stage found and did.")
    summary: str = Field("", description="The same in words; empty: nothing to say.")


class RenderReport(_Model):
    """A finished render."""

    report_schema: int = REPORT_SCHEMA
    status: Literal["rendered"] = "rendered"
    restorack_version: str
    preset: str = Field(description="Its name; empty for stages given on the command line.")
    source: AudioSide
    output: OutputSide
    difference: str | None = Field(description="Path of the difference file.")
    channels: int
    work_rate_hz: float = Field(description="That the chain worked at.")
    engine: str = Field(description="dawdreamer or stream: what made the last mix.")
    render_seconds: float
    speed_times_real_time: float
    estimated_memory_bytes: int = Field(
        description="Peak beyond what the process held before; with plugins, their process too."
    )
    stages: list[StageEntry]
    bypassed: list[str]
    skipped_plugins: list[str] = Field(description="Optional ones that are not installed.")
    warnings: list[str]
    instruction_set: str = Field(
        description="Of the processor; one of another kind may differ in a result's last bits."
    )
    rendered_at: str = Field(description="When the render ended, UTC; in no audio file.")

    @classmethod
    def of(cls, result: RenderResult) -> RenderReport:
        """Return the report of a render."""
        return cls(
            restorack_version=result.version,
            preset=result.preset,
            source=AudioSide(
                path=path_text(result.source),
                sample_rate_hz=result.input_rate,
                frames=result.frames_in,
                duration_seconds=result.frames_in / result.input_rate,
            ),
            output=_output(result),
            difference=path_text(result.difference) if result.difference is not None else None,
            channels=result.channels,
            work_rate_hz=result.work_rate,
            engine=result.engine,
            render_seconds=result.seconds,
            speed_times_real_time=result.speed,
            estimated_memory_bytes=result.estimated_memory,
            stages=[
                StageEntry(
                    stages=stage.stages,
                    engine=stage.engine,
                    seconds=stage.seconds,
                    latency_samples=stage.latency_samples,
                    findings=jsonable(stage.compact_findings),
                    summary=stage.summary,
                )
                for stage in result.stages
            ],
            bypassed=result.bypassed,
            skipped_plugins=result.skipped,
            warnings=result.warnings,
            instruction_set=instruction_set(),
            rendered_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        values: dict[str, Any] = jsonable(plain(self.document()))
        return values

    def document(self) -> dict[str, Any]:
        """Return what :func:`write_report` writes: JSON-ready values, long lists as records."""
        return self.model_dump()


def _output(result: RenderResult) -> OutputSide:
    return OutputSide(
        path=path_text(result.output),
        sample_rate_hz=result.output_rate,
        frames=result.frames_out,
        duration_seconds=result.frames_out / result.output_rate,
        format=result.output_format,
        subtype=result.output_subtype,
        true_peak_dbtp=result.true_peak_dbtp,
        ceiling_gain_db=result.ceiling_gain_db,
        clipped_samples=result.clipped,
        dithered_samples=result.dithered,
        unchanged_samples=result.unchanged,
        total_samples=result.samples,
    )


def write_report(
    path: str | PathLike[str], document: Any, *, force: bool = False, sources: Sequence[Path] = ()
) -> None:
    """Write a report, or a list of them, as a JSON file that appears whole.

    Parameters
    ----------
    path : path-like
    document : object
        JSON-ready, but that it may hold records.
    force : bool
        Replace a file that exists.
    sources : sequence of Path
        Files that are never replaced.

    Raises
    ------
    FileError
        Where it exists or cannot be written.
    """
    with (
        AtomicFile(path, force=force, sources=sources) as appearing,
        open(appearing.descriptor, "w", encoding="utf-8", newline="\n", closefd=False) as file,
    ):
        file.writelines(json_pieces(document))
        file.write("\n")
        file.flush()
        verify_json(appearing.part, appearing.given)

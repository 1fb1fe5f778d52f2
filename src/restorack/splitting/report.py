"""What was found in a side, and what was written of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from restorack.dsp.decibels import db_to_power, power_to_db
from restorack.text import path_text
from restorack.version import __version__

if TYPE_CHECKING:
    from restorack.io.reader import AudioInfo
    from restorack.splitting.detection import Heard
    from restorack.splitting.layout import Track
    from restorack.splitting.outputs import Outputs

SPLIT_SCHEMA = 1
"""Counted up when a key changes its meaning or goes; new keys do not change it."""


LONG_SIDE_S = 480.0
"""One track is worth a note from here on: no side of a 78 lasts as long."""
MOST_POINTS = 4000
"""Of the curve that pictures show."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TrackEntry(_Model):
    """One track."""

    number: int
    title: str
    start_seconds: float
    end_seconds: float
    start_sample: int = Field(description="First sample of the music, within the side.")
    end_sample: int = Field(description="The one after the last.")
    gap_seconds: float = Field(description="From the music's end to the next track, or run-out.")
    confidence: float | None = Field(description="That a track begins here, 0 to 1; not of the "
                                     "first one.")  # fmt: skip
    tags: dict[str, str]
    file: str | None = None
    file_start_sample: int | None = None
    file_end_sample: int | None = None


class SplitReport(_Model):
    """A side, and where its tracks are."""

    report_schema: int = SPLIT_SCHEMA
    status: Literal["split", "planned"]
    restorack_version: str = __version__
    side: str
    sample_rate_hz: int
    channels: int
    frames: int
    lead_in_seconds: float
    run_out_seconds: float
    noise_dbfs: float | None = Field(description="Mean level of the noise between the tracks; "
                                     "none where there is none.")  # fmt: skip
    tracks: list[TrackEntry]
    files: list[str] = Field(description="That were written, or would be.")
    notes: list[str]
    warnings: list[str]
    curve: list[tuple[float, float, float]] = Field(
        description="For pictures: seconds, mean level of the bands in dB, evidence for music."
    )

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values, without the curve."""
        return self.model_dump(exclude={"curve"})


def describe(
    info: AudioInfo, found: list[Track], heard: Heard, outputs: Outputs, folder: Path | None
) -> SplitReport:
    """Return the report of what was found and, where there is a folder, written."""
    rate = info.sample_rate
    following = [track.start for track in found[1:]] + [info.frames]
    entries = [
        TrackEntry(
            number=track.number, title=track.title,
            start_seconds=round(track.start / rate, 3), end_seconds=round(track.stop / rate, 3),
            start_sample=track.start, end_sample=track.stop,
            gap_seconds=round((after - track.stop) / rate, 3), confidence=track.confidence,
            tags=track.tags, **own,
        )
        for track, after, own in zip(found, following, _of_files(outputs, folder), strict=True)
    ]  # fmt: skip
    return SplitReport(
        status="planned" if folder is None else "split",
        side=path_text(info.path), sample_rate_hz=rate, channels=info.channels,
        frames=info.frames, lead_in_seconds=round(found[0].start / rate, 3),
        run_out_seconds=round((info.frames - found[-1].stop) / rate, 3),
        noise_dbfs=_noise_dbfs(heard), tracks=entries,
        files=[path_text(path) for path in outputs.paths(folder or Path())],
        notes=_notes(heard, info), warnings=[*info.incomplete, *outputs.warnings],
        curve=_curve(heard),
    )  # fmt: skip


def _of_files(outputs: Outputs, folder: Path | None) -> list[dict[str, Any]]:
    """Return what each track's entry says of its file."""
    if "files" not in outputs.options.write:
        return [{} for _ in outputs.spans]
    return [
        {"file": path_text((folder or Path()) / name), "file_start_sample": span.start,
         "file_end_sample": span.stop}
        for name, span in zip(outputs.track_names, outputs.spans, strict=True)
    ]  # fmt: skip


def _noise_dbfs(heard: Heard) -> float | None:
    if heard.noise is None:
        return None
    # White noise of variance 1 has 0 dB in every band.
    return round(float(power_to_db(np.mean(db_to_power(heard.noise.db)))), 1)


def _notes(heard: Heard, info: AudioInfo) -> list[str]:
    notes = []
    if heard.by_loudness:
        notes.append(
            "the music does not fall to the noise where these borders are: they are its quietest "
            "moments"
        )
    if len(heard.gaps) == 2 and info.duration >= LONG_SIDE_S:
        notes.append(
            "no gap was found: one track, or tracks that run into each other, as of live records; "
            "--tracks N parts them at their quietest moments"
        )
    return notes


def _curve(heard: Heard) -> list[tuple[float, float, float]]:
    """Return level and evidence over time, a few thousand points: the lowest of each stretch."""
    level, evidence = heard.smoothed.mean_db, heard.evidence
    step = max(1, level.size // MOST_POINTS)
    count = level.size // step
    quietest = level[: count * step].reshape(count, step).argmin(axis=1) + np.arange(count) * step
    return [
        (float(at * heard.hop_s), float(level[at]), float(evidence[at])) for at in quietest.tolist()
    ]

"""What a merge did: which copy was taken where, and how sure the alignment is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from restorack.merging.bands import band_edges
from restorack.merging.combining import frames_of
from restorack.text import path_text
from restorack.version import __version__

if TYPE_CHECKING:
    from restorack.io.writer import AudioWriter
    from restorack.merging.alignment import Alignment
    from restorack.merging.copies import Copy
    from restorack.merging.matching import Response
    from restorack.merging.voting import Votes

Floats = NDArray[np.float64]

MERGE_SCHEMA = 1
"""Counted up when a key changes its meaning or goes; new keys do not change it."""
OCTAVES_HZ = (63, 125, 250, 500, 1000, 2000, 4000, 8000, 16000)
"""Centres of the octaves that shares are listed for, IEC 61260."""
TIMES = 60
"""Moments that shares are told for, at most."""
LEAST_GAP_S = 0.02
"""Shorter gaps are not listed, by hand."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Gap(_Model):
    """A span of time in the reference."""

    start_seconds: float
    seconds: float


class Cut(_Model):
    """A moment at which a copy leaps."""

    at_seconds: float
    seconds: float = Field(
        description="Positive: the copy has so much that the reference lacks; negative: it lacks "
        "so much."
    )


class CopyEntry(_Model):
    """One of the recordings."""

    path: str
    is_reference: bool
    sample_rate_hz: float
    channels: int
    duration_seconds: float
    offset_seconds: float = Field(description="Where the reference's beginning is in it.")
    speed_percent: float = Field(description="How much faster than the reference it was played.")
    wow_percent: float = Field(description="Of its speed against the reference's, RMS to 6 Hz.")
    inverted: bool = Field(description="Its polarity was turned round.")
    coherence: float = Field(description="With the reference, aligned: 0 to 1.")
    deviation_samples: float = Field(description="Of the alignment, expected; median.")
    deviation_samples_95: float = Field(description="As above, not exceeded 95 % of the time.")
    aligned_share: float = Field(description="Of the reference's time that is sure at 3 kHz.")
    level_db: float = Field(description="Gain that matched it to the reference, at 1 kHz.")
    colour_db: dict[str, float] = Field(description="Beyond that gain, by octaves in Hz.")
    share: float = Field(description="Of the output that was taken from it.")
    share_by_band: dict[str, float] = Field(description="By octaves in Hz.")
    share_by_time: list[tuple[float, float]] = Field(description="Seconds and share.")
    clicks_outvoted: int = Field(description="In all channels.")
    samples_outvoted: int
    dropouts: list[Gap] = Field(description="Filled from other copies.")
    cuts: list[Cut]


class MergeReport(_Model):
    """A finished merge."""

    report_schema: int = MERGE_SCHEMA
    status: Literal["merged"] = "merged"
    restorack_version: str = __version__
    output: str
    format: str
    subtype: str
    sample_rate_hz: float
    channels: int
    frames: int
    colour: str
    clicks_interpolated: int = Field(description="Where all copies had one at once.")
    clipped_samples: int
    merge_seconds: float
    copies: list[CopyEntry]
    warnings: list[str]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return self.model_dump()


def describe(
    *,
    copies: Sequence[Copy],
    alignments: Sequence[Alignment],
    responses: Sequence[Response],
    coherences: Sequence[float],
    weights: Sequence[Floats],
    votes: Votes,
    dropped: NDArray[np.bool_],
    rate: float,
    writer: AudioWriter,
    seconds: float,
    colour: str,
) -> MergeReport:
    """Return the report of a merge from what its steps left."""
    entries, warnings = [], list(writer.warnings)
    for index, copy in enumerate(copies):
        entry = {
            "path": path_text(copy.path),
            "is_reference": index == 0,
            "sample_rate_hz": float(copy.info.sample_rate),
            "channels": copy.info.channels,
            "duration_seconds": round(copy.info.duration, 6),
            "clicks_outvoted": votes.clicks[index],
            "samples_outvoted": votes.samples[index],
            "dropouts": _gaps(dropped[index], frames_of(rate).hop / rate),
            **_shares(weights, index, rate),
            **(_place(alignments[index - 1], rate) if index else _OF_REFERENCE),
            **(_colour(responses[index - 1], rate) if index else {}),
        }
        entry["coherence"] = round(coherences[index - 1], 4) if index else 1.0
        entries.append(CopyEntry(**entry))
        warnings += [f"{copy.path}: {text}" for text in copy.info.incomplete]
        warnings += _warnings(entries[-1])
    return MergeReport(
        output=path_text(writer.path), format=writer.format, subtype=writer.subtype,
        sample_rate_hz=rate, channels=writer.channels, frames=writer.frames, colour=colour,
        clicks_interpolated=votes.interpolated, clipped_samples=writer.clipped,
        merge_seconds=round(seconds, 3), copies=entries, warnings=warnings,
    )  # fmt: skip


_OF_REFERENCE: dict[str, Any] = {
    "offset_seconds": 0.0, "speed_percent": 0.0, "wow_percent": 0.0, "inverted": False,
    "deviation_samples": 0.0, "deviation_samples_95": 0.0, "aligned_share": 1.0,
    "level_db": 0.0, "colour_db": {}, "cuts": [],
}  # fmt: skip


def _warnings(entry: CopyEntry) -> list[str]:
    out = []
    if entry.inverted:
        out.append(f"{entry.path}: the polarity was inverted, and is corrected")
    for cut in entry.cuts:
        has = "has" if cut.seconds > 0 else "lacks"
        more = "that the reference lacks" if cut.seconds > 0 else "that the reference has"
        out.append(
            f"{entry.path}: {has} {abs(cut.seconds):.2f} s near {cut.at_seconds:.1f} s {more}"
        )
    return out


def _place(alignment: Alignment, rate: float) -> dict[str, Any]:
    ratio, wow = alignment.speed_and_wow(rate)
    there = alignment.present
    deviation = alignment.deviation[there] if there.any() else np.array([np.inf])
    sure = alignment.sure(alignment.time_map.knots, np.array([2 * np.pi * 3000.0 / rate]))[0]
    cuts = []
    for at in np.flatnonzero(alignment.time_map.breaks):
        leap = alignment.time_map.positions[at + 1] - alignment.time_map.positions[at]
        leap = (leap - ratio * alignment.time_map.hop) / rate
        seconds = float(alignment.time_map.knots[at] / rate)
        cuts.append(Cut(at_seconds=round(seconds, 2), seconds=round(float(leap), 3)))
    return {
        "offset_seconds": round(float(alignment.time_map.positions[0]) / rate, 6),
        "speed_percent": round(100.0 * (1.0 / ratio - 1.0), 5),
        "wow_percent": round(100.0 * wow, 4),
        "inverted": alignment.inverted,
        "deviation_samples": round(float(np.median(deviation)), 4),
        "deviation_samples_95": round(float(np.quantile(deviation, 0.95)), 4),
        "aligned_share": round(float(np.mean((sure > 0.5) & there)), 4),
        "cuts": cuts,
    }


def _colour(response: Response, rate: float) -> dict[str, Any]:
    levels = 20.0 * np.log10(np.abs(response.bins).mean(axis=0) + 1e-12)
    octaves = [hertz for hertz in OCTAVES_HZ if hertz < 0.45 * rate]
    at = [levels[round(hertz * response.size / rate)] for hertz in octaves]
    middle = levels[round(1000.0 * response.size / rate)]
    return {
        "level_db": round(float(middle), 2),
        "colour_db": {
            str(hertz): round(float(level - middle), 2)
            for hertz, level in zip(octaves, at, strict=True)
        },
    }


def _shares(weights: Sequence[Floats], index: int, rate: float) -> dict[str, Any]:
    own = np.mean([of_channel[index] for of_channel in weights], axis=0)
    frames = frames_of(rate)
    edges = band_edges(frames.bins)
    hertz = 0.5 * (edges[:-1] + edges[1:]) * rate / frames.size
    by_band = {}
    for octave in OCTAVES_HZ:
        inside = (hertz >= octave / 2**0.5) & (hertz < octave * 2**0.5)
        if inside.any():
            by_band[str(octave)] = round(float(own[inside].mean()), 4)
    pieces = np.array_split(np.arange(own.shape[1]), min(TIMES, own.shape[1]))
    times = [
        (round(float(piece[0] * frames.hop / rate), 3), round(float(own[:, piece].mean()), 4))
        for piece in pieces
    ]
    return {
        "share": round(float(own.mean()), 4), "share_by_band": by_band, "share_by_time": times,
    }  # fmt: skip


def _gaps(mask: NDArray[np.bool_], seconds: float) -> list[Gap]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(int)))
    gaps = [
        Gap(start_seconds=round(float(a * seconds), 3), seconds=round(float((b - a) * seconds), 3))
        for a, b in zip(edges[::2], edges[1::2], strict=True)
    ]
    return [gap for gap in gaps if gap.seconds >= LEAST_GAP_S]

"""What fits into a page of one file: the coding of its audio, and whether stages have room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from restorack.errors import ParameterError
from restorack.reports.listening.encoding import (
    BEST_KBPS,
    LEAST_KBPS,
    OPUS_RATE,
    STAGE_KBPS,
    TOP_RATE,
    Codec,
    Coding,
)

LIMIT_MB = 12.0
"""Of a page in one file, by default: what a mail takes, and a browser opens at once."""
FIXED_BYTES = 300_000
"""Of the page without its tracks."""
TRACK_BYTES = 115_000
"""Of the pictures of a track."""
BASE64 = 4.0 / 3.0
"""Characters a byte."""
FLAC_SHARE, OPUS_OVERSHOOT = 0.75, 1.08
"""Of 24-bit PCM, noisy; of the rate that was asked for. Measured on worn records."""


@dataclass(frozen=True)
class Demand:
    """What a recording asks of a page.

    Attributes
    ----------
    seconds : float
    channels : int
    rate : float
        The highest of its files, in Hz.
    tracks, stages : int
        That have to be there; outputs of stages, which may be left out.
    """

    seconds: float
    channels: int
    rate: float
    tracks: int
    stages: int


@dataclass(frozen=True)
class Fit:
    """A coding that fits, and whether the outputs of stages do too."""

    coding: Coding
    with_stages: bool


def fit(demands: Sequence[Demand], codec: Codec | None, limit_mb: float | None) -> Fit:
    """Choose the coding of a page.

    Parameters
    ----------
    demands : sequence of Demand
        Of its recordings.
    codec : {"flac", "opus"}, optional
        None: FLAC where it fits, else Opus.
    limit_mb : float, optional
        Of the page in one file, 10**6 bytes; None: audio beside the page, in segments, no limit.

    Raises
    ------
    ParameterError
        Where not even the least fits.
    """
    rate = round(min(TOP_RATE, max(one.rate for one in demands)))
    if limit_mb is None:
        chosen: Codec = codec or "opus"
        coding = Coding(chosen, rate if chosen == "flac" else OPUS_RATE, BEST_KBPS, segmented=True)
        return Fit(coding, True)
    for stages in (True, False):
        room = _room(demands, limit_mb, stages=stages)
        channel_seconds = sum(
            one.seconds * one.channels * (one.tracks + stages * one.stages) for one in demands
        )
        if codec != "opus" and 3.0 * FLAC_SHARE * rate * channel_seconds <= room:
            return Fit(Coding("flac", rate), stages)
        kbps = room * 8.0 / 1000.0 / max(channel_seconds, 1e-9) / OPUS_OVERSHOOT
        least = STAGE_KBPS if stages and any(one.stages for one in demands) else LEAST_KBPS
        if codec != "flac" and kbps >= least:
            return Fit(Coding("opus", OPUS_RATE, min(BEST_KBPS, kbps)), stages)
    seconds = sum(one.seconds for one in demands)
    raise ParameterError(
        f"{seconds:.0f} s of audio do not fit into a page of {limit_mb:g} MB",
        rule="a page in one file holds its audio",
        remedy="give a folder with --output DIR, or --max-mb",
    )


def _room(demands: Sequence[Demand], limit_mb: float, *, stages: bool) -> float:
    """Return the bytes that are left for audio."""
    tracks = sum(one.tracks + stages * one.stages for one in demands)
    return max(0.0, (limit_mb * 1e6 - FIXED_BYTES - TRACK_BYTES * tracks) / BASE64)

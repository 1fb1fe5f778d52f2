"""Audio for browsers: FLAC or Opus, whole or in segments, within a size."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import soundfile

from restorack.dsp.arrays import Rows

Codec: TypeAlias = Literal["flac", "opus"]

OPUS_RATE = 48_000
"""Hz; the rate that Opus works at."""
TOP_RATE = 48_000
"""Hz: what every browser plays without a question."""
BEST_KBPS, STAGE_KBPS, LEAST_KBPS = 96.0, 48.0, 32.0
"""Opus, of one channel: what is used where there is room; below the second the stages' outputs are
left out, below the third the page is refused. By hand: at 96 noise and clicks sound the same."""
SEGMENT_S, LEAD_S = 30, 0.5
"""Seconds of a segment, and of the sound before and behind it that an encoder settles in."""


@dataclass(frozen=True)
class Segment:
    """A piece of a track, encoded.

    Attributes
    ----------
    start, samples : int
        What it stands for, at the page's rate.
    lead : int
        Samples that lie before that in it.
    data : bytes
    """

    start: int
    samples: int
    lead: int
    data: bytes


@dataclass(frozen=True)
class Coding:
    """How a page's audio is encoded.

    Attributes
    ----------
    codec : {"flac", "opus"}
    rate : int
        In Hz.
    kbps : float
        Of one channel; without meaning for FLAC.
    segmented : bool
        In pieces of ``SEGMENT_S`` seconds; otherwise whole.
    """

    codec: Codec
    rate: int
    kbps: float = BEST_KBPS
    segmented: bool = False

    @property
    def mime(self) -> str:
        """The type of the audio."""
        return "audio/flac" if self.codec == "flac" else "audio/ogg"


def encode(blocks: Iterable[Rows], frames: int, channels: int, coding: Coding) -> Iterator[Segment]:
    """Yield the segments of a track, in order.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (channels, samples)
        At the coding's rate.
    frames, channels : int
        Of all blocks together.
    coding : Coding
    """
    if not coding.segmented:
        yield Segment(0, frames, 0, _encoded(blocks, channels, coding))
        return
    lead = round(LEAD_S * coding.rate)
    size = round(SEGMENT_S * coding.rate)
    held, first = np.zeros((channels, 0), np.float32), 0  # the sample that it begins with
    source = iter(blocks)
    for start in range(0, max(frames, 1), size):
        begin, end = max(0, start - lead), min(frames, start + size + lead)
        while first + held.shape[1] < end:
            held = np.concatenate([held, next(source)], axis=1)
        held, first = held[:, begin - first :], begin
        data = _encoded([held[:, : end - begin]], channels, coding)
        yield Segment(start, min(size, frames - start), start - begin, data)


def _encoded(blocks: Iterable[Rows], channels: int, coding: Coding) -> bytes:
    kept = io.BytesIO()
    form, subtype, level = "OGG", "OPUS", opus_level(coding.kbps)
    if coding.codec == "flac":
        form, subtype, level = "FLAC", "PCM_24", 0.5
    with soundfile.SoundFile(
        kept, "w", coding.rate, channels, subtype, format=form, compression_level=level
    ) as file:
        for block in blocks:
            file.write(np.clip(block, -1.0, 1.0).T)
    return kept.getvalue()


def opus_level(kbps: float) -> float:
    """Return libsndfile's compression level for a rate of one channel: 0 is 256, 1 is 6 kb/s."""
    return float(np.clip((256.0 - kbps) / 250.0, 0.0, 1.0))

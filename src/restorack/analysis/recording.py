"""Analyse recordings without a reference."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from os import PathLike
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from restorack.dsp.arrays import Rows, check_sample_rate, to_rows
from restorack.errors import ParameterError
from restorack.io.reader import AudioReader
from restorack.text import path_text

if TYPE_CHECKING:
    from restorack.core.processor import Processor
    from restorack.meters.findings import Findings, Recording
    from restorack.meters.histogram_floor.estimate import NoiseFloor
    from restorack.render.progress import OnProgress

PASSAGE_S = 30.0
"""Seconds of a passage, ten of which are looked at in a long file. By hand."""
MOST_SECONDS = 300.0
"""Longer recordings are looked at closely in ten passages spread over them."""

MARGIN_S = 0.5
"""The declicker hears so much before and after a passage."""

SENSITIVITY, SENSITIVITY_IN_NOISE = 0.6, 0.8
"""Find as many of the clicks as there are, with few attacks among them (docs/guides/analysis.md).
Noise hides clicks, and the details of the music that could be mistaken for some."""

LITTLE_NOISE_DB, MUCH_NOISE_DB = 36.0, 26.0
"""SNR up to and from which the sensitivity goes from the one to the other. By hand."""

FIRST_PASS = 0.1
"""Of the time, about: the meters that hear the whole."""

BLOCK = 1 << 16
"""Samples that are read at a time; any number gives the same figures."""


@dataclass(frozen=True)
class _Source:
    """Samples that can be read from anywhere, any number of times."""

    blocks: Callable[[int, int], Iterator[Rows]]
    sample_rate: float
    channels: int
    frames: int

    def read(self, start: int, stop: int) -> Rows:
        """Return a span, cut at the ends of the recording."""
        start, stop = max(0, start), min(self.frames, stop)
        parts = list(self.blocks(start, stop))
        return np.concatenate(parts, axis=1) if parts else np.zeros((self.channels, 0), np.float32)


def analyze(
    path: str | PathLike[str],
    *,
    most_seconds: float = MOST_SECONDS,
    strict: bool = False,
    on_progress: OnProgress | None = None,
) -> Findings:
    """Analyse a recording: what is wrong with it, and how much.

    Parameters
    ----------
    path : path-like
        An audio file.
    most_seconds : float
        How much to look at closely, 30 s at least: recordings that are longer are sampled in
        passages of 30 s, evenly spread. Levels, loudness, clipping and rumble are of the whole.
    strict : bool
        Refuse a file of which sound is missing, or may be.
    on_progress : callable, optional
        Called now and then with how far it is.

    Returns
    -------
    Findings

    Raises
    ------
    FileError, AudioError
        For a file that cannot be read.
    ParameterError
        For a time of less than 30 s.
    """
    from restorack.meters.findings import Recording

    with AudioReader(path, strict=strict) as reader:
        info = reader.info
        source = _Source(
            lambda start, stop: reader.blocks(BLOCK, start, stop),
            float(info.sample_rate),
            info.channels,
            info.frames,
        )

        def recording(examined: float) -> Recording:
            return Recording(
                path=path_text(path),
                format=info.format,
                subtype=info.subtype,
                is_lossy=info.is_lossy,
                sample_rate_hz=float(info.sample_rate),
                channels=info.channels,
                duration_seconds=info.duration,
                examined_seconds=examined,
                warnings=[warning.text for warning in info.warnings],
            )

        return _examine(source, recording, most_seconds, on_progress)


def analyze_audio(
    audio: Any, sample_rate: float, *, most_seconds: float = MOST_SECONDS
) -> Findings:
    """Analyse samples in memory.

    Parameters
    ----------
    audio : array_like of float, shape (samples,) or (channels, samples)
    sample_rate : float
        In Hz.
    most_seconds : float
        As of :func:`analyze`.

    Raises
    ------
    AudioError, AudioTypeError
        For audio or a rate that cannot be processed.
    """
    from restorack.meters.findings import Recording

    rows, _ = to_rows(audio)
    rate = check_sample_rate(sample_rate)

    def blocks(start: int, stop: int) -> Iterator[Rows]:
        return (rows[:, at : min(stop, at + BLOCK)] for at in range(start, stop, BLOCK))

    def recording(examined: float) -> Recording:
        return Recording(
            path="",
            format="",
            subtype="",
            is_lossy=False,
            sample_rate_hz=rate,
            channels=rows.shape[0],
            duration_seconds=rows.shape[1] / rate,
            examined_seconds=examined,
        )

    source = _Source(blocks, rate, rows.shape[0], rows.shape[1])
    return _examine(source, recording, most_seconds, None)


def _examine(
    source: _Source,
    recording: Callable[[float], Recording],
    most_seconds: float,
    on_progress: OnProgress | None,
) -> Findings:
    from restorack.analysis.examination import CloseMeters, WholeMeters
    from restorack.analysis.summary import make_findings

    if not most_seconds >= PASSAGE_S:
        raise ParameterError(f"{most_seconds:g} s to look at", rule=f"{PASSAGE_S:g} s or more")
    spans = passages(source.frames, source.sample_rate, most_seconds)
    whole = WholeMeters(source.sample_rate, source.channels)
    close = CloseMeters(source.sample_rate, source.channels)
    clock = _Clock(source.frames / source.sample_rate, on_progress)
    done = 0
    for block in source.blocks(0, source.frames):
        whole.push(block)
        done += block.shape[1]
        clock.tell(FIRST_PASS * done / source.frames)
    finder = _declicker(whole.noise.estimate())
    margin = round(MARGIN_S * source.sample_rate)
    before = None
    for number, (start, stop) in enumerate(spans, 1):
        lead = min(start, margin)
        wide = source.read(start - lead, stop + margin)
        inside = slice(lead, lead + stop - start)
        repaired = np.atleast_2d(finder.process(wide, source.sample_rate))[:, inside]
        apart = before != start and len(spans) > 1
        close.push(wide[:, inside], repaired, start / source.sample_rate, apart)
        before = stop
        clock.tell(FIRST_PASS + (1.0 - FIRST_PASS) * number / len(spans))
    examined = sum(stop - start for start, stop in spans) / source.sample_rate
    return make_findings(recording(examined), whole, close)


def passages(frames: int, sample_rate: float, most_seconds: float) -> list[tuple[int, int]]:
    """Return first and last (exclusive) samples of what is looked at closely, in order."""
    size = round(PASSAGE_S * sample_rate)
    most = max(1, int(most_seconds / PASSAGE_S + 1e-9))
    if frames <= most * size:
        count = max(1, -(-frames // size))
        borders = np.linspace(0, frames, count + 1).round().astype(int).tolist()
        return [(a, b) for a, b in pairwise(borders) if b > a]
    starts = np.linspace(0, frames - size, most).round().astype(int).tolist()
    return [(start, start + size) for start in starts]


def _declicker(noise: NoiseFloor | None) -> Processor:
    """Return what finds clicks: by the classical evidence, whose count is without bias."""
    from restorack.plugins.declick.declicker import Declicker

    # A network that must spare every attack counts too few.
    snr = LITTLE_NOISE_DB if noise is None or noise.snr_db is None else noise.snr_db
    noisy = (LITTLE_NOISE_DB - snr) / (LITTLE_NOISE_DB - MUCH_NOISE_DB)
    more = (SENSITIVITY_IN_NOISE - SENSITIVITY) * min(1.0, max(0.0, noisy))
    return Declicker(mode="analytical", sensitivity=round(SENSITIVITY + more, 3))


class _Clock:
    """How far an analysis is."""

    def __init__(self, seconds: float, on_progress: OnProgress | None) -> None:
        self._seconds, self._report, self._began = seconds, on_progress, perf_counter()

    def tell(self, fraction: float) -> None:
        """Report a fraction, 0 to 1."""
        if self._report is not None:
            from restorack.render.progress import Progress

            elapsed = perf_counter() - self._began
            self._report(Progress(fraction, fraction * self._seconds, elapsed))

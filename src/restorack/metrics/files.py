"""Metrics of files: read, brought to one rate where that is asked for, measured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from os import PathLike, fspath
from typing import TypeAlias

import numpy as np

from restorack.dsp.resampling import resample_blocks
from restorack.errors import AudioError, RestorackError
from restorack.io.reader import AudioReader
from restorack.metrics.evaluation import MAX_OFFSET_SECONDS, Measurement, measure
from restorack.metrics.inputs import Floats
from restorack.text import path_text

AnyPath: TypeAlias = str | PathLike[str]


@dataclass(frozen=True)
class Comparison:
    """The files of one measurement.

    Attributes
    ----------
    reference, estimate : path-like
        The truth, and what is judged.
    degraded, clicks, noise : path-like, optional
        What the estimate was made from, and what had been added.
    """

    reference: AnyPath
    estimate: AnyPath
    degraded: AnyPath | None = None
    clicks: AnyPath | None = None
    noise: AnyPath | None = None


@dataclass(frozen=True)
class MeasureOptions:
    """How files are measured.

    Attributes
    ----------
    metrics : tuple of str, optional
        Names, families, ``default`` or ``all``.
    max_offset_seconds : float
        The estimate's offset is looked for up to here.
    resample : bool
        Bring an estimate of another rate to the reference's.
    skip_seconds : float
        Leave out the beginning: a lead-in with noise alone.
    """

    metrics: tuple[str, ...] | None = None
    max_offset_seconds: float = MAX_OFFSET_SECONDS
    resample: bool = False
    skip_seconds: float = 0.0


def measure_files(files: Comparison, options: MeasureOptions) -> Measurement:
    """Measure one file against another; the whole of both is read into memory.

    Parameters
    ----------
    files : Comparison
    options : MeasureOptions

    Returns
    -------
    Measurement

    Raises
    ------
    FileError
        For a file that cannot be read.
    AudioError
        For rates, channels and lengths that do not fit; see
        :func:`restorack.metrics.evaluation.measure`.
    """
    incomplete: list[str] = []
    truth, rate = _read(files.reference, incomplete)
    skip = round(options.skip_seconds * rate)

    def rows(path: AnyPath, *, resample: bool = False) -> Floats:
        found = _read(path, incomplete)
        return _fitting(found, path, files.reference, truth, rate, resample=resample)[:, skip:]

    def track(path: AnyPath | None) -> Floats | None:
        return None if path is None else rows(path)

    heard = rows(files.estimate, resample=options.resample)
    try:
        found = measure(
            truth[:, skip:], heard, rate, track(files.degraded),
            clicks=track(files.clicks), noise=track(files.noise),
            metrics=options.metrics, max_offset_seconds=options.max_offset_seconds,
        )  # fmt: skip
    except RestorackError as error:
        raise error.at(fspath(files.estimate)) from None
    return replace(found, incomplete=tuple(incomplete))


def _read(path: AnyPath, incomplete: list[str]) -> tuple[Floats, float]:
    """Return a file's samples and rate, and append what is missing of it."""
    with AudioReader(path) as reader:
        info = reader.info
        incomplete += [f"{path_text(path)}: {text}" for text in info.incomplete]
        parts = [np.zeros((info.channels, 0)), *reader.blocks64()]
    return np.concatenate(parts, axis=1), float(info.sample_rate)


def _fitting(
    found: tuple[Floats, float],
    path: AnyPath,
    reference: AnyPath,
    truth: Floats,
    rate: float,
    *,
    resample: bool,
) -> Floats:
    rows, own = found
    where = fspath(path)
    if len(rows) != len(truth):
        raise AudioError(
            f"has {len(rows)} channels, {fspath(reference)} {len(truth)}",
            where=where,
            rule="both have the same channels",
            remedy="mix one of them down, or split it",
        )
    if own == rate:
        return rows
    if not resample:
        raise AudioError(
            f"has {own:g} Hz, {fspath(reference)} {rate:g} Hz",
            where=where,
            rule="both have the same sample rate",
            remedy="resample one of them, or let estimates be brought to the reference's rate "
            "with --resample",
        )
    parts = list(resample_blocks([rows.astype(np.float32)], own, rate, len(rows)))
    return np.concatenate([np.zeros((len(rows), 0)), *parts], axis=1)

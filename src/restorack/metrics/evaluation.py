"""All metrics of an estimate at once, with what could not be measured and why."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from restorack.errors import AudioError
from restorack.metrics.alignment import COHERENCE, Alignment, coherence, find_alignment
from restorack.metrics.catalogue import Metric, Signals, choose_metrics
from restorack.metrics.clicks import ClickWindow
from restorack.metrics.inputs import Floats, checked_pair, checked_rate, checked_rows
from restorack.metrics.perceptual import MissingLibraryError

MAX_OFFSET_SECONDS = 0.1
"""By which an estimate may be early or late and is still lined up. By hand."""

QUIET_SHARE = 0.5
"""Damage that leaves so many samples untouched is clicks, not noise."""

FOREIGN_COHERENCE = 0.5
"""Below it the damage is foreign to the music: noise, not what a filter or distortion took."""

DRIFT_SAMPLES = 2
"""What a filter's own delay may vary by from one part of the music to another."""


@dataclass(frozen=True)
class Measurement:
    """What was measured.

    Attributes
    ----------
    values : dict of str to float
        By the metrics' names; all of them finite.
    notes : dict of str to str
        Why others are missing, by name; ``alignment`` for what holds for all.
    alignment : Alignment
    sample_rate : float
        In Hz.
    samples : int
        That were compared, of each channel.
    length_difference : int
        Samples of the estimate minus those of the reference.
    incomplete : tuple of str
        Which of the files lack sound, or may, and how much.
    """

    values: dict[str, float]
    notes: dict[str, str]
    alignment: Alignment
    sample_rate: float
    samples: int
    length_difference: int
    incomplete: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "sample_rate_hz": self.sample_rate,
            "samples": self.samples,
            "length_difference": self.length_difference,
            "offset_samples": self.alignment.offset_samples,
            "coherence": self.alignment.coherence,
            "same_performance": self.alignment.same_performance,
            "values": dict(self.values),
            "notes": dict(self.notes),
            "incomplete": list(self.incomplete),
        }


def evaluate(
    reference: ArrayLike,
    estimate: ArrayLike,
    sample_rate: float,
    degraded: ArrayLike | None = None,
    *,
    clicks: ArrayLike | None = None,
    noise: ArrayLike | None = None,
    windows: Sequence[ClickWindow] | None = None,
    metrics: Sequence[str] | None = None,
    max_offset_seconds: float = MAX_OFFSET_SECONDS,
) -> dict[str, float]:
    """Return every metric that the signals allow, by name; see :func:`measure` for the rest.

    Parameters, errors and the meaning of each figure are those of :func:`measure`.
    """
    return measure(
        reference, estimate, sample_rate, degraded, clicks=clicks, noise=noise, windows=windows,
        metrics=metrics, max_offset_seconds=max_offset_seconds,
    ).values  # fmt: skip


def measure(
    reference: ArrayLike,
    estimate: ArrayLike,
    sample_rate: float,
    degraded: ArrayLike | None = None,
    *,
    clicks: ArrayLike | None = None,
    noise: ArrayLike | None = None,
    windows: Sequence[ClickWindow] | None = None,
    metrics: Sequence[str] | None = None,
    max_offset_seconds: float = MAX_OFFSET_SECONDS,
) -> Measurement:
    """Measure an estimate against the truth.

    Parameters
    ----------
    reference, estimate : array_like of float, shape (samples,) or (channels, samples)
        Their lengths may differ by ``max_offset_seconds``; what they share is compared.
    sample_rate : float
        In Hz, of all signals.
    degraded : array_like of float, optional
        What the estimate was made from, aligned with the reference and of its shape: for gains, and
        how much damage remains.
    clicks, noise : array_like of float, optional
        What had been added, of the reference's shape. Without them ``degraded - reference`` is
        taken for clicks where it leaves half of the samples or more untouched, and for noise
        where it is foreign to the music, not its own treble that a filter took. Where clicks
        alone are given, the rest of the difference is noise.
    windows : sequence of ClickWindow, optional
        Where every click lies in the reference, by default the runs of ``clicks``.
    metrics : sequence of str, optional
        Names, families, ``default`` (all that need no other library) or ``all``.
    max_offset_seconds : float
        The estimate's offset is looked for up to here; 0 to take it as it is.

    Returns
    -------
    Measurement
        Metrics whose truth or library is missing are left out with a note, and so are those that
        compare samples where both signals are not one performance.

    Raises
    ------
    AudioError, AudioTypeError
        For audio that cannot be compared.
    ParameterError
        For a metric that does not exist.
    """
    chosen = choose_metrics(metrics)
    rate = checked_rate(sample_rate)
    truth, heard = checked_rows(reference, "reference"), checked_rows(estimate, "estimate")
    _refuse_lengths(truth, heard, round(max_offset_seconds * rate))
    found = find_alignment(truth, heard, rate, max_offset_seconds=max_offset_seconds)
    signals = _with_damage(Signals(truth, heard, rate, windows=windows), degraded, clicks, noise)
    signals = _cut(signals, found)
    values, notes = _compute(chosen, signals, found)
    return Measurement(
        values,
        notes | _alignment_note(found),
        found,
        rate,
        signals.reference.shape[1],
        heard.shape[1] - truth.shape[1],
    )


def _refuse_lengths(truth: Floats, heard: Floats, most: int) -> None:
    apart = heard.shape[1] - truth.shape[1]
    if truth.shape[1] == 0:
        raise AudioError("is empty", where="reference", rule="at least one sample")
    if abs(apart) > most:
        raise AudioError(
            f"has {heard.shape[1]} samples, the reference {truth.shape[1]}",
            where="estimate",
            rule=f"lengths differ by no more than the largest offset, {most} samples",
            remedy="cut both to the same span, or allow a larger offset",
        )


def _with_damage(
    signals: Signals,
    degraded: ArrayLike | None,
    clicks: ArrayLike | None,
    noise: ArrayLike | None,
) -> Signals:
    """Fill in what is known of the damage, or follows from the rest."""
    truth = signals.reference
    given = {
        name: checked_pair(truth, one, name)[1]
        for name, one in (("degraded", degraded), ("clicks", clicks), ("noise", noise))
        if one is not None
    }
    if "degraded" in given and "noise" not in given:
        added = given["degraded"] - truth
        if "clicks" in given:
            given["noise"] = added - given["clicks"]
        elif np.mean(added == 0.0) >= QUIET_SHARE:
            given["clicks"] = added
        elif coherence(added, truth) < FOREIGN_COHERENCE:
            given["noise"] = added
    if "degraded" not in given and given:
        given["degraded"] = truth + sum(given.values())
    tracks = {name: rows if rows.any() else None for name, rows in given.items()}
    return replace(
        signals,
        degraded=given.get("degraded"), clicks=tracks.get("clicks"), noise=tracks.get("noise"),
    )  # fmt: skip


def _cut(signals: Signals, found: Alignment) -> Signals:
    """Return what the reference and the estimate share, and the same span of all others."""
    heard = found.cut(signals.reference, signals.estimate)[1]
    parts = {
        name: found.cut(rows, signals.estimate)[0]
        for name in ("reference", "degraded", "clicks", "noise")
        if (rows := getattr(signals, name)) is not None
    }
    windows = signals.windows
    if windows is not None:
        windows = _shifted(windows, max(0, -found.offset_samples), heard.shape[1])
    return Signals(
        parts["reference"], heard, signals.sample_rate, parts.get("degraded"),
        parts.get("clicks"), parts.get("noise"), windows,
    )  # fmt: skip


def _shifted(windows: Sequence[ClickWindow], early: int, samples: int) -> list[ClickWindow]:
    moved = (ClickWindow(c, max(0, a - early), min(samples, b - early)) for c, a, b in windows)
    return [window for window in moved if window.start < window.stop]


def _compute(
    chosen: Sequence[Metric], signals: Signals, found: Alignment
) -> tuple[dict[str, float], dict[str, str]]:
    values: dict[str, float] = {}
    notes: dict[str, str] = {}
    for metric in chosen:
        missing = [need for need in metric.needs if getattr(signals, need) is None]
        if metric.by_sample and not found.same_performance:
            notes[metric.name] = "void: not the same performance"
        elif missing:
            notes[metric.name] = f"needs {_NEEDS[missing[0]]}"
        else:
            try:
                value = float(metric.compute(signals))
            except MissingLibraryError as error:
                notes[metric.name] = f"{error.what}; {error.remedy}"
                continue
            if math.isfinite(value):
                values[metric.name] = value
            else:
                notes[metric.name] = "not defined for these signals"
    return values, notes


_NEEDS = {
    "degraded": "the degraded signal",
    "clicks": "the clicks, or a degraded signal with clicks alone",
    "noise": "the noise, or a degraded signal with noise",
    "edge_hz": "a degraded signal whose band ends below that of the reference",
}


def _alignment_note(found: Alignment) -> dict[str, str]:
    said = []
    if not found.same_performance:
        said.append(f"not the same performance: coherence {found.coherence:.2f}, below {COHERENCE}")
    elif found.offset_samples:
        said.append(f"the estimate is late by {found.offset_samples} samples")
    if found.same_performance and found.inverted:
        said.append("its polarity is turned round")
    if found.same_performance and abs(found.drift_samples) > DRIFT_SAMPLES:
        said.append(f"it drifts by {found.drift_samples} samples from its first to its last third")
    return {"alignment": "; ".join(said)} if said else {}

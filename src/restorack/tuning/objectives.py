"""What is better: nearer to clean recordings, to a reference's sound, or by our analysis."""

from __future__ import annotations

import tempfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from restorack.analysis import analyze
from restorack.analysis.condition import RULES, Rule
from restorack.dsp.arrays import Rows
from restorack.errors import AudioError, ParameterError, suggest
from restorack.io.reader import AudioReader
from restorack.meters.profile.sound_profile import SoundProfile, measure_profile
from restorack.metrics.catalogue import METRICS, Metric
from restorack.metrics.evaluation import evaluate

STYLE_WEIGHTS = {"tone": 1.0, "width": 0.5, "slow": 0.5, "fast": 0.5, "peak": 0.25, "level": 0.25}
"""Of the differences in dB: tone is heard first. By hand."""

CHANGED_TONE = 0.2
"""Steps of condition that a dB of changed tone costs: what is gated to silence is not restored."""


@dataclass(frozen=True)
class Excerpt:
    """A piece of a recording, and what it is held against.

    Attributes
    ----------
    rows : ndarray of float32, shape (channels, samples)
    sample_rate : float
        In Hz.
    clean : ndarray of float32 or None
    """

    rows: Rows
    sample_rate: float
    clean: Rows | None = None


class Objective(ABC):
    """A loss: the lower the better; its unit is dB, or steps of condition."""

    name: str

    @abstractmethod
    def loss(self, excerpt: Excerpt, out: Rows) -> float:
        """Return the loss of what came out of an excerpt."""


class PairObjective(Objective):
    """A metric against the clean recording.

    Parameters
    ----------
    metric : str
        Of docs/reference/metrics.md; needs reference and estimate alone.
    """

    def __init__(self, metric: str) -> None:
        known = {name: one for name, one in METRICS.items() if not one.needs}
        if metric not in known:
            raise ParameterError(
                f"metric {metric!r}", rule=f"one of {', '.join(known)}",
                remedy=suggest(metric, known),
            )  # fmt: skip
        self._metric: Metric = known[metric]
        self.name = f"{metric} against the clean recording"

    def loss(self, excerpt: Excerpt, out: Rows) -> float:
        """Return the metric, turned so that less is better."""
        if excerpt.clean is None:
            raise AudioError("an excerpt without its clean recording")
        found = evaluate(
            excerpt.clean, out, excerpt.sample_rate, metrics=[self._metric.name],
            max_offset_seconds=0.0,
        )[self._metric.name]  # fmt: skip
        if self._metric.better == "nearer":
            return abs(found - float(self._metric.perfect or 0.0))
        return -found if self._metric.better == "higher" else found


class StyleObjective(Objective):
    """The distance from how a reference sounds: tone, width, dynamics, level.

    Parameters
    ----------
    reference : SoundProfile
    """

    name = "distance from the reference's sound in dB"

    def __init__(self, reference: SoundProfile) -> None:
        self._reference = reference

    def loss(self, excerpt: Excerpt, out: Rows) -> float:
        """Return the weighted sum of the differences, in dB."""
        own, wanted = measure_profile([out], excerpt.sample_rate), self._reference
        differences = {
            "tone": _mean_difference(own.tone_db, wanted.tone_db),
            "width": _mean_difference(own.width_db, wanted.width_db),
            "slow": abs(own.spreads.slow_db - wanted.spreads.slow_db),
            "fast": abs(own.spreads.fast_db - wanted.spreads.fast_db),
            "peak": abs(own.peak_to_loudness_db - wanted.peak_to_loudness_db),
            "level": abs(own.loudness_lufs - wanted.loudness_lufs),
        }
        return sum(STYLE_WEIGHTS[name] * value for name, value in differences.items())


class AnalysisObjective(Objective):
    """What our analysis finds wrong, and how far the tone of what is loud has moved."""

    name = "faults that the analysis finds, in steps of condition"

    def loss(self, excerpt: Excerpt, out: Rows) -> float:
        """Return the sum of the figures' places between clean (0) and heavy (3)."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "out.wav"
            soundfile.write(file, out.T, round(excerpt.sample_rate), subtype="FLOAT")
            found = analyze(file)
        faults = sum(severity(rule, found.figure(rule.figure)) for rule in RULES)
        before = measure_profile([excerpt.rows], excerpt.sample_rate).tone_db
        after = measure_profile([out], excerpt.sample_rate).tone_db
        loud = before > np.nanmax(before) - 30.0
        return faults + CHANGED_TONE * float(np.abs(after - before)[loud].mean())


def severity(rule: Rule, value: float | None) -> float:
    """Return where a figure lies between clean (0), light (1), worn (2) and heavy (3)."""
    limits = [limit for limit in rule.limits if limit is not None]
    if value is None or not limits:
        return 0.0
    if rule.falling:  # from twice the first limit on there is nothing at all
        points = [2.0 * limits[0], *limits]
        return float(np.interp(-value, [-one for one in points], range(len(points))))
    return float(np.interp(value, [0.0, *limits], range(len(limits) + 1)))


def read_excerpt(path: Path, seconds: float) -> tuple[Rows, float]:
    """Return the middle of a recording, at most so many seconds, and its rate in Hz."""
    with AudioReader(path) as reader:
        frames, rate = reader.info.frames, float(reader.info.sample_rate)
        count = min(frames, round(seconds * rate))
        first = (frames - count) // 2
        blocks = list(reader.blocks(65_536, first, first + count))
    if not blocks:
        raise AudioError("no samples", where=str(path))
    return np.concatenate(blocks, axis=1), rate


def read_pair(degraded: Path, clean: Path, seconds: float) -> Excerpt:
    """Return the middle of a degraded recording with that of the clean one.

    Raises
    ------
    AudioError
        Where they differ in rate, channels or length.
    """
    with AudioReader(degraded) as one, AudioReader(clean) as two:
        forms = [(each.info.sample_rate, each.info.channels, each.info.frames)
                 for each in (one, two)]  # fmt: skip
    rows, rate = read_excerpt(degraded, seconds)
    other, _ = read_excerpt(clean, seconds)
    if forms[0] != forms[1]:
        raise AudioError(
            f"{degraded} and {clean} differ in rate, channels or length",
            rule="a pair is one recording, degraded and clean",
        )
    return Excerpt(rows, rate, other)


def mean_loss(objective: Objective, excerpts: Sequence[Excerpt], outs: Sequence[Rows]) -> float:
    """Return the mean loss over excerpts."""
    pairs = zip(excerpts, outs, strict=True)
    return float(np.mean([objective.loss(excerpt, out) for excerpt, out in pairs]))


def _mean_difference(own: np.ndarray, other: np.ndarray) -> float:
    known = np.isfinite(own) & np.isfinite(other)
    return float(np.abs(own - other)[known].mean()) if known.any() else 0.0

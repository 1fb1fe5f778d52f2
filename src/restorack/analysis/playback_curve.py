"""Which playback curve a recording still needs, from its long-term spectrum, or that nothing tells.

Music has a spectrum of its own, which varies by more than curves differ: only recordings at the
ends of what music does can be told (docs/guides/disc-transfers.md has how many).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.decibels import amplitude_to_db
from restorack.meters.findings import SpectrumFigures
from restorack.plugins.disc.curves import named_curve

Floats: TypeAlias = NDArray[np.float64]
Treble: TypeAlias = Literal["as it is", "to be lowered", "to be raised"]

HYPOTHESES: tuple[tuple[str, str | None, Treble], ...] = (
    ("flat", None, "as it is"),
    ("European-78", None, "as it is"),
    ("Blumlein-300", None, "as it is"),
    ("500-flat", None, "as it is"),
    ("RIAA", None, "to be lowered"),
    ("NAB", None, "to be lowered"),
    ("AES", None, "to be lowered"),
    ("Columbia-78", None, "to be lowered"),
    ("RCA-old", None, "to be lowered"),
    ("European-78", "RIAA", "to be raised"),
    ("500-flat", "RIAA", "to be raised"),
)
"""Curves that a transfer may need, what was applied before, and what that does to the treble."""

MODEL = "curve_prior.csv"
"""Mean and covariance of music's spectra, by benchmarks/discs/playback_curves.py."""
LEAST_CONFIDENCE = 0.9
"""Probability from which a curve is named. Recordings left out: docs/guides/disc-transfers.md."""
LEAST_SECONDS = 15.0
"""Shorter recordings are of a note or a phrase, whose spectrum tells nothing. By hand."""
LEAST_BANDS = 12
"""Third octaves above the noise, four octaves. By hand."""
ABOVE_NOISE_DB = 8.0
"""From here on a band's loud moments are music."""
LEVEL_DB = 100.0
"""Deviation of the level of all bands together, which is unknown."""
ERROR_DB = 2.0
"""Deviation of each band by what no model holds. By hand."""
REACH_OCTAVES = 1.5
"""Over which bands of music rise and fall together, where few recordings tell. By hand."""
OWN_SHARE = 0.5
"""Of the covariance that is as measured; the rest is smooth. By hand."""


@dataclass(frozen=True)
class CurveModel:
    """How music's third octaves are distributed.

    Attributes
    ----------
    frequencies_hz, mean_db : ndarray of float64, shape (bands,)
    covariance : ndarray of float64, shape (bands, bands)
        In square decibels, without that of the level.
    """

    frequencies_hz: Floats
    mean_db: Floats
    covariance: Floats


@dataclass(frozen=True)
class LikelyCurve:
    """What was estimated.

    Attributes
    ----------
    curve : str
        Of the curves that fit, the likeliest.
    undo : str or None
        What was applied in its place.
    treble : str
        What the curve does to it.
    confidence : float
        Probability of what is said of the treble; the single curve has less.
    """

    curve: str
    undo: str | None
    treble: Treble
    confidence: float


def likeliest_curve(
    spectrum: SpectrumFigures, seconds: float, model: CurveModel | None = None
) -> LikelyCurve | None:
    """Return the likeliest curve, however unlikely; None where there is too little to judge.

    Parameters
    ----------
    spectrum : SpectrumFigures
        Of what was examined.
    seconds : float
        Its length.
    model : CurveModel, optional
        The shipped one by default.
    """
    model = model or shipped_model()
    levels = dict(zip(spectrum.frequencies_hz, levels_db(spectrum), strict=True))
    measured = np.array([levels.get(round(float(hz), 1), np.nan) for hz in model.frequencies_hz])
    heard = np.isfinite(measured)
    if seconds < LEAST_SECONDS or heard.sum() < LEAST_BANDS:
        return None
    chances = _chances(measured, heard, model)
    kinds = {kind: sum(c for c, h in zip(chances, HYPOTHESES, strict=True) if h[2] == kind)
             for _, _, kind in HYPOTHESES}  # fmt: skip
    treble = max(kinds, key=lambda kind: kinds[kind])
    fitting = [at for at, one in enumerate(HYPOTHESES) if one[2] == treble]
    curve, undo, _ = HYPOTHESES[max(fitting, key=lambda at: chances[at])]
    return LikelyCurve(curve, undo, treble, round(float(kinds[treble]), 3))


def levels_db(spectrum: SpectrumFigures) -> Floats:
    """Return each band's level between median and loud, NaN where it is not above the noise."""
    loud, median = np.array(spectrum.loud_db), np.array(spectrum.median_db)
    out = 0.5 * (loud + median)
    if spectrum.noise_db:
        out[loud < np.array(spectrum.noise_db) + ABOVE_NOISE_DB] = np.nan
    return np.asarray(out)


def fitted_model(frequencies_hz: Floats, groups: Sequence[Floats]) -> CurveModel:
    """Return the model of recordings.

    Parameters
    ----------
    frequencies_hz : ndarray of float64, shape (bands,)
    groups : sequence of ndarray of float64, shape (recordings, bands)
        Levels in dB of recordings, those of one performer together: a group counts as one.
    """
    means = np.array([np.mean(group, axis=0) for group in groups])
    means -= means.mean(axis=1, keepdims=True)
    mean = means.mean(axis=0)
    away = means - mean
    own = away.T @ away / max(1, len(means) - 1)
    octaves = np.abs(np.subtract.outer(*[np.log2(frequencies_hz)] * 2))
    smooth = float(np.diag(own).mean()) * np.exp(-octaves / REACH_OCTAVES)
    return CurveModel(frequencies_hz, mean, OWN_SHARE * own + (1.0 - OWN_SHARE) * smooth)


@cache
def shipped_model() -> CurveModel:
    """Return the model that comes with the package."""
    with files("restorack.analysis").joinpath(MODEL).open(encoding="utf-8") as file:
        rows = np.loadtxt(file, delimiter=",", comments="#")
    return CurveModel(rows[:, 0], rows[:, 1], rows[:, 2:])


def curve_gains_db(frequencies_hz: Floats) -> Floats:
    """Return what each hypothesis does in playing, shape (hypotheses, bands)."""
    gains = []
    for name, undo, _ in HYPOTHESES:
        gain = amplitude_to_db(named_curve(name).gain(frequencies_hz))
        if undo is not None:
            gain = gain - amplitude_to_db(named_curve(undo).gain(frequencies_hz))
        gains.append(gain)
    return np.array(gains)


def _chances(measured: Floats, heard: NDArray[np.bool_], model: CurveModel) -> Floats:
    """Return the probability of each hypothesis; every effect on the treble is as likely before."""
    count = int(heard.sum())
    spread = model.covariance[np.ix_(heard, heard)] + ERROR_DB**2 * np.eye(count) + LEVEL_DB**2
    measured = measured - np.mean((measured - model.mean_db)[heard])
    away = (measured + curve_gains_db(model.frequencies_hz) - model.mean_db)[:, heard]
    fit = -0.5 * np.einsum("hi,hi->h", away, np.linalg.solve(spread, away.T).T)
    kinds = [kind for _, _, kind in HYPOTHESES]
    chances = np.exp(fit - fit.max()) / np.array([kinds.count(kind) for kind in kinds])
    return np.asarray(chances / chances.sum())

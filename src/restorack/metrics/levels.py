"""Loudness, true peak, crest factor and DC of an estimate, and how they differ from the truth.

Conventions
-----------
Loudness and true peak are those of ITU-R BS.1770-5 (:mod:`restorack.meters.loudness`). Changes
are the estimate minus the reference, 0 is right. What silence has none of is NaN.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from restorack.dsp.decibels import amplitude_to_db
from restorack.meters.levels import LevelMeter
from restorack.meters.loudness import LoudnessMeter, TruePeakMeter
from restorack.metrics.inputs import Floats, checked_pair, checked_rate, checked_rows


def validate(
    reference: ArrayLike, estimate: ArrayLike, sample_rate: float
) -> tuple[Floats, Floats, float]:
    """Return both signals as rows of float64 and the rate, or raise an error that says why not."""
    return *checked_pair(reference, estimate), checked_rate(sample_rate)


def loudness_lufs(audio: ArrayLike, sample_rate: float) -> float:
    """Return the integrated loudness in LUFS, NaN for silence and less than 0.4 s."""
    rows = checked_rows(audio).astype(np.float32)
    meter = LoudnessMeter(checked_rate(sample_rate), len(rows))
    meter.push(rows)
    return _number(meter.integrated())


def loudness_change_lu(reference: ArrayLike, estimate: ArrayLike, sample_rate: float) -> float:
    """Return how much louder the estimate is than the truth, in LU; 0 is right."""
    truth, heard, rate = validate(reference, estimate, sample_rate)
    return loudness_lufs(heard, rate) - loudness_lufs(truth, rate)


def true_peak_dbtp(audio: ArrayLike, sample_rate: float) -> float:
    """Return the highest true peak of all channels in dBTP, 0 is full scale; NaN for silence."""
    rows = checked_rows(audio).astype(np.float32)
    meter = TruePeakMeter(checked_rate(sample_rate), len(rows))
    meter.push(rows)
    peak = float(meter.result().max())
    return float(amplitude_to_db(peak)) if peak else float("nan")


def crest_db(audio: ArrayLike) -> float:
    """Return sample peak over RMS of all channels in dB: 3.01 for a sine; NaN for silence."""
    return _number(_meter(audio).result().crest_db)


def crest_change_db(reference: ArrayLike, estimate: ArrayLike) -> float:
    """Return the crest factor of the estimate minus that of the truth, in dB; 0 is right.

    Above it clicks were left or made, below it attacks were dulled or clipped.
    """
    truth, heard = checked_pair(reference, estimate)
    return crest_db(heard) - crest_db(truth)


def dc_offset(audio: ArrayLike) -> float:
    """Return the mean of the channel with the largest, full scale -1 to 1; 0 is right."""
    offsets = _meter(audio).result().dc_offset
    return max(offsets, key=abs)


def _meter(audio: ArrayLike) -> LevelMeter:
    rows = checked_rows(audio).astype(np.float32)
    meter = LevelMeter(len(rows))
    meter.push(rows)
    return meter


def _number(value: float | None) -> float:
    return float("nan") if value is None else value

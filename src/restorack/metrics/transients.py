"""Whether attacks survived: correlation and level of what follows each onset.

Conventions
-----------
Onsets are found in the reference: peaks of the rise of the log spectrum. What counts are the 50 ms
around each one, after a pre-emphasis of 6 dB an octave (``x[n] - 0.97 x[n - 1]``), since an attack
is in the treble and a bass note that sounds on would hide it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from restorack.dsp.decibels import amplitude_to_db
from restorack.metrics.inputs import Floats, checked_pair, checked_rate, checked_rows, ratio_db
from restorack.metrics.stft import magnitudes

BEFORE_SECONDS, AFTER_SECONDS = 0.005, 0.045
"""Around an onset, what is compared: an attack and its first decay. By hand."""
ATTACK_SECONDS = 0.010
"""What of it is the attack itself, before and after the onset."""

ONSET_HOP_SECONDS = 0.005
"""Seconds between levels in the search for onsets. By hand."""
RISE_DB = 1.5
"""How much the mean level of the bins must rise above the usual to make an onset: attacks of
percussion, plucked and struck strings; bowed and sung notes mostly stay below."""
ONSET_FLOOR = 2.5e-3
"""Of the signal's peak: what lies below is not music that could begin (-52 dB)."""


def validate(
    reference: ArrayLike, estimate: ArrayLike, sample_rate: float
) -> tuple[Floats, Floats, float]:
    """Return both signals as rows of float64 and the rate, or raise an error that says why not."""
    return *checked_pair(reference, estimate), checked_rate(sample_rate)


def find_onsets(audio: ArrayLike, sample_rate: float) -> NDArray[np.int64]:
    """Return where notes and beats begin.

    Parameters
    ----------
    audio : array_like of float, shape (samples,) or (channels, samples)
        Channels are averaged.
    sample_rate : float
        In Hz.

    Returns
    -------
    ndarray of int64, shape (onsets,)
        In samples, to within 5 ms; at least 50 ms apart.

    References
    ----------
    S. Boeck, G. Widmer: "Maximum filter vibrato suppression for onset detection", DAFx 2013, for
    the spectral flux with a maximum filter, and its peaks.
    """
    from scipy.ndimage import maximum_filter1d, median_filter

    rate = checked_rate(sample_rate)
    mono = checked_rows(audio).mean(axis=0, keepdims=True)
    peak = float(np.abs(mono).max(initial=0.0))
    if peak == 0.0:
        return np.zeros(0, np.int64)
    hop = max(1, round(ONSET_HOP_SECONDS * rate))
    frame = 4 * hop
    silence = np.zeros((1, frame))
    padded = np.concatenate([silence, mono / peak, silence], axis=1)
    level = amplitude_to_db(np.concatenate(list(magnitudes(padded, frame, hop))) + ONSET_FLOOR)
    rise = np.maximum(0.0, level[2:] - maximum_filter1d(level[:-2], 3, axis=1)).mean(axis=1)
    rise -= median_filter(rise, 41, mode="nearest")
    peaks = np.flatnonzero((rise == maximum_filter1d(rise, 21)) & (rise > RISE_DB))
    # The frame two hops on has risen: the onset lies in its second half.
    places = (peaks + 2) * hop + frame // 2 + hop // 2 - frame
    return np.unique(np.clip(places, 0, max(0, mono.shape[1] - 1))).astype(np.int64)


def transient_correlation(
    reference: ArrayLike,
    estimate: ArrayLike,
    sample_rate: float,
    *,
    onsets: NDArray[np.int64] | None = None,
) -> float:
    """Return the median correlation of both signals around the onsets.

    Parameters
    ----------
    reference, estimate : array_like of float, shape (samples,) or (channels, samples)
    sample_rate : float
        In Hz.
    onsets : ndarray of int64, optional
        In samples; by default :func:`find_onsets` of the reference.

    Returns
    -------
    float
        -1 to 1, 1 is perfect; NaN without an onset.

    Notes
    -----
    Around each onset, 5 ms before to 45 ms after it, ``sum s e / sqrt(sum s^2 sum e^2)`` of the
    pre-emphasised signals.
    """
    truth, heard, rate = validate(reference, estimate, sample_rate)
    found = []
    for one, other in _windows(truth, heard, rate, onsets, BEFORE_SECONDS, AFTER_SECONDS):
        scale = float(np.sqrt((one * one).sum() * (other * other).sum()))
        found.append(float((one * other).sum()) / scale if scale else 0.0)
    return float(np.clip(np.median(found), -1.0, 1.0)) if found else float("nan")


def attack_level_db(
    reference: ArrayLike,
    estimate: ArrayLike,
    sample_rate: float,
    *,
    onsets: NDArray[np.int64] | None = None,
) -> float:
    """Return how much louder the attacks became: a declicker that takes them for clicks shows here.

    Parameters as of :func:`transient_correlation`.

    Returns
    -------
    float
        In dB, 0 is right, negative where attacks were dulled; NaN without an onset.

    Notes
    -----
    The median over onsets of the energy of the estimate over that of the reference, from 10 ms
    before to 10 ms after, pre-emphasised.
    """
    truth, heard, rate = validate(reference, estimate, sample_rate)
    found = [
        ratio_db(float((other * other).sum()), float((one * one).sum()))
        for one, other in _windows(truth, heard, rate, onsets, ATTACK_SECONDS, ATTACK_SECONDS)
        if one.any() or other.any()
    ]
    return float(np.median(found)) if found else float("nan")


def _windows(
    truth: Floats,
    heard: Floats,
    rate: float,
    onsets: NDArray[np.int64] | None,
    before: float,
    after: float,
) -> list[tuple[Floats, Floats]]:
    places = find_onsets(truth, rate) if onsets is None else onsets
    one, other = _emphasised(truth), _emphasised(heard)
    spans = [
        slice(max(0, int(at) - round(before * rate)), int(at) + round(after * rate))
        for at in places
    ]
    return [(one[:, span], other[:, span]) for span in spans]


def _emphasised(rows: Floats) -> Floats:
    return rows - 0.97 * np.pad(rows, ((0, 0), (1, 0)))[:, :-1]

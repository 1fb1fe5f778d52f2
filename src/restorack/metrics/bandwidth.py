"""How wide the band is, and how near to the truth what was made above its former edge.

Conventions
-----------
An edge is where the long-term spectrum falls and stays down
(:mod:`restorack.meters.bandwidth_edge`); a full band has its edge at the Nyquist frequency.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from restorack.meters.bandwidth_edge import measure_edge
from restorack.metrics.inputs import (
    Floats,
    checked_pair,
    checked_rate,
    checked_rows,
    energy,
    ratio_db,
)
from restorack.metrics.spectral import log_spectral_distance
from restorack.metrics.stft import bin_range, magnitudes

ABOVE, BELOW = 1.02, 0.95
"""Factors of the edge from which on, and up to which, its flank does not count."""

LOW_PASS_TAPS = 511
"""Of the filter that keeps what lies below the edge; its slope is 300 Hz wide at 44.1 kHz. By
hand."""


def validate(
    reference: ArrayLike, estimate: ArrayLike, sample_rate: float
) -> tuple[Floats, Floats, float]:
    """Return both signals as rows of float64 and the rate, or raise an error that says why not."""
    return *checked_pair(reference, estimate), checked_rate(sample_rate)


def bandwidth_hz(audio: ArrayLike, sample_rate: float) -> float:
    """Return where the band of a signal ends.

    Parameters
    ----------
    audio : array_like of float, shape (samples,) or (channels, samples)
    sample_rate : float
        In Hz.

    Returns
    -------
    float
        In Hz; the Nyquist frequency where no edge is found, which silence has too.
    """
    rate = checked_rate(sample_rate)
    edge = measure_edge(checked_rows(audio).astype(np.float32), rate)
    return rate / 2.0 if edge is None else edge.end_hz


def bandwidth_change_octaves(
    reference: ArrayLike, estimate: ArrayLike, sample_rate: float
) -> float:
    """Return by how many octaves the band of the estimate ends above that of the truth; 0 is right.

    Negative: treble was lost.
    """
    truth, heard, rate = validate(reference, estimate, sample_rate)
    return math.log2(bandwidth_hz(heard, rate) / bandwidth_hz(truth, rate))


def distance_above_edge(
    reference: ArrayLike, estimate: ArrayLike, sample_rate: float, edge_hz: float
) -> float:
    """Return the log-spectral distance above an edge, in decades of power; 0 is perfect.

    Parameters
    ----------
    reference, estimate : array_like of float, shape (samples,) or (channels, samples)
    sample_rate, edge_hz : float
        In Hz; what lies up to 2 % above the edge does not count.
    """
    return log_spectral_distance(reference, estimate, sample_rate, low_hz=ABOVE * edge_hz)


def level_above_edge_db(
    reference: ArrayLike, estimate: ArrayLike, sample_rate: float, edge_hz: float
) -> float:
    """Return the energy above an edge over that of the truth.

    Parameters as of :func:`distance_above_edge`.

    Returns
    -------
    float
        In dB, 0 is right, negative: too little treble. NaN where there is no band above.
    """
    truth, heard, rate = validate(reference, estimate, sample_rate)
    band = bin_range(ABOVE * edge_hz, None, rate)
    right, made = (
        sum(float((group[:, band] ** 2).sum()) for group in magnitudes(rows))
        for rows in (truth, heard)
    )
    return ratio_db(made, right) if right else float("nan")


def snr_below_edge_db(
    reference: ArrayLike, estimate: ArrayLike, sample_rate: float, edge_hz: float
) -> float:
    """Return the signal-to-noise ratio below an edge: whether what was there is as it was.

    Parameters as of :func:`distance_above_edge`; what lies up to 5 % below the edge does not
    count.

    Returns
    -------
    float
        In dB, -150 to 150, the latter where nothing changed.
    """
    from scipy.signal import fftconvolve, firwin

    truth, heard, rate = validate(reference, estimate, sample_rate)
    if truth.shape[1] == 0 or BELOW * edge_hz >= rate / 2.0:
        return ratio_db(energy(truth), energy(truth - heard))
    taps = firwin(LOW_PASS_TAPS, BELOW * edge_hz, fs=rate)[np.newaxis]
    low, error = (fftconvolve(rows, taps, "same", axes=1) for rows in (truth, truth - heard))
    return ratio_db(energy(low), energy(error) if (truth != heard).any() else 0.0)

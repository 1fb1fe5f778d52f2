"""How near the waveform is to the truth: SNR, SI-SDR, mean squared error, correlation.

Conventions
-----------
Both signals have one shape and are aligned to the sample; all channels count as one long signal
with one common scale. One sample of delay ruins each of these figures: align first.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from restorack.metrics.inputs import Floats, checked_pair, energy, ratio_db


def snr_db(reference: ArrayLike, estimate: ArrayLike) -> float:
    """Return the signal-to-noise ratio: energy of the truth over that of the error.

    Parameters
    ----------
    reference, estimate : array_like of float, shape (samples,) or (channels, samples)

    Returns
    -------
    float
        In dB, -150 to 150, the latter for equal signals. Hears a change of gain as an error.

    Notes
    -----
    ``10 log10(sum s^2 / sum (s - e)^2)``.
    """
    truth, heard = checked_pair(reference, estimate)
    return ratio_db(energy(truth), energy(heard - truth))


def si_sdr_db(reference: ArrayLike, estimate: ArrayLike, *, zero_mean: bool = True) -> float:
    """Return the scale-invariant signal-to-distortion ratio, deaf to a change of gain.

    Parameters
    ----------
    reference, estimate : array_like of float, shape (samples,) or (channels, samples)
    zero_mean : bool
        Take each channel's mean away first, so that DC does not count.

    Returns
    -------
    float
        In dB, -150 to 150, the latter for an estimate that is the truth times a number.

    References
    ----------
    J. Le Roux, S. Wisdom, H. Erdogan, J. R. Hershey: "SDR - half-baked or well done?",
    ICASSP 2019, equation 3.
    """
    truth, heard = checked_pair(reference, estimate)
    if zero_mean and truth.size:
        truth = truth - truth.mean(axis=1, keepdims=True)
        heard = heard - heard.mean(axis=1, keepdims=True)
    target = _projected(truth, heard)
    return ratio_db(energy(target), energy(heard - target))


def mse(reference: ArrayLike, estimate: ArrayLike) -> float:
    """Return the mean squared error.

    Parameters
    ----------
    reference, estimate : array_like of float, shape (samples,) or (channels, samples)

    Returns
    -------
    float
        Full scale squared, 0 for equal signals; NaN without a sample.
    """
    truth, heard = checked_pair(reference, estimate)
    return energy(heard - truth) / truth.size if truth.size else float("nan")


def correlation(reference: ArrayLike, estimate: ArrayLike) -> float:
    """Return Pearson's correlation of the samples.

    Parameters
    ----------
    reference, estimate : array_like of float, shape (samples,) or (channels, samples)

    Returns
    -------
    float
        -1 to 1; 1 for an estimate that is the truth times a positive number, -1 where its
        polarity is turned round. NaN where one of them is constant.
    """
    truth, heard = (rows.ravel() - rows.mean() if rows.size else rows.ravel()
                    for rows in checked_pair(reference, estimate))  # fmt: skip
    scale = float(np.sqrt(truth @ truth) * np.sqrt(heard @ heard))
    return float(np.clip(truth @ heard / scale, -1.0, 1.0)) if scale else float("nan")


def _projected(truth: Floats, heard: Floats) -> Floats:
    """Return the part of the estimate that is the truth times a number."""
    power = energy(truth)
    return truth * (float(heard.ravel() @ truth.ravel()) / power) if power else truth

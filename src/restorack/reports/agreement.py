"""How near a signal is to the truth, where the truth is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def snr_db(truth: ArrayLike, estimate: ArrayLike) -> float:
    """Return the signal-to-noise ratio: energy of the truth over that of the error.

    Parameters
    ----------
    truth, estimate : array-like of the same shape

    Returns
    -------
    float
        In dB; infinite where both are equal.
    """
    clean, heard = _pair(truth, estimate)
    return _ratio_db(clean, heard - clean)


def si_sdr_db(truth: ArrayLike, estimate: ArrayLike) -> float:
    """Return the scale-invariant signal-to-distortion ratio, deaf to a change of gain.

    Parameters
    ----------
    truth, estimate : array-like of the same shape

    Returns
    -------
    float
        In dB; infinite where the estimate is the truth times a number.

    References
    ----------
    Le Roux, Wisdom, Erdogan, Hershey: SDR - half-baked or well done? ICASSP 2019, equation 3.
    """
    clean, heard = _pair(truth, estimate)
    energy = float(clean @ clean)
    target = clean * (float(heard @ clean) / energy) if energy else clean
    return _ratio_db(target, heard - target)


def _pair(truth: ArrayLike, estimate: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    clean, heard = np.asarray(truth, np.float64), np.asarray(estimate, np.float64)
    if clean.shape != heard.shape:
        raise ValueError(f"shapes {clean.shape} and {heard.shape} differ")
    return clean.ravel(), heard.ravel()


def _ratio_db(signal: NDArray[np.float64], error: NDArray[np.float64]) -> float:
    above, below = float(signal @ signal), float(error @ error)
    if below == 0.0:
        return float("inf")
    return 10.0 * float(np.log10(above / below)) if above else float("-inf")

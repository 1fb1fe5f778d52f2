"""What every metric takes: float audio of one shape, checked once, computed in float64.

Conventions of the whole package
--------------------------------
- Audio is ``(samples,)`` or ``(channels, samples)``, full scale -1 to 1. ``reference`` is the
  truth, ``estimate`` what is judged; both have one shape and one sample rate and are aligned to
  the sample (:mod:`restorack.metrics.alignment` sees to that).
- Channels are judged together, as one long signal: a stereo file has one figure, not two.
- Ratios are in dB and lie within ``-MOST_DB`` to ``MOST_DB``: a perfect estimate gets ``MOST_DB``
  and no infinity, so that figures can be averaged, written as JSON and compared.
- What is not defined for a signal (no click, no onset) is NaN.
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from restorack.dsp.arrays import MAX_CHANNELS, check_sample_rate
from restorack.errors import AudioError, AudioTypeError

Floats: TypeAlias = NDArray[np.float64]

MOST_DB = 150.0
"""The largest ratio that is told: beyond it lies less than the rounding of float32 (-144 dB)."""


def ratio_db(above: float, below: float) -> float:
    """Return ``10 log10`` of a ratio of two energies, within ``-MOST_DB`` to ``MOST_DB``.

    Two energies of zero are equal and nothing is wrong: that is ``MOST_DB`` too.
    """
    if below <= 0.0:
        return MOST_DB
    if above <= 0.0:
        return -MOST_DB
    return min(MOST_DB, max(-MOST_DB, 10.0 * (math.log10(above) - math.log10(below))))


def energy(rows: Floats) -> float:
    """Return the sum of the squares."""
    flat = rows.ravel()
    return float(flat @ flat)


def checked_rows(audio: ArrayLike, name: str = "audio") -> Floats:
    """Return audio as rows of float64, or say what is wrong with it.

    Parameters
    ----------
    audio : array_like of float, shape (samples,) or (channels, samples)
    name : str
        What it is called in errors.

    Returns
    -------
    ndarray of float64, shape (channels, samples)

    Raises
    ------
    AudioTypeError
        For integers.
    AudioError
        For NaN and infinity, another number of dimensions, more than 64 rows.
    """
    array: NDArray[Any] = np.asarray(audio)
    if array.dtype.kind != "f":
        raise AudioTypeError(
            f"is {array.dtype}, not floating point",
            where=name,
            rule="samples are floats with full scale -1 to 1",
        )
    if array.ndim not in (1, 2) or (array.ndim == 2 and not 1 <= len(array) <= MAX_CHANNELS):
        raise AudioError(
            f"has shape {array.shape}",
            where=name,
            rule=f"audio is (samples,) or (channels, samples), 1 to {MAX_CHANNELS} channels",
            remedy="channels first: transpose?",
        )
    rows = np.atleast_2d(array).astype(np.float64, copy=False)
    if not np.isfinite(rows).all():
        channel, position = (int(index) for index in np.argwhere(~np.isfinite(rows))[0])
        raise AudioError(
            f"sample {rows[channel, position]} at channel {channel}, position {position}",
            where=name,
            rule="every sample is finite",
        )
    return rows


def checked_pair(
    reference: ArrayLike, estimate: ArrayLike, second: str = "estimate"
) -> tuple[Floats, Floats]:
    """Return two signals of one shape as rows of float64.

    Parameters
    ----------
    reference, estimate : array_like of float, shape (samples,) or (channels, samples)
    second : str
        What the second one is called in errors.

    Raises
    ------
    AudioError, AudioTypeError
        As :func:`checked_rows`, and for shapes that differ.
    """
    truth, heard = checked_rows(reference, "reference"), checked_rows(estimate, second)
    if truth.shape != heard.shape:
        raise AudioError(
            f"shapes {truth.shape} and {heard.shape} differ",
            where=f"reference and {second}",
            rule="both have as many channels and samples",
            remedy="restorack.metrics.alignment.align cuts two signals to what they share",
        )
    return truth, heard


def checked_rate(sample_rate: float) -> float:
    """Return the rate in Hz, or raise :class:`AudioError`."""
    return check_sample_rate(sample_rate)

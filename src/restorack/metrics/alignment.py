"""Line an estimate up with the truth, and say so when both are not one performance.

Conventions
-----------
An offset is in samples, positive where the estimate is late: ``reference[n]`` is played at
``estimate[n + offset]``. It is found over all channels' mean; what is cut is cut for all channels.
A filter with a delay of its own (minimum phase) moves the estimate too, and its offset is found as
the nearest sample that lines up most of the band.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from restorack.errors import AudioError
from restorack.metrics.inputs import Floats, checked_rate, checked_rows, energy

COHERENCE = 0.2
"""Below it two signals are no transfers of one performance. Tried on recordings of music and
speech: other pieces reach 0.17, the same piece played in another time 0.07, at a speed 1 % off
0.12; the same performance buried in noise 10 dB louder keeps 0.55 and more, with clicks, hiss, hum,
rumble and an acoustic horn together mostly 0.9, at the worst 0.27."""

WHITENING = 0.8
"""Exponent of the cross-spectrum's whitening: 0 is plain correlation, 1 phase alone."""

LONGEST = 1 << 22
"""Samples that the offset is looked for in, from the middle of longer signals."""

COHERENCE_FRAME = 2048
"""Samples of a frame of the coherence, 46 ms at 44.1 kHz. By hand."""

SAME_PEAK = 0.999
"""Of peaks as high as that the one nearest to no offset is taken: tones repeat themselves."""


@dataclass(frozen=True)
class Alignment:
    """How two signals lie to each other.

    Attributes
    ----------
    offset_samples : int
        How late the estimate is.
    coherence : float
        Magnitude-squared coherence at that offset, weighted by the reference's power: 0 to 1.
    inverted : bool
        True where the estimate's polarity is turned round.
    drift_samples : int
        How much later the last third of the estimate is than its first third: another speed.
    """

    offset_samples: int
    coherence: float
    inverted: bool
    drift_samples: int

    @property
    def same_performance(self) -> bool:
        """Whether sample-by-sample figures mean anything."""
        return self.coherence >= COHERENCE

    def cut(self, reference: Floats, estimate: Floats) -> tuple[Floats, Floats]:
        """Return what both signals share, shape ``(channels, samples)``."""
        late, early = max(0, self.offset_samples), max(0, -self.offset_samples)
        count = max(0, min(reference.shape[-1] - early, estimate.shape[-1] - late))
        return reference[..., early : early + count], estimate[..., late : late + count]


def validate(
    reference: ArrayLike, estimate: ArrayLike, max_offset_seconds: float
) -> tuple[Floats, Floats]:
    """Return both signals as rows of float64, or raise an error that says what is wrong.

    They may differ in length, not in channels.
    """
    truth, heard = checked_rows(reference, "reference"), checked_rows(estimate, "estimate")
    if len(truth) != len(heard):
        raise AudioError(
            f"{len(truth)} and {len(heard)} channels",
            where="reference and estimate",
            rule="both have the same channels",
        )
    if not max_offset_seconds >= 0.0:
        raise AudioError(f"a largest offset of {max_offset_seconds} s", rule="0 or more seconds")
    return truth, heard


def find_alignment(
    reference: ArrayLike,
    estimate: ArrayLike,
    sample_rate: float,
    *,
    max_offset_seconds: float = 1.0,
) -> Alignment:
    """Find the offset at which two signals agree best, and how well they agree there.

    Parameters
    ----------
    reference, estimate : array_like of float, shape (samples,) or (channels, samples)
        Their lengths may differ.
    sample_rate : float
        In Hz, of both.
    max_offset_seconds : float
        The offset is looked for up to here, on either side.

    Returns
    -------
    Alignment

    References
    ----------
    C. H. Knapp, G. C. Carter: "The generalized correlation method for estimation of time delay",
    IEEE Trans. ASSP 24, 1976. G. C. Carter, C. H. Knapp, A. H. Nuttall: "Estimation of the
    magnitude-squared coherence function", IEEE Trans. Audio Electroacoust. 21, 1973.
    """
    rate = checked_rate(sample_rate)
    truth, heard = validate(reference, estimate, max_offset_seconds)
    one, other = truth.mean(axis=0), heard.mean(axis=0)
    if not (one.any() and other.any()):  # silence, or two channels that cancel
        one, other = truth[0], heard[0]
    reach = round(max_offset_seconds * rate)
    offset = _offset(_middle(one), _middle(other), reach) if reach else 0
    one, other = Alignment(offset, 0.0, False, 0).cut(one, other)
    inverted = float(one @ other) < 0.0
    return Alignment(offset, coherence(one, other), inverted, _drift(one, other, rate))


def align(
    reference: ArrayLike,
    estimate: ArrayLike,
    sample_rate: float,
    *,
    max_offset_seconds: float = 1.0,
) -> tuple[Floats, Floats, Alignment]:
    """Cut two signals to what they share, aligned to the sample.

    Parameters as of :func:`find_alignment`.

    Returns
    -------
    reference, estimate : ndarray of float64, shape (channels, samples)
    alignment : Alignment

    Raises
    ------
    AudioError
        Where the coherence is below ``COHERENCE``: another performance, another speed, or an
        offset beyond the largest.
    """
    truth, heard = validate(reference, estimate, max_offset_seconds)
    found = find_alignment(truth, heard, sample_rate, max_offset_seconds=max_offset_seconds)
    if not found.same_performance:
        raise AudioError(
            f"not the same performance: coherence {found.coherence:.2f} at the best offset, "
            f"{found.offset_samples} samples",
            where="estimate",
            rule=f"two signals agree from a coherence of {COHERENCE} on",
            remedy="compare transfers of one performance at one speed, or allow a larger offset",
        )
    return *found.cut(truth, heard), found


def coherence(reference: ArrayLike, estimate: ArrayLike) -> float:
    """Return the magnitude-squared coherence, weighted by the reference's power.

    Parameters
    ----------
    reference, estimate : array_like of float, shape (samples,) or (channels, samples)
        Aligned, of one length; channels are averaged.

    Returns
    -------
    float
        0 to 1. Filters and gains do not lower it, noise does by its share of the power. 0 where
        one of them is silent or shorter than two frames of 2048 samples, unless both are equal.
    """
    from scipy.signal import csd, welch

    one = checked_rows(reference, "reference").mean(axis=0)
    other = checked_rows(estimate, "estimate").mean(axis=0)
    if np.array_equal(one, other):
        return 1.0
    if len(one) < 2 * COHERENCE_FRAME:
        scale = energy(one) * energy(other)
        return float((one @ other) ** 2 / scale) if scale else 0.0
    sizes = {"nperseg": COHERENCE_FRAME, "detrend": False}
    power, heard = welch(one, **sizes)[1], welch(other, **sizes)[1]
    cross = np.abs(csd(one, other, **sizes)[1]) ** 2
    there = (power > 0.0) & (heard > 0.0)
    if not there.any():
        return 0.0
    # |Pxy|^2 / (Pxx Pyy), times the weight Pxx
    return float((cross[there] / heard[there]).sum() / power[there].sum())


def _middle(signal: Floats) -> Floats:
    start = max(0, (len(signal) - LONGEST) // 2)
    return signal[start : start + LONGEST]


def _offset(one: Floats, other: Floats, reach: int) -> int:
    """Return the lag with the highest whitened correlation, of either sign."""
    from scipy.fft import irfft, next_fast_len, rfft

    reach = min(reach, len(one) - 1, len(other) - 1)
    if reach < 1 or not (one.any() and other.any()):
        return 0
    size = next_fast_len(len(one) + len(other), real=True)
    cross = np.conj(rfft(one, size)) * rfft(other, size)
    height = np.abs(cross)
    cross /= np.maximum(height, 1e-9 * height.max()) ** WHITENING
    values = np.abs(irfft(cross, size))
    lags = np.r_[np.arange(reach + 1), np.arange(-reach, 0)]
    near = values[lags]
    best = lags[near >= SAME_PEAK * near.max()]
    return int(best[np.argmin(np.abs(best))])


def _drift(one: Floats, other: Floats, sample_rate: float) -> int:
    """Return how much later the last third of the estimate is than the first one."""
    third, reach = len(one) // 3, round(0.05 * sample_rate)
    if third < 2 * reach:
        return 0
    parts = (slice(0, third), slice(len(one) - third, len(one)))
    first, last = (_offset(_middle(one[part]), _middle(other[part]), reach) for part in parts)
    return last - first

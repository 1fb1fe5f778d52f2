"""Impulses that a declicker takes out: how many, how large, how wide, of what frequencies.

An impulse is a run of samples that differ between a recording and what a declicker made of it;
their difference is the impulse's own waveform, as far as the music under it could be interpolated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows

Floats = NDArray[np.float64]

EMPHASIS_HZ = (500.0, 2000.0)
"""Borders between the low, the middle and the high part of an impulse's energy."""

WIDTH_SHARE = 0.95
"""The width of an impulse is the shortest middle part that holds this share of its energy."""

TOUCHING_SAMPLES = 3
"""Runs that are no further apart belong to one impulse."""

SAME_MS = 1.0
"""Impulses of two channels that begin within this time are one, seen by both groove walls."""


@dataclass(frozen=True)
class Impulse:
    """One impulse.

    Parameters
    ----------
    seconds : float
        Where it begins.
    width_ms : float
        Of the part that holds 95 % of its energy.
    peak : float
        Largest absolute value over the channels, full scale 1.
    low, middle, high : float
        Shares of its energy below 0.5 kHz, up to 2 kHz and above; their sum is 1.
    channels : int
        In how many channels it is.
    """

    seconds: float
    width_ms: float
    peak: float
    low: float
    middle: float
    high: float
    channels: int = 1

    def moved(self, seconds: float) -> Impulse:
        """Return it later by so many seconds."""
        return replace(self, seconds=self.seconds + seconds)


def impulses_between(original: Rows, repaired: Rows, sample_rate: float) -> list[Impulse]:
    """Return the impulses that were taken out, by rising beginning.

    Parameters
    ----------
    original, repaired : ndarray of float32, shape (channels, samples)
        Equal, bit for bit, wherever nothing was repaired.
    sample_rate : float
        In Hz.

    Returns
    -------
    list of Impulse
        What lies in several channels at a time is one.
    """
    found: list[Impulse] = []
    for before, after in zip(original, repaired, strict=True):
        difference = before.astype(np.float64) - after
        for start, stop in runs_of(difference):
            found.append(_impulse(difference[start:stop], start, sample_rate))
    return _joined(sorted(found, key=lambda impulse: impulse.seconds))


def runs_of(difference: Floats) -> list[tuple[int, int]]:
    """Return first and last (exclusive) sample of each run of changed samples."""
    changed = np.flatnonzero(difference)
    if not changed.size:
        return []
    borders = np.flatnonzero(np.diff(changed) > TOUCHING_SAMPLES)
    firsts = changed[np.concatenate([[0], borders + 1])]
    lasts = changed[np.concatenate([borders, [changed.size - 1]])]
    return [(int(first), int(last) + 1) for first, last in zip(firsts, lasts, strict=True)]


def _impulse(wave: Floats, start: int, sample_rate: float) -> Impulse:
    energy = np.cumsum(wave**2)
    rest = 0.5 * (1.0 - WIDTH_SHARE)
    first, last = np.searchsorted(energy, np.array([rest, 1.0 - rest]) * energy[-1])
    low, middle, high = _shares(wave, sample_rate)
    return Impulse(
        start / sample_rate,
        float(1e3 * (last - first + 1) / sample_rate),
        float(np.abs(wave).max()),
        low,
        middle,
        high,
    )


def _shares(wave: Floats, sample_rate: float) -> tuple[float, float, float]:
    size = 1 << max(int(np.ceil(np.log2(len(wave)))), int(np.ceil(np.log2(sample_rate / 100.0))))
    power = np.abs(np.fft.rfft(wave, size)) ** 2
    frequency = np.fft.rfftfreq(size, 1.0 / sample_rate)
    total = float(power.sum()) or 1.0
    low = float(power[frequency < EMPHASIS_HZ[0]].sum()) / total
    high = float(power[frequency >= EMPHASIS_HZ[1]].sum()) / total
    return low, max(0.0, 1.0 - low - high), high


def _joined(impulses: Sequence[Impulse]) -> list[Impulse]:
    """Join what begins at one time in several channels; the largest one speaks for them."""
    out: list[Impulse] = []
    for impulse in impulses:
        if out and impulse.seconds - out[-1].seconds <= 1e-3 * SAME_MS:
            last = out[-1]
            larger = max(last, impulse, key=lambda one: one.peak)
            out[-1] = Impulse(
                last.seconds, larger.width_ms, larger.peak, larger.low, larger.middle,
                larger.high, last.channels + 1,
            )  # fmt: skip
        else:
            out.append(impulse)
    return out

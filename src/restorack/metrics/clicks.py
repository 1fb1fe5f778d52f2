"""What became of the clicks, and of everything else: removal, residue, damage between them.

Conventions
-----------
These need the truth about the damage: ``clicks``, the track that was added, of the shape of the
audio, and ``degraded``, what the estimate was made from. A click is a run of samples of the track
that are not zero (:func:`click_windows`), or what a list of windows says. The error of an estimate
is measured against ``degraded - clicks``: other damage, such as hiss, is not the clicks' fault, and
removing it inside the windows counts as an error, as it does outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from restorack.errors import AudioError
from restorack.metrics.inputs import (
    Floats,
    checked_pair,
    checked_rate,
    checked_rows,
    energy,
    ratio_db,
)

LONG_SECONDS = 0.001
"""Clicks from this length on are the long ones: the hard ones."""

HIT_SHARE = 0.25
"""A click is removed where at most this share of its energy is left (6 dB down)."""

GUARD_SECONDS = 0.001
"""Around a click that does not count as outside: a repair may fade there."""

STEP = 2.0**-15
"""A change larger than this, one step of 16 bits, counts as a changed sample."""

JOIN_SECONDS = 0.0002
"""Zeros of a track as short as that are within a click: its zero crossings."""


class ClickWindow(NamedTuple):
    """Where a click lies: channel, first sample, and the one after the last."""

    channel: int
    start: int
    stop: int


def validate(
    degraded: ArrayLike,
    estimate: ArrayLike,
    clicks: ArrayLike,
    windows: Sequence[ClickWindow] | None = None,
) -> tuple[Floats, Floats, Floats]:
    """Return the three signals as rows of float64, or raise an error that says what is wrong."""
    before, after = checked_pair(degraded, estimate)
    before, track = checked_pair(before, clicks, "clicks")
    channels, samples = before.shape
    for window in windows or ():
        if not (0 <= window.channel < channels and 0 <= window.start < window.stop <= samples):
            raise AudioError(f"{window}", rule=f"windows lie within the audio, {before.shape}")
    return before, after, track


def click_windows(clicks: ArrayLike, sample_rate: float) -> list[ClickWindow]:
    """Return the clicks of a track: its runs of samples that are not zero.

    Parameters
    ----------
    clicks : array_like of float, shape (samples,) or (channels, samples)
    sample_rate : float
        In Hz; zeros of up to 0.2 ms are within a click.

    Returns
    -------
    list of ClickWindow
        Channel after channel, in order. Clicks that overlap are one.
    """
    join = max(1, round(JOIN_SECONDS * checked_rate(sample_rate)))
    found = []
    for channel, row in enumerate(checked_rows(clicks, "clicks")):
        there = np.flatnonzero(row)
        if not len(there):
            continue
        gaps = np.flatnonzero(np.diff(there) > join)
        starts, stops = there[np.r_[0, gaps + 1]], there[np.r_[gaps, len(there) - 1]] + 1
        found += [ClickWindow(channel, int(a), int(b)) for a, b in zip(starts, stops, strict=True)]
    return found


def impulse_removal_rate(
    degraded: ArrayLike,
    estimate: ArrayLike,
    clicks: ArrayLike,
    sample_rate: float,
    *,
    windows: Sequence[ClickWindow] | None = None,
    at_least_seconds: float = 0.0,
) -> float:
    """Return the share of clicks that lost three quarters of their energy or more.

    Parameters
    ----------
    degraded, estimate, clicks : array_like of float, shape (samples,) or (channels, samples)
        What was repaired, the repair, and the clicks that had been added.
    sample_rate : float
        In Hz.
    windows : sequence of ClickWindow, optional
        Every click; by default what :func:`click_windows` finds.
    at_least_seconds : float
        Count only clicks as long as this.

    Returns
    -------
    float
        0 to 1, 1 is perfect; NaN where there is no click.
    """
    before, after, track = validate(degraded, estimate, clicks, windows)
    error = after - (before - track)
    hits = []
    for channel, start, stop in click_windows(track, sample_rate) if windows is None else windows:
        if stop - start >= at_least_seconds * sample_rate:
            was = track[channel, start:stop]
            hits.append(energy(error[channel, start:stop]) < HIT_SHARE * energy(was))
    return float(np.mean(hits)) if hits else float("nan")


def residual_clicks_db(
    degraded: ArrayLike,
    estimate: ArrayLike,
    clicks: ArrayLike,
    sample_rate: float,
    *,
    windows: Sequence[ClickWindow] | None = None,
) -> float:
    """Return what is left of the clicks' energy inside their windows.

    Parameters as of :func:`impulse_removal_rate`.

    Returns
    -------
    float
        In dB of the clicks' energy: 0 is as before, -20 a hundredth, -150 nothing; positive
        where the repair is worse than the clicks. NaN where there is no click.
    """
    before, after, track = validate(degraded, estimate, clicks, windows)
    inside = _mask(track, sample_rate, windows)
    if not inside.any():
        return float("nan")
    error = after - (before - track)
    return -ratio_db(energy(track[inside]), energy(error[inside]))


def damage_outside_clicks_db(
    degraded: ArrayLike,
    estimate: ArrayLike,
    clicks: ArrayLike,
    sample_rate: float,
    *,
    windows: Sequence[ClickWindow] | None = None,
) -> float:
    """Return the change between the clicks, where nothing should have changed.

    Parameters as of :func:`impulse_removal_rate`. A click's own millisecond on either side does
    not count.

    Returns
    -------
    float
        In dB of the signal there: -150 is bit for bit as it was, -60 hardly anything. Only for
        declicking: a denoiser changes everything on purpose. NaN where clicks are everywhere.
    """
    before, change = _outside(degraded, estimate, clicks, sample_rate, windows)
    return -ratio_db(energy(before), energy(change)) if before.size else float("nan")


def changed_outside_clicks_percent(
    degraded: ArrayLike,
    estimate: ArrayLike,
    clicks: ArrayLike,
    sample_rate: float,
    *,
    windows: Sequence[ClickWindow] | None = None,
) -> float:
    """Return how many samples between the clicks changed by more than a step of 16 bits.

    Parameters as of :func:`impulse_removal_rate`.

    Returns
    -------
    float
        0 to 100 %, 0 is perfect; NaN where clicks are everywhere.
    """
    before, change = _outside(degraded, estimate, clicks, sample_rate, windows)
    return 100.0 * float(np.mean(np.abs(change) > STEP)) if before.size else float("nan")


def _outside(
    degraded: ArrayLike,
    estimate: ArrayLike,
    clicks: ArrayLike,
    sample_rate: float,
    windows: Sequence[ClickWindow] | None,
) -> tuple[Floats, Floats]:
    """Return the samples between the clicks, and how much each of them changed."""
    before, after, track = validate(degraded, estimate, clicks, windows)
    outside = _outside_mask(track, sample_rate, windows)
    return before[outside], (after - before)[outside]


def _mask(
    track: Floats, sample_rate: float, windows: Sequence[ClickWindow] | None
) -> NDArray[np.bool_]:
    inside = np.zeros(track.shape, bool)
    for channel, start, stop in click_windows(track, sample_rate) if windows is None else windows:
        inside[channel, start:stop] = True
    return inside


def _outside_mask(
    track: Floats, sample_rate: float, windows: Sequence[ClickWindow] | None
) -> NDArray[np.bool_]:
    """Return where no click is within the guard."""
    inside = _mask(track, sample_rate, windows)
    guard = int(GUARD_SECONDS * sample_rate)
    sums = np.cumsum(np.pad(inside, ((0, 0), (guard + 1, guard))), axis=1, dtype=np.int64)
    near: NDArray[np.bool_] = sums[:, 2 * guard + 1 :] > sums[:, : -2 * guard - 1]
    return ~near

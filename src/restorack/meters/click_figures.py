"""From single impulses to figures: clicks per second, and how large, wide and frequent they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.decibels import amplitude_to_db
from restorack.meters.findings import ClickFigures, Histogram, Quantiles
from restorack.meters.impulses import Impulse

Floats = NDArray[np.float64]

LEAST_SHARE_OF_PEAK = 1.0 / 25.0
"""-28 dB: smaller impulses are crackle."""

WINDOW_S = 0.25
"""Seconds in which the music has one level: about a note. By hand."""
COUNTED_SHARE, HALF = 2.0 / 3.0, 0.5
"""Clicks are counted in the quieter two thirds of all windows: loud attacks hide some."""

# Probability of the counts by chance from which down clicks follow the music, and of the one-sided
# bound that `at_least_per_second` is. By hand.
SIGNIFICANT = 0.005
CHANCE = 0.05
CLOSE_MS = 8.0
"""Within so many milliseconds after a click the next one may hide."""

FAR_MS = 40.0
"""The density from CLOSE_MS to here says how many clicks the gap before it hides. By hand."""
PEAK_BORDERS_DB = tuple(range(-28, 9, 2))
WIDTH_BORDERS_MS = tuple(round(0.0125 * 2.0 ** (step / 2), 4) for step in range(19))
INTERVAL_BORDERS_MS = tuple(round(2.0 ** (step / 2), 4) for step in range(0, 27))


def click_figures(
    impulses: Sequence[Impulse],
    programme_peak: float,
    passages: Sequence[tuple[float, float]],
    window_levels: Floats,
    channels: int,
) -> ClickFigures:
    """Return the figures of clicks.

    Parameters
    ----------
    impulses : sequence of Impulse
        By rising beginning.
    programme_peak : float
        Of the recording without them, full scale 1.
    passages : sequence of (float, float)
        What was examined: beginning and length in seconds.
    window_levels : ndarray
        Levels of the music in windows of ``WINDOW_S``, passage by passage.
    channels : int
        Rows of the recording.
    """
    limit = LEAST_SHARE_OF_PEAK * programme_peak
    clicks = [one for one in impulses if one.peak >= limit]
    ranks = _ranks(clicks, passages, window_levels)
    follow = _follow_music(int((ranks < HALF).sum()), len(clicks))
    share = HALF if follow else COUNTED_SHARE
    counted = int((ranks < share).sum())
    if follow:
        clicks = [one for one, rank in zip(clicks, ranks, strict=True) if rank < share]
    seconds = share * sum(length for _, length in passages)
    intervals = _intervals_ms(clicks, passages)
    together = 1.0 if follow or not clicks else 1.0 + _hidden(intervals) / len(clicks)
    return ClickFigures(
        per_second=round(counted * together / seconds, 3) if seconds > 0.0 else 0.0,
        at_least_per_second=round(_lower_bound(counted) / seconds, 3) if seconds > 0.0 else 0.0,
        counted=len(clicks),
        follow_music=follow,
        **_distributions(clicks, intervals, programme_peak, channels),
    )


def _distributions(
    clicks: Sequence[Impulse], intervals: Floats, programme_peak: float, channels: int
) -> dict[str, Any]:
    peaks = np.array([amplitude_to_db(one.peak / programme_peak) for one in clicks])
    widths = np.array([one.width_ms for one in clicks])
    some = bool(clicks)

    def share(name: str) -> float | None:
        return round(float(np.mean([getattr(one, name) for one in clicks])), 3) if some else None

    everywhere = [one.channels >= channels for one in clicks]
    return {
        "peak_db": quantiles(peaks, 1),
        "width_ms": quantiles(widths, 3),
        "interval_ms": quantiles(intervals, 1),
        "interval_variation": (
            round(float(intervals.std() / intervals.mean()), 2) if intervals.size > 2 else None
        ),
        "energy_below_500_hz": share("low"),
        "energy_500_to_2000_hz": share("middle"),
        "energy_above_2000_hz": share("high"),
        "in_all_channels": (
            round(float(np.mean(everywhere)), 3) if some and channels > 1 else None
        ),
        "peak_histogram_db": histogram(peaks, PEAK_BORDERS_DB),
        "width_histogram_ms": histogram(widths, WIDTH_BORDERS_MS),
        "interval_histogram_ms": histogram(intervals, INTERVAL_BORDERS_MS),
    }


def quantiles(values: Floats, digits: int) -> Quantiles | None:
    """Return the 10, 50 and 90 % quantiles, None of nothing."""
    if not values.size:
        return None
    low, middle, high = (round(float(q), digits) for q in np.quantile(values, (0.1, 0.5, 0.9)))
    return Quantiles(p10=low, p50=middle, p90=high)


def histogram(values: Floats, borders: Sequence[float]) -> Histogram | None:
    """Count values between borders, what lies beyond them in the outermost steps."""
    if not values.size:
        return None
    edges = np.asarray(borders, np.float64)
    inside = np.clip(values, edges[0], np.nextafter(edges[-1], edges[0]))
    counts, _ = np.histogram(inside, edges)
    return Histogram(borders=[float(edge) for edge in edges], counts=counts.tolist())


def _ranks(
    clicks: Sequence[Impulse], passages: Sequence[tuple[float, float]], levels: Floats
) -> Floats:
    """Return how loud the music around each click is: 0 the quietest window, 1 the loudest."""
    ranks = np.argsort(np.argsort(levels, kind="stable")) / max(1, levels.size)
    firsts = np.cumsum([0] + [windows_in(length) for _, length in passages])
    out = np.zeros(len(clicks))
    for number, click in enumerate(clicks):
        for first, (begin, length) in zip(firsts, passages, strict=False):
            place = int((click.seconds - begin) / WINDOW_S)
            if 0 <= click.seconds - begin < length and first + place < levels.size:
                out[number] = ranks[first + place]
                break
    return out


def windows_in(seconds: float) -> int:
    """Return how many windows a passage has; the last one may be short."""
    return max(1, math.ceil(seconds / WINDOW_S - 1e-9))


def _follow_music(quiet: int, total: int) -> bool:
    """Return whether too few are in the quieter half for chance.

    On a damaged record both halves have as many; the quieter half, where clicks are easier to
    find, has rather more. The binomial tail says how likely so few are.
    """
    if quiet * 3 >= total - quiet:
        return False
    tail = sum(math.comb(total, k) for k in range(quiet + 1)) / 2**total
    return bool(tail < SIGNIFICANT)


def _lower_bound(count: int) -> float:
    """Return the mean of a Poisson process that gives so many, or more, in one case of twenty."""
    from scipy.special import gammaincinv

    return float(gammaincinv(count, CHANCE)) if count else 0.0


def _intervals_ms(clicks: Sequence[Impulse], passages: Sequence[tuple[float, float]]) -> Floats:
    """Return the times from click to click, within passages that follow each other."""
    begins = [begin for begin, _ in passages]
    ends = [begin + length for begin, length in passages]
    gaps = {end for end, begin in zip(ends, begins[1:], strict=False) if begin - end > 1e-6}
    found = []
    for one, following in pairwise(clicks):
        if not any(one.seconds < gap <= following.seconds for gap in gaps):
            found.append(1e3 * (following.seconds - one.seconds))
    return np.array(found)


def _hidden(intervals: Floats) -> float:
    """Return how many clicks hide behind others: short intervals that must be there.

    Where clicks fall anywhere, short intervals are exponentially distributed; how dense they are
    just beyond ``CLOSE_MS`` says how many must be shorter.
    """
    far = int(((intervals >= CLOSE_MS) & (intervals < FAR_MS)).sum())
    close = int((intervals < CLOSE_MS).sum())
    total = float(intervals.sum())
    if far < 2 or total <= 0.0:
        return 0.0
    rate = len(intervals) / total
    for _ in range(3):  # the rate itself counts those that hide
        share = -math.expm1(-rate * CLOSE_MS)
        beyond = math.exp(-rate * CLOSE_MS) - math.exp(-rate * FAR_MS)
        hidden = max(0.0, far * share / beyond - close)
        rate = (len(intervals) + hidden) / total
    return hidden

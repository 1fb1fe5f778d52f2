"""Clicks outvoted: what stands in one copy alone is taken from the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.autoregression import estimate_models, residual
from restorack.merging.signal import Signal, spans
from restorack.plugins.declick.interpolation import GapInterpolator

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# By hand, tried on the recordings that docs/guides/disc-transfers.md names.
PIECE_S = 1.0
MARGIN_S = 0.12
"""Looked at on both sides of a piece."""
SEGMENT_S, MODEL_S = 0.0232, 0.0928
"""A model is estimated this often, from so much."""
MUSIC_ORDER, NOISE_ORDER = 48, 16
"""Of the models of the music and of the copies' difference, by hand."""
SPREAD_S = 0.15
"""Time over which the noise of the difference is measured."""
BLOCK_S, LEAST = 0.003, 1e-7
"""Blocks whose medians tell the deviation, and the least there is: -140 dB."""
PEAK, EDGE = 5.0, 2.5
"""Deviations that a click's residual reaches, and that its edges have."""
JOIN_S, PAD_S = 0.0004, 0.00012
"""Runs nearer than the first are one click; the second is added at its ends. By hand."""
LONGEST_S = 0.012
"""What is longer is no click; it is weighed as noise."""
BOTH = 0.3
"""Share of the larger energy from which on both copies have a click."""
CLEAR = 4.0
"""Ratio of energies from which they say whose a click is; else it is seen from its sides."""
ALIKE = 0.7
"""Share of the largest peak from which copies are at fault alike: of three, the others show half
of a click against their mean."""
STANDS_OUT = 36.0
"""Energy over that of the music's residual that says so too."""
NEAR_S, DROPPED = 0.015, 0.25
"""Time around a click, and the level there over the others' below which a copy has dropped out."""
MOVED_S = 0.0005
"""How far an attack may be off that is tried as one sound."""
ONE_SOUND, IN_COMMON = 0.3, 0.8
"""What two copies have is one sound, an attack and no click, where moving one of them leaves less
than this share of their difference; where both stand out, of the louder one's energy."""
FADE = 4
"""Samples over which a repair fades in."""


@dataclass
class Votes:
    """What was outvoted: clicks and samples of each copy, and clicks that all copies had."""

    clicks: list[int]
    samples: list[int]
    interpolated: int = 0


class Voter:
    """Take clicks off copies that are aligned and matched.

    Parameters
    ----------
    rate : float
        In Hz.
    copies : int
    """

    def __init__(self, rate: float, copies: int) -> None:
        self._rate = rate
        self._piece, self._margin = round(PIECE_S * rate), round(MARGIN_S * rate)
        self._filler = GapInterpolator.for_rate(rate)
        self._margin = max(self._margin, self._filler.reach + round(2 * LONGEST_S * rate))
        self._near = round(NEAR_S * rate)
        self._moved = round(MOVED_S * rate)
        self.votes = Votes([0] * copies, [0] * copies)

    def vote(self, copies: list[Signal], sure: Bools, has: Bools, samples: int) -> list[Signal]:
        """Return the copies without what was outvoted.

        Parameters
        ----------
        copies : list of Signal
            Aligned and matched, all of the same channels.
        sure : ndarray of bool, shape (copies, pieces)
            Which copies may be asked in which piece of a second.
        has : ndarray of bool, shape (copies, channels)
            Which channels a copy has.
        samples : int
            Of each.
        """
        out = [Signal(each.channels, samples) for each in copies]
        for number, (start, stop) in enumerate(spans(samples, self._piece)):
            low, high = start - self._margin, stop + self._margin
            rows = np.stack([each.read(low, high) for each in copies]).astype(np.float64)
            of_piece = sure[:, min(number, sure.shape[1] - 1)]
            for channel in range(rows.shape[1]):
                asked = np.flatnonzero(of_piece & has[:, channel])
                if asked.size > 1:
                    self._piece_of(rows[:, channel], asked, low, start, stop)
            for signal, row in zip(out, rows, strict=True):
                signal.write(row[:, self._margin : self._margin + stop - start])
        return out

    def _piece_of(
        self, rows: Floats, asked: NDArray[np.int_], low: int, start: int, stop: int
    ) -> None:
        """Repair one channel of the copies in place; count what lies from start to stop."""
        signals = rows[asked]
        if not np.any(signals[1:] != signals[0]):
            return
        noise = _whitened_differences(signals, self._rate)
        music = _music_residuals(signals, self._rate)
        for run in self._runs(noise):
            bad = self._settle(rows, asked, (music, noise), run)
            if start <= run[0] + low < stop:
                self._count(bad, asked, run[1] - run[0])

    def _runs(self, noise: Floats) -> list[tuple[int, int]]:
        """Return runs of samples in which a copy differs from the others."""
        loud = np.abs(noise).max(axis=0)
        edge = loud > EDGE
        join = max(1, round(JOIN_S * self._rate))
        closed = _closed(edge, join)
        bounds = np.flatnonzero(np.diff(np.concatenate([[False], closed, [False]]).astype(int)))
        pad, most = round(PAD_S * self._rate), round(LONGEST_S * self._rate)
        runs = []
        for first, last in zip(bounds[::2], bounds[1::2], strict=True):
            if last - first <= most and loud[first:last].max() >= PEAK:
                runs.append((max(0, int(first) - pad), min(loud.size, int(last) + pad)))
        return runs

    def _settle(
        self, rows: Floats, asked: NDArray[np.int_], scores: tuple[Floats, Floats],
        run: tuple[int, int],
    ) -> Bools:  # fmt: skip
        """Decide whose a click is, take its samples from the others, and return whose it was."""
        span = slice(*run)
        near = slice(max(0, run[0] - self._near), run[1] + self._near)
        levels = np.median(np.abs(rows[asked, near]), axis=1)
        if levels.min() < DROPPED * levels.max():
            # One has lost the music there: a dropout, no click of the other.
            return np.zeros(asked.size, bool)
        bad = _at_fault(*scores, span)
        alone, moved = _apart(scores[0], run, self._moved)
        is_moved = asked.size == 2 and moved < ONE_SOUND * alone
        if is_moved or (bad.all() and moved < IN_COMMON * _loudest(scores[0], span)):
            # An attack that is not quite aligned.
            return np.zeros(asked.size, bool)
        if asked.size == 2 and bad.sum() == 1:
            bad = self._less_like_its_sides(rows[asked], scores[0], run, bad)
        if bad.all():
            return bad if self._interpolate(rows, asked, run) else ~bad
        told = rows[asked[~bad], span].mean(axis=0)
        fade = np.minimum(1.0, np.arange(1, told.size + 1) / FADE)
        fade = np.minimum(fade, fade[::-1])
        for copy in asked[bad]:
            rows[copy, span] += fade * (told - rows[copy, span])
        return bad

    def _less_like_its_sides(
        self, rows: Floats, music: Floats, run: tuple[int, int], bad: Bools
    ) -> Bools:
        """Return which of two copies has a click that residuals hardly tell: slow, or faint."""
        energies = (music[:, slice(*run)] ** 2).sum(axis=1)
        reach = self._filler.reach
        is_clear = energies.max() > CLEAR * energies.min()
        if is_clear or run[0] < reach or run[1] > rows.shape[1] - reach:
            return bad
        told = rows.copy()
        if not all(self._filler.interpolate_gap(row, *run) for row in told):
            return bad
        apart = ((rows - told)[:, slice(*run)] ** 2).sum(axis=1)
        return np.asarray(apart > apart[::-1]) if apart[0] != apart[1] else bad

    def _interpolate(self, rows: Floats, asked: NDArray[np.int_], run: tuple[int, int]) -> bool:
        """Repair all copies from their own sides; return whether that could be done."""
        reach = self._filler.reach
        if run[0] < reach or run[1] > rows.shape[1] - reach:
            return False
        return all(self._filler.interpolate_gap(rows[copy], *run) for copy in asked)

    def _count(self, bad: Bools, asked: NDArray[np.int_], length: int) -> None:
        self.votes.interpolated += bool(bad.size and bad.all())
        for copy in asked[bad]:
            self.votes.clicks[copy] += 1
            self.votes.samples[copy] += length


def _at_fault(music: Floats, noise: Floats, span: slice) -> Bools:
    """Return which copies have a click in a span: the one that stands out, or all."""
    if len(music) > 2:
        peaks = np.abs(noise[:, span]).max(axis=1)
        return np.asarray(peaks >= max(PEAK, ALIKE * peaks.max()))
    energies = (music[:, span] ** 2).sum(axis=1)
    usual = STANDS_OUT * (span.stop - span.start)
    if energies.min() > max(BOTH * energies.max(), usual):
        return np.ones(2, bool)
    return np.asarray(np.arange(2) == int(np.argmax(energies)))


def _loudest(music: Floats, span: slice) -> float:
    return float((music[:, span] ** 2).sum(axis=1).max())


def _apart(music: Floats, run: tuple[int, int], moved: int) -> tuple[float, float]:
    """Return the energy by which the two loudest copies differ, and the least if one is moved."""
    first, last = max(0, run[0] - moved), run[1] + moved
    energies = (music[:, slice(*run)] ** 2).sum(axis=1)
    louder, other = np.argsort(energies)[::-1][:2]
    # Halves of samples between: of short sounds little is left even by these.
    beside = music[other, first:last]
    near = 2.0 * np.fft.irfft(np.fft.rfft(beside), 2 * beside.size)
    sparse = np.zeros(2 * (run[1] - run[0]) - 1)
    sparse[::2] = music[louder, slice(*run)]
    every_other = (np.arange(sparse.size) % 2 == 0).astype(float)
    apart = np.correlate(near**2, every_other, "valid") - 2.0 * np.correlate(near, sparse, "valid")
    apart += energies[louder]
    return float(apart[2 * (run[0] - first)]), float(apart.min())


def _closed(mask: Bools, join: int) -> Bools:
    """Return a mask without gaps of up to ``join`` samples."""
    at = np.flatnonzero(mask)
    steps = np.diff(at)
    short = (steps > 1) & (steps <= join)
    change = np.zeros(mask.size + 1, int)
    np.add.at(change, at[:-1][short], 1)
    np.add.at(change, at[1:][short], -1)
    return np.asarray(mask | (np.cumsum(change[:-1]) > 0))


def _residuals(signals: Floats, models_of: Floats, order: int, rate: float) -> Floats:
    """Return residuals under models that are estimated along one signal."""
    segment, width = round(SEGMENT_S * rate), round(MODEL_S * rate)
    count = signals.shape[1]
    pad = width // 2 + segment
    padded = np.pad(models_of, pad)
    starts = np.arange(0, count, segment)
    frames = np.stack([padded[s + pad + segment // 2 - width // 2 :][:width] for s in starts])
    models = estimate_models(frames, order)
    out = np.zeros_like(signals)
    for row, signal in zip(out, np.pad(signals, ((0, 0), (order, 0))), strict=True):
        for start, model in zip(starts, models, strict=True):
            stop = min(count, start + segment)
            row[start:stop] = residual(signal, model, int(start) + order, int(stop) + order)
    return out


def _spread(rows: Floats, rate: float) -> Floats:
    """Return the deviation around each moment, by medians of short blocks."""
    from scipy.ndimage import median_filter

    block = max(8, round(BLOCK_S * rate))
    count = -(-rows.shape[1] // block)
    padded = np.pad(np.abs(rows), ((0, 0), (0, count * block - rows.shape[1])), mode="edge")
    medians = np.median(padded.reshape(len(rows), count, block), axis=2) / 0.6745
    wide = 2 * round(0.5 * SPREAD_S * rate / block) + 1
    spread = np.maximum(median_filter(medians, (1, wide), mode="nearest"), 0.5 * medians)
    return np.asarray(np.maximum(np.repeat(spread, block, axis=1)[:, : rows.shape[1]], LEAST))


def _whitened_differences(signals: Floats, rate: float) -> Floats:
    """Return how far each copy lies from the middle of the others, in deviations of that.

    Of two copies it is their difference, one row.
    """
    apart = signals[:1] - signals[1:]
    if len(signals) > 2:
        others = [np.median(np.delete(signals, k, axis=0), axis=0) for k in range(len(signals))]
        apart = signals - np.stack(others)
    limit = 4.0 * np.median(np.abs(apart[0])) + 1e-9
    residuals = _residuals(apart, np.clip(apart[0], -limit, limit), NOISE_ORDER, rate)
    return np.asarray(residuals / _spread(residuals, rate))


def _music_residuals(signals: Floats, rate: float) -> Floats:
    """Return the residuals of the copies under a model of the music, over their deviation."""
    residuals = _residuals(signals, np.median(signals, axis=0), MUSIC_ORDER, rate)
    middle = np.median(residuals, axis=0, keepdims=True)
    return np.asarray(residuals / _spread(middle, rate))

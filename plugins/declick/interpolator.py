"""Gaps mended in a stream: from the lists of gaps and the signal alone, whoever made the lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from restorack.dsp.autoregression import Floats
from restorack.plugins.declick.candidates import Click
from restorack.plugins.declick.finder import joined, middle
from restorack.plugins.declick.interpolation import GapInterpolator


@dataclass(frozen=True)
class RepairedGap:
    """A gap of a channel, the largest change made in it (or reverted), its original samples.

    ``tail`` counts the samples from the gap's end on that a slow swing was taken off.
    """

    gap: Click
    channel: int
    peak: float
    original: Floats
    tail: int = 0


class Interpolation(Protocol):
    """Fills gaps of one of several channels, in place."""

    @property
    def reach(self) -> int:
        """Samples that must be there before and after a gap."""

    def interpolate_gap(
        self, rows: Floats, channel: int, start: int, stop: int, free: bool
    ) -> bool:
        """Fill a gap; return False, and leave it, where no sound fill is found.

        ``free`` says whether the other channels are sound at its place.
        """

    def refine(self, rows: Floats, channel: int, start: int, stop: int, free: bool) -> bool:
        """Fill a gap again, from better surroundings; as :meth:`interpolate_gap`."""


@dataclass(frozen=True)
class SeparateInterpolation:
    """Each channel is mended from itself."""

    interpolator: GapInterpolator

    @property
    def reach(self) -> int:
        """Samples that must be there before and after a gap."""
        return self.interpolator.reach

    def interpolate_gap(
        self, rows: Floats, channel: int, start: int, stop: int, free: bool
    ) -> bool:
        """Fill a gap; see the protocol."""
        return self.interpolator.interpolate_gap(rows[channel], start, stop)

    def refine(self, rows: Floats, channel: int, start: int, stop: int, free: bool) -> bool:
        """Fill a gap again; see the protocol."""
        return self.interpolator.refine(rows[channel], start, stop)


class Interpolator:
    """The channels of a stream, mended hop by hop.

    Each window has ``context``, a hop and ``context`` again. Its gaps are filled from a first
    estimate, all of them, then those of the hop are filled again from the better surroundings.
    A gap belongs to the hop that its middle lies in.

    Parameters
    ----------
    channels, hop, longest : int
        Channels, samples of a hop, and most samples of a gap.
    filling : Filling
        Fills gaps.
    late : int
        Samples that the stream it gets lies behind the one that positions count in.
    """

    def __init__(
        self, channels: int, hop: int, longest: int, interpolation: Interpolation, late: int
    ) -> None:
        self._hop, self._interpolation, self._longest = hop, interpolation, longest
        self._context = context_of(interpolation, longest)
        self._window = np.zeros((channels, 2 * self._context + hop))
        self._given = self._window.copy()
        self._position = -self._window.shape[1] - late
        self._gaps: list[list[Click]] = [[] for _ in range(channels)]

    def advance(
        self, fresh: Floats, gaps: Sequence[list[Click]]
    ) -> tuple[Floats, list[RepairedGap]]:
        """Take the next hop of samples, and gaps whose middle lies before its end.

        Parameters
        ----------
        fresh : ndarray, shape (channels, hop)
            Samples of the stream.
        gaps : list of list of Click
            Of each channel in order of time, positions in the stream; none twice.

        Returns
        -------
        done : ndarray, shape (channels, hop)
            Samples that end :func:`delay_of` before ``fresh`` does, mended.
        mended : list of Mended
            What was mended; positions in the stream, in order for each channel.
        """
        hop, context, window = self._hop, self._context, self._window
        for held in (window, self._given):
            held[:, :-hop] = held[:, hop:].copy()
            held[:, -hop:] = fresh
        self._position += hop
        zone = self._position + context  # of the hop that is worked on
        joint = [joined(a + b, self._longest) for a, b in zip(self._gaps, gaps, strict=True)]
        ahead = [[gap for gap in of_one if middle(gap) >= zone] for of_one in joint]
        work = window.copy()
        filled = [
            (channel, gap, free)
            for channel, of_one in enumerate(ahead)
            for gap in of_one
            if self._fill(work, channel, gap, free := _is_free(gap, ahead, channel))
        ]
        repaired = [
            self._keep(work, channel, gap, free)
            for channel, gap, free in filled
            if middle(gap) < zone + hop
        ]
        self._gaps = [[gap for gap in of_one if middle(gap) >= zone + hop] for of_one in ahead]
        start = context - self._longest
        return window[:, start : start + hop].copy(), repaired

    def _local(self, gap: Click) -> tuple[int, int]:
        return gap.start - self._position, gap.stop - self._position

    def _fill(self, work: Floats, channel: int, gap: Click, free: bool) -> bool:
        start, stop = self._local(gap)
        near_end = stop > work.shape[1] - self._interpolation.reach  # and too far away to matter
        return not near_end and self._interpolation.interpolate_gap(
            work, channel, start, stop, free
        )

    def _keep(self, work: Floats, channel: int, gap: Click, free: bool) -> RepairedGap:
        """Fill a gap again, and take it over into the window that goes on."""
        start, stop = self._local(gap)
        self._interpolation.refine(work, channel, start, stop, free)
        original = self._given[channel, start:stop].copy()
        self._window[channel, start:stop] = work[channel, start:stop]
        peak = float(np.abs(original - work[channel, start:stop]).max())
        return RepairedGap(gap, channel, peak, original)


def _is_free(gap: Click, gaps: Sequence[list[Click]], channel: int) -> bool:
    """Return whether no other channel has a gap at the place of one."""
    return not any(
        other.start < gap.stop and gap.start < other.stop
        for number, of_one in enumerate(gaps)
        if number != channel
        for other in of_one
    )


def context_of(interpolation: Interpolation, longest: int) -> int:
    """Return the samples of a window before and after its hop."""
    return interpolation.reach + 2 * longest


def delay_of(interpolation: Interpolation, longest: int) -> int:
    """Return the samples from the end of what is mended to the end of what was heard."""
    return context_of(interpolation, longest) + longest

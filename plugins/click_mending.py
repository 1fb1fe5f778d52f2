"""Gaps mended in a stream: from the list of gaps and the signal alone, whoever made the list."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from restorack.plugins.autoregression import Floats
from restorack.plugins.click_detection import Click
from restorack.plugins.click_finding import joined
from restorack.plugins.click_repair import GapRepair


@dataclass(frozen=True)
class Mended:
    """A gap, the largest change made in it (or reverted), and its original samples."""

    gap: Click
    peak: float
    original: Floats


class Mender:
    """One channel of a stream, mended hop by hop.

    Each window has ``context``, a hop and ``context`` again. Its gaps are filled from a first
    estimate, all of them, then those of the hop are filled again from the better surroundings.
    A gap belongs to the hop that its middle lies in.

    Parameters
    ----------
    hop, longest : int
        Samples of a hop, and most samples of a gap.
    fix : GapRepair
        Fills gaps.
    late : int
        Samples that the stream it gets lies behind the one that positions count in.
    """

    def __init__(self, hop: int, longest: int, fix: GapRepair, late: int) -> None:
        self._hop, self._fix, self._longest = hop, fix, longest
        self._context = context_of(fix, longest)
        self._window = np.zeros(2 * self._context + hop)
        self._given = self._window.copy()
        self._position = -len(self._window) - late
        self._gaps: list[Click] = []
        self._reverted: list[Click] = []

    def advance(self, fresh: Floats, gaps: list[Click]) -> tuple[Floats, list[Mended]]:
        """Take the next hop of samples, and gaps whose middle lies before its end.

        Parameters
        ----------
        fresh : ndarray, shape (hop,)
            Samples of the stream.
        gaps : list of Click
            In order of time, positions in the stream; none twice.

        Returns
        -------
        done : ndarray, shape (hop,)
            Samples that end :func:`delay_of` before ``fresh`` does.
        mended : list of Mended
            What was mended; positions in the stream, in order.
        """
        hop, context, window = self._hop, self._context, self._window
        for held in (window, self._given):
            held[:-hop] = held[hop:].copy()
            held[-hop:] = fresh
        self._position += hop
        zone = self._position + context  # of the hop that is worked on
        self._gaps = joined(self._gaps + gaps, self._longest)
        work = window.copy()
        ahead = [gap for gap in self._gaps if middle(gap) >= zone]
        filled = [gap for gap in ahead if self._fill(work, gap)]
        mended = [self._keep(work, gap) for gap in filled if middle(gap) < zone + hop]
        self._gaps = [gap for gap in ahead if middle(gap) >= zone + hop]
        return self._done(context - self._longest), mended

    def _done(self, start: int) -> Floats:
        """Return the hop that begins at a place of the window, with what is reverted as given."""
        stop = start + self._hop
        done = self._window[start:stop].copy()
        for gap in self._reverted:
            first, last = (min(max(at, start), stop) for at in self._local(gap))
            done[first - start : last - start] = self._given[first:last]
        self._reverted = [gap for gap in self._reverted if self._local(gap)[1] > stop]
        return done

    def _local(self, gap: Click) -> tuple[int, int]:
        return gap.start - self._position, gap.stop - self._position

    def _fill(self, work: Floats, gap: Click) -> bool:
        start, stop = self._local(gap)
        near_end = stop > len(work) - self._fix.reach  # and too far from the hop to matter
        return not near_end and self._fix.fill(work, start, stop)

    def _keep(self, work: Floats, gap: Click) -> Mended:
        """Fill a gap again, and take it over into the window that goes on.

        A repair that is reverted is made all the same, so that its neighbours come out as if it
        had been kept; what goes out is the input.
        """
        start, stop = self._local(gap)
        self._fix.refine(work, start, stop)
        original = self._given[start:stop].copy()
        self._window[start:stop] = work[start:stop]
        if gap.reverted:
            self._reverted.append(gap)
        return Mended(gap, float(np.abs(original - work[start:stop]).max()), original)


def context_of(fix: GapRepair, longest: int) -> int:
    """Return the samples of a window before and after its hop."""
    return fix.reach + 2 * longest


def delay_of(fix: GapRepair, longest: int) -> int:
    """Return the samples from the end of what is mended to the end of what was heard."""
    return context_of(fix, longest) + longest


def middle(gap: Click) -> int:
    """Return the sample that says which hop a gap belongs to."""
    return (gap.start + gap.stop) // 2

"""A side's parts: lead-in, tracks with their titles, run-out; and what each file of it has."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from restorack.splitting.borders import Gap


@dataclass(frozen=True)
class Track:
    """One track of a side.

    Attributes
    ----------
    number : int
        As its tag says.
    start, stop : int
        First sample of the music, and the one after the last.
    confidence : float or None
        0 to 1: that a track begins here; None of the first one.
    tags : dict
        Its own, such as ``title``; they stand over the side's.
    """

    number: int
    start: int
    stop: int
    confidence: float | None
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Return its title, or its number."""
        return self.tags.get("title", f"Track {self.number}")


@dataclass(frozen=True)
class Span:
    """What of a side a file has, with fades.

    Attributes
    ----------
    start, stop : int
        Samples.
    fade_in, fade_out : int
        Samples.
    """

    start: int
    stop: int
    fade_in: int = 0
    fade_out: int = 0


def tracks_of(
    gaps: Sequence[Gap], samples_per_frame: int, frames: int, first_number: int
) -> list[Track]:
    """Return the tracks between gaps, in samples of a side of ``frames`` samples."""
    found = []
    for number, (before, after) in enumerate(pairwise(gaps)):
        start = min(before.stop * samples_per_frame, frames)
        stop = min(after.start * samples_per_frame, frames)
        sure = None if number == 0 else round(1.0 / (1.0 + math.exp(-before.odds)), 3)
        found.append(Track(first_number + number, start, stop, sure))
    return found


def whole_spans(tracks: Sequence[Track], frames: int) -> list[Span]:
    """Return spans that together are the side: each track has the gap after it."""
    cuts = [0, *(track.start for track in tracks[1:]), frames]
    return [Span(start, stop) for start, stop in pairwise(cuts)]


def trimmed_spans(tracks: Sequence[Track], frames: int, fade_in: int, fade_out: int) -> list[Span]:
    """Return the music with as much of the noise around it as the fades take.

    A fade never touches music; between two tracks each has at most its half of the gap.
    """
    found = []
    for at, track in enumerate(tracks):
        before = tracks[at - 1].stop if at else 0
        after = tracks[at + 1].start if at + 1 < len(tracks) else frames
        first = before + (track.start - before) // 2 if at else 0
        last = track.stop + (after - track.stop) // 2 if at + 1 < len(tracks) else frames
        start, stop = max(track.start - fade_in, first), min(track.stop + fade_out, last)
        found.append(Span(start, stop, track.start - start, stop - track.stop))
    return found

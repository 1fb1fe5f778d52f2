"""The timeline of a DAWproject: beats and seconds, clips within clips, points."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from restorack.errors import FileError
from restorack.projects.dawproject.tree import Node
from restorack.projects.model import Clip, Media
from restorack.projects.numbers import MOST_SECONDS, number

MOST_BEATS = MOST_SECONDS * 20.0
"""The longest timeline in beats: that in seconds at 1200 beats a minute. By hand."""

SAME_SPEED = 1e-4
"""By how much a stretch of audio may differ from its own speed, as a ratio. By hand: 0.2 cents."""

OpenMedia = Callable[[Node], "Media | None"]
"""Gets an ``Audio`` element; None for one that cannot be carried."""


@dataclass(frozen=True)
class Scale:
    """A timeline's unit: how many seconds one of it has."""

    seconds: float

    def time(self, node: Node, name: str, default: float = 0.0) -> float:
        """Return an attribute as seconds."""
        text = node.get(name)
        if not text:
            return default
        return number(text, f"{node.place}: {name}", 0.0, MOST_BEATS) * self.seconds


class Timeline:
    """What reads times of one project.

    Parameters
    ----------
    tempo : float or None
        Beats a minute.
    open_media : callable
    lose : callable
        Gets place and name of what is not carried.
    moves : bool
        The tempo changes: beats have no one length.
    """

    def __init__(
        self,
        tempo: float | None,
        open_media: OpenMedia,
        lose: Callable[[str, str], None],
        *,
        moves: bool,
    ) -> None:
        self._tempo, self._open, self._lose_at, self._moves = tempo, open_media, lose, moves

    def scale(self, node: Node, inherited: Scale | None, name: str = "timeUnit") -> Scale:
        """Return the unit of an element: its own, or that around it; beats where none is given."""
        unit = node.get(name)
        if unit == "seconds":
            return Scale(1.0)
        if not unit and inherited is not None:
            return inherited
        if unit not in ("", "beats"):
            raise FileError(f"the time unit {unit[:40]!r}", where=node.place, rule="beats, seconds")
        if self._moves:
            raise FileError(
                "times in beats under a tempo that moves",
                where=node.place,
                rule="beats become seconds by one tempo",
                remedy="export the project at one tempo, or with times in seconds",
            )
        return Scale(60.0 / (self._tempo or 120.0))

    def clips(self, node: Node, scale: Scale) -> Iterator[Clip]:
        """Yield the audio of a ``Clips`` element, clips within clips flattened; in seconds."""
        own = self.scale(node, scale)
        for clip in node.children:
            if clip.tag != "Clip":
                continue
            if clip.get("enable") == "false":
                self._lose(clip, "a clip that is switched off")
                continue
            yield from self._clip(clip, own)

    def _clip(self, clip: Node, scale: Scale) -> Iterator[Clip]:
        start, inner = scale.time(clip, "time"), self.scale(clip, scale, "contentTimeUnit")
        begin = inner.time(clip, "playStart")
        length = scale.time(clip, "duration", -1.0)
        self._note_losses(clip)
        for part in self._content(clip, inner):
            end = part.start + part.length
            stop = min(end, begin + length) if length >= 0.0 else end
            first = max(part.start, begin)
            if stop > first:
                yield replace(
                    part,
                    start=start + first - begin,
                    length=stop - first,
                    offset=part.offset + first - part.start,
                )

    def _note_losses(self, clip: Node) -> None:
        if clip.get("loopEnd"):
            self._lose(clip, "the loop of a clip: it plays once")
        for name, what in (("fadeInTime", "fade-in"), ("fadeOutTime", "fade-out")):
            if clip.get(name) and number(clip.get(name), f"{clip.place}: {name}", 0, MOST_BEATS):
                self._lose(clip, f"the {what} of a clip")
        if clip.get("reference"):
            self._lose(clip, "a clip that repeats another one")

    def _content(self, clip: Node, scale: Scale) -> Iterator[Clip]:
        """Yield what is inside of a clip, at times of its own content."""
        for node in clip.children:
            own = self.scale(node, scale)
            if node.tag == "Audio":
                yield from self._audio(node)
            elif node.tag == "Clips":
                yield from self.clips(node, own)
            elif node.tag == "Lanes":
                yield from self._content(node, own)
            elif node.tag == "Warps":
                yield from self._warped(node, own)
            else:
                self._lose(node, f"{node.tag} of a clip")

    def _audio(self, node: Node) -> Iterator[Clip]:
        media = self._open(node)
        if media is not None:
            yield Clip(media, 0.0, media.seconds)

    def _warped(self, node: Node, scale: Scale) -> Iterator[Clip]:
        content = self.scale(node, scale, "contentTimeUnit")
        marks = [(scale.time(w, "time"), content.time(w, "contentTime")) for w in node.all("Warp")]
        for (t0, c0), (t1, c1) in pairwise(marks):
            if abs((c1 - c0) - (t1 - t0)) > SAME_SPEED * max(t1 - t0, 0.0):
                self._lose(node, "the stretching of a clip: it plays at its own speed")
                break
        shift = marks[0][0] - marks[0][1] if marks else 0.0
        for part in self._content(Node("Clip", children=[*node.all("Audio", "Clips")]), content):
            moved = part.start + shift
            if moved >= 0.0:
                yield replace(part, start=moved)
            elif part.length + moved > 0.0:
                yield replace(part, start=0.0, length=part.length + moved, offset=-moved)

    def _lose(self, node: Node, what: str) -> None:
        self._lose_at(node.place, what)

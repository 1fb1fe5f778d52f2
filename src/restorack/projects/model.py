"""A project as every format has it: tracks with clips, buses, a master, markers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from restorack.render.session.model import Send

Points = tuple[tuple[float, float], ...]
"""``(seconds, value)`` with times rising, straight lines between them; one point is a constant."""


PAN_LAW = "constant_power"
"""A session's pan law where nothing says another."""


@dataclass(frozen=True)
class Media:
    """An audio file of a project.

    Attributes
    ----------
    path : Path
        Where it lies now.
    name : str
        What it is called in the project, with its suffix.
    sample_rate : int
        In Hz.
    embedded : bool
        It lies in a temporary folder, and has to be copied to stay.
    """

    path: Path
    name: str
    channels: int
    sample_rate: int
    frames: int
    embedded: bool = False

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.frames / self.sample_rate


@dataclass(frozen=True)
class Clip:
    """A stretch of a file at a place of the timeline; all in seconds.

    Attributes
    ----------
    offset : float
        Where in the file it begins.
    """

    media: Media
    start: float
    length: float
    offset: float = 0.0

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole file, to half a sample."""
        half = 0.5 / self.media.sample_rate
        return self.offset < half and abs(self.length - self.media.seconds) < half


@dataclass(frozen=True)
class Plugin:
    """A VST3 plugin with its state.

    Attributes
    ----------
    class_id : str
        32 hexadecimal digits.
    state : bytes
        A ``.vstpreset``.
    """

    name: str
    class_id: str
    state: bytes
    enabled: bool = True


@dataclass
class Track:
    """A track, a bus or the master.

    Attributes
    ----------
    gain_db, pan : Points
        The fader; -1 (left) to 1 (right).
    output : str
        The bus that it goes to, or ``master``; empty for the master.
    """

    name: str
    kind: Literal["track", "bus", "master"] = "track"
    gain_db: Points = ((0.0, 0.0),)
    pan: Points = ((0.0, 0.0),)
    mute: bool = False
    solo: bool = False
    output: str = ""
    sends: tuple[Send, ...] = ()
    clips: tuple[Clip, ...] = ()
    plugins: tuple[Plugin, ...] = ()

    @property
    def channels(self) -> int:
        """Channels of what it plays: 1 where all of its clips are mono, else 2."""
        return 1 if self.clips and all(clip.media.channels == 1 for clip in self.clips) else 2


@dataclass(frozen=True)
class Loss:
    """What was not carried, and where it stood."""

    place: str
    what: str

    def to_dict(self) -> dict[str, Any]:
        """Return both as JSON-ready values."""
        return {"place": self.place, "what": self.what}


@dataclass
class Project:
    """A project.

    Attributes
    ----------
    sample_rate : float or None
        In Hz; None where the format does not say it.
    tempo : float or None
        Beats a minute.
    pan_law : str
        Of mono tracks, as sessions have it.
    markers : list of (float, str)
        Seconds and name, times rising.
    losses : list of Loss
    """

    name: str
    sample_rate: float | None = None
    tempo: float | None = None
    beats_per_bar: int = 4
    pan_law: str = PAN_LAW
    tracks: list[Track] = field(default_factory=list)
    buses: list[Track] = field(default_factory=list)
    master: Track = field(default_factory=lambda: Track("master", "master"))
    markers: list[tuple[float, str]] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    _lost: set[Loss] = field(default_factory=set, repr=False)

    @property
    def all_tracks(self) -> list[Track]:
        """Tracks, buses and the master."""
        return [*self.tracks, *self.buses, self.master]

    @property
    def media(self) -> list[Media]:
        """The files, each once."""
        return list(dict.fromkeys(clip.media for track in self.tracks for clip in track.clips))

    def lose(self, place: str, what: str) -> None:
        """Note what is not carried, each once."""
        loss = Loss(place, what)
        if loss not in self._lost:
            self._lost.add(loss)
            self.losses.append(loss)

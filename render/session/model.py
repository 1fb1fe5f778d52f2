"""A session, read and checked: strips, sends and times in samples."""

from __future__ import annotations

from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from restorack.chains import Chain
from restorack.chains.settings import OutputSettings
from restorack.io.reader import AudioInfo

if TYPE_CHECKING:
    from restorack.render.plan import Engine
    from restorack.render.progress import OnProgress
    from restorack.render.session.report import SessionResult


class Track:
    """A fader's or a pan's value over time: straight lines between breakpoints, sample by sample.

    Parameters
    ----------
    points : sequence of (seconds, value)
        One point is a constant.
    """

    def __init__(self, points: list[tuple[float, float]]) -> None:
        self.points = points
        self._times = np.array([time for time, _ in points])
        self._values = np.array([value for _, value in points])

    @property
    def is_constant(self) -> bool:
        """Whether the value never moves."""
        return len(set(self._values.tolist())) == 1

    def values(self, first: int, count: int, rate: float) -> NDArray[np.float64]:
        """Return the value at each of ``count`` samples from ``first`` on; one if constant."""
        if self.is_constant:
            return self._values[:1]
        seconds = np.arange(first, first + count) / rate
        return np.asarray(np.interp(seconds, self._times, self._values), np.float64)


@dataclass(frozen=True)
class Send:
    """A way from a strip to a bus beside its output.

    Attributes
    ----------
    to : str
    gain_db : float
    pre : bool
        Before the fader; the pan counts in any case.
    """

    to: str
    gain_db: float = 0.0
    pre: bool = False


@dataclass
class Strip:
    """A stem, a bus or the master.

    Attributes
    ----------
    kind : {"stem", "bus", "master"}
    place : str
        File, line and column.
    chain : Chain
    gain_db, pan : Track
        ``pan`` from -1 (left) to 1 (right).
    output : str
        The bus, or the master, that it goes to; empty for the master.
    """

    name: str
    kind: str
    place: str
    chain: Chain
    gain_db: Track
    pan: Track
    mute: bool = False
    solo: bool = False
    output: str = ""
    sends: tuple[Send, ...] = ()


@dataclass
class Stem(Strip):
    """A strip that is fed by a file.

    Attributes
    ----------
    start : int
        Where its first sample stands, in samples of the session.
    frames : int
        Samples of it and its tail, at the session's rate.
    tail : int
        Silence appended, in samples of the file.
    """

    file: Path = field(default_factory=Path)
    info: AudioInfo | None = None
    start: int = 0
    tail: int = 0
    frames: int = 0

    @property
    def source(self) -> AudioInfo:
        """What the file holds."""
        if self.info is None:
            raise RuntimeError("a stem without its file")
        return self.info


@dataclass
class Session:
    """A session.

    Attributes
    ----------
    sample_rate : float
        In Hz: of the mix and of everything in it.
    frames : int
        Length of the mix.
    notes : list of str
        What was not checked when it was read.
    tempo : float or None
        Beats a minute, where it is given.
    tail_seconds : float
        After the last stem's end.
    """

    name: str
    path: Path
    sample_rate: float
    pan_law: str
    stems: list[Stem]
    buses: list[Strip]
    master: Strip
    output: OutputSettings
    frames: int
    notes: list[str] = field(default_factory=list)
    tempo: float | None = None
    beats_per_bar: int = 4
    tail_seconds: float = 0.0

    @property
    def strips(self) -> list[Strip]:
        """Every strip: stems, buses, the master."""
        return [*self.stems, *self.buses, self.master]

    def render(
        self,
        output: str | PathLike[str],
        *,
        stems: bool = False,
        engine: Engine = "auto",
        force: bool = False,
        strict: bool = False,
        on_progress: OnProgress | None = None,
    ) -> SessionResult:
        """Render the session into a folder; see :class:`SessionOptions` for the options.

        Parameters
        ----------
        output : path-like
            A folder, created if its parent exists.
        stems : bool
            Also write every processed stem and bus.
        engine, force, strict, on_progress : optional
            As of :func:`restorack.render`.

        Raises
        ------
        RestorackError
            For anything that cannot be read, rendered or written; nothing half-written is left.
        """
        from restorack.render.session.rendering import SessionOptions, render_session

        options = SessionOptions(stems, engine, force, strict)
        return render_session(self, output, options, on_progress)

    @property
    def seconds(self) -> float:
        """Length of the mix."""
        return self.frames / self.sample_rate

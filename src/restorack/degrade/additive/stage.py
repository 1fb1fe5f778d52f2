"""Additive damage: what is laid over the signal in tracks, and never depends on its samples."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.core.parameters import ChoiceParameter
from restorack.core.traits import Trait
from restorack.degrade.additive.programme import (
    FULL_SCALE,
    ProgrammeLevel,
    ProgrammeMeter,
    Reference,
    programme_level,
)
from restorack.degrade.degradation import DamageEvent, Degradation
from restorack.dsp.arrays import Rows
from restorack.dsp.fifo import SampleFifo

CHUNK = 8192
"""Damage is made in stretches of this many samples, counted from sample 0."""


Tracks: TypeAlias = dict[str, NDArray[np.floating]]


@dataclass
class Chunk:
    """The damage of one stretch at the level of 1: tracks ``(channels, CHUNK)`` and impulses.

    Events are those that start in the stretch, by rising start.
    """

    tracks: Tracks
    events: list[DamageEvent] = field(default_factory=list)


class DamageSource(ABC):
    """Makes damage stretch by stretch; holds what one stretch hands to the next."""

    @abstractmethod
    def next_chunk(self) -> Chunk:
        """Return the next ``CHUNK`` samples of every track, and the impulses that start there."""


class AdditiveDegradation(Degradation):
    """Base of the stages that add: noise, impulses, hum.

    A subclass names its tracks and what their levels count from in ``tracks_made``, opens a
    :class:`DamageSource` and returns each track's gain. The latency is 0.

    Parameters
    ----------
    **parameters
        Values of the declared parameters; the others get their defaults.

    Notes
    -----
    Levels count from the programme's by default, which takes a first pass. A stream without one
    counts from what it has heard so far, measured every ``CHUNK`` samples: it starts without
    damage.
    """

    traits = frozenset({Trait.ADDS_SOUND, Trait.STOCHASTIC})
    tracks_made: ClassVar[dict[str, Reference]] = {}

    relative_to = ChoiceParameter(
        "programme",
        ("programme", "full_scale"),
        description="What levels count from: the programme's own RMS (noise) and peak (impulses) "
        "over all channels, or full scale (an RMS of 1, a peak of 1).",
    )

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._learned: ProgrammeLevel | None = None
        self._counts: Counter[str] = Counter()

    @abstractmethod
    def _open_source(self, sample_rate: float, channels: int) -> DamageSource:
        """Return the source of a new stream's damage."""

    @abstractmethod
    def _gains(self) -> dict[str, float]:
        """Return each track's linear gain over its reference, from the parameters as they are."""

    @property
    def needs_preparation(self) -> bool:
        """Whether levels count from the programme."""
        return self.relative_to == "programme"

    def findings(self) -> dict[str, Any]:
        """Return the number of impulses of each kind and the level that gains counted from."""
        level = getattr(self, "_level", FULL_SCALE)
        return {
            "events": dict(self._counts),
            "reference": {"rms": level.rms, "peak": level.peak},
        }

    def summary(self) -> str:
        """Return the number of impulses of each kind."""
        counts = [f"{kind} {count:,}" for kind, count in sorted(self._counts.items()) if count]
        return f"impulses added: {', '.join(counts)}" if counts else ""

    def _learn(self, blocks: Iterator[Rows], sample_rate: float) -> None:
        self._learned = programme_level(blocks)

    def _unlearn(self) -> None:
        self._learned = None

    def _begin(self, sample_rate: float, channels: int) -> None:
        self._source = self._open_source(sample_rate, channels)
        self._position = 0
        self._gains_revision = -1
        self._counts = Counter()
        self._heard: ProgrammeMeter | None = None
        if not self.needs_preparation:
            self._level = FULL_SCALE
        elif self._learned is not None:
            self._level = self._learned
        else:
            self._level = ProgrammeLevel()
            self._heard = ProgrammeMeter()
            self._unheard = SampleFifo(channels)

    def _push(self, block: Rows) -> Rows:
        out, at = np.empty_like(block), 0
        while at < block.shape[1]:
            inside = self._position % CHUNK
            if inside == 0:
                self._next_chunk()
            stop = min(block.shape[1], at + CHUNK - inside)
            out[:, at:stop] = self._damaged(block[:, at:stop], inside)
            self._position += stop - at
            at = stop
        return out

    def _finish(self) -> Rows:
        channels = self._require_stream().channels
        if self._truth is not None:  # a signal without samples has tracks without samples
            for name in self.tracks_made:
                self._truth.add_track(name, np.zeros((channels, 0), np.float32))
        return np.zeros((channels, 0), np.float32)

    def _next_chunk(self) -> None:
        if self._heard is not None and self._position:
            self._heard.push(self._unheard.pop(CHUNK))
            self._level = self._heard.level()
            self._gains_revision = -1
        self._stretch = self._source.next_chunk()

    def _damaged(self, piece: Rows, inside: int) -> Rows:
        """Add what belongs to a piece that begins at a place inside the present stretch."""
        if self._heard is not None:
            self._unheard.push(piece)
        gains = self._present_gains()
        stop = inside + piece.shape[1]
        tracks = {
            name: (gains[name] * self._stretch.tracks[name][:, inside:stop]).astype(np.float32)
            for name in self.tracks_made
        }
        self._note(tracks, gains, stop)
        total: Rows = piece + sum(tracks.values())
        return total

    def _present_gains(self) -> dict[str, float]:
        if self._gains_revision != self._revision:
            self._gains_revision = self._revision
            self._cached_gains = {
                name: gain * self._level.of(self.tracks_made[name])
                for name, gain in self._gains().items()
            }
        return self._cached_gains

    def _note(self, tracks: dict[str, Rows], gains: dict[str, float], stop: int) -> None:
        """Note a piece's tracks and the impulses that start before its end."""
        end = self._position - self._position % CHUNK + stop
        events = self._stretch.events
        while events and events[0].start_sample < end:
            event = events.pop(0)
            self._counts[event.kind] += 1
            if self._truth is not None:
                self._truth.add_event(self._scaled(event, gains))
        if self._truth is not None:
            for name, rows in tracks.items():
                self._truth.add_track(name, rows)

    def _scaled(self, event: DamageEvent, gains: dict[str, float]) -> DamageEvent:
        gain = gains[self.track_of(event.kind)]
        return DamageEvent(
            event.kind, event.start_sample, event.length, gain * event.peak, event.channel
        )

    def track_of(self, kind: str) -> str:
        """Return the track that holds the events of a kind: by default there is but one."""
        return next(iter(self.tracks_made))

"""Degradation: a processor that damages, and says what it did."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from restorack.core.parameters import IntParameter
from restorack.core.processor import Processor
from restorack.dsp.arrays import Rows, check_sample_rate, like_input, to_rows
from restorack.errors import ParameterError

BLOCK = 1 << 16
"""Samples per block of :meth:`Degradation.damage`; the result does not depend on it."""


@dataclass(frozen=True)
class DamageEvent:
    """One impulse that was added.

    Parameters
    ----------
    kind : str
        What it is: ``click``, ``scratch``, ``crackle``, ``thump``, ``dust``.
    start_sample, length : int
        The samples that it touches, cut at the signal's end.
    peak : float
        Largest absolute value of the whole shape, in the signal's scale.
    channel : int
        An impulse on several channels is one event on each.
    """

    kind: str
    start_sample: int
    length: int
    peak: float
    channel: int


@dataclass(frozen=True)
class Damaged:
    """Damaged audio and the truth about it.

    Parameters
    ----------
    audio : ndarray of float32
        In the shape of the clean audio, aligned with it to the sample.
    tracks : dict of str to ndarray of float32
        What was added, by name, each in the shape of the audio. In float32
        ``audio == clean + sum(tracks.values())``, exactly. Empty for filters and distortions.
    events : tuple of DamageEvent
        Every impulse, in the order of its start.
    """

    audio: Rows
    tracks: dict[str, Rows] = field(default_factory=dict)
    events: tuple[DamageEvent, ...] = ()


class Truth:
    """What a degradation notes down while it damages, for :meth:`Degradation.damage`."""

    def __init__(self) -> None:
        self._tracks: defaultdict[str, list[Rows]] = defaultdict(list)
        self._events: list[DamageEvent] = []

    def add_track(self, name: str, rows: Rows) -> None:
        """Append the next samples of a track, shape ``(channels, samples)``."""
        self._tracks[name].append(rows)

    def add_event(self, event: DamageEvent) -> None:
        """Note an impulse."""
        self._events.append(event)

    def tracks(self) -> dict[str, Rows]:
        """Return every track from its first sample to its last."""
        return {name: np.concatenate(parts, axis=1) for name, parts in self._tracks.items()}

    def events(self, samples: int) -> tuple[DamageEvent, ...]:
        """Return the impulses in order, cut at the signal's end."""
        return tuple(
            DamageEvent(e.kind, e.start_sample, min(e.length, samples - e.start_sample), e.peak,
                        e.channel)
            for e in sorted(self._events, key=lambda e: (e.start_sample, e.channel))
        )  # fmt: skip


class Degradation(Processor):
    """Base of every stage that damages.

    Parameters
    ----------
    **parameters
        Values of the declared parameters; the others get their defaults.

    Notes
    -----
    A subclass implements the hooks of a stage. Where it adds something of its own it also notes
    tracks and events in ``self._truth`` whenever that is not None; what
    :class:`AdditiveDegradation` does for all additive ones. Random
    numbers depend on the seed, the channel and the position in the stream alone
    (:func:`restorack.degrade.randomness.random_at`).
    """

    seed = IntParameter(0, 0, 2**31 - 1, description="Another seed, other damage of the same kind.")

    def __init__(self, **parameters: Any) -> None:
        self._truth: Truth | None = None
        super().__init__(**parameters)

    def damage(self, audio: Any, sample_rate: float) -> Damaged:
        """Damage a whole signal and return the truth with it.

        Parameters
        ----------
        audio : array_like of float, shape (samples,) or (channels, samples)
            Clean audio, full scale -1 to 1; never written into.
        sample_rate : float
            In Hz.

        Returns
        -------
        Damaged
            ``audio`` is what :meth:`process` returns.

        Raises
        ------
        ParameterError
            Where dry signal is mixed in or the residual is asked for, since then the tracks
            would not be what was added.
        AudioError, AudioTypeError
            For audio or a rate that cannot be processed.
        """
        if self.mix != 1.0 or self.residual or "mix" in self.automation:
            raise ParameterError(
                f"damage() with mix = {self.mix:g}, residual = {self.residual}",
                where=type(self).__name__,
                rule="the truth is told of the whole damage",
                remedy="set mix = 1 and residual = False, or call process()",
            )
        rows, layout = to_rows(audio)
        rate = check_sample_rate(sample_rate)
        truth = self._truth = Truth()
        try:
            damaged = self._whole_file(rows, rate, BLOCK)
        finally:
            self._truth = None
        tracks = {name: like_input(track, layout) for name, track in truth.tracks().items()}
        return Damaged(like_input(damaged, layout), tracks, truth.events(rows.shape[1]))

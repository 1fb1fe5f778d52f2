"""Damage on the fly: a clean excerpt goes through stages that damage, with random parameters."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from restorack.core.parameters import FloatParameter, IntParameter
from restorack.degrade.additive.stage import AdditiveDegradation
from restorack.degrade.degradation import DamageEvent, Degradation
from restorack.degrade.random_damage import damage_excerpt, draw_damage
from restorack.dsp.decibels import db_to_amplitude
from restorack.errors import RestorackError
from restorack.training.curriculum import Curriculum
from restorack.training.task import Settings

Audio = NDArray[np.float32]

HARDLY_AUDIBLE_DB = 45.0
"""SNR at which the severity of damage is 0. By hand."""
_QUIET = 1e-5
"""RMS that a level counts from at least: -100 dBFS."""


class DamageStage(Settings):
    """One stage of a damage.

    Attributes
    ----------
    stage : str
        Such as ``restorack.Hiss``.
    probability : float
        Of being there at all.
    params : dict
        A value; two numbers, between which one is drawn (evenly, or evenly in octaves where the
        parameter is logarithmic); or a list of words, of which one is drawn.
    stays : bool
        What it does is no damage to undo: the target goes through it too. Not for noise.
    own_level : bool
        What it adds keeps its level, instead of being scaled to the signal-to-noise ratio.
    """

    stage: str = Field(description="the name of a stage that damages, such as restorack.Hiss")
    probability: float = Field(1.0, ge=0, le=1, description="a probability from 0 to 1")
    params: dict[str, Any] = Field(
        default_factory=dict,
        description="a mapping of parameters to values, [from, to], or lists of words",
    )
    stays: bool = Field(False, description="true or false")
    own_level: bool = Field(False, description="true or false")

    @field_validator("stage")
    @classmethod
    def _damages(cls, name: str) -> str:
        damaging_class(name)
        return name

    def draw(self, rng: np.random.Generator) -> Degradation:
        """Return the stage with random parameters and a random seed."""
        kind = damaging_class(self.stage)
        values = {name: _drawn(rng, kind, name, given) for name, given in self.params.items()}
        return kind(**{"seed": int(rng.integers(2**31)), **values})


class DamageSettings(Settings):
    """A damage: of a kind, or made of stages, or both; and how much of it.

    Attributes
    ----------
    kind : str
        As of :func:`restorack.degrade.random_damage.draw_settings`; empty for none. Its severity
        follows the curriculum: 45 dB is hardly audible, 0 dB heavy.
    noise_folder : str
        Recordings of noise for the kind.
    stages : list of DamageStage
    snr : Curriculum
        What the stages add is scaled to its ratios.
    """

    kind: Literal["", "clicks", "noise", "record", "film", "band"] = Field(
        "", description="clicks, noise, record, film or band"
    )
    noise_folder: str = Field("", description="the path of a folder with recordings of noise")
    stages: list[DamageStage] = Field(
        default_factory=list, description="a list of stages that damage"
    )
    snr: Curriculum = Field(
        default_factory=lambda: Curriculum.model_validate({}),
        description="a mapping: lowest_db, highest_db, start_db, scenes, clean_share",
    )

    @field_validator("stages")
    @classmethod
    def _can_be_made(cls, stages: list[DamageStage]) -> list[DamageStage]:
        rng = np.random.default_rng(0)
        for stage in stages:
            try:
                stage.draw(rng)
            except RestorackError as error:
                raise ValueError(str(error)) from None
        return stages

    def draw_kind(self, rng: np.random.Generator, snr_db: float) -> list[Degradation]:
        """Return the kind's stages at the severity that a ratio stands for."""
        if not self.kind:
            return []
        severity = min(1.0, max(0.0, 1.0 - snr_db / HARDLY_AUDIBLE_DB))
        return draw_damage(rng, self.kind, (severity, severity), self.noise_folder)


@dataclass(frozen=True)
class DamagedScene:
    """A damaged excerpt with the truth about it.

    Attributes
    ----------
    audio, target : ndarray of float32
        What a network gets, and what it should return, of one shape.
    tracks : dict of str to ndarray
        What was added, by name; sums to ``audio - target`` unless a stage distorted the sum.
    events : tuple of DamageEvent
        The impulses that were added.
    snr_db : float
        Of what was scaled; infinite for clean sound.
    """

    audio: Audio
    target: Audio
    tracks: dict[str, Audio] = field(default_factory=dict)
    events: tuple[DamageEvent, ...] = ()
    snr_db: float = math.inf


class Degrader:
    """Damages excerpts, scene after scene.

    Parameters
    ----------
    settings : DamageSettings

    Notes
    -----
    Stages come in three turns, as on a record, each turn in the order of the list: what stays
    (a horn, a band limit), what is added (noise, clicks), what distorts the sum (a codec). Clean
    scenes have the first turn alone.
    """

    def __init__(self, settings: DamageSettings) -> None:
        self.settings = settings

    def damage(
        self,
        rng: np.random.Generator,
        clean: Audio,
        sample_rate: float,
        scene: int,
        snr_db: float | None = None,
    ) -> DamagedScene:
        """Damage an excerpt.

        Parameters
        ----------
        rng : numpy.random.Generator
        clean : ndarray of float32, shape (samples,) or (channels, samples)
        sample_rate : float
            In Hz.
        scene : int
            For the curriculum.
        snr_db : float, optional
            Instead of the curriculum's; infinite for clean sound.
        """
        drawn = self.settings.snr.draw(rng, scene)
        ratio = drawn if snr_db is None else snr_db
        chosen = [one for one in self.settings.stages if rng.random() < one.probability]
        turns = _Turns.of([(one, one.draw(rng)) for one in chosen])
        if math.isinf(ratio):
            target = damage_excerpt(turns.staying, clean, sample_rate).target
            return DamagedScene(target.copy(), target)
        kind = self.settings.draw_kind(rng, ratio)
        base = damage_excerpt([*kind, *turns.staying, *turns.own], clean, sample_rate)
        extra = damage_excerpt(turns.scaled, base.target, sample_rate)
        gain = _gain(base.target, extra.tracks, ratio)
        tracks = dict(base.tracks)
        for name, track in extra.tracks.items():
            tracks[name] = np.float32(gain) * track + tracks.get(name, np.float32(0.0))
        audio = base.target + sum(tracks.values(), np.zeros_like(base.target))
        for stage in turns.distorting:
            audio = stage.process(audio, sample_rate)
        events = [*base.events, *(replace(one, peak=gain * one.peak) for one in extra.events)]
        events.sort(key=lambda one: (one.start_sample, one.channel))
        return DamagedScene(audio, base.target, tracks, tuple(events), ratio)


@dataclass
class _Turns:
    """Stages by what they do to a scene."""

    staying: list[Degradation] = field(default_factory=list)
    own: list[Degradation] = field(default_factory=list)
    scaled: list[Degradation] = field(default_factory=list)
    distorting: list[Degradation] = field(default_factory=list)

    @classmethod
    def of(cls, stages: list[tuple[DamageStage, Degradation]]) -> _Turns:
        turns = cls()
        for one, stage in stages:
            if isinstance(stage, AdditiveDegradation):
                (turns.own if one.own_level else turns.scaled).append(stage)
            else:
                (turns.staying if one.stays else turns.distorting).append(stage)
        return turns


def damaging_class(name: str) -> type[Degradation]:
    """Return a class of stages that damage.

    Raises
    ------
    ValueError
        For a name that is not known, or a stage that does not damage; as pydantic wants it.
    """
    from restorack.core.registry import processor_class

    try:
        kind = processor_class(name)
    except RestorackError as error:
        raise ValueError(str(error)) from None
    if not issubclass(kind, Degradation):
        raise ValueError(f"{name} is not a stage that damages")
    return kind


def _gain(target: Audio, tracks: Mapping[str, Audio], ratio_db: float) -> float:
    """Return what the sum of tracks is multiplied with to lie so far below the target."""
    if not tracks:
        return 1.0
    noise = _rms(sum(tracks.values(), np.zeros_like(target)))
    music = max(_rms(target), _QUIET)
    return db_to_amplitude(-ratio_db) * music / noise if noise > 0 else 1.0


def _rms(audio: Audio) -> float:
    return float(np.sqrt(np.mean(np.square(audio, dtype=np.float64))))


def _drawn(rng: np.random.Generator, kind: type[Degradation], name: str, given: Any) -> Any:
    """Return a parameter's value: the given one, or one that is drawn from a list."""
    if not isinstance(given, list):
        return given
    numbers = [value for value in given if isinstance(value, int | float)]
    if len(given) != 2 or len(numbers) != 2 or any(isinstance(value, bool) for value in given):
        return given[int(rng.integers(len(given)))]
    low, high = sorted(numbers)
    parameter = kind.parameters.get(name)
    if isinstance(parameter, IntParameter):
        return int(rng.integers(int(low), int(high) + 1))
    if isinstance(parameter, FloatParameter) and parameter.logarithmic and low > 0:
        return float(low * (high / low) ** rng.random())
    return float(low + (high - low) * rng.random())

"""Damage on the fly: a clean excerpt goes through stages that damage, with random parameters."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from restorack.contract.parameters import FloatParameter, IntParameter
from restorack.degrade.degradation import DamageEvent, Degradation
from restorack.errors import RestorackError
from restorack.training.curriculum import Curriculum
from restorack.training.task import Settings

Audio = NDArray[np.float32]

_QUIET = 1e-5


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
        What it does is no damage to undo: the target goes through it too.
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
    """A damage: stages in their order, and how loud what they add is."""

    stages: list[DamageStage] = Field(description="a list of stages that damage")
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


class Damager:
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
        there = [one for one in self.settings.stages if rng.random() < one.probability]
        stages = [(one, one.draw(rng)) for one in there]
        target = clean
        for one, stage in stages:
            if one.stays:
                target = stage.process(target, sample_rate)
        if math.isinf(ratio):
            return DamagedScene(target.copy(), target)
        scaled, own, events, distorting = _added(stages, target, sample_rate)
        gain = _gain(target, scaled, ratio)
        tracks = {name: (gain * track).astype(np.float32) for name, track in scaled.items()}
        for name, track in own.items():
            tracks[name] = tracks[name] + track if name in tracks else track
        audio = target + sum(tracks.values(), np.zeros_like(target))
        for stage in distorting:
            audio = stage.process(audio, sample_rate)
        return DamagedScene(audio, target, tracks, events, ratio)


def damaging_class(name: str) -> type[Degradation]:
    """Return a class of stages that damage.

    Raises
    ------
    ValueError
        For a name that is not known, or a stage that does not damage; as pydantic wants it.
    """
    from restorack.contract.registry import processor_class

    try:
        kind = processor_class(name)
    except RestorackError as error:
        raise ValueError(str(error)) from None
    if not issubclass(kind, Degradation):
        raise ValueError(f"{name} is not a stage that damages")
    return kind


Tracks = dict[str, Audio]


def _added(
    stages: list[tuple[DamageStage, Degradation]], target: Audio, sample_rate: float
) -> tuple[Tracks, Tracks, tuple[DamageEvent, ...], list[Degradation]]:
    """Return tracks to scale, tracks as they are, impulses, and the stages that add nothing."""
    scaled: Tracks = {}
    own: Tracks = {}
    events: list[DamageEvent] = []
    distorting = []
    for one, stage in stages:
        if one.stays:
            continue
        found = stage.damage(target, sample_rate)
        if not found.tracks:
            distorting.append(stage)
            continue
        tracks = own if one.own_level else scaled
        for name, track in found.tracks.items():
            tracks[name] = tracks[name] + track if name in tracks else track
        events += found.events
    return scaled, own, tuple(sorted(events, key=lambda one: one.start_sample)), distorting


def _gain(target: Audio, tracks: Tracks, ratio_db: float) -> float:
    """Return what the sum of tracks is multiplied with to lie so far below the target."""
    if not tracks:
        return 1.0
    noise = _rms(sum(tracks.values(), np.zeros_like(target)))
    music = max(_rms(target), _QUIET)
    return 10.0 ** (-ratio_db / 20.0) * music / noise if noise > 0 else 1.0


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

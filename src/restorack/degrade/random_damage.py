"""Random damage for training: drawn as data, then laid over clean audio with its truth."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from restorack.core.registry import processor_class
from restorack.degrade.additive.stage import AdditiveDegradation
from restorack.degrade.degradation import DamageEvent, Degradation
from restorack.degrade.drawn_settings import (
    Sampler,
    Setting,
    draw_band,
    draw_clicks,
    draw_crackle,
    draw_from_folder,
    draw_hum,
    draw_noise,
    draw_noise_level,
    draw_rumble,
    draw_speed,
    draw_surface,
    draw_thumps,
)
from restorack.dsp.arrays import Rows, like_input, to_rows
from restorack.errors import ParameterError, suggest

UNTOUCHED = 0.06
"""So many of the draws damage nothing: a network must learn to leave good sound alone."""


@dataclass(frozen=True)
class DamagedExcerpt:
    """A pair to train on, and what lies between.

    Parameters
    ----------
    audio, target : ndarray of float32
        With all the damage; with the changes of the signal (band, horn, distortion) alone.
    tracks : dict of str to ndarray of float32
        What was added, by name: ``audio == target + sum(tracks.values())`` exactly, in float32.
    events : tuple of DamageEvent
        Every impulse, in the order of its start.
    """

    audio: Rows
    target: Rows
    tracks: dict[str, Rows] = field(default_factory=dict)
    events: tuple[DamageEvent, ...] = ()


def damage_excerpt(
    degradations: Iterable[Degradation], audio: Any, sample_rate: float
) -> DamagedExcerpt:
    """Damage clean audio: changes of the signal first, in turn; then what is added, side by side.

    Parameters
    ----------
    degradations : iterable of Degradation
        In any order; those that add measure their levels on the changed signal, each for itself.
    audio : array_like of float, shape (samples,) or (channels, samples)
        Clean audio; never written into.
    sample_rate : float
        In Hz.

    Returns
    -------
    DamagedExcerpt
        Arrays in the shape of the audio.

    Raises
    ------
    AudioError, AudioTypeError
        For audio or a rate that cannot be processed.
    """
    chain = list(degradations)
    rows, layout = to_rows(audio)
    target = like_input(rows.copy(), layout)
    for one in chain:
        if not isinstance(one, AdditiveDegradation):
            target = one.damage(target, sample_rate).audio
    tracks: dict[str, Rows] = {}
    events: list[DamageEvent] = []
    for one in chain:
        if isinstance(one, AdditiveDegradation):
            damaged = one.damage(target, sample_rate)
            events += damaged.events
            for name, track in damaged.tracks.items():
                tracks[name] = tracks[name] + track if name in tracks else track
    added: Any = sum(tracks.values())
    events.sort(key=lambda event: (event.start_sample, event.channel))
    return DamagedExcerpt(target + added, target, tracks, tuple(events))


def build_damage(settings: Iterable[Setting]) -> list[Degradation]:
    """Return the degradations that settings describe.

    Raises
    ------
    ParameterError
        For a stage that does not damage, or parameters that it does not take.
    """
    built = []
    for name, parameters in settings:
        one = processor_class(f"restorack.{name}")(**parameters)
        if not isinstance(one, Degradation):
            raise ParameterError(f"{name} is not a degradation", where="build_damage")
        built.append(one)
    return built


def draw_damage(
    rng: np.random.Generator,
    kind: str,
    severity: tuple[float, float] = (0.0, 1.0),
    noise_folder: str = "",
) -> list[Degradation]:
    """Draw random damage: :func:`draw_settings`, built."""
    return build_damage(draw_settings(rng, kind, severity, noise_folder))


def draw_settings(
    rng: np.random.Generator,
    kind: str,
    severity: tuple[float, float] = (0.0, 1.0),
    noise_folder: str = "",
) -> list[Setting]:
    """Draw random damage as data.

    Parameters
    ----------
    rng : Generator
        Gives the same damage for the same state.
    kind : {"clicks", "noise", "record", "film", "band"}
        ``clicks``: impulses of all sorts, mostly over some noise; ``noise``: noise, hum and
        rumble; ``record``: what a 78 has, all of it; ``film``: an optical track; ``band``: a lost
        top or a codec.
    severity : tuple of float
        0 to 1, least and most: 0 is hardly audible (signal-to-noise ratios near 45 dB, one click
        in a few seconds), 1 is heavy (0 dB, fifty clicks a second). Six in a hundred draws are
        without any damage.
    noise_folder : str
        Recordings of noise; where given, a third of the noises come from there.

    Returns
    -------
    list of (str, dict)
        Class names and parameters, all of them numbers, words and truth values.

    Raises
    ------
    ParameterError
        For an unknown kind, or a severity beyond 0 to 1.
    """
    if kind not in _KINDS:
        raise ParameterError(f"kind = {kind!r}", where="draw_damage", remedy=suggest(kind, _KINDS))
    low, high = severity
    if not 0.0 <= low <= high <= 1.0:
        raise ParameterError(
            f"severity = {severity!r}", where="draw_damage", rule="0 <= least <= most <= 1"
        )
    sampler = Sampler(rng)
    if sampler.chance(UNTOUCHED):
        return []
    return _KINDS[kind](sampler, sampler.between(low, high), noise_folder)


def _clicks(sampler: Sampler, severity: float, noise_folder: str) -> list[Setting]:
    rpm = draw_speed(sampler)
    settings = [draw_clicks(sampler, severity, rpm)]
    if sampler.chance(0.5):
        settings.append(draw_crackle(sampler, severity, rpm))
    if sampler.chance(0.25):
        settings.append(draw_thumps(sampler, severity, rpm))
    if sampler.chance(0.75):
        settings += draw_noise(sampler, 0.6 * severity, rpm, noise_folder)
    return settings


def _noise(sampler: Sampler, severity: float, noise_folder: str) -> list[Setting]:
    rpm = draw_speed(sampler)
    settings = draw_noise(sampler, severity, rpm, noise_folder)
    if sampler.chance(0.3):
        settings.append(draw_hum(sampler, severity))
    if sampler.chance(0.25):
        settings.append(draw_rumble(sampler, severity, rpm))
    if sampler.chance(0.2):
        settings.append(draw_crackle(sampler, 0.7 * severity, rpm))
    return settings


def _record(sampler: Sampler, severity: float, noise_folder: str) -> list[Setting]:
    rpm = sampler.one_of(78.26, 78.26, 76.59, 80.0, 33.33, 45.0)
    settings: list[Setting] = []
    if sampler.chance(0.35):
        strength = sampler.between(4.0, 18.0)
        settings.append(("HornResonance", {"strength_db": strength, "seed": sampler.seed()}))
    if sampler.chance(0.7):
        settings.append(draw_band(sampler, (30.0, 250.0), (3_000.0, 12_000.0)))
    if sampler.chance(0.2):
        geometry = {
            "cut": sampler.one_of("lateral", "lateral", "vertical"),
            "stylus_um": sampler.between(40.0, 70.0) if rpm > 60.0 else sampler.between(12.0, 25.0),
            "radius_mm": sampler.between(55.0, 140.0),
        }
        settings.append(("TracingDistortion", geometry | {"rpm": rpm}))
    settings.append(("SurfaceNoise", draw_surface(sampler, severity, rpm)))
    settings.append(draw_clicks(sampler, severity, rpm))
    for probability, draw in ((0.8, draw_crackle), (0.4, draw_thumps), (0.6, draw_rumble)):
        if sampler.chance(probability):
            settings.append(draw(sampler, severity, rpm))
    if sampler.chance(0.3):
        settings.append(draw_hum(sampler, severity))
    if noise_folder and sampler.chance(1 / 3):
        settings.append(draw_from_folder(sampler, 0.7 * severity, noise_folder))
    return settings


def _film(sampler: Sampler, severity: float, noise_folder: str) -> list[Setting]:
    settings: list[Setting] = []
    if sampler.chance(0.7):
        settings.append(draw_band(sampler, (40.0, 200.0), (4_000.0, 10_000.0)))
    if sampler.chance(0.4):
        bend = {"drive_db": sampler.between(0.0, 12.0), "even": sampler.between(0.2, 1.0)}
        settings.append(("TubeDistortion", bend))
    film = {
        "level_db": draw_noise_level(sampler, severity),
        "tilt_db_per_octave": sampler.between(-5.0, 1.0),
        "ripple_db": sampler.between(0.0, 3.0),
        "high_hz": sampler.evenly(4_000.0, 14_000.0),
        "flutter_db": sampler.between(0.5, 3.0),
        "grain": sampler.between(0.0, 0.8),
        "dust_per_s": sampler.evenly(1.0, 10.0 + 90.0 * severity),
        "dust_max": sampler.between(0.05, 0.1 + 0.4 * severity),
        "width": sampler.between(0.0, 1.0),
        "seed": sampler.seed(),
    }
    settings.append(("FilmNoise", film))
    if sampler.chance(0.35):
        settings.append(draw_hum(sampler, severity))
    if sampler.chance(0.2):
        settings.append(draw_clicks(sampler, 0.5 * severity, 78.26))
    if noise_folder and sampler.chance(1 / 3):
        settings.append(draw_from_folder(sampler, 0.7 * severity, noise_folder))
    return settings


def _band(sampler: Sampler, severity: float, noise_folder: str) -> list[Setting]:
    top = 2_500.0 * (16_000.0 / 2_500.0) ** (1.0 - severity)
    settings: list[Setting] = []
    if sampler.chance(0.15):
        rate = sampler.evenly(24.0, 160.0)
        codec = {"codec": sampler.one_of("mp3", "aac"), "kbps_per_channel": rate}
        settings.append(("CodecDamage", codec))
    else:
        edge = {"low_hz": 0.0, "high_hz": round(top * sampler.evenly(0.9, 1.1), 1)}
        settings.append(("BandLimit", edge | {"shape": "random", "seed": sampler.seed()}))
    if sampler.chance(0.3):
        settings += draw_noise(sampler, 0.4 * severity, 78.26, noise_folder)
    return settings


_KINDS: dict[str, Callable[[Sampler, float, str], list[Setting]]] = {
    "clicks": _clicks,
    "noise": _noise,
    "record": _record,
    "film": _film,
    "band": _band,
}

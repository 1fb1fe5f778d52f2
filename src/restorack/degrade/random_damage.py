"""Random damage for training: drawn as data, then laid over clean audio with its truth."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from restorack.core.registry import processor_class
from restorack.degrade.additive.stage import AdditiveDegradation
from restorack.degrade.degradation import DamageEvent, Degradation
from restorack.dsp.arrays import Rows, like_input, to_rows
from restorack.errors import ParameterError, suggest

Setting: TypeAlias = tuple[str, dict[str, Any]]
"""A degradation as data: the name of its class and its parameters."""

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
    rows, was_mono = to_rows(audio)
    target = like_input(rows.copy(), was_mono)
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
    dice = _Dice(rng)
    if dice.chance(UNTOUCHED):
        return []
    return _KINDS[kind](dice, dice.between(low, high), noise_folder)


class _Dice:
    """Draws that return plain Python values."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def chance(self, probability: float) -> bool:
        return bool(self._rng.random() < probability)

    def between(self, low: float, high: float) -> float:
        return round(float(self._rng.uniform(low, high)), 4)

    def evenly(self, low: float, high: float) -> float:
        """Draw evenly over the logarithm."""
        return round(float(low * (high / low) ** self._rng.random()), 4)

    def one_of(self, *choices: Any) -> Any:
        return choices[int(self._rng.integers(len(choices)))]

    def seed(self) -> int:
        return int(self._rng.integers(2**31))


def _clicks(dice: _Dice, severity: float, noise_folder: str) -> list[Setting]:
    rpm = _speed(dice)
    settings = [_click_train(dice, severity, rpm)]
    if dice.chance(0.5):
        settings.append(_crackle(dice, severity, rpm))
    if dice.chance(0.25):
        settings.append(_thumps(dice, severity, rpm))
    if dice.chance(0.75):
        settings += _some_noise(dice, 0.6 * severity, rpm, noise_folder)
    return settings


def _noise(dice: _Dice, severity: float, noise_folder: str) -> list[Setting]:
    rpm = _speed(dice)
    settings = _some_noise(dice, severity, rpm, noise_folder)
    if dice.chance(0.3):
        settings.append(_hum(dice, severity))
    if dice.chance(0.25):
        settings.append(_rumble(dice, severity, rpm))
    if dice.chance(0.2):
        settings.append(_crackle(dice, 0.7 * severity, rpm))
    return settings


def _record(dice: _Dice, severity: float, noise_folder: str) -> list[Setting]:
    rpm = dice.one_of(78.26, 78.26, 76.59, 80.0, 33.33, 45.0)
    settings: list[Setting] = []
    if dice.chance(0.35):
        strength = dice.between(4.0, 18.0)
        settings.append(("HornResonance", {"strength_db": strength, "seed": dice.seed()}))
    if dice.chance(0.7):
        edges = {"low_hz": dice.evenly(30.0, 250.0), "high_hz": dice.evenly(3_000.0, 12_000.0)}
        settings.append(("BandLimit", edges | {"shape": "random", "seed": dice.seed()}))
    if dice.chance(0.2):
        geometry = {
            "cut": dice.one_of("lateral", "lateral", "vertical"),
            "stylus_um": dice.between(40.0, 70.0) if rpm > 60.0 else dice.between(12.0, 25.0),
            "radius_mm": dice.between(55.0, 140.0),
        }
        settings.append(("TracingDistortion", geometry | {"rpm": rpm}))
    settings.append(("SurfaceNoise", _surface(dice, severity, rpm)))
    settings.append(_click_train(dice, severity, rpm))
    for probability, draw in ((0.8, _crackle), (0.4, _thumps), (0.6, _rumble)):
        if dice.chance(probability):
            settings.append(draw(dice, severity, rpm))
    if dice.chance(0.3):
        settings.append(_hum(dice, severity))
    if noise_folder and dice.chance(1 / 3):
        settings.append(_from_folder(dice, 0.7 * severity, noise_folder))
    return settings


def _film(dice: _Dice, severity: float, noise_folder: str) -> list[Setting]:
    settings: list[Setting] = []
    if dice.chance(0.7):
        edges = {"low_hz": dice.evenly(40.0, 200.0), "high_hz": dice.evenly(4_000.0, 10_000.0)}
        settings.append(("BandLimit", edges | {"shape": "random", "seed": dice.seed()}))
    if dice.chance(0.4):
        bend = {"drive_db": dice.between(0.0, 12.0), "even": dice.between(0.2, 1.0)}
        settings.append(("TubeDistortion", bend))
    film = {
        "level_db": _noise_level(dice, severity),
        "tilt_db_per_octave": dice.between(-5.0, 1.0),
        "ripple_db": dice.between(0.0, 3.0),
        "high_hz": dice.evenly(4_000.0, 14_000.0),
        "flutter_db": dice.between(0.5, 3.0),
        "grain": dice.between(0.0, 0.8),
        "dust_per_s": dice.evenly(1.0, 10.0 + 90.0 * severity),
        "dust_max": dice.between(0.05, 0.1 + 0.4 * severity),
        "width": dice.between(0.0, 1.0),
        "seed": dice.seed(),
    }
    settings.append(("FilmNoise", film))
    if dice.chance(0.35):
        settings.append(_hum(dice, severity))
    if dice.chance(0.2):
        settings.append(_click_train(dice, 0.5 * severity, 78.26))
    if noise_folder and dice.chance(1 / 3):
        settings.append(_from_folder(dice, 0.7 * severity, noise_folder))
    return settings


def _band(dice: _Dice, severity: float, noise_folder: str) -> list[Setting]:
    top = 2_500.0 * (16_000.0 / 2_500.0) ** (1.0 - severity)
    settings: list[Setting] = []
    if dice.chance(0.15):
        rate = dice.evenly(24.0, 160.0)
        codec = {"codec": dice.one_of("mp3", "aac"), "kbps_per_channel": rate}
        settings.append(("CodecDamage", codec))
    else:
        edge = {"low_hz": 0.0, "high_hz": round(top * dice.evenly(0.9, 1.1), 1)}
        settings.append(("BandLimit", edge | {"shape": "random", "seed": dice.seed()}))
    if dice.chance(0.3):
        settings += _some_noise(dice, 0.4 * severity, 78.26, noise_folder)
    return settings


_KINDS: dict[str, Callable[[_Dice, float, str], list[Setting]]] = {
    "clicks": _clicks,
    "noise": _noise,
    "record": _record,
    "film": _film,
    "band": _band,
}


def _speed(dice: _Dice) -> float:
    return float(dice.one_of(78.26, 78.26, 33.33, 45.0))


def _noise_level(dice: _Dice, severity: float) -> float:
    """Return minus the signal-to-noise ratio: 45 dB to 0 dB, give or take 3."""
    return round(-45.0 * (1.0 - severity) + dice.between(-3.0, 3.0), 2)


def _some_noise(dice: _Dice, severity: float, rpm: float, noise_folder: str) -> list[Setting]:
    if noise_folder and dice.chance(1 / 3):
        return [_from_folder(dice, severity, noise_folder)]
    if dice.chance(0.5):
        return [("SurfaceNoise", _surface(dice, severity, rpm))]
    return [("Hiss", {"level_db": _noise_level(dice, severity)} | _colour(dice))]


def _colour(dice: _Dice) -> dict[str, Any]:
    return {
        "tilt_db_per_octave": dice.between(-7.0, 3.0),
        "ripple_db": dice.between(0.0, 4.0),
        "low_hz": dice.evenly(20.0, 200.0),
        "high_hz": dice.evenly(5_000.0, 40_000.0),
        "width": dice.one_of(0.0, 1.0, dice.between(0.0, 1.0)),
        "seed": dice.seed(),
    }


def _surface(dice: _Dice, severity: float, rpm: float) -> dict[str, Any]:
    return _colour(dice) | {
        "level_db": _noise_level(dice, severity),
        "rpm": rpm,
        "swing_db": dice.between(0.5, 4.0),
        "recurrence": dice.between(0.6, 1.0),
        "grain": dice.between(0.0, 1.0),
    }


def _from_folder(dice: _Dice, severity: float, folder: str) -> Setting:
    level = _noise_level(dice, severity)
    return ("NoiseFolder", {"level_db": level, "folder": folder, "seed": dice.seed()})


def _click_train(dice: _Dice, severity: float, rpm: float) -> Setting:
    quiet = dice.evenly(0.02, 0.15)
    return (
        "Clicks",
        {
            "rate_per_s": dice.between(0.3, 0.5 + 24.5 * severity)
            if dice.chance(0.8)
            else dice.between(0.3, 1.0 + 49.0 * severity),
            "amplitude_min": quiet,
            "amplitude_max": round(quiet * dice.evenly(2.0, 8.0), 4),
            "length_min_ms": dice.evenly(0.06, 0.2),
            "length_max_ms": dice.evenly(1.0, 4.0),
            "recurring": dice.between(0.0, 0.8),
            "rpm": rpm,
            "stereo": dice.one_of("mixed", "mixed", "same", "one"),
            "seed": dice.seed(),
        },
    )


def _crackle(dice: _Dice, severity: float, rpm: float) -> Setting:
    return (
        "Crackle",
        {
            "rate_per_s": dice.evenly(20.0, 100.0 + 1_900.0 * severity),
            "level_db": round(-52.0 + 20.0 * severity + dice.between(-4.0, 4.0), 2),
            "spread_db": dice.between(2.0, 8.0),
            "swing_db": dice.between(0.0, 4.0),
            "rpm": rpm,
            "seed": dice.seed(),
        },
    )


def _thumps(dice: _Dice, severity: float, rpm: float) -> Setting:
    return (
        "Thumps",
        {
            "rate_per_s": dice.between(0.2, 0.5 + 3.5 * severity),
            "amplitude_max": dice.between(0.1, 0.2 + 0.6 * severity),
            "rpm": rpm,
            "seed": dice.seed(),
        },
    )


def _rumble(dice: _Dice, severity: float, rpm: float) -> Setting:
    return (
        "Rumble",
        {
            "level_db": round(-48.0 + 36.0 * severity + dice.between(-3.0, 3.0), 2),
            "high_hz": dice.evenly(25.0, 150.0),
            "motor_hz": dice.one_of(dice.between(20.0, 32.0), 100.0, 120.0),
            "motor": dice.between(0.0, 0.6),
            "rpm": rpm,
            "seed": dice.seed(),
        },
    )


def _hum(dice: _Dice, severity: float) -> Setting:
    return (
        "Hum",
        {
            "level_db": round(-50.0 + 36.0 * severity + dice.between(-3.0, 3.0), 2),
            "mains_hz": round(dice.one_of(50.0, 60.0) * dice.between(0.98, 1.02), 3),
            "harmonics": int(dice.evenly(3.0, 40.0)),
            "slope_db_per_octave": dice.between(-12.0, -2.0),
            "seed": dice.seed(),
        },
    )

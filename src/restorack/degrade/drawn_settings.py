"""Draws of single degradations: their parameters at random, within what records have."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

Setting: TypeAlias = tuple[str, dict[str, Any]]
"""A degradation as data: the name of its class and its parameters."""

Range: TypeAlias = tuple[float, float]


class Sampler:
    """Draws that return plain Python values."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def chance(self, probability: float) -> bool:
        """Return whether something of a probability happens."""
        return bool(self._rng.random() < probability)

    def between(self, low: float, high: float) -> float:
        """Draw evenly between two numbers."""
        return round(float(self._rng.uniform(low, high)), 4)

    def evenly(self, low: float, high: float) -> float:
        """Draw evenly over the logarithm."""
        return round(float(low * (high / low) ** self._rng.random()), 4)

    def one_of(self, *choices: Any) -> Any:
        """Draw one of several values."""
        return choices[int(self._rng.integers(len(choices)))]

    def seed(self) -> int:
        """Draw a seed."""
        return int(self._rng.integers(2**31))


def draw_speed(sampler: Sampler) -> float:
    """Return a record's speed in revolutions per minute."""
    return float(sampler.one_of(78.26, 78.26, 33.33, 45.0))


def draw_noise_level(sampler: Sampler, severity: float) -> float:
    """Return minus the signal-to-noise ratio: 45 dB to 0 dB, give or take 3."""
    return round(-45.0 * (1.0 - severity) + sampler.between(-3.0, 3.0), 2)


def draw_noise(sampler: Sampler, severity: float, rpm: float, noise_folder: str) -> list[Setting]:
    """Return one kind of noise: of a folder, a groove or an amplifier."""
    if noise_folder and sampler.chance(1 / 3):
        return [draw_from_folder(sampler, severity, noise_folder)]
    if sampler.chance(0.5):
        return [("SurfaceNoise", draw_surface(sampler, severity, rpm))]
    return [("Hiss", {"level_db": draw_noise_level(sampler, severity)} | draw_colour(sampler))]


def draw_colour(sampler: Sampler) -> dict[str, Any]:
    """Return the spectrum of a noise."""
    return {
        "tilt_db_per_octave": sampler.between(-7.0, 3.0),
        "ripple_db": sampler.between(0.0, 4.0),
        "low_hz": sampler.evenly(20.0, 200.0),
        "high_hz": sampler.evenly(5_000.0, 40_000.0),
        "width": sampler.one_of(0.0, 1.0, sampler.between(0.0, 1.0)),
        "seed": sampler.seed(),
    }


def draw_surface(sampler: Sampler, severity: float, rpm: float) -> dict[str, Any]:
    """Return the parameters of surface noise."""
    return draw_colour(sampler) | {
        "level_db": draw_noise_level(sampler, severity),
        "rpm": rpm,
        "swing_db": sampler.between(0.5, 4.0),
        "recurrence": sampler.between(0.6, 1.0),
        "grain": sampler.between(0.0, 1.0),
    }


def draw_from_folder(sampler: Sampler, severity: float, folder: str) -> Setting:
    """Return noise from recordings of a folder."""
    level = draw_noise_level(sampler, severity)
    return ("NoiseFolder", {"level_db": level, "folder": folder, "seed": sampler.seed()})


def draw_band(sampler: Sampler, low_hz: Range, high_hz: Range) -> Setting:
    """Return a limited band of any shape, its edges within ranges in Hz."""
    edges = {"low_hz": sampler.evenly(*low_hz), "high_hz": sampler.evenly(*high_hz)}
    return ("BandLimit", edges | {"shape": "random", "seed": sampler.seed()})


def draw_clicks(sampler: Sampler, severity: float, rpm: float) -> Setting:
    """Return clicks, some of which recur with every turn."""
    quiet = sampler.evenly(0.02, 0.15)
    return (
        "Clicks",
        {
            "rate_per_s": sampler.between(0.3, 0.5 + 24.5 * severity)
            if sampler.chance(0.8)
            else sampler.between(0.3, 1.0 + 49.0 * severity),
            "amplitude_min": quiet,
            "amplitude_max": round(quiet * sampler.evenly(2.0, 8.0), 4),
            "length_min_ms": sampler.evenly(0.06, 0.2),
            "length_max_ms": sampler.evenly(1.0, 4.0),
            "recurring": sampler.between(0.0, 0.8),
            "rpm": rpm,
            "stereo": sampler.one_of("mixed", "mixed", "same", "one"),
            "seed": sampler.seed(),
        },
    )


def draw_crackle(sampler: Sampler, severity: float, rpm: float) -> Setting:
    """Return crackle."""
    return (
        "Crackle",
        {
            "rate_per_s": sampler.evenly(20.0, 100.0 + 1_900.0 * severity),
            "level_db": round(-52.0 + 20.0 * severity + sampler.between(-4.0, 4.0), 2),
            "spread_db": sampler.between(2.0, 8.0),
            "swing_db": sampler.between(0.0, 4.0),
            "rpm": rpm,
            "seed": sampler.seed(),
        },
    )


def draw_thumps(sampler: Sampler, severity: float, rpm: float) -> Setting:
    """Return thumps."""
    return (
        "Thumps",
        {
            "rate_per_s": sampler.between(0.2, 0.5 + 3.5 * severity),
            "amplitude_max": sampler.between(0.1, 0.2 + 0.6 * severity),
            "rpm": rpm,
            "seed": sampler.seed(),
        },
    )


def draw_rumble(sampler: Sampler, severity: float, rpm: float) -> Setting:
    """Return a turntable's rumble."""
    return (
        "Rumble",
        {
            "level_db": round(-48.0 + 36.0 * severity + sampler.between(-3.0, 3.0), 2),
            "high_hz": sampler.evenly(25.0, 150.0),
            "motor_hz": sampler.one_of(sampler.between(20.0, 32.0), 100.0, 120.0),
            "motor": sampler.between(0.0, 0.6),
            "rpm": rpm,
            "seed": sampler.seed(),
        },
    )


def draw_hum(sampler: Sampler, severity: float) -> Setting:
    """Return mains hum."""
    return (
        "Hum",
        {
            "level_db": round(-50.0 + 36.0 * severity + sampler.between(-3.0, 3.0), 2),
            "mains_hz": round(sampler.one_of(50.0, 60.0) * sampler.between(0.98, 1.02), 3),
            "harmonics": int(sampler.evenly(3.0, 40.0)),
            "slope_db_per_octave": sampler.between(-12.0, -2.0),
            "seed": sampler.seed(),
        },
    )

"""Measurements before and after, side by side, in the words of the analysis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from restorack.meters.findings import Findings
from restorack.reports.listening.overview import Overview

Row: TypeAlias = tuple[str, list[str]]

MINUS, NONE = "\u2212", "\u2013"


def measure_rows(overviews: Sequence[Overview], findings: Sequence[Findings | None]) -> list[Row]:
    """Return the rows of the table; without an analysis those of loudness and peak alone."""
    rows: list[Row] = [
        ("Loudness", [_number(one.lufs, "LUFS") for one in overviews]),
        ("Loudness range", [_number(one.range_lu, "LU") for one in overviews]),
        ("True peak", [_number(one.true_peak_dbtp, "dBTP") for one in overviews]),
    ]
    if not any(findings):
        return rows
    return rows + [
        (name, [say(one) if one else NONE for one in findings]) for name, say in _FIGURES
    ]


def _number(value: float | None, unit: str, digits: int = 1) -> str:
    return NONE if value is None else f"{value:.{digits}f} {unit}".replace("-", MINUS)


def _noise(found: Findings) -> str:
    noise = found.noise
    if not noise.found or noise.snr_db is None:
        return "none found"
    return f"{noise.snr_db:.0f} dB below the music"


def _clicks(found: Findings) -> str:
    return f"{found.clicks.per_second:.1f} per second" if found.clicks.counted else "none found"


def _crackle(found: Findings) -> str:
    rate = found.crackle.per_second
    return NONE if rate is None else f"{rate:.0f} per second" if rate else "none found"


def _hum(found: Findings) -> str:
    hum = found.hum
    if hum.frequency_hz is None:
        return "none found"
    return f"{hum.frequency_hz:.1f} Hz, {hum.below_music_db or 0.0:.0f} dB below the music"


def _top(found: Findings) -> str:
    return _number(found.band.music_high_hz, "Hz", 0)


_FIGURES: list[tuple[str, Callable[[Findings], str]]] = [
    ("Noise", _noise),
    ("Clicks", _clicks),
    ("Crackle", _crackle),
    ("Hum", _hum),
    ("Music up to", _top),
    ("Condition", lambda found: found.condition.word),
]

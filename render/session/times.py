"""Times as sessions write them: seconds, minutes and seconds, bars and beats, samples."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from restorack.config.yaml_source import Item
from restorack.errors import PresetError

_NUMBER = r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_TEXT = re.compile(rf"^\s*{_NUMBER}\s*(s|seconds?|beats?|bars?|samples?)\s*$")
_BARS_AND_BEATS = re.compile(rf"^\s*([0-9]+)\s*bars?\s*,?\s*{_NUMBER}\s*beats?\s*$")
_BAR = re.compile(rf"^\s*bar\s+([0-9]+)(?:\s*,?\s*beat\s+{_NUMBER})?\s*$")
_CLOCK = re.compile(r"^\s*(?:([0-9]+):)?([0-9]{1,3}):([0-9]{2}(?:\.[0-9]*)?)\s*$")
RULE = (
    "a time is a number of seconds from 0 on, '1:30.5', '44100 samples', or with a tempo "
    "'8 beats', '4 bars', '4 bars 2 beats' or 'bar 5 beat 3', of which the first is bar 1 beat 1"
)


@dataclass(frozen=True)
class Clock:
    """What times are counted by.

    Attributes
    ----------
    rate : float
        Of the session, in Hz.
    tempo : float or None
        Beats per minute.
    beats_per_bar : int
    """

    rate: float
    tempo: float | None = None
    beats_per_bar: int = 4


def seconds_of(item: Item, clock: Clock) -> float:
    """Return a time in seconds.

    Parameters
    ----------
    item : Item
        A number, or a text with its unit.
    clock : Clock

    Raises
    ------
    PresetError
        For what is no time, and for bars and beats without a tempo.
    """
    value: Any = item.value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0:
        return float(value)
    found = _of_text(value, clock) if isinstance(value, str) else None
    if found is None:
        raise PresetError(f"the time {value!r}", where=str(item.mark), rule=RULE)
    seconds, beats = found
    if beats is None:
        return seconds
    if clock.tempo is None:
        raise PresetError(
            f"{value!r} without a tempo",
            where=str(item.mark),
            rule=RULE,
            remedy="add `tempo:` to the session, in beats per minute",
        )
    return beats * 60.0 / clock.tempo


def _of_text(text: str, clock: Clock) -> tuple[float, float | None] | None:
    """Return seconds, or beats from the beginning; None for what is no time."""
    if found := _TEXT.match(text):
        number, unit = float(found[1]), found[2]
        if unit.startswith("b"):
            return 0.0, number * (clock.beats_per_bar if unit.startswith("bar") else 1)
        return number / (clock.rate if unit.startswith("sample") else 1.0), None
    if found := _BARS_AND_BEATS.match(text):
        return 0.0, int(found[1]) * clock.beats_per_bar + float(found[2])
    if found := _BAR.match(text):
        bar, beat = int(found[1]), float(found[2] or 1)
        inside = bar >= 1 and 1 <= beat < clock.beats_per_bar + 1
        return (0.0, (bar - 1) * clock.beats_per_bar + beat - 1) if inside else None
    if found := _CLOCK.match(text):
        hours, minutes, seconds = int(found[1] or 0), int(found[2]), float(found[3])
        if seconds < 60 and (minutes < 60 or found[1] is None):
            return 3600.0 * hours + 60.0 * minutes + seconds, None
    return None

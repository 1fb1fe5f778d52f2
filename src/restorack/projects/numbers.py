"""Numbers that a project's text holds, checked."""

from __future__ import annotations

import math

from restorack.errors import FileError

MOST_SECONDS = 86_400.0
"""The longest timeline, in seconds: a day. By hand: longer than any session."""


def number(text: str, place: str, low: float, high: float) -> float:
    """Return a finite number within bounds.

    Raises
    ------
    FileError
        With the place.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not low <= value <= high:  # NaN is in no range
        raise FileError(
            f"{text[:60]!r} is no number from {low:g} to {high:g}",
            where=place,
            rule="times, gains and pans are finite numbers",
            remedy="save the project again from the program that wrote it",
        )
    return value

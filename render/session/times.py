"""Times as sessions write them: seconds, beats, samples."""

from __future__ import annotations

import re
from typing import Any

from restorack.config.yaml_source import Item
from restorack.errors import PresetError

_TEXT = re.compile(r"^\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*(s|seconds?|beats?|samples?)\s*$")
RULE = "a time is a number of seconds from 0 on, '8 beats' (with a tempo) or '44100 samples'"


def seconds_of(item: Item, tempo: float | None, rate: float) -> float:
    """Return a time in seconds.

    Parameters
    ----------
    item : Item
        A number, or a text with its unit.
    tempo : float or None
        Beats per minute.
    rate : float
        Of the session, in Hz.

    Raises
    ------
    PresetError
        For what is no time, and for beats without a tempo.
    """
    value: Any = item.value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0:
        return float(value)
    found = _TEXT.match(value) if isinstance(value, str) else None
    if found is None:
        raise PresetError(f"the time {value!r}", where=str(item.mark), rule=RULE)
    number, unit = float(found[1]), found[2]
    if unit.startswith("beat"):
        if tempo is None:
            raise PresetError(
                f"{value!r} without a tempo",
                where=str(item.mark),
                rule=RULE,
                remedy="add `tempo:` to the session, in beats per minute",
            )
        return number * 60.0 / tempo
    return number / rate if unit.startswith("sample") else number

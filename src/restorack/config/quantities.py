"""Numbers as people write them: ``1:02.5``, ``44.1k``, ``6dB``, ``5 ms``."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([a-zA-Zµ%]*)\s*")
_TIME = re.compile(r"\s*(?:(\d+):)?(\d{1,3}):(\d{1,2}(?:\.\d*)?)\s*")

_FACTORS = {
    "s": {"s": 1.0, "sec": 1.0, "seconds": 1.0, "ms": 1e-3, "min": 60.0, "m": 60.0, "h": 3600.0},
    "ms": {"ms": 1.0, "s": 1e3, "us": 1e-3, "µs": 1e-3},
    "hz": {"hz": 1.0, "khz": 1e3, "k": 1e3},
    "db": {"db": 1.0, "dbfs": 1.0, "dbtp": 1.0, "lufs": 1.0, "lu": 1.0},
    "percent": {"%": 1.0, "percent": 1.0},
    "semitones": {"semitones": 1.0, "st": 1.0},
}
"""Of a unit, what others of its kind are worth in it."""

_ENDINGS = {"db": "db", "hz": "hz", "ms": "ms", "s": "s", "seconds": "s", "percent": "percent",
            "semitones": "semitones", "dbtp": "db", "dbfs": "db", "lufs": "db"}  # fmt: skip


def unit_of(name: str, unit: str = "") -> str:
    """Return a parameter's unit as :func:`number_from` takes it, from its own or its name's end.

    Parameters
    ----------
    name : str
        Such as ``attack_ms``.
    unit : str
        As declared, such as ``dB``; empty where it is not.
    """
    return _ENDINGS.get((unit or name.rpartition("_")[2]).lower(), "")


def number_from(text: str, unit: str) -> float:
    """Return the number in a text, in a unit.

    Parameters
    ----------
    text : str
        A number, with a unit of the same kind behind it or none; of seconds also ``m:ss.s`` and
        ``h:mm:ss.s``.
    unit : {"s", "ms", "hz", "db", "percent", "semitones"} or empty
        What is asked for; empty: a bare number, or one with ``k`` for thousands.

    Raises
    ------
    ValueError
        For what is no number, or in another unit.
    """
    time = _TIME.fullmatch(text) if unit in ("s", "ms") else None
    if time is not None:
        hours, minutes, seconds = int(time[1] or 0), int(time[2]), float(time[3])
        if seconds >= 60 or (time[1] and minutes >= 60):
            raise ValueError(f"{text}: minutes and seconds end at 60")
        return (hours * 3600 + minutes * 60 + seconds) * (1000 if unit == "ms" else 1)
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no number")
    number, written = float(found[1]), found[2].lower()
    factors = _FACTORS.get(unit, {"k": 1e3}) | {"": 1.0}
    if written not in factors:
        raise ValueError(f"{text!r} is not in {unit or 'a plain number'}")
    return number * factors[written]

"""Numbers as people write them: with a unit, with a prefix; never taken for another number."""

from __future__ import annotations

import re
from fractions import Fraction

_NUMBER = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*?)\s*")
_PREFIXES = {
    "": Fraction(1), "k": Fraction(1000), "K": Fraction(1000), "M": Fraction(10**6),
    "m": Fraction(1, 1000), "u": Fraction(1, 10**6), "µ": Fraction(1, 10**6),
    "μ": Fraction(1, 10**6),
}  # fmt: skip
_BASES = {
    "hz": ("hz", "hertz"),
    "s": ("s", "sec", "secs", "second", "seconds"),
}
"""Units that take prefixes, in their spellings."""


def number_in(text: str, unit: str) -> float:
    """Return the number in a text such as ``-20 dB``, ``2 kHz`` or ``12k``.

    Parameters
    ----------
    text : str
        In the unit itself, in it with another prefix (``5 ms`` for seconds), or with ``k`` alone
        for thousands where the unit takes prefixes or there is none.
    unit : str
        The parameter's; empty where it has none.

    Raises
    ------
    ValueError
        Where there is no number, or another unit than the parameter's.
    """
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise ValueError(text)
    number, written, own = found[1], found[2], unit.strip()
    if not written or written.lower() == own.lower():
        return float(number)
    scale = _scale(written, own)
    if scale is None:
        raise ValueError(f"{text}: not in {unit or 'a plain number'}")
    return float(Fraction(number) * scale)


def _scale(written: str, own: str) -> Fraction | None:
    """Return what a number in one unit is multiplied with for another; None where nothing fits."""
    target = _split(own)
    if written in ("k", "K") and (not own or (target is not None and target[0] == 1)):
        return Fraction(1000)
    given = _split(written)
    if given is None and own and written.lower() == f"k{own.lower()}":
        return Fraction(1000)
    if given is None or target is None or given[1] != target[1]:
        return None
    return given[0] / target[0]


def _split(unit: str) -> tuple[Fraction, str] | None:
    """Return a unit's factor and what it is of, where it is one that takes prefixes."""
    for base, spellings in _BASES.items():
        for prefix, factor in _PREFIXES.items():
            if any(unit[: len(prefix)] == prefix and unit[len(prefix) :].lower() == spelling
                   for spelling in spellings):  # fmt: skip
                return factor, base
    return None

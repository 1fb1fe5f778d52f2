"""Texts that come from plugins: bounded, and no character that a terminal would act on."""

from __future__ import annotations

LONGEST = 2000
"""Characters of a text that are kept."""


def shown(text: str, longest: int = LONGEST) -> str:
    """Return a text as it may be shown: control characters escaped, the end cut off.

    Parameters
    ----------
    text : str
    longest : int
        In characters.
    """
    cut = text if len(text) <= longest else f"{text[:longest]} ..."
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in cut)


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape", "backslashreplace").decode("ascii")

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
        In characters; what is cut off is replaced by three dots.
    """
    letters = (c if c.isprintable() else _escaped(c) for c in text[:longest])
    escaped = "".join(letters)
    whole = len(text) <= longest and len(escaped) <= longest
    return escaped if whole else f"{escaped[:longest]} ..."


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")

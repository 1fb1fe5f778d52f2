"""Names of files that disks take: none of their parts is longer than 255 bytes."""

from __future__ import annotations

import hashlib
import os

LONGEST_NAME = 255
"""Bytes of one part of a path, on nearly every disk."""

_DIGITS = 8
"""Of the hash that tells shortened names apart: 32 bits."""


def fitting_name(stem: str, ending: str = "") -> str:
    """Return a stem and an ending as one name, as they are where a disk takes that.

    Parameters
    ----------
    stem : str
        Cut where need be; eight digits of its hash then tell it from others that begin alike.
    ending : str
        Kept whole, such as ``.difference.wav``.

    Returns
    -------
    str
        At most 255 bytes.
    """
    name = os.fsencode(stem + ending)
    if len(name) <= LONGEST_NAME:
        return stem + ending
    digest = hashlib.sha256(os.fsencode(stem)).hexdigest()[:_DIGITS]
    room = LONGEST_NAME - len(os.fsencode(ending)) - _DIGITS - 1
    kept = os.fsencode(stem)[:room]
    while kept and _is_cut(kept):
        kept = kept[:-1]
    return f"{os.fsdecode(kept).rstrip()}~{digest}{ending}"


def _is_cut(kept: bytes) -> bool:
    """Return whether bytes end within a character."""
    try:
        kept.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return False

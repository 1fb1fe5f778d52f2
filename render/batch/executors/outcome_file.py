"""A file that a worker of a queue appends its outcomes to, and that the batch reads meanwhile."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

from restorack.render.batch.job import Outcome

_LENGTH = 8
"""Bytes that say how long an outcome is."""


def append(path: Path, outcome: Outcome) -> None:
    """Add an outcome: its length in eight bytes, and its pickle; flushed to the disk."""
    data = pickle.dumps(outcome)
    with path.open("ab", buffering=0) as file:
        file.write(len(data).to_bytes(_LENGTH, "big") + data)
        os.fsync(file.fileno())


def read(path: Path, start: int = 0) -> tuple[list[Outcome], int]:
    """Return the outcomes from a place on that are whole, and the place after them.

    The file must be one of a folder that nobody else can write into: pickles are programs.
    """
    try:
        with path.open("rb") as file:
            file.seek(start)
            data = file.read()
    except OSError:
        return [], start
    found: list[Outcome] = []
    at = 0
    while len(data) >= at + _LENGTH:
        end = at + _LENGTH + int.from_bytes(data[at : at + _LENGTH], "big")
        if len(data) < end:
            break
        found.append(pickle.loads(data[at + _LENGTH : end]))  # noqa: S301  of a private folder
        at = end
    return found, start + at


def mend(path: Path) -> list[Outcome]:
    """Cut off what a killed worker has half-written; return the outcomes that are whole."""
    found, end = read(path)
    if path.exists():
        os.truncate(path, end)
    return found

"""Names of recordings in a page's folder, no two alike."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path


def name_recordings(files: Sequence[Path]) -> list[str]:
    """Return a name in the page's folder for every file, no two alike.

    The first file of a stem keeps it; later ones are numbered, past every number that is the stem
    of another file. Names that differ in case only count as alike, since some disks say so.
    """
    own = {_folded(file.stem) for file in files}
    taken: set[str] = set()
    names = []
    for file in files:
        name, number = file.stem, 1
        while _folded(name) in taken or (number > 1 and _folded(name) in own):
            number += 1
            name = f"{file.stem}-{number}"
        taken.add(_folded(name))
        names.append(name)
    return names


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()

"""Shipped presets at a glance: what the list says of them, from their text alone."""

from __future__ import annotations

import re
from pathlib import Path

from restorack.presets.finding import shipped_folder

_DESCRIPTION = re.compile(r"^description: ([^\"'>|&*!%@`{\[].*)$", re.MULTILINE)

DAMAGING = "degrade-"
"""What the names of shipped presets that damage begin with."""


def glance(name: str, path: Path) -> dict[str, str] | None:
    """Return ``description`` and ``kind`` of a shipped preset; None where it must be loaded.

    A user's presets must: they may have faults, which the list shows. Shipped ones have none, and
    write their descriptions on one line; a test compares all of them with what loading says.

    Parameters
    ----------
    name : str
        Of the preset.
    path : Path
        Of its file.
    """
    if path.parent != shipped_folder():
        return None
    found = _DESCRIPTION.search(path.read_text(encoding="utf-8"))
    if found is None:
        return None
    kind = "damages" if name.startswith(DAMAGING) else "restores"
    return {"description": found[1].strip(), "kind": kind}

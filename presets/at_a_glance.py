"""Shipped presets at a glance: what the list says of them, from their text alone."""

from __future__ import annotations

import re
from pathlib import Path

from restorack.presets.finding import shipped_folders

_DESCRIPTION = re.compile(r"^description: ([^\"'>|&*!%@`{\[].*)$", re.MULTILINE)


def glance(path: Path) -> dict[str, str] | None:
    """Return ``description`` and ``kind`` of a shipped preset; None where it must be loaded.

    A user's presets must: they may have faults, which the list shows. Shipped ones have none, and
    write their descriptions on one line; a test compares all of them with what loading says.

    Parameters
    ----------
    path : Path
        Of its file.
    """
    kinds = {folder: kind for kind, folder in shipped_folders().items()}
    if path.parent not in kinds:
        return None
    found = _DESCRIPTION.search(path.read_text(encoding="utf-8"))
    if found is None:
        return None
    return {"description": found[1].strip(), "kind": kinds[path.parent]}

"""The session that mixes parts again: its text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from restorack.separation.cascade import PartName

MOST_CHANNELS = 2
"""Of a session's stems."""

# dB that a mono stem loses on each side in the middle, by the constant-power law.
_MIDDLE_DB = 3.0103


def session_text(name: str, files: Mapping[PartName, str], *, channels: int, master: str) -> str:
    """Return a session's YAML.

    Parameters
    ----------
    name : str
        Of the recording.
    files : mapping of str to str
        Each part's file, beside the session.
    channels : int
        1 or 2.
    master : str
        A preset's name or path.
    """
    gain = f", gain_db: {_MIDDLE_DB}" if channels == 1 else ""
    stems = [
        f"  - {{file: {json.dumps(file, ensure_ascii=False)}, name: {part}{gain}}}"
        for part, file in files.items()
    ]
    lines = [
        "# Parts that restorack separated: give each a preset or stages, and mix them again.",
        "format: 1",
        f"name: {json.dumps(_document_name(name))}",
        "stems:",
        *stems,
        f"master: {{preset: {json.dumps(master, ensure_ascii=False)}}}",
        "output: {subtype: PCM_24, ceiling_dbtp: -1}",
    ]
    return "\n".join(lines) + "\n"


def _document_name(name: str) -> str:
    """Return a name that a session can have: letters, digits and ``. _ + -``."""
    kept = re.sub(r"[^A-Za-z0-9._+-]+", "-", name).strip("-._+")[:100]
    return f"{kept}-remix" if kept else "remix"

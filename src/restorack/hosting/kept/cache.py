"""The user's cache: what was found out of plugins, kept from run to run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from restorack.errors import FileError
from restorack.io.atomic import write_whole
from restorack.system import folders


def cache_folder() -> Path:
    """Return where results are kept: ``restorack`` in the system's cache folder."""
    return folders.cache_folder() / "restorack"


def keep(path: Path, document: Any) -> None:
    """Write a result to the cache as JSON, whole or not at all.

    A cache that cannot be kept costs time, nothing else: failing is no error.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(document, indent=1).encode())
    except (OSError, FileError):
        return


def kept(path: Path) -> dict[str, Any]:
    """Return a document of the cache; an empty one where there is none, or none that is whole."""
    try:
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def state_of(path: Path) -> list[int]:
    """Return what changes with a file: its time of change in nanoseconds and its size.

    Raises
    ------
    OSError
        Where there is none.
    """
    found = path.stat()
    return [found.st_mtime_ns, found.st_size]

"""The user's cache: what was found out of plugins, kept from run to run."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from restorack.errors import FileError
from restorack.io.atomic import AtomicFile


def cache_folder() -> Path:
    """Return where results are kept: ``$XDG_CACHE_HOME/restorack``."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "restorack"


def keep(path: Path, document: Any) -> None:
    """Write a result to the cache as JSON, whole or not at all.

    A cache that cannot be kept costs time, nothing else: failing is no error.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with (
            AtomicFile(path, force=True) as target,
            open(target.descriptor, "w", closefd=False, encoding="utf-8") as file,
        ):
            json.dump(document, file, indent=1)
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

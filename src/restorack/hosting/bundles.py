"""Plugins as files: one shared object, or a folder with all that belongs to it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from restorack.errors import FileError


def hash_path(path: Path) -> str:
    """Return the SHA-256 of a file, or of all names and files of a bundle.

    Raises
    ------
    FileError
        For a file that cannot be read.
    """
    if not path.is_dir():
        try:
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise FileError(f"cannot be read ({error.strerror})", where=str(path)) from None
    total = hashlib.sha256()
    for inner in sorted(path.rglob("*")):
        if inner.is_file():
            total.update(f"{inner.relative_to(path)}\0{hash_path(inner)}\n".encode())
    return total.hexdigest()


def latest_change(path: Path) -> int:
    """Return the modification time of the file, or of the bundle's youngest, in nanoseconds."""
    files = [path] if path.is_file() else [inner for inner in path.rglob("*") if inner.is_file()]
    return max((file.stat().st_mtime_ns for file in files), default=0)

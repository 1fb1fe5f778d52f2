"""What a file was when it was looked at, and whether it still is."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from restorack.errors import FileError


@dataclass(frozen=True)
class FileState:
    """A file as it was: what the disk says of it at once, and the hash of what is in it."""

    size: int
    mtime_ns: int
    ctime_ns: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> FileState:
        """Return a file's state now; all of it is read."""
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                status = os.fstat(file.fileno())
        except OSError as error:
            raise FileError(f"cannot be read ({error.strerror})", where=str(path)) from None
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns, digest)

    def looks_like(self, path: Path) -> bool:
        """Return whether size and times are still those: the file then need not be read."""
        try:
            now = path.stat()
        except OSError:
            return False
        return (now.st_size, now.st_mtime_ns, now.st_ctime_ns) == (
            self.size,
            self.mtime_ns,
            self.ctime_ns,
        )

    def is_still(self, path: Path) -> bool:
        """Return whether the file holds what it held; read only where its size is the same."""
        try:
            if path.stat().st_size != self.size:
                return False
        except OSError:
            return False
        return FileState.of(path).sha256 == self.sha256

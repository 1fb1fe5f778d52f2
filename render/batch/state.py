"""What a file was when it was looked at, and whether it still is."""

from __future__ import annotations

import hashlib
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from restorack.errors import FileError
from restorack.io.remote.urls import is_remote


@dataclass(frozen=True)
class FileState:
    """A file as it was: what the disk says of it at once, and the hash of what is in it.

    Attributes
    ----------
    size, mtime_ns, ctime_ns : int
        The last is 0 in a store, which has none.
    sha256 : str
    tag : str
        What a store calls this content, such as S3's ETag; empty on disks.
    """

    size: int
    mtime_ns: int
    ctime_ns: int
    sha256: str
    tag: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values; the tag only where there is one."""
        values = asdict(self)
        return values if self.tag else {name: values[name] for name in values if name != "tag"}

    @classmethod
    def of(cls, path: Path) -> FileState:
        """Return a file's state now; all of it is read."""
        if is_remote(path):
            return _stored_state(path)
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                status = os.fstat(file.fileno())
        except OSError as error:
            raise FileError(f"cannot be read ({error.strerror})", where=str(path)) from None
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns, digest)

    def looks_like(self, path: Path) -> bool:
        """Return whether size and times are still those: the file then need not be read."""
        if is_remote(path):
            return _is_stored(self, path)
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
        if is_remote(path):
            return _is_stored(self, path) or _is_stored_elsewise(self, path)
        try:
            if path.stat().st_size != self.size:
                return False
        except OSError:
            return False
        return FileState.of(path).sha256 == self.sha256


def _stored_state(path: Path) -> FileState:
    from restorack.io.remote.stored import Stored, remote_sha256

    found = Stored.of(path)
    return FileState(found.size, found.changed_ns, 0, remote_sha256(path), found.tag)


def _is_stored(state: FileState, path: Path) -> bool:
    """Return whether a store names a file by the tag that it had; where it has none, its time."""
    from restorack.io.remote.listing import listed

    found = listed(path)
    if found is None or found.size != state.size:
        return False
    if found.tag or state.tag:
        return found.tag == state.tag
    return found.changed_ns == state.mtime_ns


def _is_stored_elsewise(state: FileState, path: Path) -> bool:
    """Return whether a file holds what it held though it has another tag or time."""
    from restorack.io.remote.stored import remote_sha256, stored_if_there

    found = stored_if_there(path)
    return found is not None and found.size == state.size and remote_sha256(path) == state.sha256

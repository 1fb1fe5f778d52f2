"""What a running child may read: whether that is enough for a plugin."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from restorack.hosting.confine.modes import Mode
from restorack.hosting.confine.paths import is_within


class Allowed:
    """A child's mode and the files and folders that it may read.

    The kernel's rules are for files, not for names: a bundle that was built anew under the same
    name is another one.

    Parameters
    ----------
    mode : {"off", "auto", "strict"}
    read : sequence of str
        Real paths.
    """

    def __init__(self, mode: Mode, read: Sequence[str]) -> None:
        self._mode, self._read = mode, list(read)
        self._identities = {path: _identity(path) for path in read}

    def covers(self, mode: Mode, paths: Iterable[str]) -> bool:
        """Return whether the mode is the same and all of these real paths may be read."""
        return mode == self._mode and (mode == "off" or all(map(self._is_readable, paths)))

    def _is_readable(self, path: str) -> bool:
        if path in self._identities:
            return self._identities[path] == _identity(path)
        return is_within(path, self._read)


def _identity(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino

"""Where a user's settings and what can be made anew are kept."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform == "win32":

    def _settings() -> Path:
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")

    def _cache() -> Path:
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")

elif sys.platform == "darwin":

    def _settings() -> Path:
        return Path.home() / "Library" / "Application Support"

    def _cache() -> Path:
        return Path.home() / "Library" / "Caches"

else:

    def _settings() -> Path:
        return Path("~/.config").expanduser()

    def _cache() -> Path:
        return Path("~/.cache").expanduser()


def settings_folder() -> Path:
    """Return the folder of this user's settings: ``$XDG_CONFIG_HOME``, or the system's own.

    ``~/.config`` on Linux, ``~/Library/Application Support`` on macOS, ``%APPDATA%`` on Windows.
    """
    given = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    return given if given.is_absolute() else _settings()  # as the norm says


def cache_folder() -> Path:
    """Return the folder of what can be made anew: ``$XDG_CACHE_HOME``, or the system's own.

    ``~/.cache`` on Linux, ``~/Library/Caches`` on macOS, ``%LOCALAPPDATA%`` on Windows.
    """
    given = os.environ.get("XDG_CACHE_HOME")
    return Path(given) if given else _cache()

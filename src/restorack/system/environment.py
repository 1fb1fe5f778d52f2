"""Variables that every program needs on a system, and those that name the temporary folder."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    NEEDED: frozenset[str] = frozenset({
        "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "USERNAME",
        "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES", "COMMONPROGRAMFILES",
        "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE", "PROCESSOR_IDENTIFIER",
    })  # fmt: skip
    """Without the first one no socket can be made here."""

    TEMPORARY: tuple[str, ...] = ("TMPDIR", "TEMP", "TMP")
    """Python asks for the first one, other programs for the others."""

elif sys.platform == "darwin":
    NEEDED: frozenset[str] = frozenset({"__CF_USER_TEXT_ENCODING", "DYLD_LIBRARY_PATH", "SHELL"})
    TEMPORARY: tuple[str, ...] = ("TMPDIR",)

else:
    NEEDED: frozenset[str] = frozenset()
    TEMPORARY: tuple[str, ...] = ("TMPDIR",)

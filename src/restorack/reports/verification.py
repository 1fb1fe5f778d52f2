"""Reports and pictures are read back before they appear under their names."""

from __future__ import annotations

import json
from pathlib import Path

from restorack.errors import FileError

MOST_PARSED = 32 << 20
"""Bytes: of a longer report, whose values would fill the memory, the ends are looked at."""

_PNG_BEGIN, _PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"


def verify_json(part: Path, shown: Path) -> None:
    """Read a finished JSON file again.

    Parameters
    ----------
    part : Path
        The file, under its temporary name.
    shown : Path
        Its final name, for the error.

    Raises
    ------
    FileError
        Where it is not one whole document.
    """
    if part.stat().st_size > MOST_PARSED:
        with part.open("rb") as file:
            begin = file.read(1)
            file.seek(-2, 2)
            pair = begin + file.read(1)
        whole = pair in (b"{}", b"[]")
    else:
        try:
            json.loads(part.read_bytes())
        except ValueError:
            whole = False
        else:
            whole = True
    if not whole:
        raise _broken("JSON", shown)


def verify_png(part: Path, shown: Path) -> None:
    """Look at both ends of a finished picture; parameters and errors as of :func:`verify_json`."""
    data = part.read_bytes()
    if not (data.startswith(_PNG_BEGIN) and data.endswith(_PNG_END)):
        raise _broken("PNG", shown)


def verify_svg(part: Path, shown: Path) -> None:
    """Look at both ends of a finished drawing; parameters and errors as of :func:`verify_json`."""
    data = part.read_bytes().strip()
    if not (data.startswith(b"<?xml") and data.endswith(b"</svg>")):
        raise _broken("SVG", shown)


def _broken(kind: str, shown: Path) -> FileError:
    return FileError(
        f"what was written is no whole {kind} file",
        where=str(shown),
        rule="a file is read back before it appears",
        remedy="look at the disk, and try again",
    )

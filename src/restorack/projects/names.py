"""Names of tracks and files that sessions and disks take."""

from __future__ import annotations

import re
from collections.abc import Container

from restorack.io.file_names import fitting_name

_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f/\\,=:*?\"<>|\ud800-\udfff]+")
_UNFIT_IN_DOCUMENTS = re.compile(r"[^A-Za-z0-9._+-]+")
LONGEST = 80
"""Characters of a name. By hand: a session takes 100, and endings are added."""


def fit_name(name: str, taken: Container[str], fallback: str = "track") -> str:
    """Return a name without what sessions and disks refuse, unlike those that are taken.

    Parameters
    ----------
    name : str
    taken : container of str
        In lower case.
    fallback : str
        For a name of which nothing is left.
    """
    base = _UNFIT.sub("-", name).strip(" .-")[:LONGEST].strip() or fallback
    found, number = base, 2
    while found.lower() in taken:
        found, number = f"{base} ({number})", number + 1
    return found


def fit_file(name: str, taken: Container[str]) -> str:
    """Return a file's name, its suffix kept, unlike those that are taken."""
    stem, dot, suffix = name.replace("\\", "/").rpartition("/")[2].rpartition(".")
    ending = dot + _UNFIT_IN_DOCUMENTS.sub("", suffix) if stem else ""
    base = _UNFIT.sub("-", stem or suffix).strip(" .-") or "audio"
    found, number = fitting_name(base, ending), 2
    while found.lower() in taken:
        found, number = fitting_name(f"{base}-{number}", ending), number + 1
    return found


def document_name(name: str) -> str:
    """Return the name of a session: letters, digits and . _ + -."""
    return _UNFIT_IN_DOCUMENTS.sub("-", name).strip("-._+")[:LONGEST] or "session"

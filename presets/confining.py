"""Which files a preset may name: those of its own folder, and audio anywhere."""

from __future__ import annotations

import os
from pathlib import Path

from restorack.config.yaml_source import Mark
from restorack.errors import PresetError

_RULE = "a preset or a session names files inside its own folder; audio files may lie anywhere"
_REMEDY = "move the file there, or name it on the command line or in Python"


def beside(path: str, mark: Mark) -> str:
    """Return a path; relative ones count from the folder of the preset that gives them."""
    return str(mark.folder / Path(path).expanduser())


def confined(path: str, mark: Mark) -> str:
    """Return a path as :func:`beside` does, if it leads to a place inside the preset's folder.

    Links are followed. What the command line names is the user's own word, and not confined.

    Raises
    ------
    PresetError
        With the place.
    """
    whole = beside(path, mark)
    if mark.line and home_of(whole, mark) is None:
        raise PresetError(
            f"{path!r} lies outside the preset's folder", where=str(mark), rule=_RULE,
            remedy=_REMEDY,
        )  # fmt: skip
    return whole


def home_of(whole: str, mark: Mark) -> str | None:
    """Return the preset's folder that a path lies in, None where it lies elsewhere.

    A preset that is a link has two: where the link is, and where the file is.
    """
    real = os.path.realpath(whole)
    for folder in (os.path.realpath(mark.folder), os.path.dirname(os.path.realpath(mark.file))):
        if os.path.commonpath([real, folder]) == folder:
            return folder
    return None

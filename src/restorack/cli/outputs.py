"""Folders of outputs, made where they are missing."""

from __future__ import annotations

from pathlib import Path

from restorack.io.atomic import write_error


def make_folder(folder: Path) -> None:
    """Make a folder with its parents; what stands in the way is a :class:`FileError`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(error, folder) from None


def make_folder_of(*files: Path | None) -> None:
    """Make the folders that files will be in."""
    for file in files:
        if file is not None:
            make_folder(file.parent)

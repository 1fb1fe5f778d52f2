"""Where presets are: the user's folder, the shipped ones, or any path."""

from __future__ import annotations

import os
from os import PathLike
from pathlib import Path

from restorack.errors import PresetError, suggest
from restorack.io.remote.fetching import kept_copy
from restorack.io.remote.urls import is_url
from restorack.system.folders import settings_folder

SUFFIXES = (".yaml", ".yml")


def user_folder() -> Path:
    """Return the user's preset folder: ``restorack/presets`` in the settings folder."""
    return settings_folder() / "restorack" / "presets"


def shipped_folders() -> dict[str, Path]:
    """Return the folders of the presets that come with restorack, by what those do."""
    here = Path(__file__).parent
    return {"restores": here / "restoring", "damages": here / "degrading"}


def preset_files() -> dict[str, Path]:
    """Return the presets by name; the user's stand before shipped ones of the same name."""
    return shipped_files() | _files(user_folder())


def shipped_files() -> dict[str, Path]:
    """Return the presets that come with restorack, by name."""
    found: dict[str, Path] = {}
    for folder in shipped_folders().values():
        found |= _files(folder)
    return found


def _files(folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for suffix in SUFFIXES:
        for path in sorted(folder.glob(f"*{suffix}")):
            if not path.name.startswith("."):
                found.setdefault(path.stem, path)
    return found


def preset_names() -> list[str]:
    """Return the names of the presets that can be loaded, sorted."""
    return sorted(preset_files())


def is_path(name_or_path: str | PathLike[str]) -> bool:
    """Return whether this is a path rather than a preset's name."""
    text = os.fspath(name_or_path)
    return (
        not isinstance(name_or_path, str)
        or "/" in text
        or os.sep in text
        or text.lower().endswith(SUFFIXES)
    )


def find_preset(name_or_path: str | PathLike[str]) -> Path:
    """Return a preset's file.

    Parameters
    ----------
    name_or_path : str or path-like
        A name in any case, a path (it has a separator or ends in ``.yaml``), or a URL, of which
        a copy is fetched; files that it names are not.

    Raises
    ------
    PresetError
        Where there is none, with the nearest name.
    """
    text = os.fspath(name_or_path)
    if is_url(text):
        return kept_copy(text)
    if is_path(name_or_path):
        path = Path(os.path.expanduser(text))
        if not path.is_file():
            raise PresetError(
                "no such preset file",
                where=text,
                remedy=suggest(path.name, _siblings(path)) if _siblings(path) else "",
            )
        return path
    files = preset_files()
    if text not in files:
        in_any_case = [name for name in files if name.lower() == text.lower()]
        if in_any_case:
            return files[in_any_case[0]]
        raise PresetError(
            f"no preset {text!r}",
            rule=f"presets are found in {user_folder()} and among the shipped ones",
            remedy=suggest(text, files),
        )
    return files[text]


def _siblings(path: Path) -> list[str]:
    return [found.name for found in _files(path.parent).values()]

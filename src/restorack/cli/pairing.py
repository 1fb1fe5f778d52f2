"""Which file is held against which: files one by one, folders by the names in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from restorack.errors import FileError
from restorack.io.audio_files import audio_files


@dataclass(frozen=True)
class Pairing:
    """A reference and what is held against it.

    Attributes
    ----------
    group : str
        The argument that the estimate came from: a column of the table.
    name : str
        What names its picture, without extension.
    reference, estimate : Path
    degraded, clicks, noise : Path or None
    """

    group: str
    name: str
    reference: Path
    estimate: Path
    degraded: Path | None = None
    clicks: Path | None = None
    noise: Path | None = None


def find_pairings(
    reference: Path,
    estimates: Sequence[Path],
    *,
    degraded: Path | None = None,
    clicks: Path | None = None,
    noise: Path | None = None,
) -> tuple[list[Pairing], list[FileError]]:
    """Pair every estimate with its reference.

    Parameters
    ----------
    reference : Path
        A file, or a folder.
    estimates : sequence of Path
        Files, or folders. Against a folder of references each is a folder that holds a file of
        the same name, with any extension, for every reference; below it too.
    degraded, clicks, noise : Path, optional
        A file for a file, a folder for a folder.

    Returns
    -------
    pairs : list of Pairing
    missing : list of FileError
        One for each reference without a partner, and each file without a reference.

    Raises
    ------
    FileError
        Where a file and a folder are mixed up, or a folder has no audio.
    """
    others = {"degraded": degraded, "clicks": clicks, "noise": noise}
    pairs: list[Pairing] = []
    missing: list[FileError] = []
    if reference.is_dir():
        references = _by_name(reference)
        found = {name: _folder(path, f"--{name}") for name, path in others.items() if path}
        for estimate in estimates:
            partners = _folder(estimate, "the estimate")
            missing += _without_partner(reference, references, estimate, partners)
            for name in references:
                if name in partners:
                    more = _fetch(found, name, missing, others)
                    pairs.append(
                        Pairing(str(estimate), name, references[name], partners[name], **more)
                    )
        return pairs, missing
    for option, path in others.items():
        if path is not None and path.is_dir():
            raise _mixed(path, f"--{option}", "a file, as the reference is")
    for estimate in estimates:
        files = _by_name(estimate) if estimate.is_dir() else {estimate.stem: estimate}
        pairs += [
            Pairing(str(estimate), name, reference, file, **others) for name, file in files.items()
        ]
    return pairs, missing


def _by_name(folder: Path) -> dict[str, Path]:
    """Return the audio files of a folder, and those below, by their path without extension."""
    found: dict[str, Path] = {}
    for path in audio_files(folder):
        name = str(path.relative_to(folder).with_suffix(""))
        if name in found:
            raise FileError(
                f"two files are called {name}: {found[name].name} and {path.name}",
                where=str(folder),
                rule="a name, without extension, is there once",
            )
        found[name] = path
    if not found:
        raise FileError("has no audio file in it", where=str(folder))
    return found


def _folder(path: Path, what: str) -> dict[str, Path]:
    if not path.is_dir():
        raise _mixed(path, what, "a folder, as the reference is")
    return _by_name(path)


def _mixed(path: Path, what: str, wanted: str) -> FileError:
    is_there = "is a folder" if path.is_dir() else "is no folder"
    return FileError(is_there, where=str(path), rule=f"{what} must be {wanted}")


def _without_partner(
    reference: Path, references: dict[str, Path], estimate: Path, partners: dict[str, Path]
) -> list[FileError]:
    lone = [
        FileError(
            f"has no partner for {references[name]}",
            where=str(estimate),
            rule="every reference has a file of its name, with any extension",
        )
        for name in references
        if name not in partners
    ]
    return lone + [
        FileError(
            "has no reference",
            where=str(partners[name]),
            rule=f"every estimate has a file of its name in {reference}",
        )
        for name in partners
        if name not in references
    ]


def _fetch(
    found: dict[str, dict[str, Path]],
    name: str,
    missing: list[FileError],
    folders: dict[str, Path | None],
) -> dict[str, Path]:
    more = {}
    for option, files in found.items():
        if name in files:
            more[option] = files[name]
        elif option == "degraded":  # tracks are only there where something was added
            missing.append(FileError(f"has no file for {name}", where=str(folders[option])))
    return more

"""BagIt bags (RFC 8493) around what a batch has written, by bagit."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from restorack.archive.needs import require
from restorack.archive.statement import file_sha512
from restorack.errors import ChecksumError, FileError
from restorack.io.atomic import PART_SUFFIX

ALGORITHM = "sha512"
MOST_SHOWN = 10
"""Files that do not hold, in an error."""


def make_bag(output: Path, bag: Path, info: Mapping[str, str] | None = None) -> int:
    """Make a bag of an output folder; return how many files are in it.

    Files are copied: whoever changes one of the outputs later does not change the bag. Hidden
    files, the batch's own state among them, are left out. The bag appears when it is whole.

    Parameters
    ----------
    output : Path
        The folder of a batch; it stays as it is.
    bag : Path
        A new folder.
    info : mapping, optional
        Lines of ``bag-info.txt``.

    Raises
    ------
    FileError
        Where the folder is missing or has no files, or the bag exists.
    ParameterError
        Without bagit.
    """
    bagit = require("bagit")
    if not output.is_dir():
        raise FileError("no such folder", where=str(output), rule="the output folder of a batch")
    if bag.exists():
        raise FileError("exists already", where=str(bag), remedy="choose another name")
    inside = bag.resolve().is_relative_to(output.resolve())
    if inside:
        raise FileError(
            "lies in the folder that it would hold", where=str(bag), remedy="choose another place"
        )
    part = bag.with_name(f".{bag.name}{PART_SUFFIX}")
    shutil.rmtree(part, ignore_errors=True)
    try:
        count = 0
        for path in _files(output):
            target = part / path.relative_to(output)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
            count += 1
        if not count:
            raise FileError("holds no files", where=str(output), rule="a bag holds files")
        bagit.make_bag(str(part), dict(info or {}), checksums=[ALGORITHM])
        part.rename(bag)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return count


def validate_bag(bag: Path) -> None:
    """Check that a bag is complete and every file's hash holds.

    Raises
    ------
    ChecksumError
        With what is missing, added or altered.
    FileError
        For a folder that is no bag.
    ParameterError
        Without bagit.
    """
    bagit = require("bagit")
    try:
        found = bagit.Bag(str(bag))
        found.validate()
    except bagit.BagValidationError as error:
        named = _faults(bag, found.payload_entries()) + [str(one) for one in error.details]
        told = "; ".join(named[:MOST_SHOWN]) or error.message
        raise ChecksumError(
            f"the bag does not hold: {told}",
            where=str(bag),
            rule="every file of a bag is there with the hash of its manifest, and no other file",
            remedy="fetch what is named again from a copy that is sound",
        ) from None
    except (bagit.BagError, OSError) as error:
        raise FileError(f"is no bag ({error})", where=str(bag), rule="RFC 8493") from None


def _faults(bag: Path, entries: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return which files of a bag are missing, altered or added."""
    faults = []
    for name, hashes in sorted(entries.items()):
        path = bag / name
        if not path.is_file():
            faults.append(f"{name} is missing")
        elif ALGORITHM in hashes and file_sha512(path) != hashes[ALGORITHM]:
            faults.append(f"{name} was altered")
    there = {path.relative_to(bag).as_posix() for path in (bag / "data").rglob("*")
             if path.is_file()}  # fmt: skip
    return faults + [f"{name} was added" for name in sorted(there - set(entries))]


def _files(folder: Path) -> Iterator[Path]:
    for place, below, names in os.walk(folder):
        below[:] = sorted(name for name in below if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield Path(place) / name

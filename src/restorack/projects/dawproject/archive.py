"""The ZIP of a DAWproject: written by plain rules, read with suspicion."""

from __future__ import annotations

import os
import shutil
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from restorack.errors import FileError
from restorack.io.atomic import AtomicFile

PROJECT, METADATA = "project.xml", "metadata.xml"

MAX_XML = 64 << 20
"""Bytes of a project's text. By hand: a thousand tracks of automation take a tenth."""

MAX_STATE = 1 << 25
"""Bytes of a plugin's state, as for presets."""

MAX_ENTRIES = 20_000
"""Files in a project. By hand."""

MAX_RATIO = 100
"""Times that a project over 256 MiB may be longer than its ZIP. By hand: audio halves at most."""

_UNSUSPICIOUS = 256 << 20
"""Bytes that a project may unpack to, whatever its length. By hand."""

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same project gives the same bytes


def write_archive(
    path: Path,
    texts: Iterable[tuple[str, bytes]],
    files: Iterable[tuple[str, Path]],
    *,
    force: bool,
    sources: Iterable[Path],
) -> None:
    """Write a project's ZIP, which appears whole or not at all; audio is stored as it is."""
    with (
        AtomicFile(path, force=force, sources=sources) as target,
        os.fdopen(os.dup(target.descriptor), "w+b") as raw,
        zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name, data in texts:
            archive.writestr(_entry(name, zipfile.ZIP_DEFLATED), data)
        for name, source in files:
            entry = _entry(name, zipfile.ZIP_STORED)
            entry.file_size = source.stat().st_size
            with source.open("rb") as given, archive.open(entry, "w") as kept:
                shutil.copyfileobj(given, kept, 1 << 20)


def _entry(name: str, method: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type, entry.external_attr = method, 0o644 << 16
    return entry


class Archive:
    """A project's ZIP, open; see :func:`open_archive`."""

    def __init__(self, path: Path, zipped: zipfile.ZipFile) -> None:
        self.path, self._zip = path, zipped
        self._entries = {entry.filename: entry for entry in zipped.infolist()}

    def has(self, name: str) -> bool:
        """Return whether there is such an entry."""
        return name in self._entries

    def read(self, name: str, most: int = MAX_XML) -> bytes:
        """Return an entry's content, up to so many bytes.

        Raises
        ------
        FileError
            For an entry that is missing, broken or longer.
        """
        entry, where = self._found(name), f"{self.path}: {name}"
        if entry.file_size > most:
            raise FileError(f"is longer than {most >> 20} MiB", where=where)
        with _readable(where), self._zip.open(entry) as data:
            return data.read(most)

    def extract(self, name: str, target: Path) -> None:
        """Copy an entry to a file of our naming."""
        where = f"{self.path}: {name}"
        with _readable(where), self._zip.open(self._found(name)) as data, target.open("xb") as out:
            shutil.copyfileobj(data, out, 1 << 20)

    def _found(self, name: str) -> zipfile.ZipInfo:
        if name not in self._entries:
            raise FileError(f"no file {name!r} in the project", where=str(self.path))
        entry = self._entries[name]
        if entry.flag_bits & 1:
            raise FileError("is encrypted", where=f"{self.path}: {name}")
        return entry


@contextmanager
def open_archive(path: Path, room: int | None = None) -> Iterator[Archive]:
    """Open a project's ZIP and check what it says of itself.

    Parameters
    ----------
    path : Path
    room : int, optional
        Bytes that are free where its audio goes.

    Raises
    ------
    FileError
        For what is no ZIP, names that lead out of it, and contents out of all proportion.
    """
    if not path.is_file():
        raise FileError("no such file", where=str(path))
    with _readable(str(path)):
        zipped = zipfile.ZipFile(path)
    with zipped:
        _check_entries(zipped.infolist(), path, room)
        yield Archive(path, zipped)


def _check_entries(entries: list[zipfile.ZipInfo], path: Path, room: int | None) -> None:
    if len(entries) > MAX_ENTRIES:
        raise FileError(f"more than {MAX_ENTRIES} files in it", where=str(path))
    for entry in entries:
        parts = PurePosixPath(entry.filename.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or ":" in entry.filename.split("/")[0]:
            raise FileError(
                f"holds a file named {entry.filename[:120]!r}",
                where=str(path),
                rule="files of a project lie inside of it",
            )
    total = sum(entry.file_size for entry in entries)
    if total > max(_UNSUSPICIOUS, MAX_RATIO * path.stat().st_size):
        raise FileError(
            f"would unpack to {total >> 20} MiB, over {MAX_RATIO} times its length",
            where=str(path),
            rule="a project's audio is about as long as its ZIP",
        )
    if room is not None and total > room:
        raise FileError(
            f"holds {total >> 20} MiB, and {room >> 20} MiB are free",
            where=str(path),
            remedy="free some space, or write to another disk",
        )


@contextmanager
def _readable(where: str) -> Iterator[None]:
    """Turn what a broken ZIP raises into an error that names it."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError) as error:
        raise FileError(f"is no readable ZIP: {error}", where=where) from None
    except OSError as error:
        raise FileError(f"cannot be read ({error.strerror or error})", where=where) from None

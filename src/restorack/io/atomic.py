"""A file that appears whole under its final name, or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import stat
from collections.abc import Collection, Iterable
from contextlib import suppress
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Self

from restorack.errors import DiskFullError, FileError
from restorack.io.uninterrupted import Uninterrupted
from restorack.system import files, locks

PART_SUFFIX = ".restorack-part"

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NO_HARD_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS, errno.EACCES)


def write_error(error: OSError, path: Path) -> FileError:
    """Return the :class:`FileError` that explains why a file could not be written."""
    where = str(path)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFullError(
            f"disk full ({error.strerror})",
            where=where,
            rule="the whole file must fit",
            remedy="free some space, or write to another disk",
        )
    if error.errno == errno.EFBIG:
        return FileError(
            "the file grew beyond what this disk or the process limit allows",
            where=where,
            rule="the whole file must fit",
            remedy="raise the limit (ulimit -f), or write to another disk",
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return FileError(
            f"no permission to write here ({error.strerror})",
            where=where,
            remedy="change the permissions of the folder, or write to another one",
        )
    if error.errno == errno.ENAMETOOLONG:
        return FileError("the name is too long", where=where, remedy="choose a shorter one")
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return FileError(
            f"the folder {str(path.parent)!r} does not exist",
            where=where,
            rule="files are written into folders that exist",
            remedy="make the folder first",
        )
    return FileError(f"cannot be written ({error.strerror or error})", where=where)


_PART_NAME = re.compile(r"\.[0-9a-f]{16}-[0-9a-f]{8}" + re.escape(PART_SUFFIX))


def name_digest(path: Path) -> str:
    """Return what the names of a target's parts begin with."""
    return hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]


def remove_stale_parts(folder: Path, digest: str = "", among: Collection[str] | None = None) -> int:
    """Delete what killed writers have left in a folder; return how many files that were.

    Only files with the name of a part are looked at, and only those that no living writer has
    locked go.

    Parameters
    ----------
    folder : Path
    digest : str
        Of a target's name; by default the parts of all targets go.
    among : collection of str, optional
        Digests of names: the parts of others stay.
    """
    with os.scandir(folder) as entries:
        parts = [
            entry.path
            for entry in entries
            if entry.name.startswith(f".{digest}") and _PART_NAME.fullmatch(entry.name)
            if among is None or entry.name[1:17] in among
        ]
    return sum(_removed_if_stale(part) for part in parts)


def _removed_if_stale(part: str) -> bool:
    try:
        descriptor = files.open_again(Path(part))
    except OSError:
        return False  # somebody else's, or gone meanwhile
    try:
        locks.try_lock(descriptor)
        os.unlink(part)
    except OSError:
        return False  # its writer lives
    finally:
        os.close(descriptor)
    return True


class AtomicFile:
    """A temporary sibling of a target, which it becomes at once when all is well.

    The sibling is hidden, named after the target, and locked while its writer lives. One that
    nobody holds was left by a killed run: the next writer of the same target removes it.

    Parameters
    ----------
    path : path-like
        The target. A symbolic link is followed, so that the link itself stays.
    force : bool
        Replace a target that exists.
    sources : iterable of path-like
        Files that must never be overwritten, under whatever name.

    Attributes
    ----------
    path, part : Path
        The target and, within the context, its temporary sibling.
    descriptor : int
        Open for reading and writing at the sibling's start, within the context.

    Raises
    ------
    FileError
        On entry where the target exists, is a source or cannot be written; on leaving where the
        disk is full or the target has appeared meanwhile.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        *,
        force: bool = False,
        sources: Iterable[str | PathLike[str]] = (),
    ) -> None:
        self.given = Path(path)
        self.path = Path(os.path.realpath(self.given)) if force else self.given
        self._force = force
        self._sources = [Path(source) for source in sources]
        self.part = self.path
        self.descriptor = -1

    def __enter__(self) -> Self:
        """Check the target, clear what killed runs have left, and create the sibling."""
        self.check()
        digest = name_digest(self.path)
        try:
            with Uninterrupted():
                self._remove_stale(digest)
                self._create(digest)
        except BaseException as error:
            self._remove()
            if isinstance(error, OSError):
                raise write_error(error, self.given) from None
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the file appear; after an error remove it, and say where a disk is full."""
        with Uninterrupted():
            try:
                if kind is None:
                    self._publish()
                elif isinstance(error, OSError) and error.errno in _NO_ROOM:
                    raise error
            except OSError as problem:
                raise write_error(problem, self.given) from None
            finally:
                self._remove()

    def _remove(self) -> None:
        """Remove the sibling, where there is one."""
        if self.descriptor >= 0:
            with suppress(OSError):
                self.part.unlink()
            os.close(self.descriptor)
            self.descriptor = -1

    def check(self) -> None:
        """Raise :class:`FileError` if the target must not be written; touch nothing."""
        target = self.path
        for source in self._sources:
            if target.exists() and source.exists() and target.samefile(source):
                raise FileError(
                    f"is the source {str(source)!r} itself",
                    where=str(self.given),
                    rule="a source is never overwritten, not even by force",
                    remedy="choose another name or folder for the output",
                )
        if not os.path.lexists(target):
            return
        if target.is_dir():
            raise FileError("is a folder", where=str(self.given), rule="the name of a file")
        if target.exists() and not stat.S_ISREG(target.stat().st_mode):
            raise FileError("is not a regular file", where=str(self.given), remedy="another name")
        if not self._force:
            raise self._exists()

    def _exists(self) -> FileError:
        return FileError(
            "exists already",
            where=str(self.given),
            rule="existing files are replaced only on request",
            remedy="choose another name, or use --force to overwrite",
        )

    def _remove_stale(self, digest: str) -> None:
        remove_stale_parts(self.path.parent, digest)

    def _create(self, digest: str) -> None:
        while True:
            self.part = self.path.parent / f".{digest}-{secrets.token_hex(4)}{PART_SUFFIX}"
            try:
                self.descriptor = files.open_new(self.part)
            except FileExistsError:
                continue
            with suppress(OSError):  # no locks on this disk: parts are then never called stale
                locks.try_lock(self.descriptor)
            if os.fstat(self.descriptor).st_nlink:
                return
            os.close(self.descriptor)  # taken for stale in the moment before the lock
            self.descriptor = -1

    def _publish(self) -> None:
        files.sync(self.descriptor)
        self.check()
        if self._force:
            self.part.replace(self.path)
        else:
            self._publish_new()
        with suppress(OSError):
            files.sync_folder(self.path.parent)

    def _publish_new(self) -> None:
        """Give the sibling its name in one step that fails where the name is taken."""
        try:
            os.link(self.part, self.path, follow_symlinks=False)
        except FileExistsError:
            raise self._exists() from None
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
            self._claim_and_replace()

    def _claim_and_replace(self) -> None:
        """Do the same on a disk without hard links: claim the name, then replace the claim."""
        try:
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL, 0o666))
        except FileExistsError:
            raise self._exists() from None
        self.part.replace(self.path)


def check_writable(
    path: str | PathLike[str],
    *,
    force: bool = False,
    sources: Iterable[str | PathLike[str]] = (),
) -> None:
    """Refuse, before the work, a file that could not be written after it; touch nothing.

    Parameters
    ----------
    path : path-like
    force, sources
        See :class:`AtomicFile`.

    Raises
    ------
    FileError
        Where it exists, is a source or a folder, or its folder does not exist.
    """
    target = Path(path)
    AtomicFile(target, force=force, sources=sources).check()
    if not target.parent.is_dir():
        raise write_error(FileNotFoundError(errno.ENOENT, "no such folder"), target)


def write_whole(
    path: str | PathLike[str],
    data: bytes,
    *,
    force: bool = True,
    sources: Iterable[str | PathLike[str]] = (),
) -> None:
    """Write a file that appears at once or not at all; parameters as of :class:`AtomicFile`."""
    with AtomicFile(path, force=force, sources=sources) as file:
        write_all(file.descriptor, data)


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of some bytes to an open file."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]

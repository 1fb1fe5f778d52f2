"""Where a batch keeps what: the one place that makes paths."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeAlias, get_args

from restorack.errors import FileError
from restorack.hosting.process import remove_stale_folders
from restorack.io.atomic import name_digest, remove_stale_parts, write_error
from restorack.io.file_names import fitting_name
from restorack.system import locks

Kind: TypeAlias = Literal["output", "difference", "report", "picture", "mets", "page"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""What a file becomes; the output always, the others on request."""

ENDINGS: dict[Kind, str] = {
    "difference": ".difference.wav", "report": ".report.json", "picture": ".png",
    "mets": ".mets.xml", "page": ".page.html",
}  # fmt: skip

STATE_FOLDER = ".restorack"
_ATTEMPTS, _PAUSE = 5, 0.05
"""To lock a folder, and seconds between them; who asks for a status holds a lock for less."""


def stays_below(key: str) -> bool:
    """Return whether a key names a file below the output folder, as every key that is made does."""
    parts = key.split("/")
    return "\0" not in key and not any(part in ("", ".", "..") for part in parts)


class Part(Protocol):
    """A part of a batch; see :class:`restorack.render.batch.shards.Shard`."""

    @property
    def infix(self) -> str:
        """What tells its files from those of other parts."""


class Layout(Protocol):
    """Where the files of jobs go."""

    def product(self, key: str, kind: Kind) -> Path:
        """Return where one of a job's files goes."""

    def make_for(self, key: str) -> None:
        """Make the folders that a job's files go into."""

    def check(self, key: str, kinds: Sequence[Kind], *, force: bool, source: Path) -> None:
        """Raise FileError where one of a job's files may not be written."""

    def is_gone(self) -> bool:
        """Return whether what all files go into was removed meanwhile."""


@dataclass(frozen=True)
class OutputLayout:
    """The output folder of a batch.

    A file's key is the path of its output below the folder, with slashes: it names the file in
    the manifest, and everything else that belongs to it is found from it. Jobs carry keys, so that
    another machine can put the same folder elsewhere.

    Parameters
    ----------
    root : Path
        Absolute.
    shard : Part or None
        The part that works into the folder, beside others.
    """

    root: Path
    shard: Part | None = None

    @property
    def state(self) -> Path:
        """The hidden folder of the batch's own files."""
        return self.root / STATE_FOLDER

    @property
    def manifest(self) -> Path:
        """The database of what was done."""
        return self.state / f"manifest{self._infix}.sqlite"

    @property
    def lock(self) -> Path:
        """Held while a batch works into the folder; says which process that is."""
        return self.state / f"lock{self._infix}"

    @property
    def _infix(self) -> str:
        return self.shard.infix if self.shard is not None else ""

    def _rivals(self) -> list[Path]:
        """Return the locks of batches that do not go together with this one."""
        if self.shard is not None:
            return [self.state / "lock"]
        return sorted(self.state.glob("lock-*"))

    def product(self, key: str, kind: Kind) -> Path:
        """Return where a file's output, difference, report, picture, METS document or page lies.

        Raises
        ------
        FileError
            Where that is not inside the folder, links followed: whatever a pattern made of a
            file's tags, and whatever a link in the folder leads to.
        """
        path = self.root / key
        if kind != "output":
            path = path.with_name(fitting_name(path.stem, ENDINGS[kind]))
        self._require_inside(path)
        return path

    def _require_inside(self, path: Path) -> None:
        try:
            root, real = os.path.realpath(self.root), os.path.realpath(path)
            is_inside = real.startswith(os.path.join(root, ""))
        except ValueError:  # a NUL
            is_inside = False
        if not is_inside:
            raise FileError(
                "leaves the output folder",
                where=str(path),
                rule="a batch writes below its output folder; links in it lead nowhere else",
                remedy="change --pattern, or take the link away",
            )

    def make(self) -> None:
        """Make the folder; its parent must exist."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            self.state.mkdir(exist_ok=True)
        except OSError as error:
            raise write_error(error, self.root) from None

    def look_up(self) -> None:
        """Have the manifests at hand, to be looked at."""

    def make_for(self, key: str) -> None:
        """Make the folders between the output folder, which must be there, and a file.

        Raises
        ------
        FileError
            Where the output folder is gone: what a batch makes is not to come to lie in another.
        """
        if self.is_gone():
            raise self.gone()
        try:
            (self.root / key).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise write_error(error, self.root / key) from None

    def check(self, key: str, kinds: Sequence[Kind], *, force: bool, source: Path) -> None:
        """Refuse to replace files that are not the batch's own.

        Raises
        ------
        FileError
            Where one exists, and there is no force.
        """
        if force:
            return
        del source  # no name in the folder is an input's: the plan has seen to that
        for path in (self.product(key, kind) for kind in kinds):
            if path.exists():
                raise FileError(
                    "the file exists, and is not of this batch",
                    where=str(path),
                    rule="what a batch did not write is replaced only by force",
                    remedy="move it away, use --force to overwrite, or choose another folder",
                )

    def is_gone(self) -> bool:
        """Return whether the folder was removed while a batch works into it."""
        return not self.state.is_dir()

    def gone(self) -> FileError:
        """Return the error of an output folder that was removed while a batch works into it."""
        return FileError(
            "the output folder was removed, or its folder .restorack",
            where=str(self.root),
            rule="a batch's files and its manifest stay where they are until it ends",
            remedy="run the batch again",
        )

    @contextmanager
    def owned(self, on_lost: Callable[[], None] | None = None) -> Iterator[None]:
        """Keep other batches out of the folder while the context lasts.

        The lock is the kernel's: it ends with the process, however that ends.

        Parameters
        ----------
        on_lost : callable, optional
            Is called where another batch takes the folder over, by another thread. This lock is
            never lost; that of a store may be.

        Raises
        ------
        FileError
            Where another batch works into the folder.
        """
        del on_lost
        self.make()
        try:
            descriptor = os.open(self.lock, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise write_error(error, self.lock) from None
        try:
            try:
                _lock(descriptor)
            except BlockingIOError:
                owner = os.read(descriptor, 200).decode("utf-8", "replace").strip()
                raise self._taken(owner) from None
            except OSError:
                pass  # no locks on this disk: the user is told by the docs
            for rival in self._rivals():
                if is_locked(rival):
                    raise self._taken(rival.name)
            with suppress(OSError):
                os.ftruncate(descriptor, 0)
                os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode())
            yield
        finally:
            os.close(descriptor)

    def _taken(self, owner: str) -> FileError:
        return FileError(
            f"another batch works into this folder ({owner or 'unknown process'})",
            where=str(self.root),
            rule="one batch at a time",
            remedy="wait for it, or choose another folder",
        )

    def sweep(self, keys: Iterable[str]) -> int:
        """Delete the temporary files of dead runs; return how many there were.

        Only files that carry the name of a part, in folders that this batch writes into, and that
        no living process has locked; and the private folders of dead sandboxes.

        Parameters
        ----------
        keys : iterable of str
            Of files that are or were written.
        """
        remove_stale_folders()
        if self.shard is not None:
            return self._sweep_own(keys)
        folders, removed = {self.root}, 0
        for key in keys:
            with suppress(FileError):  # a link that leads elsewhere now
                folders.add(self.product(key, "output").parent)
        for folder in folders:
            with suppress(OSError):  # not made yet, or gone
                removed += remove_stale_parts(folder)
        return removed

    def _sweep_own(self, keys: Iterable[str]) -> int:
        """Delete the temporary files of this part's outputs alone: others work beside it."""
        names: dict[Path, set[str]] = {}
        for key in keys:
            with suppress(FileError):  # a link that leads elsewhere now
                path = self.product(key, "output")
                names.setdefault(path.parent, set()).add(name_digest(path))
        removed = 0
        for folder, digests in names.items():
            with suppress(OSError):  # not made yet, or gone
                removed += remove_stale_parts(folder, among=digests)
        return removed

    @property
    def folds_case(self) -> bool:
        """Whether the disk takes ``A.wav`` and ``a.wav`` for one file."""
        other = self.state.with_name(STATE_FOLDER.upper())
        try:
            return other.samefile(self.state)
        except OSError:
            return False


def _lock(descriptor: int) -> None:
    """Lock a file, and try again where somebody only asks whether it is locked."""
    for _ in range(_ATTEMPTS - 1):
        try:
            locks.try_lock(descriptor)
        except BlockingIOError:
            time.sleep(_PAUSE)
        else:
            return
    locks.try_lock(descriptor)


def is_locked(path: Path) -> bool:
    """Return whether a living process of this machine holds a lock; False where none can tell."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        locks.try_share(descriptor)  # so that several who ask do not take each other for a batch
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False

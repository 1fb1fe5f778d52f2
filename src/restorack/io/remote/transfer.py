"""Files brought from a store and to it: whole, and with the content that was sent."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from restorack.errors import FileError
from restorack.io.remote.attempts import AlteredError, insist
from restorack.io.remote.stored import PART, Content, Stored, remote_sha256, stored_if_there
from restorack.io.remote.urls import store_of

_WHOLE_AT_ONCE = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "memory"})
"""Stores in which a file appears when all of it has arrived; in others it is renamed then."""
_ON_THE_WAY = ".restorack-upload"


def download(remote: Path, local: Path) -> tuple[Stored, Content]:
    """Bring a file to this machine; return what the store says of it, and its hashes.

    Raises
    ------
    FileError
        Where it is not there, or changes meanwhile.
    TransferError
        Where every attempt has failed.
    """
    store, name = store_of(remote)

    def fetch() -> tuple[Stored, Content]:
        before = Stored.of(remote)
        store.get_file(name, str(local))
        content = Content.of_file(local)
        if content.size != before.size:
            raise AlteredError(f"{content.size} of {before.size} bytes arrived")
        # Encrypted and foreign objects have tags of another kind: then a second reading tells.
        strange = _tells_content(before.tag) and before.tag not in content.tags
        if strange and remote_sha256(remote) != content.sha256:
            raise AlteredError("other bytes arrived than are stored")
        if Stored.of(remote) != before:
            raise AlteredError("it changed while it was read")
        return before, content

    return insist(fetch, "read", remote)


def upload(local: Path, remote: Path, *, force: bool = False) -> tuple[Stored, Content]:
    """Store a file, so that it appears whole, and make sure that it arrived.

    Where there is such a file with the same content, nothing is sent.

    Parameters
    ----------
    local, remote : Path
    force : bool
        Replace a file with other content.

    Raises
    ------
    FileError
        Where a file with other content is there, and there is no force.
    TransferError
        Where every attempt has failed.
    """
    content = Content.of_file(local)
    there = stored_if_there(remote)
    if there is not None and holds(remote, there, content):
        return there, content
    if there is not None and not force:
        raise taken(remote)

    def send() -> Stored:
        _put(local, remote)
        found = Stored.of(remote)
        if not holds(remote, found, content):
            raise AlteredError("other bytes arrived than were sent")
        return found

    return insist(send, "written", remote), content


def taken(remote: Path) -> FileError:
    """Return the error of a file that is there already."""
    return FileError(
        "the file exists, and is not of this batch",
        where=str(remote),
        rule="what a batch did not write is replaced only by force",
        remedy="move it away, use --force to overwrite, or choose another folder",
    )


def holds(remote: Path, found: Stored, content: Content) -> bool:
    """Return whether a stored file has a content: by its tag, else by reading it back."""
    if found.size != content.size:
        return False
    if found.tag in content.tags:
        return True
    return remote_sha256(remote) == content.sha256


def _put(local: Path, remote: Path) -> None:
    """Send a file once."""
    store, name = store_of(remote)
    if _protocols(store) & {"s3", "s3a"}:
        more: dict[str, Any] = {"chunksize": PART}
        store.put_file(str(local), name, **more)
        return
    if _protocols(store) & _WHOLE_AT_ONCE:
        store.put_file(str(local), name)
        return
    folder, _, own = name.rpartition("/")
    store.makedirs(folder, exist_ok=True)
    part = f"{folder}/.{own}{_ON_THE_WAY}"
    try:
        store.put_file(str(local), part)
        store.mv(part, name)
    except Exception:
        with suppress(Exception):
            store.rm_file(part)
        raise


def _protocols(store: Any) -> set[str]:
    return {store.protocol} if isinstance(store.protocol, str) else set(store.protocol)


def put_bytes(data: bytes, remote: Path) -> None:
    """Store a small file over what is there."""
    store, name = store_of(remote)

    def put() -> None:
        if not _protocols(store) & _WHOLE_AT_ONCE:
            store.makedirs(name.rpartition("/")[0], exist_ok=True)
        store.pipe_file(name, data)

    insist(put, "written", remote)


def create_bytes(data: bytes, remote: Path) -> bool:
    """Store a small file where none is; return whether it was stored.

    Of two who try at once only one succeeds where the store can tell them apart, as S3 can.
    """
    store, name = store_of(remote)

    def create() -> bool:
        if not _protocols(store) & _WHOLE_AT_ONCE:
            store.makedirs(name.rpartition("/")[0], exist_ok=True)
        try:
            store.pipe_file(name, data, mode="create")
        except FileExistsError:
            return False
        return True

    return insist(create, "written", remote)


def get_bytes(remote: Path) -> bytes | None:
    """Return what a small file holds; None where there is none."""
    store, name = store_of(remote)

    def get() -> bytes | None:
        try:
            found: bytes = store.cat_file(name)
        except FileNotFoundError:
            return None
        return found

    return insist(get, "read", remote)


def remove(remote: Path) -> None:
    """Remove a small file, if it is there and may be removed."""
    store, name = store_of(remote)
    with suppress(Exception):
        store.rm_file(name)


def _tells_content(tag: str) -> bool:
    return len(tag.partition("-")[0]) == 32

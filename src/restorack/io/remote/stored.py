"""What a store says of a file, and what is in it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from restorack.io.remote.attempts import insist
from restorack.io.remote.urls import store_of

PART = 64 * 1024 * 1024
"""Bytes of the parts in which large files go to S3, so that their ETag can be foretold."""
_BLOCK = 1 << 20
"""Bytes that are hashed at a time. By hand."""


@dataclass(frozen=True)
class Stored:
    """What a store says of a file at once, without reading it.

    Attributes
    ----------
    size : int
        In bytes.
    tag : str
        Changes with the content, such as S3's ETag; empty where a store has none.
    changed_ns : int
        When it was written, in nanoseconds since 1970; 0 where a store does not say.
    """

    size: int
    tag: str
    changed_ns: int

    @classmethod
    def of(cls, path: Path) -> Stored:
        """Ask the store anew.

        Raises
        ------
        FileError
            Where there is no such file, or it cannot be asked for.
        """
        store, name = store_of(path)

        def ask() -> Stored:
            store.invalidate_cache(store._parent(name))
            return cls.from_info(store.info(name))

        return insist(ask, "read", path)

    @classmethod
    def from_info(cls, info: Mapping[str, Any]) -> Stored:
        """Return what fsspec's description of a file says."""
        if info.get("type") == "directory":
            raise FileNotFoundError(info.get("name"))
        tag = str(info.get("ETag") or info.get("etag") or info.get("md5Hash") or "").strip('"')
        when = info.get("LastModified") or info.get("mtime") or info.get("created") or 0
        if isinstance(when, datetime):
            when = (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
        seconds = float(when) if isinstance(when, (int, float)) else 0.0
        return cls(int(info.get("size") or 0), tag, round(seconds * 1e9))


def stored_if_there(path: Path) -> Stored | None:
    """Return what a store says of a file; None where there is none."""
    store, name = store_of(path)

    def ask() -> Stored | None:
        store.invalidate_cache(store._parent(name))
        try:
            return Stored.from_info(store.info(name))
        except FileNotFoundError:
            return None

    return insist(ask, "read", path)


@dataclass(frozen=True)
class Content:
    """Hashes of a file's content, made in one reading.

    Attributes
    ----------
    size : int
    sha256 : str
    tags : frozenset of str
        What S3 may call it: its MD5, and that of its parts' MD5s.
    """

    size: int
    sha256: str
    tags: frozenset[str]

    @classmethod
    def of(cls, read: Callable[[int], bytes]) -> Content:
        """Read to the end; ``read`` takes a number of bytes."""
        whole, md5, part = hashlib.sha256(), _md5(), _md5()
        parts, size = b"", 0
        while block := read(_BLOCK):
            whole.update(block)
            md5.update(block)
            part.update(block)  # a part is a multiple of a block, which a file gives whole
            size += len(block)
            if size % PART == 0:
                parts, part = parts + part.digest(), _md5()
        if size % PART:
            parts += part.digest()
        joined = _md5(parts).hexdigest()
        count = -(-size // PART)
        return cls(size, whole.hexdigest(), frozenset({md5.hexdigest(), f"{joined}-{count}"}))

    @classmethod
    def of_file(cls, path: Path) -> Content:
        """Read a local file."""
        with path.open("rb") as file:
            return cls.of(file.read)


def remote_sha256(path: Path) -> str:
    """Return the SHA-256 of a remote file, all of which is read.

    Empty where the store itself says that what it gives is not what it was given.
    """
    store, name = store_of(path)

    def read() -> str:
        digest = hashlib.sha256()
        try:
            with store.open(name, "rb", block_size=PART // 8, cache_type="readahead") as file:
                while block := file.read(_BLOCK):
                    digest.update(block)
        except Exception as error:
            if type(error).__name__ == "FlexibleChecksumError":
                return ""
            raise
        return digest.hexdigest()

    return insist(read, "read", path)


def _md5(data: bytes = b"") -> Any:
    return hashlib.md5(data, usedforsecurity=False)

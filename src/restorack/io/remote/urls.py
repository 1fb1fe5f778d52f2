"""Which paths are elsewhere; for local ones nothing is imported."""

from __future__ import annotations

import os
import re
from os import PathLike
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit
from urllib.request import url2pathname

from restorack.errors import ParameterError

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(//)?")  # two letters or more: C: is a disk
_PACKAGES = {"s3": "s3fs", "s3a": "s3fs", "sftp": "paramiko", "ssh": "paramiko"}
"""What fsspec needs beside itself for the stores that are tested here."""


def is_url(text: str) -> bool:
    """Return whether a text names a file elsewhere, such as ``s3://bucket/side.wav``."""
    found = _SCHEME.match(text)
    return found is not None and found[2] is not None and found[1].lower() != "file"


def is_remote(path: object) -> bool:
    """Return whether a path that :func:`as_path` has made is elsewhere."""
    return not isinstance(path, Path)


def as_path(given: str | PathLike[str]) -> Path:
    """Return the path that a text names: a local one, or one of universal-pathlib.

    The latter only looks like a :class:`~pathlib.Path`: it has its names, parts and
    ``exists()``, and no function of the system takes it.

    Parameters
    ----------
    given : str or path-like
        A path, or a URL (``s3://``, ``sftp://``, ``memory://``, ``file://``, ...).

    Raises
    ------
    ParameterError
        Where a package for such URLs is missing, or none knows them.
    """
    if not isinstance(given, (str, Path)) and is_remote(given) and hasattr(given, "protocol"):
        return cast("Path", given)
    text = os.fspath(given)
    if text.startswith("file://"):
        return Path(url2pathname(urlsplit(text).path))
    return _remote(text) if is_url(text) else Path(text)


def _remote(url: str) -> Path:
    scheme = url.partition(":")[0].lower()
    try:
        from fsspec import get_filesystem_class
        from upath import UPath

        get_filesystem_class(scheme)
        return cast("Path", UPath(url))
    except ImportError as error:
        raise ParameterError(
            f"{_PACKAGES.get(scheme, error.name or 'a package of fsspec')} is not installed",
            where=url,
            rule="files elsewhere need packages of their own",
            remedy="pip install 'restorack[cloud]'",
        ) from None
    except ValueError as error:
        raise ParameterError(
            f"no such URL ({error})", where=url, rule="a path, or a URL that fsspec knows"
        ) from None


def store_of(path: Path) -> tuple[Any, str]:
    """Return the file system of fsspec that a remote path is in, and its name there."""
    remote: Any = path
    return remote.fs, remote.path

"""Look at a file before it is decoded: which container it is, and what its arithmetic says."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from restorack.io.formats import aiff, au, caf, flac, mpeg_links, ogg, riff_wave, wave64
from restorack.io.formats.layout import Layout
from restorack.io.formats.mpeg import tag_size

_MPEG_NAMES = frozenset((".mp3", ".mp2", ".mp1", ".mpga"))
_REMEMBERED = 16
"""Files whose survey is kept, since one render asks several times."""


def survey(path: Path) -> Layout:
    """Return how a file is decoded, and what is known to be missing of it.

    Parameters
    ----------
    path : Path
        A regular file that can be read and is not empty.

    Returns
    -------
    Layout
        An empty one for formats that are left to the decoder.

    Raises
    ------
    FileError
        For joined streams that differ in rate or channels.
    """
    status = path.stat()
    return _survey(path, status.st_ino, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=_REMEMBERED)
def _survey(path: Path, inode: int, size: int, changed: int) -> Layout:
    del inode, size, changed  # a file that changes is looked at again
    with path.open("rb") as file:
        start = _after_tags(file)
        file.seek(start)
        head = file.read(16)
        if start == 0 and (looked := _container(head)) is not None:
            return looked(path, file)
    if head[:4] == b"OggS":
        return ogg.survey(path)
    if head[:4] == b"fLaC":
        return flac.survey(path, start)
    # As lax as libsndfile is: the first frame may be the damaged one.
    is_sync = head[:1] == b"\xff" and head[1:2] >= b"\xe0"
    if is_sync or start or path.suffix.lower() in _MPEG_NAMES:
        return mpeg_links.survey(path)
    return Layout()


def _container(head: bytes) -> Callable[[Path, BinaryIO], Layout] | None:
    """Return what surveys a container of chunks, by a file's first bytes."""
    if head[:4] in riff_wave.MAGICS and head[8:12] == b"WAVE":
        return riff_wave.survey
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return lambda _, file: aiff.survey(file)
    if head == wave64.MAGIC:
        return lambda _, file: wave64.survey(file)
    if head[:4] in au.MAGICS:
        return lambda _, file: au.survey(file)
    if head[:4] == b"caff":
        return lambda _, file: caf.survey(file)
    return None


def _after_tags(file: BinaryIO) -> int:
    """Return where the first thing begins that is no ID3 tag."""
    start = 0
    while True:
        file.seek(start)
        head = file.read(32)
        if head[:3] != b"ID3" or not (size := tag_size(head)):
            return start
        start += size

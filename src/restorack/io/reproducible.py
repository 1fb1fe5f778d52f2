"""What encoders write of the clock is taken out: the same samples give the same bytes."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import BinaryIO

OGG_SERIAL = 0x72657374
"""Of the only stream in a file; encoders draw one by the clock. The letters "rest"."""
_PAGE = struct.Struct("<4sBBqIIIB")
# Bytes into a page's header: RFC 3533.
_SERIAL_AT, _CHECKSUM_AT = 14, 22


def without_clock(path: Path, name: str) -> None:
    """Rewrite in place what an encoder took from the clock.

    Parameters
    ----------
    path : Path
        A finished file.
    name : str
        libsndfile's name of the format.
    """
    if name == "OGG":
        with path.open("r+b") as file:
            _fix_serials(file)
    elif name == "AIFF":
        with path.open("r+b") as file:
            _fix_peak_time(file)


def _fix_serials(file: BinaryIO) -> None:
    """Give every page of an Ogg file the same serial number, and its checksum anew (RFC 3533)."""
    at = 0
    while len(head := file.read(_PAGE.size)) == _PAGE.size and head[:4] == b"OggS":
        table = file.read(head[-1])
        page = bytearray(head + table + file.read(sum(table)))
        struct.pack_into("<I", page, _SERIAL_AT, OGG_SERIAL)
        struct.pack_into("<I", page, _CHECKSUM_AT, 0)
        struct.pack_into("<I", page, _CHECKSUM_AT, ogg_crc(bytes(page)))
        file.seek(at)
        file.write(page)
        at += len(page)
        file.seek(at)


def ogg_crc(page: bytes) -> int:
    """Return the checksum of an Ogg page: zlib's polynomial, bits the other way, from zero."""
    # Inverting what goes in and what comes out undoes zlib's own inversions.
    turned = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{turned:032b}"[::-1], 2)


_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def _fix_peak_time(file: BinaryIO) -> None:
    """Take the time of writing out of an AIFF file's PEAK chunk, which floats have."""
    file.seek(12)
    while len(head := file.read(8)) == 8:
        name, size = struct.unpack(">4sI", head)
        if name == b"PEAK":
            file.seek(4, 1)  # behind the version
            file.write(bytes(4))
            return
        file.seek(size + size % 2, 1)

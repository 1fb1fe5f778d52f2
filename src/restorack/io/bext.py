"""The broadcast extension of WAV files, the ``bext`` chunk of EBU Tech 3285."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from contextlib import suppress

from restorack.io.marks.time_map import TimeMap

_FIXED = 602
"""Bytes before the coding history, EBU Tech 3285."""
_TEXTS = {
    "description": (0, 256),
    "originator": (256, 32),
    "originator_reference": (288, 32),
    "origination_date": (320, 10),
    "origination_time": (330, 8),
}
# Offsets and size in bytes, EBU Tech 3285; digits of the largest 64-bit number.
_TIME_REFERENCE, _VERSION, _UMID, _LOUDNESS = 338, 346, 348, 412
_UMID_BYTES = 64
_LONGEST_COUNT = 20
_LOUDNESS_NAMES = (
    "loudness_lufs",
    "loudness_range_lu",
    "max_true_peak_dbtp",
    "max_momentary_lufs",
    "max_short_term_lufs",
)
_NOT_STATED = 0x7FFF
"""A loudness that was not measured, EBU Tech 3285 version 2."""
_MODES = {1: "mono", 2: "stereo"}


def parse_bext(data: bytes) -> dict[str, str | int | float]:
    """Return the fields of a ``bext`` chunk; what is not filled in is left out.

    Parameters
    ----------
    data : bytes
        The chunk's content; a short one is read as far as it goes.

    Returns
    -------
    dict
        Texts, ``time_reference`` in samples since midnight, ``version``, ``umid`` in hex, the
        loudness values, and ``coding_history``.
    """
    whole = data.ljust(_FIXED, b"\0")
    fields: dict[str, str | int | float] = {}
    for name, (offset, length) in _TEXTS.items():
        fields[name] = _text(whole[offset : offset + length])
    fields["time_reference"] = struct.unpack_from("<Q", whole, _TIME_REFERENCE)[0]
    version = fields["version"] = struct.unpack_from("<H", whole, _VERSION)[0]
    if version >= 1:
        umid = whole[_UMID : _UMID + _UMID_BYTES]
        fields["umid"] = umid.hex() if any(umid) else ""
    if version >= 2:
        values = struct.unpack_from("<5h", whole, _LOUDNESS)
        stated = zip(_LOUDNESS_NAMES, values, strict=True)
        fields |= {name: value / 100 for name, value in stated if value != _NOT_STATED}
    fields["coding_history"] = _text(whole[_FIXED:])
    return {name: value for name, value in fields.items() if value != ""}


def build_bext(fields: Mapping[str, str]) -> bytes:
    """Return a ``bext`` chunk of fields as :func:`parse_bext` names them, given as texts."""
    data = bytearray(_FIXED)
    for name, (offset, length) in _TEXTS.items():
        text = fields.get(name, "").encode("utf-8")[:length]
        data[offset : offset + len(text)] = text
    reference, version = fields.get("time_reference", "0"), fields.get("version", "1")
    # Whoever wrote the tags that these fields come from may have written anything.
    if reference.isdecimal() and len(reference) <= _LONGEST_COUNT:
        struct.pack_into("<Q", data, _TIME_REFERENCE, int(reference) % (1 << 64))
    struct.pack_into("<H", data, _VERSION, int(version) if version in ("0", "1", "2") else 1)
    umid = b""
    with suppress(ValueError):
        umid = bytes.fromhex(fields.get("umid", ""))[:_UMID_BYTES]
    data[_UMID : _UMID + len(umid)] = umid
    struct.pack_into("<5h", data, _LOUDNESS, *[_NOT_STATED] * 5)
    return bytes(data) + fields.get("coding_history", "").encode("utf-8")


def adapt_bext(data: bytes, *, start: int, rate_in: float, rate_out: float, history: str) -> bytes:
    """Return a ``bext`` chunk that is true of the processed file.

    Parameters
    ----------
    data : bytes
        The source's chunk.
    start : int
        First sample of the source that was taken: the time reference moves by as much.
    rate_in, rate_out : float
        In Hz; the time reference counts samples.
    history : str
        The line to append to the coding history.

    Returns
    -------
    bytes
        All else byte for byte, but for the loudness values of version 2, which are no longer
        known and are marked so.
    """
    whole = bytearray(data.ljust(_FIXED, b"\0"))
    reference = struct.unpack_from("<Q", whole, _TIME_REFERENCE)[0]
    moved = TimeMap(0, None, round(rate_in), round(rate_out)).position(reference + start)
    struct.pack_into("<Q", whole, _TIME_REFERENCE, moved % (1 << 64))
    if struct.unpack_from("<H", whole, _VERSION)[0] >= 2:
        struct.pack_into("<5h", whole, _LOUDNESS, *[_NOT_STATED] * 5)
    before = bytes(whole[_FIXED:]).rstrip(b"\0")
    if before and not before.endswith(b"\n"):
        before += b"\r\n"
    text = before + history.encode("ascii", "replace")
    # Readers by libsndfile lose their way behind an odd chunk in RF64.
    return bytes(whole[:_FIXED]) + text + b"\0" * (len(text) % 2)


def history_line(coding: str, rate: int, bits: int | None, channels: int, version: str) -> str:
    """Return one line of coding history (EBU R 98) that names restorack.

    Parameters
    ----------
    coding : str
        ``PCM`` or another coding.
    rate : int
        In Hz.
    bits : int or None
        Word length.
    channels : int
    version : str
        restorack's.
    """
    parts = [f"A={coding}", f"F={rate}"]
    if bits is not None:
        parts.append(f"W={bits}")
    parts += [f"M={_MODES.get(channels, 'multitrack')}", f"T=restorack {version}"]
    return ",".join(parts) + "\r\n"


def _text(data: bytes) -> str:
    kept = data.split(b"\0", 1)[0]
    try:
        return kept.decode("utf-8").strip()
    except UnicodeDecodeError:
        return kept.decode("latin-1").strip()
